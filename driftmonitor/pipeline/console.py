"""What a person reads on the console: a line or two for each monitor, and progress while they wait."""

import datetime as dt
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import click

from driftmonitor.facts.record import RunRecord
from driftmonitor.words.verdicts import say_verdict

STATUS_STYLE = {"drift": ("DRIFT", "yellow"), "healthy": ("healthy", "green"), "failed": ("FAILED", "red")}


def say(text: str = "") -> None:
    """Print a line; names with control characters can't act on the terminal, nor begin a line of their own."""
    _print(_plain(text))


def complain(error: Exception | str) -> None:
    """Print an error a user can mend, on one line of stderr."""
    _print(_plain(f"error: {' '.join(str(error).split())}"), err=True)


def say_run(record: RunRecord, last_good: dt.date | None = None, dated: bool = False) -> None:
    """Print one run: status, monitor (and day), the verdict in plain words, and what else deserves a look."""
    word, colour = STATUS_STYLE[record.status]
    verdict = say_verdict(record).split(": ", 1)[1]
    what = f"{record.monitor} {record.run_date}" if dated else record.monitor
    _print(click.style(f"{word:9}", fg=colour, bold=True) + _plain(f"{what}: {verdict}"))
    for line in _asides(record, last_good):
        say(f"{'':9}{line}")


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _print(line: str, err: bool = False) -> None:
    """Print a line if anyone can read it: the work goes on when a pipe's reader left, as in `| head`."""
    colour = False if os.environ.get("NO_COLOR") else None
    with suppress(OSError):
        try:
            click.echo(line.encode("utf-8", "replace").decode(), err=err, color=colour)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2 if err else 1)  # else Python complains of it at its end
            raise


def _asides(record: RunRecord, last_good: dt.date | None) -> Iterator[str]:
    if record.status == "failed" and last_good:
        yield f"the last good page, of {last_good}, stays up"
    yield from _some("not testable", [f"{c.name} ({c.reason})" for c in record.columns if c.status == "not_testable"])
    yield from _some("data quality", [finding.message.rstrip(".") for finding in record.quality])
    from driftmonitor.budget.share_rule import expect

    if expectation := expect(record):
        yield f"expect: {expectation.short()}"


def _some(label: str, items: list[str], most: int = 3) -> Iterator[str]:
    if items:
        more = f"; and {len(items) - most} more" if len(items) > most else ""
        shown = (item if len(item) <= 160 else item[:157] + "..." for item in items[:most])
        yield f"{label}: {'; '.join(shown)}{more}"


@dataclass
class Progress:
    """Progress of several notebooks: a bar on a terminal, plain lines elsewhere."""

    bar: Any = None

    def started(self, monitor: str, run_date: dt.date) -> None:
        if self.bar is None:
            say(f"running {monitor} for {run_date}")
        else:
            self.bar.set_postfix_str(monitor[:30])

    def cell(self) -> None:
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


def table(headings: list[str], rows: Iterable[list[str]]) -> None:
    """Print rows under headings, each column as wide as its widest value."""
    lines = [headings, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headings))]
    for line in lines:
        say("  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip())


def say_counts(verb: str, counts: dict[str, int]) -> None:
    """Print how many rows of each table were moved."""
    say(f"{verb}: {', '.join(f'{count} {table}' for table, count in counts.items())}")
