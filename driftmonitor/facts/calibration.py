"""What a calibration found, as it is kept beside a monitor's reports: rates and power of each rule."""

from driftmonitor.facts.base import Fact, StoredFact
from driftmonitor.formats import number

NAME = "calibration.json"
DAYS = (1, 7, 30)  # within which a shift is to be seen
SURELY = 0.9


class Rate(Fact):
    """A number a year: its mean over the simulated references, and the 5th and 95th percentile between them."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{number(self.mean)} ({number(self.low)} to {number(self.high)})"


class Power(Fact):
    """How surely one column's shift (in its standard deviations) is seen: the share of trials within so many days."""

    shift_sd: float
    trials: int
    within: dict[int, float]


class RuleResult(Fact):
    """What one rule did: days of false alarm and false incidents a year, and its power curve."""

    rule: str
    alarm_days: Rate
    onsets: Rate
    power: tuple[Power, ...] = ()

    @property
    def smallest_shifts(self) -> list[float | None]:
        """The smallest shifts that are seen within 1, 7 and 30 days."""
        return [self.smallest_shift(days) for days in DAYS]

    def smallest_shift(self, days: int) -> float | None:
        """Return the shift that is seen within `days` nine times in ten, between the simulated ones; None if none."""
        seen = 0.0
        before = None
        for power in self.power:
            now = max(seen, power.within[days])
            if now >= SURELY:
                if before is None or now == seen:
                    return power.shift_sd
                part = (SURELY - seen) / (now - seen)
                return before + part * (power.shift_sd - before)
            seen, before = now, power.shift_sd
        return None


class Calibration(StoredFact):
    """What each rule does to one monitor's own reference, drawn anew `references` times."""

    monitor: str
    columns: int
    reference_rows: int
    current_rows: int
    references: int
    seed: int
    rules: tuple[RuleResult, ...]


def say_shift(shift: float | None) -> str:
    """Return a shift in words."""
    return "none" if shift is None else f"{number(shift)} sd"
