"""A calibration as the monitor's page shows it: a row a rule, and how surely each sees a shift on its first day."""

from collections.abc import Sequence
from dataclasses import dataclass

from driftmonitor.facts.calibration import Calibration, RuleResult, say_shift
from driftmonitor.formats import number

CURVES = ("first", "second")  # the lines' styles, by rule


@dataclass(frozen=True)
class Row:
    """One rule in words."""

    rule: str
    alarm_days: str
    onsets: str
    shifts: Sequence[str]
    curve: str
    path: str


@dataclass(frozen=True)
class Trial:
    """A calibration in words and lines; `widest_words` stands at the right end of the picture."""

    rows: Sequence[Row]
    sizes: str
    widest_words: str
    picture_words: str


def make_trial(found: Calibration | None) -> Trial | None:
    """Return a monitor's calibration as it is shown; None if it has none."""
    if found is None or not found.rules:
        return None
    widest = max((power.shift_sd for result in found.rules for power in result.power), default=0.0)
    rows = [_row(result, curve, widest) for result, curve in zip(found.rules, CURVES, strict=False)]
    sizes = f"{found.reference_rows:,} rows against {found.current_rows:,}, {found.references} simulated references"
    seen = "; ".join(f"{row.rule}: nine times in ten from {row.shifts[0]}" for row in rows)
    return Trial(rows, sizes, f"{number(widest)} sd", f"How surely a shift is seen on its first day. {seen}.")


def _row(result: RuleResult, curve: str, widest: float) -> Row:
    points = [(100 * power.shift_sd / widest, 100 * (1 - power.within[1])) for power in result.power]
    path = "".join(f"{'L' if i else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in enumerate(points))
    shifts = [say_shift(shift) for shift in result.smallest_shifts]
    return Row(result.rule, f"{result.alarm_days}", f"{result.onsets}", shifts, curve, path)
