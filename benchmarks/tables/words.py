"""Check the sentences of real tables' alerts against the rows that they were drawn from.

Usage: python -m benchmarks.tables.words FOLDER [--only NAME ...] [--days 30]

Of each table, all causes of so many drift days, evenly spread. Rows are read again for each day, as a run reads them.
"""

import argparse
import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.tables.compare import compare
from benchmarks.tables.known import Table, read_known
from benchmarks.true_words.checks import Finding, check
from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import Memory
from driftmonitor.analysis.without_notebook import load
from driftmonitor.budget.judge import Judge
from driftmonitor.facts.earlier_days import EarlierDays
from driftmonitor.facts.judgement import Cause, Judgement
from driftmonitor.pipeline.notebooks.notebook_file import effective_parameters

LONGEST_WINDOW, BUDGET = 7, 4


class Unknown:
    """The state of real data, of which only the rows are known."""

    def truth(self, name: str, figure: str) -> float:
        """Return that nothing is known."""
        return np.nan


@dataclass(frozen=True)
class Alarm:
    """A drift day as `benchmarks.true_words` checks it: its rows and those that it was compared with."""

    judgement: Judgement
    days: Mapping[int, pd.DataFrame]
    baseline: list[pd.DataFrame]
    reference: pd.DataFrame

    now = usual = Unknown()

    @property
    def today(self) -> int:
        """The day number of the judged day."""
        return max(self.days)

    def window(self, days: int) -> list[pd.DataFrame]:
        """Return the rows of each of the last days."""
        return [rows for day, rows in self.days.items() if day > self.today - days]


class Rows:
    """The rows of a table's days and of its reference, as a run reads them."""

    def __init__(self, table: Table, parameters: Mapping[str, Any]) -> None:
        self.parameters, self.time, memory = parameters, parameters["time_column"], Memory(table.days)
        self.load = cache(lambda day: load(parameters, day, memory))

    def of_day(self, day: dt.date) -> pd.DataFrame | None:
        """Return the rows of a day; None if there are none."""
        try:
            return self.load(day).current
        except DriftMonitorError:
            return None

    def of_reference(self, any_day: dt.date) -> dict[dt.date, pd.DataFrame]:
        """Return the rows of each day of the reference."""
        rows = self.load(any_day).reference
        return dict(list(rows.groupby(pd.to_datetime(rows[self.time]).dt.date)))


def alarms(table: Table, kept: Path, most: int) -> Iterator[tuple[dt.date, Alarm, list[list[pd.DataFrame]]]]:
    """Yield drift days, each with the baseline days that a signal may have: all, or those of the same weekday."""
    with tempfile.TemporaryDirectory() as folder:
        monitor = table.monitor(Path(folder), BUDGET)
        compared, rows = compare(table, monitor, kept), Rows(table, effective_parameters(monitor))
    judge, found = Judge(EarlierDays(rule="budget", false_alarms_per_year=BUDGET)), []
    for record, reference in compared:
        judge.use_reference(reference)
        if record.evidence is not None:
            judgement, verdict, earlier = judge.judge_evidence(record.evidence, record.columns, record.run_date)
            judge.add(record.model_copy(update={"judgement": judgement}), "")
            if judgement.alarm:
                found.append((record.run_date, judgement, [earlier[i] for i in verdict.baseline_days]))
    for day, judgement, baseline in found[:: max(1, len(found) // most)][:most]:
        lent = rows.of_reference(day)
        known = [(each.date, lent.get(each.date) if each.of_reference else rows.of_day(each.date)) for each in baseline]
        window = {
            (day - dt.timedelta(ago)).toordinal(): rows.of_day(day - dt.timedelta(ago)) for ago in range(LONGEST_WINDOW)
        }
        own = {number: window[number] for number in sorted(window) if window[number] is not None}
        frames = [(date, frame) for date, frame in known if frame is not None]
        same = [frame for date, frame in frames if date.weekday() == day.weekday()]
        alarm = Alarm(judgement, own, [frame for _, frame in frames], rows.load(day).reference)
        yield day, alarm, [alarm.baseline, same]


def check_cause(alarm: Alarm, cause: Cause, choices: list[list[pd.DataFrame]]) -> Finding:
    """Return what is wrong with a sentence, whichever baseline days its signal was compared with."""
    found = []
    for choice in choices:
        days = [rows for rows in choice if all(rows[name].notna().any() for name in cause.columns)]
        found.append(check(Alarm(alarm.judgement, alarm.days, days, alarm.reference), cause))
    return min(found, key=lambda finding: (bool(finding.wrong_direction), bool(finding.wrong_size)))


def main() -> None:
    """Read the command line; print what is wrong, and the counts of each table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--days", type=int, default=30, help="drift days of each table")
    given = parser.parse_args()
    for table in read_known(given.folder, given.only):
        sentences = directions = sizes = 0
        for day, alarm, choices in alarms(table, given.folder / "compared", given.days):
            for cause in alarm.judgement.causes:
                finding = check_cause(alarm, cause, choices)
                sentences, directions, sizes = (
                    sentences + 1, directions + bool(finding.wrong_direction), sizes + bool(finding.wrong_size)
                )  # fmt: skip
                if finding.wrong_direction or finding.wrong_size:
                    wrong = finding.wrong_direction or finding.wrong_size
                    print(f"  {day} {cause.signal} {cause.words}: {wrong}", flush=True)
        print(f"{table.name}: {sentences} sentences, {directions} wrong directions, {sizes} wrong sizes", flush=True)


if __name__ == "__main__":
    main()
