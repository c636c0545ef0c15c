"""The result of a calibration, kept next to a monitor's reports: false-alarm and detection rates of each rule."""

from driftmonitor.facts.base import Fact, StoredFact
from driftmonitor.formats import number

NAME = "calibration.json"
DAYS = (1, 7, 30)  # the times within which the detection rate is measured
DETECTION_RATE = 0.9  # of the smallest shift that counts as detected


class Rate(Fact):
    """A yearly number: the mean over simulated references, and their 5th and 95th percentiles."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{number(self.mean)} ({number(self.low)} to {number(self.high)})"


class Power(Fact):
    """The detection rates of a mean shift in one column, in its standard deviations: days -> share of trials."""

    shift_sd: float
    trials: int
    within: dict[int, float]


class RuleResult(Fact):
    """The result of one rule: false-alarm days and false alarms a year, and detection rates by size of shift."""

    rule: str
    alarm_days: Rate
    onsets: Rate
    power: tuple[Power, ...] = ()

    @property
    def smallest_shifts(self) -> list[float | None]:
        """The smallest shifts that are detected within 1, 7 and 30 days."""
        return [self.smallest_shift(days) for days in DAYS]

    def smallest_shift(self, days: int) -> float | None:
        """Return the smallest shift with a detection rate of 90% within `days`; None if no simulated one has it.

        It is interpolated between the simulated shifts.
        """
        last_rate = 0.0
        last_shift: float | None = None
        for power in self.power:
            rate = max(last_rate, power.within[days])
            if rate >= DETECTION_RATE:
                if last_shift is None or rate == last_rate:
                    return power.shift_sd
                part = (DETECTION_RATE - last_rate) / (rate - last_rate)
                return last_shift + part * (power.shift_sd - last_shift)
            last_rate, last_shift = rate, power.shift_sd
        return None


class Calibration(StoredFact):
    """The result of every rule for one monitor, over references drawn at random from its own.

    reference_days: the days of the reference that were drawn whole, in windows of `window_days`; 0 if rows were drawn.
    """

    monitor: str
    columns: int
    reference_rows: int
    current_rows: int
    references: int
    seed: int
    reference_days: int = 0
    window_days: int = 1
    rules: tuple[RuleResult, ...]

    @property
    def drawn(self) -> str:
        """How days were simulated, in a sentence."""
        if not self.reference_days:
            return "Each row was drawn independently; days that differ by more than chance raise more false alarms."
        windows = f", in windows of {self.window_days} days" if self.window_days > 1 else ""
        return f"Days were drawn whole from the {self.reference_days:,} days of the reference{windows}."


def say_shift(shift: float | None) -> str:
    """Return a shift in standard deviations: `0.17 SD`, or `none`."""
    return "none" if shift is None else f"{number(shift)} SD"
