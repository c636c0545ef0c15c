"""The budget rule's numbers about days: which of them form a baseline, and how many. Plain Python, without numpy.

The runner collects earlier days by them before any notebook starts; the rule judges by the same numbers.
"""

DAYS_A_YEAR = 365
WEEK_DAYS = 7
WINDOWS = (1, 3, 7)  # days, the current one included, whose counts are added up
GAP_DAYS = 14  # the newest days are no baseline days: a drift that has just begun would be among them
WARM_UP_GAP_DAYS = WEEK_DAYS  # shorter, so that a new monitor has baseline days soon; windows do not overlap with them
PAIR_COLUMNS = 30  # numeric columns whose pairs are watched: 435 pairs


def baseline_days(false_alarms_per_year: float) -> int:
    """Return how many days a full baseline has: twice what the budget asks for, so that chance uses up half of it.

    A day is more unusual than all of H exchangeable days with probability 1 / (H + 1) (Vovk et al. 2005).
    """
    return int(2 * DAYS_A_YEAR / false_alarms_per_year)
