"""Lay out `--help`: commands by purpose, one line each, and a command's own options before the common ones."""

import click

from driftmonitor.pipeline.job import COMMON_NAMES

PURPOSES = {
    "Start": ("init", "explore"),
    "Stages of a run": ("execute", "record", "publish", "alert"),
    "Check and try": ("validate", "diff", "status", "doctor", "backfill", "backtest", "calibrate"),
    "Review drift": ("dismiss", "confirm", "accept"),
    "Remove runs": ("forget",),
    "Take a later version": ("upgrade",),
    "Move the history": ("export", "import"),
    "Used by the workflows on GitHub": ("plan", "collect", "state", "readme", "comment", "heartbeat"),
}


class Command(click.Command):
    """A command that lists its own options first in its help."""

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {"Options": [], "Options of every command": []}
        for option in self.get_params(context):
            if isinstance(option, click.Option) and (record := option.get_help_record(context)):
                heading = "Options of every command" if option.name in COMMON_NAMES else "Options"
                sections[heading].append(record)
        for heading, options in sections.items():
            with formatter.section(heading):
                formatter.write_dl(options)


class Commands(click.Group):
    """The command line; its help lists the commands by purpose."""

    command_class = Command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        for purpose, names in PURPOSES.items():
            with formatter.section(purpose):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(100)) for name in names])
