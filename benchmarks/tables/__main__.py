"""Count what a person receives of real tables, from their first day, under the budget rule.

Usage: python -m benchmarks.tables FOLDER [--budget 4] [--only NAME ...]

FOLDER holds the tables of known.yaml under the names given there; those that are missing are left out. Nobody reviews a
day. What comparing found is kept in FOLDER/compared, so a second run only judges.

messages a year: started + worsened + reminders, over all days. first half-year: those of the first 182 days, and their
share of the budget. at a change: those within a week of a known change. seen: the days until the first drift day.
"""

import argparse
import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.messages.monitor import messages_of
from benchmarks.tables.compare import compare
from benchmarks.tables.known import Table, read_known
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.earlier_days import DaysInTurn
from driftmonitor.pipeline.trials.backtests import Compared

HALF_YEAR, YEAR, NEAR = 182, 365, 7  # days
HEADINGS = ("table", "kind", "days", "rows a day", "columns", "drift days", "messages a year", "at a change")
HEADINGS = (*HEADINGS, "first half-year", "known changes, seen after days")


def judge(monitor, compared: Sequence[Compared], budget: float) -> list[RunRecord]:
    """Return the records, each judged by those before it."""
    turn = DaysInTurn(monitor, {"rule": "budget", "false_alarms_per_year": budget})
    judged = []
    for record, reference in compared:
        turn.use_reference(reference)
        judged.append(turn.judge(record))
    return judged


def row(table: Table, records: Sequence[RunRecord], budget: float) -> list[str]:
    """Return the row of a table."""
    first, last = records[0].run_date, records[-1].run_date
    days = (last - first).days + 1
    sent = [event.run_date for event in messages_of(list(map(Run.of, records)), budget)]
    early = sum((day - first).days < HALF_YEAR for day in sent)
    fair = budget * min(days, HALF_YEAR) / YEAR
    near = sum(any(0 <= (day - change).days < NEAR for change in table.changes) for day in sent)
    drift = [record.run_date for record in records if record.status == "drift"]
    seen = [f"{change}: {_say_seen(change, drift)}" for change in table.changes]
    rows = sorted(record.rows.current for record in records)[len(records) // 2]
    counted = f"{sum((day - first).days >= 0 for day in sent) * YEAR / days:.1f}"
    return [table.name, table.kind, f"{len(records)}", f"{rows}", f"{len(records[-1].columns)}", f"{len(drift)}", counted,
            f"{near}", f"{early} of {fair:.1f}", "; ".join(seen)]  # fmt: skip


def _say_seen(change: dt.date, drift: Sequence[dt.date]) -> str:
    after = [(day - change).days for day in drift if 0 <= (day - change).days < NEAR]
    return f"{after[0]}" if after else "–"


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--budget", type=float, default=4)
    parser.add_argument("--only", nargs="+", default=[])
    given = parser.parse_args()
    print("| " + " | ".join(HEADINGS) + " |\n" + "|---" * len(HEADINGS) + "|")
    for table in read_known(given.folder):
        if (given.only and table.name not in given.only) or not table.path.exists():
            continue
        with tempfile.TemporaryDirectory() as folder:
            monitor = table.monitor(Path(folder), given.budget)
            records = judge(monitor, compare(table, monitor, given.folder / "compared"), given.budget)
        print("| " + " | ".join(row(table, records, given.budget)) + " |", flush=True)


if __name__ == "__main__":
    main()
