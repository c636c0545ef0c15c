"""Judging days agrees with plain loops; tolerances are relative, 1e-6 unless stated."""

import datetime as dt

import numpy as np
import pytest
from scipy import stats

from driftmonitor.budget import anomaly, policy
from driftmonitor.budget.baseline import Terms


def verdict_by_hand(today, day, past, terms):
    """Return (S, limit, the others' S) of `judge_day`, in loops."""
    n, used = len(past.days), needed_by_hand([*past.days, day])
    old = [i for i in range(n) if past.days[i] <= day - 14 and past.labels[i] != "confirmed"]
    pool = [i for i in old if not past.drift[i]][-used:]
    returned = [i for i in old if past.drift[i] and i > pool[0]]
    scale, own = {}, {}
    for j in range(len(today)):
        values = [(past.signals[i][j], past.days[i]) for i in pool if np.isfinite(past.signals[i][j])]
        if np.isfinite(today[j]) and len(values) >= len(pool) / 2:
            scale[j] = scale_by_hand(values, terms.least_sd)
            own[j] = {at: own_by_hand(x, at, values, scale[j], terms.least_sd, terms.windows[j]) for x, at in values}
            own[j] = {at: z if terms.one_sided[j] else abs(z) for at, z in own[j].items()}
    top = {j: sorted(z.values())[-4:] for j, z in own.items()}
    usual = max(np.median([np.mean(four[1:]) for four in top.values()]), 2.6)

    def of_group(z, group):
        return max((v for j, v in z.items() if terms.groups[j] == group), default=-np.inf)

    def z_of(row, at):
        z = {j: (row[j] - centre[at % 7]) / sd for j, (centre, sd, _) in scale.items() if np.isfinite(row[j])}
        return {
            j: (v if terms.one_sided[j] else abs(v)) / max(np.mean(top[j][1:]) / usual, 1) for j, v in z.items()
        }  # fmt: skip

    def z_of_own(at):
        strangest = {j: [v for v in top[j] if v != z[at]][-3:] for j, z in own.items() if at in z}
        return {j: own[j][at] / max(np.mean(three) / usual, 1) for j, three in strangest.items()}

    limits, groups = [], (0, 1)
    for group in groups:
        highest = max(of_group(z_of_own(past.days[i]), group) for i in pool)
        others = [of_group(z_of(past.signals[i], past.days[i]), group) for i in returned]
        limits.append((highest, [min(z, wide_by_hand(highest, 1.2, len(pool))) for z in others]))
    alarms = [past.days[i] for i in range(pool[0], n) if past.drift[i] and past.labels[i] != "confirmed"]
    begins = [d for d in alarms if not any(0 < d - other <= 7 for other in alarms)]
    ended = [d for d in begins if not alarms or day - alarms[-1] > 7 or d != begins[-1]]
    allowed = 2 if day - past.days[0] >= 365 else 1
    raised = 1.3 ** min(max(0, len(ended) - allowed), 4)
    limits = [(wide_by_hand(max([highest, *cut]), raised, len(pool)), cut) for highest, cut in limits]
    by = [limit / limits[0][0] for limit, _ in limits]
    scores = [max(of_group(z_of_own(past.days[i]), group) / by[group] for group in groups) for i in pool]
    scores += [max(cut[i] / by[group] for group, (_, cut) in enumerate(limits)) for i in range(len(returned))]
    now = z_of(today, day)
    for i in np.flatnonzero(past.labels == "dismissed"):
        then = z_of(past.signals[i], past.days[i])
        now = {j: value for j, value in now.items() if value > 1.2 * then.get(j, -np.inf)}
    return max((v / by[terms.groups[j]] for j, v in now.items()), default=-np.inf), limits[0][0], scores


def wide_by_hand(limit, factor, days):
    if factor == 1:
        return limit
    higher = factor * limit / (1 + limit**2 / days) ** 0.5
    return min(higher / (1 - higher**2 / days) ** 0.5 if higher**2 < days else np.inf, 1.3**4 * limit)


def own_by_hand(value, day, values, scale, least_sd, window):
    """Return how far a baseline day is from the others, without those that share a window with it."""
    centre, _, weekly = scale
    left = [(x, at) for x, at in values if abs(at - day) >= window]
    if not weekly:
        of_left = [x for x, _ in left]
        return (value - np.mean(of_left)) / max(np.std(of_left), least_sd)
    alike = {at: [x for x, other in values if other % 7 == at % 7] for _, at in values}
    within = sum(((np.array(alike[at]) - centre[at % 7]) ** 2).sum() / len(alike[at]) for _, at in values)
    for x, at in values:
        if abs(at - day) < window:
            within -= (x - centre[at % 7]) ** 2 * len(alike[at]) / (len(alike[at]) - 1)
    others = [x for x, at in values if at % 7 == day % 7 and at != day]
    return (value - np.mean(others)) / max((within / len(left)) ** 0.5, least_sd)


def needed_by_hand(days):
    """Return the days of a full baseline at four alerts a year: 2.4 years' worth of alerts, for as many runs a year."""
    gaps = sorted(np.diff(days[-21:]))[:-3]
    return int(2.4 * 365 / (sum(gaps) / 17) / 4)


def scale_by_hand(values, least_sd):
    all_values, weekdays = np.array([x for x, _ in values]), np.array([at % 7 for _, at in values])
    groups = {day: all_values[weekdays == day] for day in range(7)}
    within = sum(((group - group.mean()) ** 2).sum() for group in groups.values())
    between = ((all_values - all_values.mean()) ** 2).sum() - within
    weekly = between / 6 > 3 * within / (len(values) - 7)
    centre = {day: group.mean() if weekly else all_values.mean() for day, group in groups.items()}
    return centre, max(((within if weekly else within + between) / len(values)) ** 0.5, least_sd), weekly


def test_days_are_judged_in_a_row_and_alone_as_by_hand():
    random = np.random.default_rng(6)
    days = np.flatnonzero(random.uniform(size=450) < 0.8)[:330]  # some days are missing
    values = random.normal(size=(330, 5))
    values[:, 0] += 2 * (days % 7 >= 5)
    values[:, 1] *= 0.01
    values[random.uniform(size=values.shape) < 0.02] = np.nan
    values[240:243, 3], values[270, 2], values[290, 3] = 40, 7, 8
    labels = np.full(330, "", dtype="<U9")
    values[[208, 226, 234], 3] = 12, 15, 18
    labels[240:242], labels[270] = "confirmed", "dismissed"
    one_sided, windows = np.array([False, False, True, False, True]), np.array([1, 7, 3, 1, 7])
    terms = Terms(4, one_sided, 0.05, windows=windows, groups=np.array([0, 0, 0, 1, 1]))

    series = anomaly.judge_days(values, days, terms, labels=labels)

    assert series.drift[240:243].all()
    limits = set()
    for t in range(240, 330, 44):
        past = anomaly.Candidates(values[:t], days[:t], series.drift[:t], labels[:t])
        verdict = anomaly.judge_day(values[t], days[t], past, terms)
        s, limit, others = verdict_by_hand(values[t], days[t], past, terms)
        assert not verdict.warm_up
        assert (verdict.score, verdict.threshold) == pytest.approx((s, limit))
        assert (series.score[t], series.threshold[t]) == pytest.approx((s, limit))
        assert verdict.compared_scores == pytest.approx(others)
        assert verdict.weekly.tolist() == [True, False, False, False, False]
        limits.add(verdict.raised)
    assert len(limits) > 1


def test_a_dismissed_spike_excuses_its_like_and_blinds_no_other_signal():
    random = np.random.default_rng(7)
    values, labels = random.normal(size=(260, 4)), np.full(260, "", dtype="<U9")
    values[[220, 240], 1] = 60.0
    values[250, 2] = 6.0
    labels[220] = "dismissed"

    series = anomaly.judge_days(values, np.arange(260), Terms(4), labels=labels)

    assert series.drift[[220, 240, 250]].tolist() == [True, False, True]
    past = [past_of(values[:day], alarm=[220], dismissed=220) for day in (240, 241)]
    found = [
        anomaly.judge_day(values[day], day, each, Terms(4)).excused for day, each in zip((240, 241), past, strict=True)
    ]
    assert found == [True, False]


def past_of(values, alarm=(), **labels):
    days = np.arange(len(values))
    told = np.full(len(values), "", dtype="<U9")
    for label, at in labels.items():
        told[at] = label
    return anomaly.Candidates(values, days, np.isin(days, alarm), told)


def test_four_alarms_a_year_need_219_days_and_until_then_few_days_decide():
    assert [policy.baseline_days(b) for b in (1, 4, 12)] == [876, 219, 73]

    past, terms = past_of(np.random.default_rng(10).normal(size=(231, 10))), Terms(4)
    early = [anomaly.judge_day(np.r_[level, np.zeros(9)], 231, past, terms) for level in (3.0, 6.0)]
    first = [anomaly.judge_day(np.full(10, level), 0, past_of(np.zeros((0, 10))), terms) for level in (5.0, 12.0)]
    whole = past_of(np.zeros((232, 10)))

    assert [verdict.drift for verdict in early] == [False, True]
    assert {(verdict.warm_up, len(verdict.baseline_days)) for verdict in early} == {(True, 218)}
    assert [verdict.drift for verdict in first] == [False, True]
    assert not anomaly.judge_day(np.zeros(10), 232, whole, terms).warm_up


def few_by_hand(today, day, past, terms, column):
    """Return (z, chance) of one signal by the few days, in scipy's terms; the weekday is left out."""
    since = [14 if alarm else 7 for alarm in past.drift]
    days = [i for i in range(len(past.days)) if past.days[i] <= day - since[i] and past.labels[i] != "confirmed"][-219:]
    values = [past.signals[i][column] for i in days if np.isfinite(past.signals[i][column])]
    window, prior = terms.windows[column], terms.usual_sd[column]
    n = len(values) / window
    freedom = 6 + max(n - 1, 0)
    squares = (np.var(values) * len(values) if values else 0.0) / window
    sd = ((6 * prior**2 + squares) / freedom * (1 + 1 / (n + 1))) ** 0.5
    z = (today[column] - (np.mean(values) if values else 0.0) * n / (n + 1)) / sd
    return (z, stats.t.sf(z, freedom)) if terms.one_sided[column] else (abs(z), 2 * stats.t.sf(abs(z), freedom))


def test_few_days_are_judged_as_by_hand_alarms_among_them_after_14_days_and_confirmed_ones_never():
    random = np.random.default_rng(11)
    days = np.flatnonzero(random.uniform(size=120) < 0.8)
    values = random.normal(size=(len(days), 4))
    values[random.uniform(size=values.shape) < 0.05] = np.nan
    labels = np.full(len(days), "", dtype="<U9")
    labels[30] = "confirmed"
    terms = Terms(4, np.array([False, False, True, False]), 0.0, np.array([1, 0.7, 1, 2.0]), np.array([1, 3, 1, 7]))
    alarm = np.isin(np.arange(len(days)), [20, 25, 30])

    for t in (0, 1, 8, 12, 22, 35, 40):
        past = anomaly.Candidates(values[:t], days[:t], alarm[:t], labels[:t])
        verdict = anomaly.judge_day(np.ones(4), days[t], past, terms)
        by_hand = [few_by_hand(np.ones(4), days[t], past, terms, column) for column in range(4)]
        assert not verdict.weekly.any()
        assert np.column_stack([verdict.z, verdict.chances]) == pytest.approx(np.array(by_hand))


@pytest.mark.parametrize("known", [0, 1, 5, 30])
def test_the_chance_of_few_days_is_as_often_as_it_says(known):
    random, monitors = np.random.default_rng(known), 20_000
    variance = 2.0 * 6 / random.chisquare(6, monitors)
    usual = random.normal(0, variance**0.5)
    days = random.normal(usual, variance**0.5, (known + 1, monitors))
    past = anomaly.Candidates(days[:-1], 3 * np.arange(known), np.zeros(known, bool), np.full(known, ""))

    chances = anomaly.judge_day(days[-1], 3 * known + 14, past, Terms(4, usual_sd=2**0.5)).chances

    for share in (0.1, 0.01):
        assert (chances <= share).mean() == pytest.approx(share, abs=4 * (share / monitors) ** 0.5)


def test_a_new_monitor_keeps_the_budget_where_days_differ_and_sees_what_is_large():
    random, alarms, seen = np.random.default_rng(12), 0, []
    for _ in range(60):
        days = random.normal(random.normal(size=8), 2.0, (60, 8))
        alarms += anomaly.judge_days(days, np.arange(60), Terms(4, usual_sd=1.5)).drift.sum()
        days[45:52, 3] += 20
        drift = anomaly.judge_days(days[:52], np.arange(52), Terms(4, usual_sd=1.5)).drift[45:]
        seen.append((drift[0], drift.any()))
    first_day, week = np.mean(seen, axis=0)

    assert alarms / 60 < 5 * 60 / 365  # five a year, pro rata, though days differ more than is expected
    assert first_day > 0.9
    assert week == 1


def test_a_rhythm_of_the_week_alarms_once_and_is_then_known():
    random = np.random.default_rng(13)
    days = random.normal(size=(290, 5)) + 15 * (np.arange(290) % 7 >= 5)[:, None]

    series = anomaly.judge_days(days, np.arange(290), Terms(4))

    assert np.flatnonzero(series.drift[:60]).tolist() == [5, 6, 12, 13]
    assert series.drift[60:].sum() <= 4
    assert series.full[-40:].all()


def test_a_dismissed_day_excuses_its_like_at_once_while_days_are_few():
    values, labels = np.random.default_rng(14).normal(size=(12, 4)), np.full(12, "", dtype="<U9")
    values[9:, 1] = 30.0
    terms, days = Terms(4), np.arange(12)
    dismissed = labels.copy()
    dismissed[9] = "dismissed"

    assert anomaly.judge_days(values, days, terms, labels).drift[9:].tolist() == [True, True, True]
    assert anomaly.judge_days(values, days, terms, dismissed).drift[9:].tolist() == [True, False, False]
    past = [past_of(values[:9]), past_of(values[:10], alarm=[9], dismissed=9)]
    assert [anomaly.judge_day(values[9], 9 + i, each, terms).excused for i, each in enumerate(past)] == [False, True]


def test_the_pool_ends_14_days_before_today_without_confirmed_days_and_alarms_return():
    values = np.random.default_rng(8).normal(size=(400, 3))
    past = past_of(values, alarm=[10, 300, 310, 320], dismissed=310, confirmed=320)

    verdict = anomaly.judge_day(np.zeros(3), 400, past, Terms(4))

    assert len(verdict.baseline_days) == 219
    assert verdict.baseline_days[-1] == 386
    assert not {300, 310, 320} & set(verdict.baseline_days)
    assert verdict.compared[219:].tolist() == [300, 310]
    assert len(verdict.compared_scores) == 221


def test_of_a_long_past_only_the_days_that_can_count_are_collected():
    last, told = dt.date(2026, 6, 1), [(dt.date(2026, 6, 1) - dt.timedelta(n), "", n % 50 == 0) for n in range(1, 500)]

    found = list(policy.newest_that_count(told, lambda day: day, last, 4, lambda date: 0))

    counting = [day for day in found if (last - day[0]).days >= 14 and not day[2]]
    assert len(counting) == 219 + 42 + 6  # the baseline, where signals were before it, and a window
    assert found == told[: len(found)]


def test_a_constant_signal_is_not_unusual_nor_is_the_first_change_of_a_nearly_constant_one():
    noise = np.random.default_rng(9).normal(size=(233, 1))
    past, today = past_of(np.hstack([noise, np.zeros((233, 2))])), np.array([0.1, 0.0, 0.8])

    bare, usual = (anomaly.judge_day(today, 233, past, Terms(4, False, sd)) for sd in (0.05, 0.35))

    assert bare.z[1] == 0
    assert bare.drift
    assert not usual.drift
