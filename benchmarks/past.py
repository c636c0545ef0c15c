"""Measure what a further day costs, by the number of days before it: judging it in turn, recording it, and a live day.

Usage: .venv/bin/python benchmarks/past.py [--columns 10 100] [--days 60 365 730] [--quick]

Milliseconds of CPU per day. The records are invented, with all the evidence that comparing leaves; days are drawn anew
40 times and then repeated. Nothing else is measured: no data is read and no notebook runs.

judge: one day after another, as backtests do. record: the history's transaction, in SQLite on disk. read: the earlier
days of one run, from the history and the file of the report before. hand over: write them to the run's file, and read
this. alone: a day judged by what was read. live: these three together. The exponent is that of the growth from the
fewest to the most days: 0 is flat, 1 proportional.
"""

import argparse
import datetime as dt
import gc
import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.invented_days import FIRST_DAY, World  # noqa: E402
from driftmonitor.budget.judge import judge_record  # noqa: E402
from driftmonitor.config.params import Monitor  # noqa: E402
from driftmonitor.config.settings import AlertSettings, MonitorSettings  # noqa: E402
from driftmonitor.facts.earlier_days import NAME, EarlierDays, read_earlier_days, write_earlier_days  # noqa: E402
from driftmonitor.facts.reading import ColumnsRead, ReadAs, Reading, SideRead  # noqa: E402
from driftmonitor.facts.record import RunRecord  # noqa: E402
from driftmonitor.pipeline.alerts.planning import planner  # noqa: E402
from driftmonitor.pipeline.earlier_days import DaysInTurn, earlier_days_of  # noqa: E402
from driftmonitor.pipeline.history import History, open_history, rows, tables  # noqa: E402

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ALERT = AlertSettings.model_validate({"rule": "budget"})
MONITOR = Monitor("invented", Path("params/invented.yaml"), settings=MonitorSettings(alert=ALERT))
DRAWN = 40  # different days
STEPS = ("judge", "record", "read", "hand over", "alone")
LIVE = STEPS[2:]
SIDE = SideRead(source="files", rows_read=1_000)
Result = TypeVar("Result")


@dataclass
class Clock:
    """The CPU seconds of each step so far."""

    seconds: dict[str, float]

    def time(self, step: str, act: Callable[[], Result]) -> Result:
        """Do something and add the CPU seconds that it takes."""
        start = time.process_time()
        result = act()
        self.seconds[step] += time.process_time() - start
        return result


class Past:
    """A monitor with so many recorded days."""

    def __init__(self, columns: int, days: int, history: History) -> None:
        self.days, self.history = days, history
        names = tuple(World(columns).kinds)
        number = ReadAs(type="number")
        reading = Reading(
            reference=SIDE, current=SIDE, columns=(ColumnsRead(names=names, reference=number, current=number),)
        )
        self.drawn = [each.model_copy(update={"reading": reading}) for each in World(columns).records(DRAWN)]
        records = [self.record(number) for number in range(days)]

        def fill(connection: object) -> None:
            connection.execute(tables.monitors.insert(), [{"name": "invented"}])
            rows.insert_runs(connection, records, NOW)

        history._database.write(fill)

    def record(self, number: int) -> RunRecord:
        """Return the record of a day, not judged."""
        day = FIRST_DAY + dt.timedelta(days=number)
        return self.drawn[number % DRAWN].model_copy(update={"run_date": day})

    def measure(self, further: int, reports: Path) -> dict[str, float]:
        """Return the milliseconds of each step, on average over so many further days."""
        clock = Clock(dict.fromkeys(STEPS, 0.0))
        file = reports / f"invented/{FIRST_DAY}/{NAME}"
        file.parent.mkdir(parents=True)
        before = earlier_days_of(self.history, MONITOR, self.record(self.days).run_date)
        write_earlier_days(file, before)
        turn = DaysInTurn(MONITOR, before)
        first = turn.judge(self.record(self.days))  # the first one counts all days before it
        self.history.record(first, planner(ALERT, "Invented"), NOW)
        for number in range(self.days + 1, self.days + 1 + further):
            record = self.record(number)
            alone = self._live(record, reports, file, clock)
            judged = clock.time("judge", lambda record=record: turn.judge(record))
            if judged.judgement is None or judged.judgement != alone.judgement:
                raise SystemExit(f"{record.run_date}: judged in two ways")
            clock.time("record", lambda judged=judged: self.history.record(judged, planner(ALERT, "Invented"), NOW))
        return {step: 1000 * seconds / further for step, seconds in clock.seconds.items()}

    def _live(self, record: RunRecord, reports: Path, file: Path, clock: Clock) -> RunRecord:
        """Return a record judged as a scheduled run judges it."""
        earlier = clock.time("read", lambda: earlier_days_of(self.history, MONITOR, record.run_date, reports))

        def hand_over() -> EarlierDays:
            write_earlier_days(file, earlier)
            return read_earlier_days(file)

        past = clock.time("hand over", hand_over)
        return clock.time("alone", lambda: judge_record(record, past))


def exponent(days: Sequence[int], costs: Sequence[float]) -> float:
    """Return the exponent of the growth between the fewest and the most days."""
    return math.log(costs[-1] / costs[0]) / math.log(days[-1] / days[0])


def main() -> None:
    """Print one table for each number of columns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--columns", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--days", type=int, nargs="+", default=[60, 365, 730])
    parser.add_argument("--quick", action="store_true", help="two columns and few days: checks that it works")
    given = parser.parse_args()
    gc.set_threshold(200_000)  # as in runner.py
    columns, days, further = ([2], [20, 40], 2) if given.quick else (given.columns, sorted(given.days), 10)
    for width in columns:
        found = []
        for number in days:
            with tempfile.TemporaryDirectory() as folder, open_history(Path(folder) / "history.db") as history:
                found.append(Past(width, number, history).measure(further, Path(folder) / "reports"))
        print(f"\n{width} columns, ms of CPU a day" + "".join(f"{number:>10}" for number in days) + "  exponent")
        for step in (*STEPS, "live"):
            costs = [sum(each[part] for part in (LIVE if step == "live" else [step])) for each in found]
            print(f"{step:>30}" + "".join(f"{cost:>10.1f}" for cost in costs) + f"{exponent(days, costs):>10.2f}")


if __name__ == "__main__":
    main()
