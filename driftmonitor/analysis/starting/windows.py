"""Choose which days are compared with which, from the rows of each day. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

LENGTHS = (1, 7, 14, 28, 91, 364, 728, 1820, 3640)  # days: whole weeks, so that each weekday counts alike
USUAL_ROWS = 10  # that half of all windows have: the budget rule adds up days by itself
FEWEST_ROWS = 5  # that nine windows in ten have: with fewer, no column can be tested
WEEK, YEAR = 7, 364
SHARE = 3  # a window has at most this part of all days
FEW_ROWS = 50  # of the reference: with fewer in a year, it has several years
MOST_ROWS = 140_000  # of the reference: of more, too few of a day's rows are left in a sample of 100,000
FEWEST_WEEKS = 2
INCOMPLETE = 0.5  # of the rows of a usual day or week
LEAST_USUAL = 10  # rows of a usual day or week: of fewer, half may be missing by chance
MOST_WEEKS, FEWEST_WEEKS_FOR_USUAL = 52, 8

Days = Sequence[tuple[dt.date, int]]  # each day that has rows, in order, and how many


@dataclass(frozen=True)
class Windows:
    """The days of the reference, both included, and the number of days up to the run date that are compared with it."""

    first: dt.date
    last: dt.date
    current_days: int
    run_date: dt.date
    reference_rows: int
    current_rows: int
    a_day: float
    left_out: tuple[int, int] = (0, 0)  # the newest days that have far fewer rows than usual, and how many they have

    @property
    def start(self) -> dt.date:
        """The first day that is compared with the reference."""
        return self.run_date - dt.timedelta(days=self.current_days - 1)

    @property
    def judged_rows(self) -> int:
        """How many rows the budget rule adds up: of a single day, those of the week."""
        return round(max(self.current_rows, self.a_day * WEEK if self.current_days == 1 else 0))

    @property
    def are_few(self) -> bool:
        """Whether a run has too few rows to test a column, even of the longest possible time."""
        return self.judged_rows < FEWEST_ROWS

    @property
    def reference_days(self) -> int:
        """How many days the reference has."""
        return (self.last - self.first).days + 1


def leave_a_year(days: Days) -> Days:
    """Return the days but for the last year, or for the last two thirds if that is less: on these a rule is tried."""
    span = (days[-1][0] - days[0][0]).days + 1 if days else 0
    return [each for each in days if (days[-1][0] - each[0]).days >= min(YEAR, 2 * span // 3)]


def choose(days: Days, given: tuple[dt.date, dt.date] | None = None) -> Windows | None:
    """Return the windows, None if there are too few days for two. The reference may be `given`: its two ends."""
    whole = _without_thin_end(days)
    if len(whole) < 2:
        return None
    first, run_date = whole[0][0], whole[-1][0]
    length = _length(whole, (run_date - first).days + 1)
    last = run_date - dt.timedelta(days=length)
    if last < first:
        return None
    begin, last = given or (_begin(whole, last), last)
    start = run_date - dt.timedelta(days=length - 1)
    rows = _rows(whole, begin, last), _rows(whole, start, run_date)
    left_out = (days[-1][0] - run_date).days, sum(count for _, count in days[len(whole) :])
    return Windows(begin, last, length, run_date, *rows, _a_day(whole), left_out)


def _begin(days: Days, last: dt.date) -> dt.date:
    """Return the first day of the reference: a year before the last, because then every season counts alike.

    It is earlier if a year has few rows, and later if there is no year, or if it has so many rows that it is sampled.
    """
    available = (last - days[0][0]).days + 1
    weeks = min(available, YEAR) // WEEK
    while (weeks * WEEK + YEAR) <= available and _rows(days, _before(last, weeks), last) < FEW_ROWS:
        weeks += YEAR // WEEK
    while weeks > FEWEST_WEEKS and _rows(days, _before(last, weeks), last) > MOST_ROWS:
        weeks -= 1
    return _before(last, weeks) if weeks else days[0][0]


def _before(last: dt.date, weeks: int) -> dt.date:
    return last - dt.timedelta(days=weeks * WEEK - 1)


def _without_thin_end(days: Days) -> Days:
    """Return the days without the newest day, or the newest weeks, if they have under half of the usual rows.

    Such a day is perhaps not over. Such weeks are in tables of what is planned, or of what is entered late.
    """
    if len(days) < 8:
        return days
    usual = median(rows for _, rows in days[-29:-1])
    whole = days[:-1] if usual >= LEAST_USUAL and days[-1][1] < INCOMPLETE * usual else days
    weeks = _weeks(whole)
    usual = median(weeks[:MOST_WEEKS]) if len(weeks) >= FEWEST_WEEKS_FOR_USUAL else 0
    if usual < LEAST_USUAL:
        return whole
    thin = next(i for i, rows in enumerate(weeks) if rows >= INCOMPLETE * usual)
    end = whole[-1][0] - dt.timedelta(days=thin * WEEK)
    return [each for each in whole if each[0] <= end]


def _weeks(days: Days) -> list[int]:
    """Return the rows of each week, counted back from the newest day."""
    newest = days[-1][0]
    weeks = [0] * ((newest - days[0][0]).days // WEEK + 1)
    for day, rows in days:
        weeks[(newest - day).days // WEEK] += rows
    return weeks


def _a_day(days: Days) -> float:
    return sum(rows for _, rows in days) / ((days[-1][0] - days[0][0]).days + 1)


def _length(days: Days, span: int) -> int:
    """Return the fewest days that have enough rows, or as many as there can be."""
    possible = [length for length in LENGTHS if length == 1 or length * SHARE <= span]
    return next((length for length in possible if _is_enough(days, length, span)), possible[-1])


def _is_enough(days: Days, length: int, span: int) -> bool:
    """Return whether nearly all windows of this length have enough rows, counted back from the newest day."""
    newest, rows = days[-1][0], [0] * (min(span, YEAR * SHARE) // length or 1)
    for day, count in days:
        if (window := (newest - day).days // length) < len(rows):
            rows[window] += count
    return median(rows) >= USUAL_ROWS and quantiles([*rows, rows[0]], n=10, method="inclusive")[0] >= FEWEST_ROWS


def _rows(days: Days, first: dt.date, last: dt.date) -> int:
    return sum(rows for day, rows in days if first <= day <= last)
