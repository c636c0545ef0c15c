"""Find what stands for a missing value although it is a number or a word: -200, 9999, ?, unknown."""

from collections.abc import Sequence
from typing import Any

from driftmonitor.analysis.sources.overview import Overview
from driftmonitor.analysis.sources.rows import texts
from driftmonitor.analysis.starting.facts import Facts

SIGNS = ("?", "-", "--", "---", ".", "..", "*", "_", "#")  # they say nothing else
WORDS = (
    "unknown",
    "missing",
    "not available",
    "not known",
    "undefined",
    "unspecified",
    "n.a.",
    "na",
    "none",
    "nil",
    "nan",
)
FEWEST_ROWS = 2
FAR = 0.25  # of the range of all other numbers, that a stand-in is away from them
LARGE = {99, 999, 9999, 99999, 999999}


def find_signs(overview: Overview, columns: Sequence[Facts]) -> dict[str, list[Any]]:
    """Return what clearly means missing, by column: numbers far from all others, and texts without a letter."""
    found: dict[str, list[Any]] = {}
    for facts in columns:
        if facts.is_number:
            found[facts.name] = _numbers(facts)
        elif facts.is_text and facts.distinct > 1:
            found[facts.name] = _texts_among(overview, facts, SIGNS)
    return {name: signs for name, signs in found.items() if signs}


def find_words(overview: Overview, facts: Facts) -> list[str]:
    """Return the words of a column that may mean missing, or may be a category."""
    return _texts_among(overview, facts, WORDS) if facts.is_text and facts.distinct > 1 else []


def _texts_among(overview: Overview, facts: Facts, known: Sequence[str]) -> list[str]:
    query = f"SELECT {facts.column}, count(*) AS n FROM all_rows WHERE lower(trim({facts.column})) IN {texts(known)}"  # noqa: S608
    return [str(value) for value, _ in overview.ask(f"{query} GROUP BY 1 HAVING n >= {FEWEST_ROWS} ORDER BY 1")]


def _numbers(facts: Facts) -> list[Any]:
    found = []
    if facts.low_next is not None and _is_low(facts):
        found.append(facts.low)
    if facts.high_next is not None and _is_high(facts):
        found.append(facts.high)
    return [int(value) if value == int(value) else value for value in found]


def _is_low(facts: Facts) -> bool:
    """Return whether the smallest number is such as -200 or -999, and nothing is near it."""
    low, rest = float(facts.low), float(facts.high) - float(facts.low_next)
    if facts.low_rows < FEWEST_ROWS or low > -9 or low != int(low) or facts.distinct < 4:
        return False
    round_number = -low in LARGE or low in (-9, -99) or low % 100 == 0
    return round_number and (float(facts.low_next) >= 0 or float(facts.low_next) - low > FAR * rest)


def _is_high(facts: Facts) -> bool:
    """Return whether the largest number is such as 999, and far from all others."""
    high, rest = float(facts.high), float(facts.high_next) - float(facts.low)
    return (
        facts.high_rows >= FEWEST_ROWS and high in LARGE and facts.distinct > 3 and high - float(facts.high_next) > rest
    )
