"""The judgement of days against loops by hand; tolerances are relative, 1e-6 where none is said."""

import numpy as np
import pytest

from driftmonitor import strangeness


def verdict_by_hand(today, day, past, terms):
    """Return (S, limit, the others' S) of `judge_day`, in loops."""
    n, used = len(past.days), 182
    old = [i for i in range(n) if past.days[i] <= day - 14 and past.labels[i] != "confirmed"]
    pool = [i for i in old if not past.alarm[i]][-used:]
    returned = [i for i in old if past.alarm[i] and i > pool[0]]
    scale = {}
    for j in range(len(today)):
        values = [(past.signals[i][j], past.days[i] % 7) for i in pool if np.isfinite(past.signals[i][j])]
        if np.isfinite(today[j]) and len(values) >= len(pool) / 2:
            scale[j] = scale_by_hand([*values, (today[j], day % 7)], terms.least_sd)

    def z(row, weekday):
        all_z = {j: (row[j] - centre[weekday]) / sd for j, (centre, sd) in scale.items() if np.isfinite(row[j])}
        return {j: value if terms.one_sided[j] else abs(value) for j, value in all_z.items()}

    own = [max(z(past.signals[i], past.days[i] % 7).values()) for i in pool]
    cut = [min(max(z(past.signals[i], past.days[i] % 7).values()), 1.2 * max(own)) for i in returned]
    now = z(today, day % 7)
    for i in np.flatnonzero(past.labels == "dismissed"):
        then = z(past.signals[i], past.days[i] % 7)
        now = {j: value for j, value in now.items() if value > 1.2 * then.get(j, -np.inf)}
    return max(now.values(), default=-np.inf), max(own + cut), own + cut


def scale_by_hand(values, least_sd):
    all_values, weekdays = (np.array(side) for side in zip(*values, strict=True))
    groups = {day: all_values[weekdays == day] for day in range(7)}
    within = sum(((group - group.mean()) ** 2).sum() for group in groups.values())
    between = ((all_values - all_values.mean()) ** 2).sum() - within
    weekly = between / 6 > 3 * within / (len(values) - 7)
    centre = {day: group.mean() if weekly else all_values.mean() for day, group in groups.items()}
    return centre, max(((within if weekly else within + between) / len(values)) ** 0.5, least_sd)


def test_days_are_judged_in_a_row_and_alone_as_by_hand():
    random = np.random.default_rng(6)
    days = np.flatnonzero(random.uniform(size=450) < 0.8)[:330]  # some days are missing
    values = random.normal(size=(330, 5))
    values[:, 0] += 2 * (days % 7 >= 5)
    values[:, 1] *= 0.01
    values[random.uniform(size=values.shape) < 0.02] = np.nan
    values[240:243, 3], values[270, 2], values[290, 3] = 9, 7, 8
    labels = np.full(330, "", dtype="<U9")
    labels[240:242], labels[270] = "confirmed", "dismissed"
    terms = strangeness.Terms(4, np.array([False, False, True, False, True]), 0.05)

    series = strangeness.judge_days(values, days, terms, labels=labels)

    assert series.alarm[240:243].all()
    for t in range(199, 330, 3):
        past = strangeness.Past(values[:t], days[:t], series.alarm[:t], labels[:t])
        verdict = strangeness.judge_day(values[t], days[t], past, terms)
        s, limit, others = verdict_by_hand(values[t], days[t], past, terms)
        assert (verdict.strangeness, verdict.limit) == pytest.approx((s, limit))
        assert (series.strangeness[t], series.limit[t]) == pytest.approx((s, limit))
        assert verdict.compared_strangeness == pytest.approx(others)
        assert verdict.weekly.tolist() == [True, False, False, False, False]


def test_a_dismissed_spike_excuses_its_like_and_blinds_no_other_signal():
    random = np.random.default_rng(7)
    values, labels = random.normal(size=(260, 4)), np.full(260, "", dtype="<U9")
    values[[220, 240], 1] = 60.0
    values[250, 2] = 6.0
    labels[220] = "dismissed"

    series = strangeness.judge_days(values, np.arange(260), strangeness.Terms(4), labels=labels)

    assert series.alarm[[220, 240, 250]].tolist() == [True, False, True]


def past_of(values, alarm=(), **labels):
    days = np.arange(len(values))
    told = np.full(len(values), "", dtype="<U9")
    for label, at in labels.items():
        told[at] = label
    return strangeness.Past(values, days, np.isin(days, alarm), told)


def test_four_alarms_a_year_need_182_days_and_until_then_the_smallest_p_decides():
    assert [strangeness.pool_days(b) for b in (1, 4, 12)] == [730, 182, 60]

    past, terms, today = past_of(np.zeros((194, 10))), strangeness.Terms(4), np.zeros(10)
    smallest = [np.r_[p, np.ones(9)] for p in (3 / 3650, 4 / 3650, 5 / 3650)]
    verdicts = [strangeness.judge_day(today, 194, past, terms, p_values) for p_values in smallest]

    assert [verdict.alarm for verdict in verdicts] == [True, True, False]
    assert {(verdict.mode, len(verdict.pool)) for verdict in verdicts} == {("interchangeable", 181)}
    assert strangeness.judge_day(today, 0, past_of(np.zeros((0, 10))), terms).alarm is False
    assert strangeness.judge_day(today, 195, past_of(np.zeros((195, 10))), terms).mode == "pool"


def test_the_pool_ends_14_days_before_today_without_confirmed_days_and_alarms_return():
    values = np.random.default_rng(8).normal(size=(400, 3))
    past = past_of(values, alarm=[10, 300, 310, 320], dismissed=310, confirmed=320)

    verdict = strangeness.judge_day(np.zeros(3), 400, past, strangeness.Terms(4))

    assert len(verdict.pool) == 182
    assert verdict.pool[-1] == 386
    assert not {300, 310, 320} & set(verdict.pool)
    assert verdict.compared[182:].tolist() == [300, 310]
    assert len(verdict.compared_strangeness) == 184
    assert 1 / 185 <= verdict.p <= 1


def test_a_signal_that_never_changes_is_not_strange_and_one_that_hardly_ever_does_is_not_at_its_first_breath():
    noise = np.random.default_rng(9).normal(size=(196, 1))
    past, today = past_of(np.hstack([noise, np.zeros((196, 2))])), np.array([0.1, 0.0, 0.8])

    bare, usual = (strangeness.judge_day(today, 196, past, strangeness.Terms(4, False, sd)) for sd in (0.0, 0.35))

    assert bare.z[1] == 0
    assert bare.alarm
    assert not usual.alarm
