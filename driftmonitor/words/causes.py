"""The sentence about one cause of a drift day under the budget rule: the column, the kind of change, its size."""

from driftmonitor.facts.evidence import Correlation
from driftmonitor.facts.judgement import Cause
from driftmonitor.facts.record import ColumnScore
from driftmonitor.formats import from_to, number, one_line, percent
from driftmonitor.words.verdicts import rose, say_distance, say_effect, say_mean, say_spread, sides


def say_cause(cause: Cause, score: ColumnScore, correlation: Correlation | None = None) -> str:
    """Return a cause with the names of its columns, without a full stop."""
    name = one_line(cause.columns[0])
    if cause.change == "correlation":
        return _say_correlation(cause, correlation)
    if cause.change == "missing":
        return f"{name}: {_say_missing(score)}"
    if cause.window > 1:
        return f"{name}: {_with_distance(f'{_say_trend(cause)} over the last {cause.window} days', cause, score)}"
    if cause.change == "category":
        return say_effect(score)
    return f"{name}: {_with_distance(_say_change(cause, score), cause, score)}"


def _with_distance(words: str, cause: Cause, score: ColumnScore) -> str:
    """Return the words with the distance in parentheses, in their own if they end in some."""
    if cause.distance is None:
        return words
    distance = say_distance(score.kind, cause.distance)
    return f"{words[:-1]}, {distance})" if words.endswith(")") else f"{words} ({distance})"


def _say_trend(cause: Cause) -> str:
    verb = rose(cause.value > 0)
    return {
        "level": f"values {verb}",
        "spread": f"spread {verb}",
        "range": "the share of values in one range changed",
        "category": "the shares of its categories changed",
        "unit": "the unit seems to have changed",
    }.get(cause.change, "its distribution changed shape")


def _say_change(cause: Cause, score: ColumnScore) -> str:
    if cause.change == "level":
        return say_mean(score.effect) or _say_trend(cause)
    before, after = sides(score.effect, "sd")
    if before and after and cause.change == "unit":
        return _say_unit(after / before)
    if before and after is not None and cause.change == "spread":
        return say_spread(before, after)
    return _say_trend(cause)


def _say_unit(ratio: float) -> str:
    times = f"{number(ratio)} times" if ratio > 1 else f"1/{number(1 / ratio)} of"
    return f"values are about {times} what they were, as if the unit had changed"


def _say_correlation(cause: Cause, correlation: Correlation | None) -> str:
    first, second = (one_line(name) for name in cause.columns)
    if correlation is None:
        return f"the correlation between {first} and {second} changed"
    before, after = correlation.reference, correlation.current
    return f"the correlation between {first} and {second} {rose(after > before)} {from_to(before, after)}"


def _say_missing(score: ColumnScore) -> str:
    if score.missing_share is None:
        return "missing values changed"
    before, after = score.missing_share.reference, score.missing_share.current
    return f"missing values {rose(after > before)} from {percent(before)} to {percent(after)} of rows"
