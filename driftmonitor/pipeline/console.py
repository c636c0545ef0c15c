"""Print to the console: a line or two for each monitor, tables, errors, and progress."""

import datetime as dt
import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from driftmonitor import DriftMonitorError
from driftmonitor.foreign_errors import describe_error
from driftmonitor.formats import counted
from driftmonitor.pipeline.github import step_summary

if TYPE_CHECKING:
    from driftmonitor.facts.record import RunRecord

STATUS_STYLE = {
    "drift": ("DRIFT", "yellow"),
    "healthy": ("healthy", "green"),
    "failed": ("FAILED", "red"),
    "check_failed": ("CHECK", "yellow"),
    "changed": ("changed", "cyan"),
}


def say(text: str = "") -> None:
    """Print a line; control characters in names cannot affect the terminal or start a new line."""
    _print(_plain(text))


def complain(error: Exception | str) -> None:
    """Print an error that a user can fix, on one line of stderr; on GitHub, the run's page shows it too."""
    line = _plain(f"error: {' '.join(str(error).split())}")
    _print(line, err=True)
    with suppress(OSError):
        step_summary.append_error(line)


def complain_of_bug(error: BaseException) -> None:
    """Print where in the code an unexpected error was raised, but not its text, which may quote the data."""
    for line in "".join(traceback.format_tb(error.__traceback__)).splitlines():
        _print(_plain(line), err=True)
    complain(f"{describe_error(error)}; a bug in drift-monitor. Run the command in a terminal to see the whole error.")


def print_run(record: "RunRecord", dated: bool = False) -> None:
    """Print one run: status, monitor, the verdict in a sentence, and notes; of many days the day, and what happened."""
    from driftmonitor.words.verdicts import say_listed, say_verdict

    word, colour = STATUS_STYLE[record.shown_status]
    verdict = say_listed(record) if dated else say_verdict(record).split(": ", 1)[1]
    what = f"{record.monitor} {record.run_date}" if dated else record.monitor
    _print(click.style(f"{word:9}", fg=colour, bold=True) + _plain(f"{what}: {verdict}"))
    for line in () if dated else _notes(record):
        say(f"{'':9}{line}")


def print_issues(records: Sequence["RunRecord"], most: int = 3) -> None:
    """Print the issues that most of a monitor's days have, as the newest of these says them, and on how many days."""
    days: dict[tuple[str, str | None], dict[str, str]] = {}
    for record in sorted(records, key=lambda each: each.run_date):
        for finding in record.quality:
            days.setdefault((finding.kind, finding.column), {})[f"{record.run_date}"] = finding.message
    for found in sorted(days.values(), key=len, reverse=True)[:most]:
        last, message = list(found.items())[-1]
        often = f"on {len(found):,} of {counted(len(records), 'day')}, the last on {last}"
        say(f"{'':9}data quality {often}: {message.rstrip('.')}")


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _print(line: str, err: bool = False) -> None:
    """Print a line if anyone reads it: the work goes on if the reader of a pipe has ended, as in `| head`."""
    colour = False if os.environ.get("NO_COLOR") else None
    with suppress(OSError):
        try:
            click.echo(line.encode("utf-8", "replace").decode(), err=err, color=colour)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2 if err else 1)  # else Python prints an error when it exits
            raise


def _notes(record: "RunRecord") -> Iterator[str]:
    if record.where or record.where_unknown:
        from driftmonitor.words.where import say_most

        yield f"where: {say_most(record)}"
    if record.model:
        from driftmonitor.words.model import say_model

        yield f"model: {say_model(record)}"
    from driftmonitor.words.checks import say_unknown

    if words := say_unknown(record.checks):
        yield f"checks: {words}"
    from driftmonitor.words.judgements import say_unheard

    if words := say_unheard(record):
        yield f"for information: {words}"
    yield from _some("not testable", [f"{c.name} ({c.reason})" for c in record.columns if c.status == "not_testable"])
    yield from _some("data quality", [finding.message.rstrip(".") for finding in record.quality])
    from driftmonitor.budget.share_rule import expect

    if expectation := expect(record):
        yield f"expect: {expectation.short()}"


def _some(label: str, items: Sequence[str], most: int = 3) -> Iterator[str]:
    if items:
        more = f"; and {len(items) - most} more" if len(items) > most else ""
        shown = (item if len(item) <= 160 else item[:157] + "..." for item in items[:most])
        yield f"{label}: {'; '.join(shown)}{more}"


def ask_to_remove() -> None:
    """Ask on the terminal whether to remove what was listed; raise DriftMonitorError if nobody can answer."""
    if not (sys.stdin and sys.stdin.isatty()):
        raise DriftMonitorError("nothing was removed; add --yes to remove this.")
    if not click.confirm("Remove this? It cannot be undone."):
        raise DriftMonitorError("nothing was removed; run the command again to remove it.")


@dataclass
class Progress:
    """The progress of several notebooks: a bar on a terminal, plain lines elsewhere."""

    bar: Any = None

    def start(self, monitor: str, run_date: dt.date) -> None:
        """Show that a monitor's run has started."""
        self.say(f"running {monitor} for {run_date}", monitor)

    def say(self, line: str, word: str) -> None:
        """Show what is done: a line, or a word beside the bar."""
        if self.bar is None:
            say(line)
        else:
            self.bar.set_postfix_str(word[:30])

    def advance(self) -> None:
        """Show that one more unit is done."""
        if self.bar is not None:
            self.bar.update()


@contextmanager
def progress(total: int, unit: str = "cell") -> Iterator[Progress]:
    """Show progress over `total` units while the block runs."""
    if not (sys.stderr and sys.stderr.isatty()) or os.environ.get("CI"):  # None when it was closed
        yield Progress()
        return
    from tqdm import tqdm

    with tqdm(total=total, unit=unit, leave=False, dynamic_ncols=True) as bar:
        yield Progress(bar)


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under headings, each column as wide as its widest value."""
    lines = [headings, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    for line in lines:
        say("  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip())


def print_counts(verb: str, counts: Mapping[str, int]) -> None:
    """Print the number of rows that were moved for each table."""
    say(f"{verb}: {', '.join(f'{count} {table}' for table, count in counts.items())}")
