"""The budget's numbers: which earlier days form a day's baseline, and how many. Plain Python, for whoever asks.

The runner collects earlier days for its notebooks without numpy, and must not differ from the rule that judges them.
"""

DAYS_A_YEAR = 365
WEEK_DAYS = 7
WINDOWS = (1, 3, 7)  # days up to and including today whose counts are added up
GAP_DAYS = 14  # the newest days are not in the baseline: a drift that has just begun would be among them
WARM_UP_GAP_DAYS = WEEK_DAYS  # but a new monitor needs them soon; no row of today's week is in theirs
PAIR_COLUMNS = 30  # numeric columns whose pairs are watched: 435 pairs


def baseline_days(false_alarms_per_year: float) -> int:
    """Return how many days a full baseline has: twice what the budget asks for, so that chance uses up half of it.

    A day is more unusual than all of H exchangeable days with probability 1 / (H + 1) (Vovk et al. 2005).
    """
    return int(2 * DAYS_A_YEAR / false_alarms_per_year)
