"""Show a calibration on the monitor's page: one row per rule, and its detection rate on the first day as a curve."""

from collections.abc import Sequence
from dataclasses import dataclass

from driftmonitor.facts.calibration import Calibration, RuleResult, say_shift
from driftmonitor.formats import counted, number

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


@dataclass(frozen=True)
class CalibrationView:
    """A calibration in words and curves; `widest_words` is the shift at the right end of the picture."""

    rows: Sequence[RuleRow]
    sizes: str
    widest_words: str
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
    return CalibrationView(rows, sizes, f"{number(widest)} SD", words)


def _say_detected(result: RuleResult) -> str:
    shift = result.smallest_shift(1)
    return "below 90% for every shift" if shift is None else f"90% from {number(shift)} SD"


def _make_row(result: RuleResult, curve: str, widest: float) -> RuleRow:
    points = [(100 * power.shift_sd / widest, 100 * (1 - power.within[1])) for power in result.power]
    path = "".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))
    shifts = [say_shift(shift) for shift in result.smallest_shifts]
    return RuleRow(result.rule, f"{result.alarm_days}", f"{result.onsets}", shifts, curve, path)
