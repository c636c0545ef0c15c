"""Count what a person receives of real tables, from their first day, under the budget rule.

Usage: python -m benchmarks.tables FOLDER [--budget 4] [--only NAME ...] [--messages]

FOLDER holds tables of docs/real_tables.md, under the names given there; those that are missing are left out. Days are
judged in the order of the calendar, the reference is the time before them, and nobody reviews a day. What comparing
found is kept in FOLDER/compared: a second run only judges, unless a table or the code that compares changed.

messages a year: started + worsened + reminders, over all days. first half-year: those of the first 182 days, and how
many of them the budget allows. at a change: those within a week of a known change. seen: after how many days.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.tables.compare import compare
from benchmarks.tables.figures import Figures, find_figures
from benchmarks.tables.known import Table, read_known

HEADINGS = (
    "table", "kind", "days", "rows a day", "columns", "drift days", "messages a year", "at a change", "first half-year",
    "known changes: seen after days",
)  # fmt: skip


def main() -> None:
    """Read the command line and print a row for each table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--budget", type=float, default=4, help="false alarms a year")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these tables")
    parser.add_argument("--messages", action="store_true", help="list the messages of each table too")
    parser.add_argument("--known", type=Path, help="describe other tables in a file like benchmarks/tables/known.yaml")
    given = parser.parse_args()
    print("| " + " | ".join(HEADINGS) + " |\n" + "|---" * len(HEADINGS) + "|")
    for table in read_known(given.folder, given.only, given.known):
        figures = measure(table, given.folder, given.budget)
        print("| " + " | ".join(row(figures)) + " |", flush=True)
        if given.messages:
            print_messages(figures)


def measure(table: Table, kept: Path, budget: float) -> Figures:
    """Return the figures of a table, whose comparisons are kept in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        monitor = table.monitor(Path(folder), budget)
        return find_figures(table, monitor, compare(table, monitor, kept / "compared"))


def row(figures: Figures) -> list[str]:
    """Return the cells of a table's row."""
    table, records, (early, fair) = figures.table, figures.records, figures.early
    rows = sorted(record.rows.current for record in records if record.rows)
    seen = (f"{day}: {'–' if (days := figures.seen(day)) is None else days}" for day in table.changes)
    numbers = (len(records), rows[len(rows) // 2], len(records[-1].columns), len(figures.drift_days))
    return [table.name, table.kind, *map(str, numbers), f"{figures.a_year:.1f}", f"{figures.at_changes}",
            f"{early} of {fair:.1f}", "; ".join(seen)]  # fmt: skip


def print_messages(figures: Figures) -> None:
    """Print the day of each message, its kind, and what the day's alert says first."""
    records = {record.run_date: record for record in figures.records}
    for event in figures.messages:
        judgement = records[event.run_date].judgement
        words = judgement.causes[0].words if judgement and judgement.causes else ""
        print(f"    {event.run_date} {event.kind}: {words}", flush=True)


if __name__ == "__main__":
    main()
