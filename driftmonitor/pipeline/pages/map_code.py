"""Write a map's days as short text for the page's script: equal days in a row are one letter and their number."""

from collections.abc import Iterable, Sequence
from itertools import groupby

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
THOUSANDTHS = 1000
LETTERS = {"stable": "s", "not_testable": "n", "drifted": "d", "differs": "f"}
UNUSUAL = {"stable": "u", "drifted": "v", "not_testable": "w"}  # by what the column's own test says
UNKNOWN = ".."


def encode_levels(days: Sequence[tuple[int, str, str]]) -> str:
    """Return a column's levels from the first day of the map on, such as `.3s12d`; a dot is a day without a result.

    `days`: (day from the first on, level of the column's own test, level that the map shows), in order.
    """
    letters, after = [], 0
    for day, own, shown in days:
        letters += ["."] * (day - after)
        state = own.partition("-")[0]
        letters.append(UNUSUAL[state] if shown == "unusual" else LETTERS[shown.partition("-")[0]])
        after = day + 1
    return encode_runs(letters)


def encode_distances(distances: Iterable[float | None]) -> str:
    """Return the distances of the days with a result: two digits of base 36 each, in thousandths; `..` if unknown.

    They are rounded down, so that none reaches a cut-off that it does not.
    """
    return "".join(map(_encode_distance, distances))


def _encode_distance(distance: float | None) -> str:
    if distance is None or not 0 <= distance <= 1:
        return UNKNOWN
    high, low = divmod(int(distance * THOUSANDTHS + 1e-9), len(DIGITS))
    return DIGITS[high] + DIGITS[low]


def encode_runs(letters: Iterable[str]) -> str:
    """Return equal neighbours as one letter and their number, if that is more than 1."""
    runs = ((letter, sum(1 for _ in group)) for letter, group in groupby(letters))
    return "".join(f"{letter}{count}" if count > 1 else letter for letter, count in runs)


def encode_words(days: Sequence[tuple[int, str]]) -> str:
    """Return words by day, those of equal neighbours once: `healthy, 0%~3|drift, 25%`; a day without any has none."""
    words, after = [], 0
    for day, said in days:
        words += [""] * (day - after)
        words.append(said.replace("|", " ").replace("~", " "))
        after = day + 1
    runs = ((said, sum(1 for _ in group)) for said, group in groupby(words))
    return "|".join(f"{said}~{count}" if count > 1 else said for said, count in runs)
