"""The sentence about columns that no longer go together as they did."""

from collections.abc import Sequence

from driftmonitor.formats import numbers_apart, one_line
from driftmonitor.words.figures import Figure

STRONGEST = 1000.0  # an odds ratio beyond it, or below its inverse, is not worth more digits


def say_dependence(columns: Sequence[str], odds_ratio: Figure | None, window: int) -> str:
    """Return `amount no longer goes with country as it did (odds ratio 1.1, usually 3.4)`.

    `odds_ratio`: of a part of the one column and a part of the other; None for three columns.
    """
    names = [one_line(name) for name in columns]
    when = f" over the last {window} days" if window > 1 else ""
    if odds_ratio is None or len(names) > 2:
        return f"{', '.join(names[:-1])} and {names[-1]} no longer go together as they did{when}"
    (now, before), first, second = _write(odds_ratio), *names
    usual = f"usually {before}" if odds_ratio.usual is not None else f"{before} in the reference"
    how = "goes more strongly with {} than it did" if _is_stronger(odds_ratio) else "no longer goes with {} as it did"
    return f"{first} {how.format(second)}{when} (odds ratio {now}, {usual})"


def _is_stronger(odds_ratio: Figure) -> bool:
    """Return whether it is further from 1 than before, on the same side."""
    now, before = odds_ratio.current, odds_ratio.before
    return now > before >= 1 or now < before <= 1


def _write(odds_ratio: Figure) -> list[str]:
    now, before = odds_ratio.current, odds_ratio.before
    if max(now, before) > STRONGEST or min(now, before) < 1 / STRONGEST:
        return [_bound(now), _bound(before)]
    return numbers_apart(now, before)


def _bound(value: float) -> str:
    if value > STRONGEST:
        return f"over {STRONGEST:,.0f}"
    return f"under {1 / STRONGEST:g}" if value < 1 / STRONGEST else numbers_apart(value, value)[0]
