"""How `--help` reads: commands by what they are for, a line each; a command's own options before the common ones."""

import click

from driftmonitor.pipeline.job import COMMON_NAMES

PURPOSES = {
    "The stages of a day": ("execute", "record", "publish", "alert"),
    "Ask and try": ("validate", "status", "doctor", "backfill", "backtest", "calibrate"),
    "Judge a day": ("dismiss", "confirm"),
    "Move a history": ("export", "import"),
    "What the workflows on GitHub use": ("plan", "collect", "state", "readme", "heartbeat"),
}


class Command(click.Command):
    """A command whose own options come first in its help."""

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        sections = {"Options": [], "Options of every command": []}
        for option in self.get_params(context):
            if isinstance(option, click.Option):
                heading = "Options of every command" if option.name in COMMON_NAMES else "Options"
                sections[heading].append(option.get_help_record(context))
        for heading, options in sections.items():
            with formatter.section(heading):
                formatter.write_dl(options)


class Commands(click.Group):
    """The command line, whose help lists the commands by purpose."""

    command_class = Command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        for purpose, names in PURPOSES.items():
            with formatter.section(purpose):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(100)) for name in names])
