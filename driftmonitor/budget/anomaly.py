"""Compute a day's anomaly score and decide whether it is a drift day. Pure numpy.

The score is the day's largest signal, in standard deviations from its baseline; a drift day exceeds every baseline day.
If those H days and today are exchangeable, chance alone does this with probability at most 1 / (H + 1) (Vovk et al.
2005), in each group of signals. The limits of groups differ, so their scores are scaled to that of the first one. So
are those of signals with heavier tails than most.
During the warm-up H is small, so a drift day must also be improbable, given how few days are known. Where days are not
exchangeable, incidents come more often; then each that is one too many raises what the next must exceed.
`benchmarks/budget12` measures how well the budget is kept.
"""

from dataclasses import dataclass

import numpy as np

from driftmonitor.budget.baseline import SEGMENT_SHARE, SEGMENTS, Moments, Terms, largest, largest_of, warm_up_baseline
from driftmonitor.budget.candidates import MOST_RAISED, Candidates, Chosen, choose, count_incidents
from driftmonitor.budget.full_baseline import FullBaseline, full_baseline
from driftmonitor.budget.last_year import LastYear, week_to_week
from driftmonitor.budget.policy import GAP_DAYS, WEEK_DAYS
from driftmonitor.budget.wandering import NEAR_DAYS

# The score of an earlier drift day is capped at so many times the highest of the baseline days. Without such scores the
# threshold could only fall, and drift days would become more frequent; uncapped, one real spike would hide all later
# ones. During the warm-up the highest of few scores is uncertain, and a drift day must exceed it by the same factor.
MARGIN = 1.2
RAISED = 1.3  # the factor of the threshold for each incident beyond those that the budget allows
RAISED_EARLY = 2  # times for each incident of a warm-up, whose highest score says less
RAISED_VARYING = 3  # times, for a signal that was at least VARIES times as unusual as the most unusual one
VARIES = 0.6
LARGEST_CHANCE = 0.05  # of a signal on a drift day of the warm-up, however seldom a monitor runs


@dataclass(frozen=True)
class Series:
    """The verdicts of many days, one entry a day.

    drift: whether it is a drift day. full: whether its baseline is full. score, threshold: the anomaly score and what
    it must exceed. strongest: the index of the largest signal.
    """

    drift: np.ndarray
    full: np.ndarray
    score: np.ndarray
    threshold: np.ndarray
    strongest: np.ndarray


@dataclass(frozen=True)
class Verdict:
    """The verdict of one day.

    drift: whether it is a drift day. warm_up: whether the baseline is not full yet.
    score: the anomaly score. threshold: the highest score of the days that it is compared with.
    z: each signal's distance from its baseline mean, on the scale of the threshold; NaN if it was left out. scale: what
    z was divided by; z times scale is in standard deviations. sd: of each signal's baseline. limits: the distance of
    each signal from its baseline mean, in sd, that makes a drift day.
    values: today's signals, with those that depend on the baseline. centre: each signal's baseline mean.
    weekly: the signals that were compared within their day of the week.
    wandering, recent: the signals that were compared with `recent` days, and the indices of these.
    baseline_days: the indices of the days whose means and standard deviations are the baseline.
    alike: the indices of the earlier special days that a special day is compared with too.
    compared, compared_scores: the indices and capped scores of all days that it is compared with.
    needed: how many baseline days a full baseline has.
    raised: the number of incidents beyond those that the budget allows, for each of which the threshold is raised.
    chances: the probability of each signal by chance; None after the warm-up. chance_limit: what it may not exceed.
    excused: whether the day would be a drift day if no earlier one had been dismissed.
    """

    drift: bool
    warm_up: bool
    score: float
    threshold: float
    z: np.ndarray
    scale: np.ndarray
    sd: np.ndarray
    limits: np.ndarray
    values: np.ndarray
    centre: np.ndarray
    weekly: np.ndarray
    wandering: np.ndarray
    recent: np.ndarray
    baseline_days: np.ndarray
    alike: np.ndarray
    compared: np.ndarray
    compared_scores: np.ndarray
    needed: int
    raised: int = 0
    chances: np.ndarray | None = None
    chance_limit: float = 0.0
    excused: bool = False


def _chance_limit(chances: np.ndarray, false_alarms_per_year: float, runs: float, terms: Terms) -> float:
    """Return the largest probability of a signal on a warm-up drift day: B / (runs k), k signals (Bonferroni)."""
    return min(false_alarms_per_year / runs, LARGEST_CHANCE) / max(1, _count(chances, ~terms.of_segments))


def _chances_alike(chances: np.ndarray, terms: Terms) -> np.ndarray:
    """Return the probabilities with those of segments raised as if these were as few as the others.

    They share a part of the budget of their own, so that the others are judged as without segments.
    """
    others, segments = (_count(chances, which) for which in (~terms.of_segments, terms.of_segments))
    factor = segments / max(1, others) / SEGMENT_SHARE
    return np.where(terms.of_segments, np.minimum(chances * max(factor, 1.0), 1.0), chances)


def _count(chances: np.ndarray, which: np.ndarray) -> int:
    return int((np.isfinite(chances) & which).sum())


def judge_day(today: np.ndarray, day: int, past: Candidates, terms: Terms) -> Verdict:
    """Return the verdict of a day with these signals (signals), NaN where it has none.

    Baseline days are the last `baseline_days` days that were no drift days and ended at least 14 days ago. A signal
    whose level differs between the days of the week is compared within them. Earlier drift days never enter the means
    and standard deviations, but their scores are compared too, capped at 1.2 times the highest of the baseline days.
    After a dismissed drift day, a signal must exceed 1.2 times what it was then. Two incidents among the days of the
    baseline are allowed, one until a year is known; each further one that nobody has confirmed raises the threshold by
    30%, at most four times.

    A special day is no baseline day of ordinary days. It is compared with these, and must also exceed 1.2 times what
    the earlier special days of its kind were.

    Days that an analyst accepted are baseline days at once, and those before them no longer are.

    During the warm-up, days that ended at least 7 days ago are baseline days. So are drift days that ended at least 14
    days ago: few days do not prove that a day was unusual, and a weekly rhythm that alerts once must be learned. Each
    incident beyond those that the budget allows in the time since the first day raises the threshold twice, and three
    times for signals that were at least 0.6 times as unusual as the most unusual one; at most four times in all.
    """
    chosen = choose(past, day, terms)
    judge = _judge_early if chosen.warm_up else _judge_full
    return judge(today, day, past, chosen, terms)


def judge_days(
    signals: np.ndarray,
    days: np.ndarray,
    terms: Terms,
    labels: np.ndarray | None = None,
    kinds: np.ndarray | None = None,
) -> Series:
    """Return the verdicts that `judge_day` gives each day (days, signals) in turn, by the days before it."""
    labels = np.full(len(days), "") if labels is None else np.asarray(labels)
    kinds = np.zeros(len(days), dtype=int) if kinds is None else np.asarray(kinds)
    series = Series(*(np.zeros(len(days), dtype) for dtype in (bool, bool, float, float, int)))
    days = np.asarray(days)
    for t, day in enumerate(days):
        past = Candidates(signals[:t], days[:t], series.drift[:t], labels[:t], kinds[:t], int(kinds[t]))
        verdict = judge_day(signals[t], day, past, terms)
        series.drift[t], series.full[t] = verdict.drift, not verdict.warm_up
        series.score[t], series.threshold[t] = verdict.score, verdict.threshold
        series.strongest[t] = int(np.argmax(np.nan_to_num(verdict.z, nan=-np.inf)))
    return series


def _judge_full(today: np.ndarray, day: int, past: Candidates, chosen: Chosen, terms: Terms) -> Verdict:
    """Return the verdict by a full baseline."""
    size = len(chosen.baseline_days)
    known = chosen.known
    places = np.searchsorted(known, chosen.baseline_days), np.searchsorted(known, chosen.ordinary)
    full = full_baseline(past.signals[known], past.days[known], places, today, day, terms)
    own = largest_of(terms.groups, full.own)
    highest = own.max(axis=0)
    returned = largest_of(terms.groups, full.z(past.signals[chosen.returned], past.days[chosen.returned], terms))
    raised = _raised(returned, highest, day, past, chosen, terms)
    returned = np.minimum(returned, widen(highest, MARGIN, size))
    limits = widen(np.maximum(highest, returned.max(axis=0, initial=-np.inf)), RAISED**raised, size)
    limits = limits * terms.margins
    of_alike = full.z(past.signals[chosen.alike], past.days[chosen.alike], terms)
    alike = largest_of(terms.groups, _of_kind(past.kind, of_alike, terms))
    threshold, scale = _common_limit(np.maximum(limits, widen(alike.max(axis=0, initial=-np.inf), MARGIN, size)))
    of_signals = scale[terms.groups] * terms.several_margins
    dismissed = full.z(past.signals[chosen.dismissed], past.days[chosen.dismissed], terms)
    all_z = _of_kind(past.kind, full.z(today, day, terms), terms)
    z = _without_excused(all_z, dismissed)
    excused = np.isnan(z) & (all_z / of_signals > threshold)
    beyond = z / of_signals > threshold
    if beyond.any():
        z = np.where(beyond, _of_last_year(z, today, day, past, chosen, full, terms), z)
    z = z / of_signals
    return Verdict(
        drift=float(largest(z)) > threshold,
        warm_up=False,
        score=float(largest(z)),
        threshold=threshold,
        z=z,
        scale=of_signals * full.tails,
        sd=full.baseline.sd,
        limits=_all_limits(limits, terms) * terms.several_margins * full.tails,
        values=full.fill(today, day),
        centre=full.baseline.centre[day % WEEK_DAYS],
        weekly=full.baseline.weekly,
        wandering=full.wandering.signals,
        recent=known[past.days[known] <= day - GAP_DAYS][-NEAR_DAYS:],
        baseline_days=chosen.baseline_days,
        alike=chosen.alike,
        compared=np.concatenate([chosen.baseline_days, chosen.returned, chosen.alike]),
        compared_scores=largest(np.concatenate([own, returned, alike]) / scale),
        needed=chosen.needed,
        raised=chosen.raised,
        excused=bool(excused.any()),
    )


def _raised(
    returned: np.ndarray, highest: np.ndarray, day: int, past: Candidates, chosen: Chosen, terms: Terms
) -> np.ndarray | int:
    """Return how often the limits (groups) are raised: that of segments only for incidents that these were part of.

    `returned`: the scores of earlier drift days (days, groups). `highest`: those of the baseline days (groups).
    """
    if not terms.of_segments.any():
        return chosen.raised
    raised = np.full(len(highest), chosen.raised)
    own = past.days[chosen.returned][returned[:, SEGMENTS] > (highest * terms.margins)[SEGMENTS]]
    raised[SEGMENTS] = min(chosen.raised, count_incidents(own, day))
    return raised


def _of_last_year(
    z: np.ndarray, today: np.ndarray, day: int, past: Candidates, chosen: Chosen, full: FullBaseline, terms: Terms
) -> np.ndarray:
    """Return the z of today (signals) in view of the same day and the same weeks of last year."""
    usable = past.labels != "confirmed"
    z = _without_excused(z, LastYear(past.signals[usable], past.days[usable], day).same_day(today, full, terms))
    usable &= ~past.special
    last_year = LastYear(past.signals[usable], past.days[usable], day)
    if past.kind or not last_year.known:
        return z
    return last_year.lower(z, today, full, week_to_week(past.signals[chosen.baseline_days]), terms)


def _judge_early(today: np.ndarray, day: int, past: Candidates, chosen: Chosen, terms: Terms) -> Verdict:
    """Return the verdict of a day of the warm-up, by the few days that are known."""
    weekday, signals = past.days[chosen.baseline_days] % WEEK_DAYS, past.signals[chosen.baseline_days]
    baseline = warm_up_baseline(Moments(signals, weekday), day % WEEK_DAYS, terms, chosen.accepted)
    own = baseline.z(signals, weekday, terms)
    scores = largest_of(terms.groups, own)
    limits = scores.max(axis=0, initial=-np.inf)
    of_alike = baseline.z(past.signals[chosen.alike], past.days[chosen.alike] % WEEK_DAYS, terms)
    alike = largest_of(terms.groups, _of_kind(past.kind, of_alike, terms))
    threshold, scale = _common_limit(np.maximum(limits, alike.max(axis=0, initial=-np.inf)))
    dismissed = baseline.z(past.signals[chosen.dismissed], past.days[chosen.dismissed] % WEEK_DAYS, terms)
    all_z = _of_kind(past.kind, baseline.z(today, day % WEEK_DAYS, terms), terms)
    z = _without_excused(all_z, dismissed)
    chances = _chances_alike(baseline.chances(z, terms), terms)
    limit = _chance_limit(chances, terms.false_alarms_per_year, chosen.runs, terms)
    z, varies = z / scale[terms.groups], largest(own.T) >= VARIES * threshold * scale[terms.groups]
    times = np.where(varies, RAISED_VARYING, RAISED_EARLY) * chosen.raised
    margin = MARGIN * RAISED ** np.minimum(times, MOST_RAISED)
    excused = np.isnan(z) & (all_z / scale[terms.groups] > margin * threshold)
    excused &= _chances_alike(baseline.chances(all_z, terms), terms) <= limit
    return Verdict(
        drift=bool(((z > margin * threshold) & (chances <= limit)).any()),
        warm_up=True,
        score=float(largest(z)),
        threshold=threshold,
        z=z,
        scale=np.broadcast_to(scale[terms.groups], z.shape),
        sd=baseline.sd,
        limits=np.maximum(margin * _all_limits(limits, terms), baseline.distance(limit)),
        values=today,
        centre=baseline.centre[day % WEEK_DAYS],
        weekly=baseline.weekly,
        wandering=np.zeros(len(today), dtype=bool),
        recent=chosen.baseline_days,
        baseline_days=chosen.baseline_days,
        alike=chosen.alike,
        compared=np.concatenate([chosen.baseline_days, chosen.alike]),
        compared_scores=largest(np.concatenate([scores, alike]) / scale),
        needed=chosen.needed,
        raised=chosen.raised,
        chances=chances,
        chance_limit=limit,
        excused=bool(excused.any()),
    )


def widen(limits: np.ndarray, factor: np.ndarray | float, days: int) -> np.ndarray:
    """Return limits that are `factor` times as high on the scale z / sqrt(1 + z² / days), which shortens long tails.

    It is the z of a day in a baseline of so many days that it is part of. The limits are at most 2.9 times as high.
    """
    if np.all(factor == 1):
        return limits
    with np.errstate(invalid="ignore", divide="ignore"):
        higher = factor * limits / np.sqrt(1 + limits**2 / days)
        wider = higher / np.sqrt(np.maximum(1 - higher**2 / days, 0))
    return np.where(np.isfinite(limits), np.minimum(wider, RAISED**MOST_RAISED * limits), limits)


def _common_limit(limits: np.ndarray) -> tuple[float, np.ndarray]:
    """Return one limit for all groups, and by what the scores of each group are divided so that it holds for them."""
    usable = np.isfinite(limits) & (limits > 0)
    if not usable.any():
        return float(limits.max(initial=-np.inf)), np.ones(len(limits))
    common = float(limits[usable][0])
    return common, np.where(usable, limits / common, 1.0)


def _all_limits(limits: np.ndarray, terms: Terms) -> np.ndarray:
    """Return the limit of each signal, from those of the groups."""
    common, scale = _common_limit(limits)
    return common * scale[terms.groups]


def _of_kind(kind: int, z: np.ndarray, terms: Terms) -> np.ndarray:
    """Return the z (..., signals) of days of a kind: a special day is alone, so it has none of several days."""
    return np.where(terms.windows > 1, np.nan, z) if kind else z


def _without_excused(z: np.ndarray, dismissed: np.ndarray) -> np.ndarray:
    """Return the z without those that are hardly larger than on one of the dismissed days (days, signals)."""
    excused = np.where(np.isnan(dismissed), -np.inf, dismissed).max(axis=0, initial=-np.inf)
    return np.where(z > MARGIN * excused, z, np.nan)
