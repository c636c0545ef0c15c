"""Say if a window holds few of its days or not its last ones, or if dates were likely misread. Pure: it sees only days.

What is usual is learned from the table itself: one with rows on weekdays, once a week or once a month is complete.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import prod

from driftmonitor import DriftMonitorError
from driftmonitor.config.data_settings import Window
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, one_line

LIKELY = 0.05  # the least probability that days without rows are usual
FEW = 0.5  # of the days of a window, and of those that have rows in as long a time elsewhere in the table


@dataclass(frozen=True)
class Coverage:
    """The days on which one side has rows: in its window, and in all of its table.

    `order` is a format of dates that a user gave for all columns: it may be wrong for this one.
    """

    side: str
    window: Window | None
    inside: list[date]
    whole: Callable[[], list[date]]
    order: str = ""

    @property
    def span(self) -> list[date]:
        """All days of the window; none if there is no window of several days."""
        return _days(*self.window) if self.window else []

    @property
    def sparse(self) -> bool:
        """Whether fewer than half of the window's days have rows, as is usual for some tables."""
        return len(self.inside) < FEW * len(self.span)

    @property
    def swapped(self) -> int:
        """How many days of the window would have rows if day and month were swapped; 0 if that is impossible.

        Rows on one day of each month are far more likely monthly than misread.
        """
        days = self.whole()
        if any(day.day > 12 for day in days) or len({day.day for day in days}) == 1:
            return 0
        return len({day.replace(month=day.day, day=day.month) for day in days}.intersection(self.span))


def _days(first: date, last: date) -> list[date]:
    """Return all days from the first to the last."""
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def check_days(sides: Mapping[str, Coverage], time_column: str) -> list[Finding]:
    """Return a finding for each side whose window holds few of its days; refuse dates that were likely misread.

    If current holds enough of its days, but not its last ones, that is a finding too.
    """
    findings = []
    for side, own in sides.items():
        if not own.sparse:
            findings += _old(own, sides, time_column) if side == "current" else []
            continue
        misread = own.swapped >= 2 * len(own.inside)
        if misread and own.order:
            raise _misread(own, time_column)
        if misread or _few(own, [other.whole for name, other in sides.items() if name != side]):
            hint = "; day and month may be swapped" if misread else ""
            findings.append(Finding(kind="few_days", column=time_column, message=f"{_say(own)}{hint}."))
    return findings


def _few(own: Coverage, others: list[Callable[[], list[date]]]) -> bool:
    """Return whether the window has under half of the days to expect; one day alone shows nothing of what is usual."""
    known = next((days for whole in (own.whole, *others) if len(days := whole()) > 1), None)
    return known is not None and len(own.inside) < FEW * _expected(own.span, known)


def _old(current: Coverage, sides: Mapping[str, Coverage], time_column: str) -> list[Finding]:
    """Return a finding if it is unlikely that there are no rows since current's newest one, by the weekdays of all."""
    if not current.inside or current.inside[-1] == current.span[-1]:
        return []
    newest, last = current.inside[-1], current.span[-1]
    known = [days for own in sides.values() if len(days := [day for day in own.whole() if day <= newest]) > 1]
    seen = Counter(day.weekday() for days in known for day in days)
    possible = Counter(day.weekday() for days in known for day in _days(days[0], days[-1]))
    chance = prod(1 - seen[day.weekday()] / max(possible[day.weekday()], 1) for day in _days(newest, last)[1:])
    if chance >= LIKELY:
        return []
    age = counted((last - newest).days, "day")
    message = f"current: the newest rows are of {newest}, {age} before the window's last day, {last}."
    return [Finding(kind="old_data", column=time_column, message=message)]


def _expected(span: list[date], known: list[date]) -> float:
    """Return how many days of a span have rows if each weekday has them as often as among the known days."""
    every = _days(known[0], known[-1])
    seen, possible = (Counter(day.weekday() for day in days) for days in (known, every))
    usual = len(known) / len(every)
    shares = [seen[weekday] / possible[weekday] if possible[weekday] else usual for weekday in range(7)]
    return sum(shares[day.weekday()] for day in span)


def _say(own: Coverage) -> str:
    first, last = own.inside[0], own.inside[-1]
    days, count = f"{first} to {last}" if first != last else f"{first}", len(own.inside)
    if own.side == "current":
        return f"current_days is {len(own.span)}, but only {count} of these days {_have(count)} rows ({days})"
    return f"reference_window spans {len(own.span)} days, but only {count} {_have(count)} rows ({days})"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _misread(own: Coverage, name: str) -> DriftMonitorError:
    days = f"{_say(own)}, or {own.swapped} if day and month are swapped"
    return DriftMonitorError(f"{own.side}: {days}; set read.columns.{one_line(name)}.date_format.")
