"""One figure of a column, such as its median: what is usual, what it is now, and a sentence that compares the two."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from driftmonitor.formats import numbers_apart, percent

Write = Callable[[Sequence[float]], list[str]]


@dataclass(frozen=True)
class Figure:
    """What a figure is now, on the baseline days and in the reference; `usual` is None if there are too few days."""

    name: str  # such as median
    current: float
    usual: float | None
    reference: float

    @property
    def before(self) -> float:
        """What it is compared with: what is usual or, without enough baseline days, the reference."""
        return self.reference if self.usual is None else self.usual

    @property
    def rose(self) -> bool:
        """Whether it is higher than before."""
        return self.current > self.before


def say_figure(figure: Figure, write: Write, *, whose: str = "its", when: str = "") -> str | None:
    """Return `median rose from its usual 33 to 41 (reference 35)`; None if it is the same when rounded.

    `when` follows the current figure: its unit, and the days that it is of.
    """
    before, after, _ = write((figure.before, figure.current, figure.reference))
    if before == after:
        return None
    change = f"{'rose' if figure.rose else 'fell'} from {say_before(figure, before, whose)} to {after}"
    return f"{figure.name} {change}{when}{say_reference(figure, write)}"


def say_before(figure: Figure, before: str, whose: str = "its") -> str:
    """Return `its usual 33`, or `the reference's 33` without enough baseline days."""
    return f"the reference's {before}" if figure.usual is None else f"{whose} usual {before}"


def say_reference(figure: Figure, write: Write) -> str:
    """Return ` (reference 35)`; nothing if it was named already, or is as usual when rounded."""
    before, _, reference = write((figure.before, figure.current, figure.reference))
    return "" if figure.usual is None or reference == before else f" (reference {reference})"


def write_percents(shares: Sequence[float]) -> list[str]:
    """Return shares in percent, the smallest as `<0.1%`."""
    return [percent(share).replace("less than ", "<") for share in shares]


def write_correlations(values: Sequence[float]) -> list[str]:
    """Return correlations as numbers, to a thousandth."""
    return numbers_apart(*(round(value, 3) + 0.0 for value in values))  # no minus before a zero


def write_numbers(values: Sequence[float]) -> list[str]:
    """Return numbers, the first two so that they differ."""
    return numbers_apart(*values)
