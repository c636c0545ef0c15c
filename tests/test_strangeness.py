"""The budget's statistics against scipy and loops by hand; tolerances are relative, 1e-9 where none is said."""

import numpy as np
import pytest
from scipy import stats

from driftmonitor import strangeness


def test_a_signal_is_the_kolmogorov_statistic_and_its_tail_is_scipys():
    assert strangeness.ks_signal(0.06, 1000, 1000) == pytest.approx(0.06 * np.sqrt(500))

    for k in (0.3, 0.83, 1.36, 3.0, 12.0):
        assert strangeness.signal_p(k) == pytest.approx(stats.kstwobign.sf(k), rel=1e-9)
        assert strangeness.p_signal(stats.kstwobign.sf(k)) == pytest.approx(k, rel=1e-6)


def test_p_values_down_to_the_smallest_keep_their_order():
    signals = strangeness.p_signal(np.array([1.0, 0.5, 1e-100, 1e-300, 0.0]))

    assert signals[0] == 0
    assert strangeness.signal_p(signals[2:4]) == pytest.approx([1e-100, 1e-300], rel=1e-9)
    assert np.all(np.diff(signals[:4]) > 0)
    assert signals[4] == signals[3]


def test_a_weeks_signal_is_the_distance_of_the_pooled_rows_at_the_edges():
    random = np.random.default_rng(1)
    reference, days = random.normal(size=1000), random.normal(0.2, size=(7, 300))
    edges = strangeness.quantile_edges(reference)
    counts = strangeness.count_bins(reference, edges)
    by_day = np.array([strangeness.count_bins(day, edges) for day in days])

    signal = strangeness.week_signal(counts, by_day)

    pooled = np.sort(days.ravel())
    gaps = [abs((reference <= edge).mean() - (pooled <= edge).mean()) for edge in edges]
    assert len(edges) == 49
    assert counts.tolist() == [20] * 50
    assert signal == pytest.approx(max(gaps) * np.sqrt(2100 * 1000 / 3100))
    assert max(gaps) == pytest.approx(stats.ks_2samp(reference, pooled).statistic, abs=0.02)


def test_edges_of_few_different_values_are_different():
    edges = strangeness.quantile_edges(np.repeat([0.0, 1.0, 2.0], [50, 49, 1]))

    assert edges.tolist() == [0.0, 1.0]
    assert strangeness.count_bins(np.array([-1.0, 0, 0.5, 1, 1.5]), edges).tolist() == [2, 2, 1]


def test_a_category_signals_tail_is_scipys_chi_squared():
    reference, current = np.array([500, 300, 200, 0, 3]), np.array([440, 330, 230, 0, 9])

    signal = strangeness.category_signal(reference, current)

    table = np.array([reference, current])[:, [0, 1, 2, 4]]
    assert stats.kstwobign.sf(signal) == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-9)
    assert strangeness.category_signal(np.array([9, 0]), np.array([7, 0])) == 0
    assert strangeness.category_signal(np.array([9, 2]), np.array([0, 0])) == 0


def test_pair_signals_are_the_change_of_spearmans_correlation():
    random = np.random.default_rng(2)
    sides = [random.normal(size=(rows, 4)) @ random.normal(size=(4, 4)) for rows in (400, 250)]
    sides = [np.round(side, 1) for side in sides]  # ties

    correlations = [strangeness.pair_correlations(stats.rankdata(side, axis=0)) for side in sides]
    signals = strangeness.pair_signals(*correlations, m=400, n=250)

    names = strangeness.pair_names("abcd")
    assert names[:4] == [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c")]
    for (first, second), signal in zip(names, signals, strict=True):
        columns = "abcd".index(first), "abcd".index(second)
        r = [stats.spearmanr(side[:, columns[0]], side[:, columns[1]]).statistic for side in sides]
        expected = abs(np.arctanh(r[1]) - np.arctanh(r[0])) / np.sqrt(1.06 / 247 + 1.06 / 397)
        assert signal == pytest.approx(expected, rel=1e-9)


def test_pairs_with_a_constant_column_have_no_signal_and_full_correlations_a_finite_one():
    ranks = np.column_stack([np.arange(9.0), np.arange(9.0), np.full(9, 5.0)])

    correlations = strangeness.pair_correlations(ranks)

    assert correlations[0] == pytest.approx(1)
    assert np.isnan(correlations[1:]).all()
    assert np.isfinite(strangeness.pair_signals(correlations[:1], np.array([0.3]), m=9, n=9)).all()


def judge_by_hand(today, pool, returned):
    """Return (S, the others' S) in loops."""
    columns = [j for j in range(len(today)) if np.isfinite(today[j]) and np.isfinite(pool[:, j]).sum() * 2 > len(pool)]
    scale = {}
    for j in columns:
        values = [row[j] for row in [*pool, today] if np.isfinite(row[j])]
        mean = sum(values) / len(values)
        scale[j] = mean, (sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5
    s = [
        max((row[j] - scale[j][0]) / scale[j][1] for j in columns if np.isfinite(row[j]))
        for row in [today, *pool, *returned]
    ]
    others = s[1 : 1 + len(pool)]
    return s[0], others + [min(value, 1.2 * max(others)) for value in s[1 + len(pool) :]]


def test_a_day_is_judged_as_by_hand():
    random = np.random.default_rng(3)
    pool, today, returned = random.gumbel(size=(182, 5)), random.gumbel(size=5), random.gumbel(3, size=(4, 5))
    pool[:100, 3] = pool[7, 1] = today[4] = np.nan

    judgement = strangeness.judge(today, pool, 4, returned)

    s, others = judge_by_hand(today, pool, returned)
    assert judgement.strangeness == pytest.approx(s)
    assert judgement.pool_strangeness == pytest.approx(others)
    assert judgement.limit == pytest.approx(max(others))
    assert judgement.p == pytest.approx((1 + sum(value >= s for value in others)) / 187)
    assert np.isnan(judgement.z).tolist() == [False, False, False, True, True]
    assert judgement.mode == "pool"
    assert judgement.alarm == (s > max(others))


def test_four_alarms_a_year_need_182_days_and_until_then_the_smallest_p_decides():
    assert [strangeness.pool_days(b) for b in (1, 4, 12)] == [730, 182, 60]

    pool, today = np.zeros((181, 10)), np.zeros(10)
    alarms = [
        strangeness.judge(today, pool, 4, p_values=np.r_[p, np.ones(9)]).alarm for p in (3 / 3650, 4 / 3650, 5 / 3650)
    ]

    assert alarms == [True, True, False]
    assert strangeness.judge(today, pool, 4).mode == "interchangeable"
    assert strangeness.judge(today, pool[:0], 4).alarm is False


def test_a_signal_that_never_changes_is_not_strange_and_one_that_does_for_once_is():
    pool, today = np.zeros((182, 2)), np.array([0.0, 0.3])

    judgement = strangeness.judge(today, pool, 4)

    assert judgement.z[0] == 0
    assert judgement.alarm


def test_the_pool_ends_14_days_before_today_without_confirmed_days_and_alarms_return():
    days = np.arange(400)
    alarm, labels = np.zeros(400, dtype=bool), np.full(400, "", dtype=object)
    alarm[[10, 300, 310, 320]] = True
    labels[310], labels[320] = "dismissed", "confirmed"

    pool, returned = strangeness.choose_pool(days, 400, alarm, labels, 4)

    assert len(pool) == 182
    assert pool[-1] == 386
    assert 310 in pool
    assert not {300, 320} & set(pool)
    assert returned.tolist() == [300]


def test_a_series_is_judged_day_by_day():
    random = np.random.default_rng(4)
    signals, p_values = random.gumbel(size=(260, 6)), random.uniform(size=(260, 6))
    signals[random.uniform(size=signals.shape) < 0.02] = np.nan
    days = np.flatnonzero(random.uniform(size=400) < 0.7)[:260]  # some days are missing
    labels = np.full(260, "", dtype=object)
    labels[230:240] = "confirmed"

    series = strangeness.judge_series(signals, days, 4, p_values, labels)

    alarms = np.zeros(0, dtype=bool)
    for index in range(260):
        chosen = strangeness.choose_pool(days[:index], days[index], alarms, labels[:index], 4)
        judgement = strangeness.judge(signals[index], signals[chosen[0]], 4, signals[chosen[1]], p_values[index])
        assert series.alarm[index] == judgement.alarm
        assert series.full[index] == (judgement.mode == "pool")
        assert series.strangeness[index] == pytest.approx(judgement.strangeness)
        assert series.limit[index] == pytest.approx(judgement.limit, nan_ok=True)
        alarms = np.append(alarms, judgement.alarm)
    assert not series.full[:182].any()
    assert series.full[200:].all()


def test_a_signal_that_hardly_ever_moves_is_not_strange_at_its_first_breath():
    dice = np.random.default_rng(5)
    pool = np.column_stack([dice.normal(0.8, 0.26, 182), np.full(182, strangeness.p_signal(0.5))])
    today = np.array([0.9, strangeness.p_signal(0.4)])  # one missing value where there never was one
    least = np.array([strangeness.LEAST_SD["day"], strangeness.LEAST_SD["missing"]])

    assert strangeness.judge(today, pool, 4).alarm
    assert not strangeness.judge(today, pool, 4, least_sd=least).alarm


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
