"""A reference with dates gives baseline days of the length of a run, from the first run on."""

import numpy as np
import pandas as pd

from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift.judging import judge
from driftmonitor.analysis.drift.reference_days import reference_days
from driftmonitor.analysis.sources import Data
from driftmonitor.budget.reference_days import earlier_days
from driftmonitor.facts.earlier_days import EarlierDays, write_earlier_days
from tests.pools import compare_frames, day_of, orders


def rows_of(first: int, days: int, a_day: int = 20, amount: float = 0.0) -> pd.DataFrame:
    each = [
        orders(np.random.default_rng(day), a_day, amount=amount).assign(at=pd.Timestamp(day_of(day)))
        for day in range(first, first + days)
    ]
    return pd.concat(each, ignore_index=True)


def week(amount: float = 0.0) -> tuple[Data, list]:
    """Return forty days of orders, and the week after them."""
    data = Data(rows_of(0, 40), rows_of(40, 7, amount=amount), 800, 140)
    return data, infer_columns(data, {}, "at")


def test_a_week_is_compared_with_the_weeks_of_the_reference():
    data, columns = week()
    comparison = compare_frames(data, columns)
    rows = comparison.evidence.columns[0].rows[1]

    found = reference_days(data, columns, comparison.evidence, "at", day_of(46), 7)
    lent = found.days

    assert found.whole and found.cover(comparison.evidence)
    assert [day.date for day in lent] == [day_of(number) for number in range(6, 40)]
    assert {sum(day.evidence.columns[0].counts) for day in lent} == {rows}
    one = compare_frames(Data(data.reference, rows_of(27, 7), 800, 140), columns)
    assert lent[27].evidence.columns[0].counts == one.evidence.columns[0].counts
    single = EarlierDays(reference=reference_days(data, columns, comparison.evidence, "at", day_of(46)))
    assert earlier_days(single, comparison.evidence, day_of(46), 1) == []  # a day has too few rows


def test_no_period_has_rows_of_the_current_data_and_a_date_for_a_missing_one_counts_for_nothing():
    data, columns = week()
    evidence = compare_frames(data, columns).evidence
    rows = data.reference.assign(at=lambda table: table["at"].dt.as_unit("us"))
    stand_ins = ["9999-12-31", "1900-01-01", None, None, "0900-01-01"]
    rows.loc[:4, "at"] = [pd.Timestamp(written) if written else pd.NaT for written in stand_ins]

    found = reference_days(Data(rows, data.current, 800, 140), columns, evidence, "at", day_of(35), 7)
    lent = found.days

    assert not found.whole  # a later run finds more of them
    assert [day.date for day in lent] == [day_of(number) for number in range(6, 35)]
    assert sum(lent[0].evidence.columns[0].counts) == 140 - 5


def test_a_reference_shorter_than_a_run_gives_none():
    data = Data(rows_of(0, 5, a_day=30), rows_of(40, 7), 150, 140)
    columns = infer_columns(data, {}, "at")

    assert reference_days(data, columns, compare_frames(data, columns).evidence, "at", day_of(46), 7).days == ()


def test_the_first_run_of_a_week_has_baseline_days_and_detects_a_change(tmp_path):
    past = tmp_path / "past.json"
    write_earlier_days(past, {"rule": "budget", "false_alarms_per_year": 2, "days": []})

    usual, changed = (
        judge(compare_frames(*week(amount)), past=str(past), run_date=f"{day_of(46)}", time_column="at", current_days=7)
        for amount in (0.0, 1.0)
    )

    assert usual.judgement.pool_days == changed.judgement.pool_days == 34
    assert (usual.judgement.alarm, changed.judgement.alarm) == (False, True)
    assert changed.judgement.causes[0].columns == ("amount",)


def test_periods_of_more_than_four_weeks_are_too_few_to_be_baseline_days(tmp_path):
    past = tmp_path / "past.json"
    write_earlier_days(past, {"rule": "budget", "false_alarms_per_year": 2, "days": []})
    data = Data(rows_of(0, 120, a_day=5), rows_of(120, 30, a_day=5), 600, 150)
    comparison = compare_frames(data, infer_columns(data, {}, "at"))

    found = judge(comparison, past=str(past), run_date=f"{day_of(149)}", time_column="at", current_days=30)

    assert found.judgement.pool_days == 0
