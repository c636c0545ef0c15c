"""Write the titles and captions of the figures, and the alt texts that replace them for readers who cannot see them."""

from collections.abc import Collection, Iterable, Sequence

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.parameter_types import check_types
from driftmonitor.analysis.sources import nearest_column
from driftmonitor.config.named_columns import show
from driftmonitor.facts.record import ColumnScore, by_severity
from driftmonitor.formats import counted, one_line, percent
from driftmonitor.words.verdicts import say_drift_share, say_effect, say_test

SIDES = ("reference", "current")
STATUS = {name: name for name in ("drifted", "stable", "unusual", "differs", "similar")} | {
    "not_testable": "not testable"
}
OWN_TEST = {"drifted": "differs", "stable": "similar"}  # where the budget rule decides, and not a column's own test
COLUMNS_NAMED = 5
NAME_LENGTH = 40


def shorten(name: str, limit: int = NAME_LENGTH) -> str:
    """Return a name on one line of at most `limit` characters, without its middle: ends distinguish columns better."""
    line = one_line(name, 10_000) if len(name) <= 10_000 else f"{one_line(name[:limit])} {one_line(name[-limit:])}"
    return line if len(line) <= limit else f"{line[: limit // 2].rstrip()}…{line[1 - (limit + 1) // 2 :].lstrip()}"


def status_of(score: ColumnScore, unusual: Collection[str] | None) -> str:
    """Return a column's status; `unusual` are those that the budget rule names, None if the share rule decides."""
    if unusual is None:
        return score.status
    return "unusual" if score.name in unusual else OWN_TEST.get(score.status, score.status)


def shift_title(score: ColumnScore) -> str:
    """Return the finding on one column."""
    return one_line(say_effect(score.model_copy(update={"name": shorten(score.name)})), 150)


def shift_caption(
    score: ColumnScore,
    rows: Sequence[int],
    outside: Sequence[float] = (0, 0),
    unusual: Collection[str] | None = None,
) -> str:
    """Return a column's status and test, its rows with a value, and the shares of rows outside the drawn range."""
    parts = [_say_status(score, unusual), f"{rows[0]:,} reference and {rows[1]:,} current rows"]
    if any(outside):
        shares = " and ".join(f"{percent(share)} of {side}" for share, side in zip(outside, SIDES, strict=True))
        parts.append(f"outliers not drawn: {shares} rows")
    return " · ".join(parts)


def shift_alt_text(score: ColumnScore, unusual: Collection[str] | None = None) -> str:
    """Return what `plot_shift` shows, in words, the finding first."""
    shapes = "distribution and empirical CDF" if score.kind == "numerical" else "shares of rows"
    chart = f"Chart: {shapes} of {shorten(score.name)}, reference and current."
    return f"{shift_title(score)}. {_say_status(score, unusual)}. {chart}"


def _say_status(score: ColumnScore, unusual: Collection[str] | None) -> str:
    status = STATUS[status_of(score, unusual)].capitalize()
    return status if score.status == "not_testable" else f"{status}: {say_test(score) or 'no test'}"


def overview_title(
    scores: Sequence[ColumnScore], threshold: float | None = None, unusual: Collection[str] | None = None
) -> str:
    """Return how many columns drifted, their share, and the share above which the data has drifted.

    Where the budget rule decides, how many differ from the reference, and how many of all are `unusual`.
    """
    drifted = sum(score.status == "drifted" for score in scores)
    if unusual is not None:
        count = sum(score.name in unusual for score in scores)
        differ = f"{drifted} of {counted(len(scores), 'column')} {'differs' if drifted == 1 else 'differ'}"
        return f"{differ} from the reference, {count or 'none'} unusual"
    return say_drift_share(drifted, len(scores), drifted / len(scores) if scores else None, threshold)


def overview_alt_text(
    scores: Iterable[ColumnScore], threshold: float | None = None, unusual: Collection[str] | None = None
) -> str:
    """Return what `plot_overview` shows, in words: the count, the worst columns, and how many are not testable."""
    scores = by_severity(scores)
    drifted = [score for score in scores if score.status == "drifted"]
    parts = [overview_title(scores, threshold, unusual), *map(shift_title, drifted[:COLUMNS_NAMED])]
    if len(drifted) > COLUMNS_NAMED:
        parts.append(f"And {len(drifted) - COLUMNS_NAMED} more")
    not_testable = sum(score.status == "not_testable" for score in scores)
    return ". ".join([*parts, f"{not_testable} not testable"] if not_testable else parts) + "."


def worth_drawing(scores: Iterable[ColumnScore], wanted: Sequence[str] = (), most: int = 20) -> list[ColumnScore]:
    """Return the columns to draw: the `wanted` ones, then the drifted ones by severity, at most `most`.

    A column that is not testable is left out. Raises DriftMonitorError for a name that no column has.
    """
    check_types("list", draw=wanted)
    check_types("int", max_figures=most)
    ordered = {score.name: score for score in by_severity(scores)}
    for name in wanted:
        if name not in ordered:
            raise DriftMonitorError(f"draw: {show(name)}: no such watched column{nearest_column(str(name), ordered)}")
    testable = {name: score for name, score in ordered.items() if score.status != "not_testable"}
    drifted = (name for name, score in testable.items() if score.status == "drifted")
    chosen = dict.fromkeys(name for name in [*wanted, *drifted] if name in testable)
    return [testable[name] for name in list(chosen)[: max(most, 0)]]
