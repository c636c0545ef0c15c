"""What one cause of an alarm says in plain words: which column, what kind of change, how much."""

from collections.abc import Callable

from driftmonitor.facts.evidence import Correlation
from driftmonitor.facts.judgement import Cause
from driftmonitor.facts.record import ColumnScore
from driftmonitor.formats import number, one_line, percent
from driftmonitor.words.verdicts import say_effect, say_spread


def say_cause(cause: Cause, score: ColumnScore, correlation: Correlation | None = None) -> str:
    """Return what one signal says, with its columns' names, without a full stop."""
    name = one_line(cause.columns[0])
    if cause.change == "correlation":
        return _say_correlation(cause, correlation)
    if cause.change == "missing":
        return f"{name}: {_say_missing(score)}"
    if cause.window > 1:
        return f"{name} {_say_trend(cause)} over the last {cause.window} days: {_say_cut(cause)}"
    if cause.change == "category":
        return say_effect(score)
    return f"{name} {_SAY_CHANGE[cause.change](score)}: {_say_cut(cause)}"


def _say_trend(cause: Cause) -> str:
    rises = cause.value > 0
    return {
        "level": "rose" if rises else "fell",
        "spread": "spread out" if rises else "narrowed",
        "range": "heaped up in one range, or left it,",
        "category": "changed its categories",
    }.get(cause.change, "changed its shape")


def _say_cut(cause: Cause) -> str:
    share = percent(cause.distance or 0.0)
    if cause.change == "category":
        return f"{share} of rows moved to another"
    return f"{share} of rows moved"


def _say_correlation(cause: Cause, correlation: Correlation | None) -> str:
    first, second = (one_line(name) for name in cause.columns)
    if correlation is None:
        return f"{first} and {second} hang together in another way than they did"
    was, now = number(correlation.reference), number(correlation.current)
    moved = "rose" if correlation.current > correlation.reference else "fell"
    return f"the rank correlation of {first} and {second} {moved} from {was} to {now}"


def _say_missing(score: ColumnScore) -> str:
    if score.missing_share is None:
        return "missing values changed"
    was, now = score.missing_share.reference, score.missing_share.current
    return f"missing values {'rose' if now > was else 'fell'} from {percent(was)} to {percent(now)} of rows"


def _say_level(score: ColumnScore) -> str:
    shift = score.effect.get("mean_shift_sd")
    if shift is None:
        return "changed its level"
    size = number(abs(shift))
    return f"{'rose' if shift > 0 else 'fell'} by {size} reference standard deviation{'' if size == '1' else 's'}"


def _say_spread(score: ColumnScore) -> str:
    sd_was, sd_now = score.effect.get("sd") or (None, None)
    if not sd_was or sd_now is None:
        return "changed its spread"
    return f"{'spread out' if sd_now > sd_was else 'narrowed'} ({say_spread(sd_now / sd_was)})"


def _say_unit(score: ColumnScore) -> str:
    sd_was, sd_now = score.effect.get("sd") or (None, None)
    if not sd_was or not sd_now:
        return "is in another unit"
    ratio = sd_now / sd_was
    times = f"{number(ratio)} times" if ratio > 1 else f"1/{number(1 / ratio)} of"
    return f"is about {times} what it was, as if in another unit"


_SAY_CHANGE: dict[str, Callable[[ColumnScore], str]] = {
    "level": _say_level,
    "spread": _say_spread,
    "shape": lambda _: "changed its shape",
    "range": lambda _: "heaped up in one range of values, or left it",
    "unit": _say_unit,
}
