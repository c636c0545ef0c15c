"""The budget rule's numbers about days: which of them form a baseline, and how many. Plain Python, without numpy.

The runner collects earlier days by them before any notebook starts; the rule judges by the same numbers.
"""

from collections.abc import Sequence
from itertools import pairwise

DAYS_A_YEAR = 365
WEEK_DAYS = 7
WINDOWS = (1, 3, 7)  # days, the current one included, whose counts are added up
GAP_DAYS = 14  # the newest days are no baseline days: a drift that has just begun would be among them
WARM_UP_GAP_DAYS = WEEK_DAYS  # shorter, so that a new monitor has baseline days soon; windows do not overlap with them
CLEAR_DAYS = WEEK_DAYS  # without a drift day, after which an incident is over
PAIR_COLUMNS = 30  # numeric columns whose pairs are watched: 435 pairs
SIMILAR = 2.0  # a day of the reference with more than twice today's rows, or less than half, is no baseline day
LONGEST = 28  # days of current data: of longer periods, a reference has too few

POOL = 2.4  # alerts that the budget allows in the time of a full baseline; three limits use up about as many by chance
FEWEST_BASELINE_DAYS = 26  # fewer runs say too little of what is usual, however seldom they come
LAST_GAPS = 20  # between the newest days, which say how often a monitor runs
INTERRUPTIONS = 3
LONGEST_GAP = 31  # days: a longer one is an interruption


def baseline_days(false_alarms_per_year: float, runs: float = DAYS_A_YEAR) -> int:
    """Return how many days a full baseline has, for a monitor with so many runs a year.

    A day is more unusual than all of H exchangeable days with probability 1 / (H + 1) (Vovk et al. 2005).
    """
    return max(FEWEST_BASELINE_DAYS, int(POOL * runs / false_alarms_per_year))


def runs_a_year(days: Sequence[int]) -> float:
    """Return how many days a year have a run, by the newest day numbers; 365 while fewer than 20 gaps are known.

    The three longest are left out: an interruption or two change nothing.
    """
    gaps = sorted(min(late - early, LONGEST_GAP) for early, late in pairwise(days[-LAST_GAPS - 1 :]))
    if len(gaps) < LAST_GAPS:
        return DAYS_A_YEAR
    return DAYS_A_YEAR * (LAST_GAPS - INTERRUPTIONS) / sum(gaps[:-INTERRUPTIONS])
