"""Show a calibration on the monitor's page: one row per rule, and its detection rate on the first day as a curve."""

from collections.abc import Sequence
from dataclasses import dataclass

from driftmonitor.facts.calibration import Calibration, RuleResult, say_shift
from driftmonitor.formats import counted, number
from driftmonitor.pipeline.pages.axes import Tick, place_numbers

CURVES = ("first", "second")  # the curves' styles, by rule


@dataclass(frozen=True)
class RuleRow:
    """One rule's results in words, and its curve."""

    rule: str
    alarm_days: str
    onsets: str
    shifts: Sequence[str]
    curve: str
    path: str
    points: str


@dataclass(frozen=True)
class CalibrationView:
    """A calibration in words and curves; `ticks` are shifts on the picture's axis, none without a simulated shift."""

    rows: Sequence[RuleRow]
    sizes: str
    ticks: Sequence[Tick]
    picture_words: str


def make_calibration(calibration: Calibration | None) -> CalibrationView | None:
    """Return a monitor's calibration as its page shows it; None if it has none."""
    if calibration is None or not calibration.rules:
        return None
    widest = max((power.shift_sd for result in calibration.rules for power in result.power), default=0.0)
    rows = [_make_row(result, curve, widest) for result, curve in zip(calibration.rules, CURVES, strict=False)]
    sizes = (
        f"{counted(calibration.references, 'reference')} of "
        f"{calibration.reference_rows:,} rows and days of {calibration.current_rows:,} rows. {calibration.drawn}"
    )
    rates = "; ".join(f"{result.rule}: {_say_detected(result)}" for result in calibration.rules)
    words = f"Detection rate on the first day by size of the mean shift. {rates}."
    return CalibrationView(rows, sizes, place_numbers(widest) if widest > 0 else (), words)


def _say_detected(result: RuleResult) -> str:
    shift = result.smallest_shift(1)
    return "below 90% for every shift" if shift is None else f"90% from {number(shift)} SD"


def _make_row(result: RuleResult, curve: str, widest: float) -> RuleRow:
    powers = sorted(result.power, key=lambda power: power.shift_sd) if widest > 0 else ()
    points = [(100 * power.shift_sd / widest, 100 * (1 - power.within[1])) for power in powers]
    path = "".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))
    dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)
    shifts = [say_shift(shift) for shift in result.smallest_shifts]
    return RuleRow(result.rule, f"{result.alarm_days}", f"{result.onsets}", shifts, curve, path, dots)
