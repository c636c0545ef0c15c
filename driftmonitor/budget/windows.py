"""Find the days that each day's window adds up: the day itself, and those just before it, without special ones."""

from collections.abc import Sequence

import numpy as np

from driftmonitor.budget.policy import WINDOWS

SHARE_OF_WINDOW = 0.5  # a window counts if more of its days than this share have data
ABSENT, NEW = -1, -2


class Windows:
    """The windows of days, by their day numbers, ascending.

    `reviewed`: days that are part of no later window, because an analyst has reviewed them. `special`: days that later
    windows pass over, so that they reach further back and have as many days as others.
    members: (days, 6), the place of the day before each day, of that two days before it and so on; ABSENT without one.
    """

    def __init__(self, days: np.ndarray, reviewed: np.ndarray | None = None, special: np.ndarray | None = None) -> None:
        ordinary = np.arange(len(days))
        if special is not None:
            ordinary, passed = np.flatnonzero(~special), np.cumsum(special)
            days = days - passed + special  # numbered as if there were no special days before
        wanted, known = days[:, None] - np.arange(1, max(WINDOWS)), days[ordinary]
        found = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
        there = known[found] == wanted if len(known) else np.zeros(wanted.shape, dtype=bool)
        places = ordinary[found] if len(known) else found
        if reviewed is not None:
            there &= ~reviewed[places]
        self.members = np.where(there, places, ABSENT)

    def add_up(
        self,
        counts: np.ndarray,
        windows: Sequence[int],
        days: np.ndarray | slice = slice(None),
        known: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return the counts of some `days` plus those of the earlier days in their windows (windows, days, parts).

        `counts` are those of all days (days, parts). They are 0 if too few days of a window have data. `known`: which
        days have data; without it, those with any counts. Each day is added up in the same order, whatever days are
        asked for, so that its sums are always the same to the last bit.
        """
        members = self.members[days, : max(windows) - 1]
        own, earlier = counts[days], counts[members]
        if known is None:
            return _add_up(
                own, earlier, own.sum(axis=-1) > 0, (members != ABSENT) & (earlier.sum(axis=-1) > 0), windows
            )
        return _add_up(own, earlier, known[days], (members != ABSENT) & known[members], windows)

    def add_up_together(self, counts: Sequence[np.ndarray], windows: Sequence[int], days: np.ndarray) -> np.ndarray:
        """Return what `add_up` does for each of several counts (windows, counts, days, parts)."""
        members = self.members[days, : max(windows) - 1]
        own, earlier = np.stack([each[days] for each in counts]), np.stack([each[members] for each in counts])
        added = (members != ABSENT) & (earlier.sum(axis=-1) > 0)
        return _add_up(own, earlier, own.sum(axis=-1) > 0, added, windows)

    def changed(self, before: "Windows", places: np.ndarray) -> np.ndarray:
        """Return which days have other days in their windows than `before`, where they had these `places`, or NEW."""
        then = np.where(self.members == ABSENT, ABSENT, places[self.members])
        return (places == NEW) | (then != before.members[np.maximum(places, 0)]).any(axis=1)


def _add_up(
    own: np.ndarray, earlier: np.ndarray, has_data: np.ndarray, added: np.ndarray, windows: Sequence[int]
) -> np.ndarray:
    """Return the days' own counts (..., days, parts) plus those of the earlier days (..., days, 6, parts) `added`."""
    earlier = np.where(added[..., None], earlier, 0.0)
    sums = np.empty((len(windows), *own.shape))
    for place, window in enumerate(windows):
        enough = has_data & (added[..., : window - 1].sum(axis=-1) + 1 > SHARE_OF_WINDOW * window)
        total = earlier[..., : window - 1, :].sum(axis=-2) + own
        sums[place] = own if window == 1 else np.where(enough[..., None], total, 0.0)
    return sums
