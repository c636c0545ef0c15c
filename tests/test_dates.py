"""Dates always differ from the reference, so no test compares them: a stale export is told by how old its dates are."""

import datetime as dt

import pandas as pd

from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import compare
from driftmonitor.analysis.simulate import simulate
from driftmonitor.analysis.sources import Data, load_data
from driftmonitor.facts.evidence import DateEvidence, Evidence
from driftmonitor.words.days_before import with_days_before

FIRST = dt.date(2026, 11, 2)


def dated(day, *ages):
    """Return the evidence of a day whose quantiles of `created` are so many days old."""
    today = (day - dt.date(1970, 1, 1)).days
    return Evidence(columns=(), dates=(DateEvidence(name="created", quantiles=tuple(today - age for age in ages)),))


def said(today, *before):
    """Return what is said of a day, and of as many days before it, a day apart, whose dates are so old."""
    days = [FIRST + dt.timedelta(days=number) for number in range(len(before) + 1)]
    earlier = [(day, dated(day, *ages)) for day, ages in zip(days, before, strict=False)]
    return [each.message for each in with_days_before((), dated(days[-1], *today), earlier, days[-1])]


def test_a_stale_export_is_told_by_the_age_of_its_dates():
    usual = (0.9, 0.7, 0.5, 0.3, 0.1)
    last_year, yesterday = tuple(age + 365 for age in usual), tuple(age + 1 for age in usual)

    assert said(last_year, usual) == [
        "created: nearly all of its dates are 366 days old or older; on 2 Nov 2026 at most 1 day."
    ]
    assert said(yesterday, *[usual] * 8) == [
        "created: three quarters of its dates are 2 days old or older; on the 8 days before at most 1 day."
    ]
    assert said((1.6, 1.2, 0.8, 0.4, 0.1), *[usual] * 8) == []
    assert said((1.9, 1.5, 0.9, 0.4, 0.1), *[usual] * 8) == [  # the rows of two days
        "created: a quarter of its dates are 2 days old or older; on the 8 days before at most 1 day."
    ]
    assert said(usual, *[usual] * 8) == []
    assert said(yesterday, *[usual] * 5) == []  # it may be a weekend
    assert said((3.9, 3.7, 3.5, 3.3, 3.1), *[usual] * 7, yesterday, (3.9, 3.7, 3.5, 3.3, 3.1)) == []  # as on one before


def test_a_few_dates_of_1970_or_of_the_future_are_told():
    usual = (900.0, 400.0, 200.0, 80.0, 3.0)

    assert said((20_000.0, *usual[1:]), *[usual] * 3) == [
        "created: 1% of its dates are 20,000 days old or older; on the 3 days before at most 900 days."
    ]
    assert said((*usual[:4], -26_000.0), *[usual] * 3) == [
        "created: 1% of its dates are 26,000 days or more after the run date; on the 3 days before at most 0 days."
    ]
    assert said((2000.0, *usual[1:4], -1.0), *[usual] * 3) == []


def test_dates_of_next_month_and_dates_that_became_one_are_told():
    usual = (900.0, 400.0, 200.0, 80.0, 3.0)

    assert said((*usual[:4], -26.0), *[usual] * 3) == [
        "created: 1% of its dates are 26 days or more after the run date; on the 3 days before at most 0 days."
    ]
    assert said((-1.0, -10.0, -20.0, -30.0, -60.0), *[(0.0, -9.0, -19.0, -29.0, -58.0)] * 3) == []  # dates of payment
    assert said((0.0,) * 5, *[usual] * 3) == [
        "created: nearly all of its dates are the same; on the 3 days before they spread over 897 days or more."
    ]


def test_dates_that_stay_as_they_are_get_older_without_a_word():
    ages = [(number, number, number, number, number) for number in range(500, 530)]

    assert said(ages[1], ages[0]) == said(ages[29], *ages[:29]) == []
    assert said((700,) * 5, *ages[:3]) == [
        "created: nearly all of its dates are 700 days old or older; on the 3 days before at most 502 days."
    ]


def test_dates_before_all_of_the_reference_need_no_earlier_day():
    reference, current = simulate(FIRST, 300, 7, {})
    reference["created"] = pd.date_range("2026-09-01", periods=300, freq="6h")
    current["created"] = pd.date_range("2025-11-24", periods=300, freq="4min")
    data = Data(reference, current, 300, 300)

    comparison = compare(data, infer_columns(data))

    assert [each.message for each in comparison.quality if each.column == "created"] == [
        "created: nearly all dates of current are before those of the reference."
    ]
    (kept,) = comparison.evidence.dates
    assert (kept.name, kept.quantiles[2]) == ("created", 20416.42)


def test_dates_within_the_reference_and_of_1970_need_no_earlier_day(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reference, current = simulate(FIRST, 200, 7, {})
    reference.assign(created=pd.date_range("2026-09-01", periods=200, freq="6h")).to_csv("r.csv", index=False)
    day = pd.date_range("2026-09-20", periods=200, freq="7min")

    def found(dates, run_date="2026-11-24"):
        current.assign(created=dates).to_csv("c.csv", index=False)
        data = load_data(source="files", reference="r.csv", current="c.csv", run_date=run_date)
        quality = compare(data, infer_columns(data)).quality
        return [each.message.removeprefix("created: ") for each in quality if each.column == "created"]

    assert found(day) == [
        "the dates of current are within those of the reference, and nearly all are 64 days old or older."
    ]
    assert found(day, run_date="2026-09-21") == found(day + pd.Timedelta(days=64)) == []
    assert found([*day[:190].astype(str), *["1970-01-01"] * 10]) == [
        "1% of the dates of current are 20,697 days or more before nearly all of the reference's."
    ]
