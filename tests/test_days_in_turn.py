"""Days judged in turn, each by what is kept of those before it, have the verdicts that each has when judged alone."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from benchmarks.invented_days import FIRST_DAY, World
from driftmonitor import DriftMonitorError
from driftmonitor.budget.judge import Judge
from driftmonitor.config.params import Monitor
from driftmonitor.facts.earlier_days import EarlierDay, EarlierDays
from driftmonitor.pipeline.earlier_days import DaysInTurn

LABELS = {40: "accepted", 41: "accepted", 60: "dismissed", 75: "confirmed", 140: "dismissed", 290: "dismissed"}


def story(world, days, dice):
    """Yield (record, label) of days: gaps, drift, missing columns, another reference for a while."""
    for number in range(days):
        if dice.random() < 0.03:
            continue  # a day without a run
        shift = 0.0 if dice.random() > 0.06 else 1.0
        shift = 0.4 if number > 0.8 * days else shift
        reference = "b" if 0.5 * days < number < 0.55 * days else "a"
        without = int(dice.integers(1, 3)) if dice.random() < 0.05 else 0
        yield world.record(FIRST_DAY + dt.timedelta(number), shift, reference, without), LABELS.get(number, "")


def alone(past, record, current_days):
    """Judge a day by all days before it, as one that nothing is known of."""
    return Judge(past, current_days).judge_evidence(record.evidence, record.columns, record.run_date)


def compare(world, days, current_days=1, budget=4.0, seed=0, every=1, reference=None):
    """Judge a story in turn and alone; return the judgements."""
    past = EarlierDays(rule="budget", false_alarms_per_year=budget, reference=reference)
    turn, judgements, known = Judge(past, current_days), [], []
    for place, (record, label) in enumerate(story(world, days, np.random.default_rng(seed))):
        judgement, verdict, _ = turn.judge_evidence(record.evidence, record.columns, record.run_date)
        if place % every == 0 or judgement.alarm:
            all_days = past.model_copy(update={"days": tuple(known)})
            expected, exact, _ = alone(all_days, record, current_days)
            assert judgement == expected, record.run_date
            assert (verdict.score, verdict.threshold) == (exact.score, exact.threshold), record.run_date
            assert np.array_equal(verdict.z, exact.z, equal_nan=True), record.run_date
            assert np.array_equal(verdict.compared_scores, exact.compared_scores), record.run_date
        turn.add(record.model_copy(update={"judgement": judgement}), label)
        given = {"label": label, "changed": judgement.changed, "evidence": record.evidence}
        known.append(EarlierDay(date=record.run_date, alarm=judgement.alarm, **given))
        judgements.append(judgement)
    return judgements


def test_a_year_judged_in_turn_is_the_year_judged_day_by_day():
    judgements = compare(World(columns=3, rows_sd=0.02), 320, every=8)

    assert {each.mode for each in judgements} == {"early", "pool"}
    assert any(each.changed for each in judgements) and 5 < sum(each.alarm for each in judgements) < 60
    assert judgements[-1].pool_days == judgements[-1].pool_needed > 200


def test_with_days_of_the_reference_and_rows_that_vary_the_verdicts_are_the_same():
    world = World(columns=3, rows=400, rows_sd=0.5, reference_rows=40_000)

    judgements = compare(world, 60, reference=world.reference_days(150), every=4)

    assert judgements[0].pool_days > 60


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("current_days", [1, 7])
def test_in_random_worlds_the_verdicts_are_the_same(seed, current_days):
    dice = np.random.default_rng(seed)
    world = World(int(dice.integers(1, 8)), int(dice.integers(20, 3_000)), dice.choice([0.0, 0.1, 0.6]), 4_000, seed)
    reference = world.reference_days(100) if dice.random() < 0.5 else None

    compare(world, 320, current_days, float(dice.choice([2, 4, 12])), seed, 4, reference)


def test_number_without_end_in_the_history_is_damage_and_no_bug():
    column = {"name": "amount", "reference": "a", "rows": [9, 9], "counts": [9], "quartiles": [1.0, 2.0, float("inf")]}
    days = [{"date": "2026-11-01", "evidence": {"columns": [column]}}]

    with pytest.raises(DriftMonitorError, match=r"^the history's evidence of m: damaged; run its days again\.$"):
        DaysInTurn(Monitor("m", Path("params/m.yaml")), {"rule": "budget", "days": days})
