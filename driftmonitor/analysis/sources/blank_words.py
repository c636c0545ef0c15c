"""Words such as NA that are values on one side, where the other has missing values: only their owner knows why."""

from collections.abc import Iterator, Mapping
from functools import partial

import pandas as pd

from driftmonitor.analysis.sources.memory import Memory
from driftmonitor.analysis.sources.names import column_names
from driftmonitor.analysis.sources.request import Side
from driftmonitor.analysis.sources.rows import MISSING_WORDS
from driftmonitor.facts.record import Finding
from driftmonitor.formats import one_line

EMPTY = "empty text"


def find_blank_words(sides: Mapping[str, Side], memory: Memory) -> Iterator[Finding]:
    """Yield a finding for each column whose missing values on one side may be such words on the other."""
    found = {
        name: memory.recall(f"blank words of {name}", side.read, partial(_blanks_of, side))
        for name, side in sides.items()
    }
    for side, other in (("reference", "current"), ("current", "reference")):
        for name, words in found[side].items():
            if words and found[other].get(name) == [] and sides[other].frame[name].hasnans:
                yield _say(name, words, side, other)


def _blanks_of(side: Side) -> dict[str, list[str]]:
    return {name: _blanks_in(side.frame[name]) for name in column_names(side.frame)}


def _blanks_in(values: pd.Series) -> list[str]:
    """Return the words of text that often mean a missing value."""
    if not (values.dtype == object or isinstance(values.dtype, pd.StringDtype)):
        return []
    found = values.isin(MISSING_WORDS)
    words = set(values[found]) if found.any() else set()
    return [word for word in MISSING_WORDS if word in words]


def _say(name: str, words: list[str], side: str, other: str) -> Finding:
    said = ", ".join(f'"{word}"' if word else EMPTY for word in words[:3])
    where = f"a value in {side}, and {other} has missing values instead"
    remedy = f"set read.columns.{one_line(name)}.missing or only_missing"
    return Finding(kind="reading", column=name, message=f"{one_line(name)}: {said} is {where}; {remedy}.")
