"""The sentence about one cause of a drift day under the budget rule: what changed, from what is usual to what.

A direction is named only if the signal that caused the day and the figure in the column's unit agree.
"""

from dataclasses import dataclass

from driftmonitor.facts.judgement import Cause
from driftmonitor.formats import NAME_LENGTH, number, one_line
from driftmonitor.words.figures import (
    Figure,
    say_before,
    say_figure,
    say_reference,
    write_correlations,
    write_numbers,
    write_percents,
)
from driftmonitor.words.verdicts import rose

RARE_LEVEL = "a rare category"  # of which too few rows are known to name it
OTHER_LEVELS = "rarer or new categories"  # than those whose shares are signals of their own
UNUSUAL = {
    "level": "its values are unusual",
    "spread": "its spread is unusual",
    "range": "the share of values in one range is unusual",
    "shape": "its distribution has an unusual shape",
    "category": "the shares of its categories are unusual",
    "missing": "its share of missing values is unusual",
}


@dataclass(frozen=True)
class Change:
    """What is known of a change beside its signal.

    `rose`: whether the signal is above its baseline mean; None if it has no direction. `figure`: what shows the change
    in the column's unit or in percent of rows. `level`: the category whose share that is, `distance`: from the
    reference. `exceeds`: the probability that a current value is larger than a usual one, plus half that of a tie;
    larger than one of the reference, if there are too few baseline days (`of_reference`). `further`: whether values'
    ranks are on average further from the middle.
    """

    rose: bool | None = None
    figure: Figure | None = None
    level: str | None = None
    distance: Figure | None = None
    exceeds: float | None = None
    further: bool | None = None
    of_reference: bool = False

    @property
    def agreed(self) -> Figure | None:
        """The figure, unless it contradicts the signal."""
        agrees = self.figure is not None and self.rose in (None, self.figure.rose)
        return self.figure if agrees else None


def name_cause(cause: Cause, limit: int = NAME_LENGTH) -> str:
    """Return the names of a cause's columns, segment or check; the number of rows has none."""
    if cause.check is not None:
        return one_line(cause.check, limit)
    if cause.segment is not None:
        names = [one_line(name, limit) for name in cause.columns if cause.change == "segment"]
        return " in ".join([*names, one_line(cause.segment, limit)])
    return " and ".join(one_line(name, limit) for name in cause.columns) or "the number of rows"


def say_cause(cause: Cause, change: Change) -> str:
    """Return a cause with the names of its columns, without a full stop."""
    if cause.change == "correlation":
        return _say_correlation(cause, change)
    when = f" over the last {cause.window} days" if cause.window > 1 else ""
    if cause.change == "unit" and change.figure:
        words = _say_unit(change.figure, _averaged(cause))
    else:
        words = _say_figure(cause, change.agreed, when) or _say_without(cause, change, when)
    return f"{one_line(cause.columns[0])}: {words}"


def _say_figure(cause: Cause, figure: Figure | None, when: str) -> str | None:
    """Return the change from what is usual in the column's unit or in percent of rows; None if it is not known."""
    if figure is None:
        return None
    if cause.change in ("level", "spread"):
        return say_figure(figure, write_numbers, when=_averaged(cause))
    whose = "their" if cause.change == "missing" or figure.name == OTHER_LEVELS else "its"
    of_rows = "" if cause.change == "range" or when else " of rows"
    return say_figure(figure, write_percents, whose=whose, when=f"{of_rows}{when}")


def _averaged(cause: Cause) -> str:
    """Return how a daily figure is told over several days: nothing more is known of them together."""
    return f", the mean of {cause.window} days" if cause.window > 1 else ""


def _say_without(cause: Cause, change: Change, when: str) -> str:
    """Return what is true even if no figure in the column's unit shows the change."""
    if cause.change == "level" and change.exceeds is not None and change.rose == (change.exceeds > 0.5):
        share, usual = f"{change.exceeds:.0%}", "the reference's" if change.of_reference else "usual ones"
        if share != "50%":
            return f"values {rose(change.rose)}{when}; they exceed {usual} in about {share} of pairs (ties count half)"
    if cause.change == "spread" and change.further is not None and change.rose == change.further:
        where, than = ("further from" if change.further else "nearer to"), "" if change.of_reference else " than usual"
        return f"values rank {where} the reference's median{than}{when}"
    if cause.change == "shape" and change.distance:
        return f"its distribution changed shape{when} ({_say_distance(change.distance)})"
    if cause.change == "category" and change.level:
        return f"the share of {change.level} is unusual{when}"
    return f"{UNUSUAL.get(cause.change, UNUSUAL['shape'])}{when}"


def _say_distance(distance: Figure) -> str:
    """Return `K-S distance about 0.12 from the reference, usually 0.05`, as far as the edges of the bins show it."""
    words = f"K-S distance about {distance.current:.2f} from the reference"
    usual = "" if distance.usual is None else f"{distance.usual:.2f}"
    return f"{words}, usually {usual}" if usual and distance.rose and usual != f"{distance.current:.2f}" else words


def _say_unit(figure: Figure, when: str) -> str:
    """Return `median is 3,300, 100 times its usual 33 (perhaps another unit; reference 35)`."""
    before, after, _ = write_numbers((figure.before, figure.current, figure.reference))
    ratio, reference = figure.current / figure.before, say_reference(figure, write_numbers)
    times = f"{number(ratio)} times" if ratio > 1 else f"1/{number(1 / ratio)} of"
    why = f" (perhaps another unit{reference.replace(' (', '; ') or ')'}"
    return f"{figure.name} is {after}{when}, {times} {say_before(figure, before)}{why}"


def _say_correlation(cause: Cause, change: Change) -> str:
    first, second = (one_line(name) for name in cause.columns)
    words = change.agreed and say_figure(change.agreed, write_correlations)
    verb = "is unusual" if change.rose is None else rose(change.rose)
    return words or f"the correlation between {first} and {second} {verb}"
