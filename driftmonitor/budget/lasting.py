"""Find a difference that lasts: the rule takes it for usual, or will, but it is not what the reference has.

It began with an incident, or with the monitor's first day. It lasts while the signal that changed most is nearer to its
mean on the days of the incident than to its mean before them, and further from the reference than before. What went
back after an incident and came again later does not last since that incident.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from driftmonitor.budget.column_signals import Signal, distance
from driftmonitor.budget.days import DailySignals
from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.budget.policy import CLEAR_DAYS
from driftmonitor.budget.segments import KINDS as OF_SEGMENTS
from driftmonitor.facts.base import rounded
from driftmonitor.facts.earlier_days import EarlierDay
from driftmonitor.facts.judgement import LastingChange
from driftmonitor.words.segments import name_segment

RECENT = 7  # runs, today's included, whose mean says where a signal is now
MOST_BEFORE = 60  # days before an incident, whose mean says where a signal was
FEWEST_BEFORE = 7  # with fewer, it was as in the reference
LEAST_CHANGE = 3.0  # standard deviations of a day, of a signal that counts as changed by an incident
LASTS = 0.5  # of the change
FIRST_DISTANCE = 0.1  # of a column that differs on a monitor's first day
FIRST_CHANCE = 0.001  # of all signals together, on that day
NOT_LASTING = ("rows", "beside", "check")  # signals that are compared with what is usual, not with the reference
OF_DISTRIBUTION = ("level", "spread", "shape", "range", "share")


def find_lasting_change(table: EvidenceTable, run_date: dt.date, since: dt.date) -> LastingChange | None:
    """Return the oldest difference that lasts on `run_date`, which is no drift day; None without one.

    Days before `since` are left out.     A day that an analyst accepted ends what was before.
    """
    earlier, daily = table.earlier, table.signals
    own = [i for i, day in enumerate(earlier) if not day.of_reference and day.date >= since]
    accepted = [i for i in own if earlier[i].label == "accepted"]
    first = accepted[-1] + 1 if accepted else sum(day.date < since for day in earlier)
    days = [i for i in own if i >= first]
    single = [i for i, signal in enumerate(daily.signals) if signal.window == 1 and signal.kind not in NOT_LASTING]
    if not earlier:
        whole = [i for i in single if daily.signals[i].kind not in OF_SEGMENTS]
        return _find_first(run_date, table, daily, whole)
    noted = earlier[days[-1]].changed if days else None
    found = _find_since_incident(table, run_date, days, single, first)
    if noted and (found is None or noted.from_start or noted.since < earlier[days[0]].date):
        return noted if _goes_on(noted, earlier, days, daily) else found
    return found


def _find_since_incident(
    table: EvidenceTable, run_date: dt.date, days: Sequence[int], single: Sequence[int], first: int
) -> LastingChange | None:
    """Return the oldest difference that lasts since an incident; else the newest that went back, but is there again."""
    earlier, daily = table.earlier, table.signals
    incidents, again = _incidents(earlier, days), None
    for incident, following in zip_longest(incidents, incidents[1:]):
        if (run_date - earlier[incident[-1]].date).days < CLEAR_DAYS:
            break  # it may go on
        after = [i for i in days if i > incident[-1] and not earlier[i].alarm]
        between = [i for i in after if following is None or i < following[0]]
        apart = [i for i in between if (earlier[i].date - earlier[incident[-1]].date).days >= CLEAR_DAYS]
        # Data of several days have some of the incident's for a while.
        recent = _Recent(daily, after, (between if table.single_days else apart or between)[:RECENT])
        place, lasted = _strongest(daily, earlier, incident, recent, single, first)
        if place is not None:
            again = _describe(earlier[incident[0]].date, daily.signals[place], recent, table)
            if lasted:
                return again
    return again


def _find_first(
    run_date: dt.date, table: EvidenceTable, daily: DailySignals, single: Sequence[int]
) -> LastingChange | None:
    """Return the difference of a monitor's first day, if chance does not explain it and its distance is not small."""
    chances = daily.p_values()[single]
    order = [single[i] for i in np.argsort(np.nan_to_num(chances, nan=1.0)) if chances[i] * len(single) <= FIRST_CHANCE]
    for place in order:
        found = _describe(run_date, daily.signals[place], _Recent(daily, []), table)
        if found.distance is not None and found.distance >= FIRST_DISTANCE:
            return found.model_copy(update={"from_start": True})
    return None


@dataclass(frozen=True)
class _Recent:
    """The days after an incident: the newest, today's last, and the `first` that are not of the following one."""

    daily: DailySignals
    after: Sequence[int]
    first: Sequence[int] = ()

    @property
    def rows(self) -> list[int]:
        return [*self.after[1 - RECENT :], len(self.daily.values) - 1]

    def mean(self, places: Sequence[int]) -> np.ndarray:
        return _mean(self.daily.values[np.ix_(self.rows, places)])

    def mean_at_first(self, places: Sequence[int]) -> np.ndarray:
        return _mean(self.daily.values[np.ix_([*self.first] or self.rows, places)])


def _incidents(earlier: Sequence[EarlierDay], days: Sequence[int]) -> list[list[int]]:
    """Return the drift days of each incident, oldest first; dismissed days belong to none."""
    incidents: list[list[int]] = []
    for i in days:
        if not earlier[i].alarm or earlier[i].label == "dismissed":
            continue
        if incidents and (earlier[i].date - earlier[incidents[-1][-1]].date).days <= CLEAR_DAYS:
            incidents[-1].append(i)
        else:
            incidents.append([i])
    return incidents


def _strongest(
    daily: DailySignals,
    earlier: Sequence[EarlierDay],
    incident: Sequence[int],
    recent: _Recent,
    places: Sequence[int],
    first: int,
) -> tuple[int | None, bool]:
    """Return the place of the signal that an incident changed most, if that lasts, and whether it did so all along.

    Of several, it is the one with the largest change, of those that did all along if there are any.
    """
    before = [i for i in range(first, incident[0]) if not earlier[i].alarm][-MOST_BEFORE:]
    values = daily.values[:, places]
    centre, spread = np.zeros(len(places)), np.broadcast_to(daily.usual_sd[places], len(places))
    if len(before) >= FEWEST_BEFORE:
        centre = np.nan_to_num(_mean(values[before]))
        spread = np.maximum(_mean((values[before] - centre) ** 2) ** 0.5, daily.least_sd[places])
    change, left = _mean(values[list(incident)]) - centre, recent.mean(places) - centre
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.nan_to_num(np.abs(change) / spread)
        at_first = (recent.mean_at_first(places) - centre) / change
        lasts = (left / change >= LASTS) & (np.abs(left) * len(recent.rows) ** 0.5 >= LEAST_CHANGE * spread)
    farther = np.abs(centre + left) > np.abs(centre) + np.abs(left) * LASTS
    counts = (size >= max(LEAST_CHANGE, LASTS * size.max(initial=0.0))) & lasts & farther
    all_along = counts & ~(at_first < LASTS)
    best = int(np.argmax(np.where(all_along if all_along.any() else counts, size, 0.0)))
    return (places[best] if counts.any() else None), bool(all_along.any())


def _goes_on(noted: LastingChange, earlier: Sequence[EarlierDay], days: Sequence[int], daily: DailySignals) -> bool:
    """Return whether a change still lasts whose incident is too long ago: as on the days that noted it."""
    place = _place(noted, daily)
    like_it = [i for i in days if (change := earlier[i].changed) and change.since == noted.since]
    if place is None:
        return False
    then = _mean(daily.values[like_it, place][:, None])
    now = _Recent(daily, days).mean([place])
    return bool((now / then >= LASTS).all()) if np.isfinite(now / then).all() else False


def _place(noted: LastingChange, daily: DailySignals) -> int | None:
    wanted = Signal(noted.signal, 1, noted.columns, noted.level, noted.segmentation)
    return daily.signals.index(wanted) if wanted in daily.signals else None


def _describe(since: dt.date, signal: Signal, recent: _Recent, table: EvidenceTable) -> LastingChange:
    size = None
    if signal.kind in OF_DISTRIBUTION:
        column = table.columns[signal.columns[0]]
        size = rounded(float(distance(column, column.counts[recent.rows].sum(axis=0))))
    names = [each.today for each in table.segments.values() if each.today.name == signal.segment]
    segment = name_segment(names[0], signal.level or 0) if names else None
    return LastingChange(
        since=since,
        signal=signal.kind,
        columns=signal.columns,
        level=signal.level,
        segmentation=signal.segment,
        segment=segment,
        distance=size,
    )


def _mean(values: np.ndarray) -> np.ndarray:
    """Return the mean of each signal (days, signals) over the days that have it; NaN without any."""
    known = np.isfinite(values)
    number = known.sum(axis=0)
    return np.where(number > 0, np.where(known, values, 0.0).sum(axis=0) / np.maximum(number, 1), np.nan)
