"""The smallest change that is stated is detected as often as stated, in worlds whose days differ in different ways."""

import datetime as dt

import numpy as np
import pytest
from scipy import stats

from benchmarks.messages.stated import StatedDays, measure
from driftmonitor.budget.budget_rule import list_detected, say_budget_rule
from driftmonitor.budget.column_signals import ColumnDays
from driftmonitor.budget.smallest_changes import _to_change
from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.facts.judgement import Judgement, SmallestChange
from driftmonitor.facts.record import ColumnScore, Rows, RunRecord

KNOWN = 248  # days: a full baseline
WORLDS = ("independent", "volume, day effects", "shared day")


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
def test_a_shift_of_the_stated_size_is_detected_as_stated_and_half_of_it_is_not(world):
    first_day, week, *rates = measure(world, KNOWN, references=3, weeks=8, seed=3)

    assert 0 < week < first_day < 2
    assert min(rates[:2]) >= 0.80  # 24 trials
    assert max(rates[2:]) < (0.95 if world == "volume, day effects" else 0.6)  # its days of few rows are stated


def test_the_shift_of_one_day_follows_from_the_limit_and_the_day_to_day_variation():
    days = StatedDays("independent", KNOWN, 0, np.random.default_rng(1))
    change = days.stated()

    chance = np.sqrt(1 / 1000)  # of the mean of a day's rows; that of the reference is the same on all days
    assert 4.5 * chance < change.first_day < 7.5 * chance
    assert change.first_day / 3.5 < change.week < change.first_day / 1.5


@pytest.mark.parametrize("shift", [0.05, 0.3, 1.0])
def test_a_shift_moves_the_mean_ridit_of_a_normal_column(shift):
    column = ColumnDays("x", False, np.full(50, 200.0), np.full((1, 50), 20.0))
    larger = stats.norm.cdf(shift / np.sqrt(2)) - 0.5  # the probability that a shifted row is larger, less one half

    assert _to_change(column, larger * np.sqrt(12)) == pytest.approx(shift, rel=1e-3)
    assert _to_change(column, 0.6 * np.sqrt(12)) is None


def test_a_change_of_a_share_is_said_in_points_of_the_most_frequent_level():
    column = ColumnDays("x", True, np.array([800.0, 200.0]), np.array([[80.0, 20.0]]))
    move = 2 * abs(np.arcsin(np.sqrt(0.8)) - np.arcsin(np.sqrt(0.7)))

    assert _to_change(column, move) == pytest.approx(0.1, rel=1e-3)
    assert _to_change(column, 4.0) is None


def make_record(mode="pool", changes=()):
    names = ("income", "age", "rooms", "zone")
    scores = (ColumnScore(name=n, kind="categorical" if n == "zone" else "numerical", status="stable") for n in names)
    quartiles = {"income": (0.0, 40.0, 1349.0), "age": (20.0, 40.0, 33.49), "rooms": (0.0, 0.0, 0.0)}
    columns = tuple(
        ColumnEvidence(name=n, reference="f", rows=(1, 1), counts=(1,), reference_quartiles=quartiles.get(n))
        for n in names
    )
    judgement = Judgement(
        rule="budget", false_alarms_per_year=4, alarm=False, mode=mode, pool_days=219 if mode == "pool" else 30,
        pool_needed=219, rank=3, smallest=changes,
    )  # fmt: skip
    return RunRecord(
        monitor="m", run_date=dt.date(2026, 1, 5), status="healthy", drift_share=0.0, threshold=0.1, drifted=False,
        rows=Rows(reference=10, current=10, reference_total=10, current_total=10), columns=tuple(scores),
        evidence=Evidence(columns=columns), judgement=judgement,
    )  # fmt: skip


CHANGES = (
    SmallestChange(column="income", first_day=1.8, week=0.9),
    SmallestChange(column="age", first_day=0.5, week=0.2),
    SmallestChange(column="age at start", first_day=0.5, week=0.19),
    SmallestChange(column="rooms", first_day=0.5, week=0.2),
    SmallestChange(column="zone", week=0.021),
)


def test_what_the_rule_detects_is_said_in_a_few_sentences_and_for_each_column():
    record = make_record(changes=CHANGES)

    assert say_budget_rule(4, record) == [
        "Budget rule: about 4 false alarms a year if nothing changes. That is about one in 91 runs.",
        "With 95% probability, it detects a shift of 0.2 SD within 7 days in 2 of 3 columns of numbers.",
        "Only larger shifts are detected in income (0.9 SD).",
        "With 95% probability, it detects a change of 2.1 points within 7 days in each column of categories.",
    ]
    assert [tuple(each) for each in list_detected(record)] == [
        ("income", "1.8 SD (1,800)", "0.9 SD (900)"),
        ("age", "0.5 SD (5)", "0.2 SD (2)"),
        ("age at start", "0.5 SD", "0.19 SD"),
        ("zone", "none", "2.1 points"),
    ]


def test_during_the_warm_up_and_before_it_nothing_is_promised_that_is_not_known():
    early, before = say_budget_rule(4, make_record("early")), say_budget_rule(4, None)

    assert early == [
        "Budget rule: about 4 false alarms a year if nothing changes. "
        "Warm-up: 30 of 219 baseline days collected; until then only large changes raise an alert."
    ]
    assert before == ["Budget rule: about 4 false alarms a year if nothing changes."]
    assert list_detected(make_record("early")) == []


def test_a_record_without_smallest_changes_stays_as_short_as_before():
    assert "smallest" not in make_record().model_dump(mode="json")["judgement"]
    stored = make_record(changes=CHANGES).model_dump(mode="json")
    assert RunRecord.model_validate(stored).judgement.smallest == CHANGES
    assert stored["judgement"]["smallest"][-1] == {"column": "zone", "week": 0.021}


def test_a_column_whose_limit_no_shift_exceeds_is_named_without_a_size():
    changes = (
        SmallestChange(column="income", week=0.9),
        SmallestChange(column="age"),
        SmallestChange(column="age at start"),
    )

    assert say_budget_rule(4, make_record(changes=changes))[1:] == [
        "With 95% probability, it detects a shift of 0.9 SD within 7 days in 1 of 3 columns of numbers.",
        "No shift is as sure to be detected in age, age at start.",
    ]
