"""One table with everything that is hard, judged by every road: by numbers, live, in its notebook, and by a backtest.

It has missing values, a new category, a weekly pattern, a day that came twice, a label, and windows of three days.
"""

import datetime as dt
import shutil

import numpy as np
import pandas as pd
import pytest

from benchmarks.tables.roads import differences
from driftmonitor.facts.backtest import Backtest
from driftmonitor.pipeline import earlier_days
from driftmonitor.pipeline.history import open_history
from driftmonitor.regular_files import Folder
from tests.jobs import DAY, folders, main
from tests.test_one_verdict import MONITOR, Road

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_kernels")]

REFERENCE_DAYS, JUDGED, BY_NOTEBOOK = 60, 12, 1
FIRST = dt.date.fromisoformat(DAY) - dt.timedelta(REFERENCE_DAYS + JUDGED - 1)
DAYS = [FIRST + dt.timedelta(REFERENCE_DAYS + number) for number in range(JUDGED)]
GAPS_FROM, KIOSK_FROM, TWICE, DEARER_FROM = 2, 4, 6, 9  # of the judged days
TEXT = MONITOR.replace("RULE", "budget").replace("{length}", "3").replace("{rows}", "100000")
WINDOW = f"reference_window: {FIRST}/{DAYS[0] - dt.timedelta(1)}"


def visits() -> pd.DataFrame:
    """Return the rows of all days."""
    dice, days = np.random.default_rng(11), []
    for number in range(REFERENCE_DAYS + JUDGED):
        day, since = FIRST + dt.timedelta(number), number - REFERENCE_DAYS
        weekend = day.weekday() >= 5
        rows = int(dice.integers(40, 50) if weekend else dice.integers(80, 100))
        price = np.exp(dice.normal(3 - 0.3 * weekend + 0.8 * (since >= DEARER_FROM), 1, rows))
        shops = ["web", "app", "kiosk"] if since >= KIOSK_FROM else ["web", "app"]
        table = pd.DataFrame(
            {
                "day": str(day), "price": price.round(2), "shop": dice.choice(shops, rows),
                "churned": dice.integers(0, 2, rows), "weight": (np.log(price) + dice.normal(0, 0.5, rows)).round(3),
            }
        )  # fmt: skip
        table.loc[dice.random(rows) < (0.4 if since >= GAPS_FROM else 0.2), "weight"] = np.nan
        days += [table] * (2 if since == TWICE else 1)
    return pd.concat(days, ignore_index=True)


@pytest.fixture
def roads(tmp_path):
    """A monitor for each road, all of one table."""
    made = [Road(tmp_path / name, TEXT.replace("reference_window: 2026-09-23/2026-11-21", WINDOW)) for name in "abcd"]
    for road in made:
        visits().to_parquet(road.folder / "visits.parquet")
        road.history.close()
    return made


def records(road):
    """Return what the history has of each day, without what no two runs have in common."""
    with open_history(road.folder / "state/history.db") as history:
        return [record.model_dump(mode="json", exclude={"duration_seconds"}) for record in history.records("visits")]


def backfill(capsys, road, days, pages):
    asked = ["backfill", "--from", f"{days[0]}", "--to", f"{days[-1]}", "--pages", pages]
    code, _, err = main(capsys, *folders(road.job, *asked))
    assert (code, err) == (0, "")


def live(road):
    """Record each day as its notebook judges it, on the day itself."""
    with open_history(road.folder / "state/history.db") as road.history:
        for day in DAYS:
            road.live(day)


def backtest(capsys, road):
    asked = ["backtest", "--rule", "budget", "--from", f"{DAYS[0]}", "--to", f"{DAYS[-1]}"]
    assert main(capsys, *folders(road.job, *asked))[0] == 0
    rule = Backtest.read(Folder(road.folder / "state/reports/visits"), "backtest.json").rules[0]
    return {f"{alarm.date}": list(alarm.columns) for alarm in rule.alarms}


def judged_anew(road):
    """Return the records that would change if the days before the first one were forgotten."""
    with open_history(road.folder / "state/history.db") as history:
        reference = earlier_days.parse_reference_days(history.reference_days("visits"))
        return earlier_days.judge_anew(
            road.monitor, DAYS[0], reference, list(history.records_before("visits", dt.date.max))
        )


def test_every_day_has_one_record_by_every_road(roads, capsys):
    numbers, notebooks, days_live, untouched = roads
    backfill(capsys, numbers, DAYS, "none")
    found = records(numbers)

    backfill(capsys, notebooks, DAYS[:-BY_NOTEBOOK], "none")
    shutil.copytree(notebooks.folder / "state", untouched.folder / "state", dirs_exist_ok=True)
    backfill(capsys, notebooks, DAYS[-BY_NOTEBOOK:], "all")
    assert [*differences(found, records(notebooks))] == []

    backfill(capsys, untouched, DAYS[:-1], "none")
    main(capsys, *folders(untouched.job))  # the scheduled run of the last day
    assert [*differences(found, records(untouched))] == []

    live(days_live)
    assert [each["judgement"] for each in records(days_live)] == [each["judgement"] for each in found]
    assert judged_anew(numbers) == []

    drift = {each["run_date"]: each["judgement"] for each in found if each["status"] == "drift"}
    assert len(found) == JUDGED and 0 < len(drift) < JUDGED
    named = {
        day: list(dict.fromkeys(name for cause in told["causes"] for name in cause["columns"]))
        for day, told in drift.items()
    }
    assert {name for names in named.values() for name in names} >= {"price", "shop"}
    shutil.rmtree(numbers.folder / "state")
    assert backtest(capsys, numbers) == {day: names[:5] for day, names in named.items()}
