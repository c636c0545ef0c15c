"""What is known of one column of text, from counts over all rows of both sides, and how it is read."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.column_types import ColumnType, Marks, Profile
from driftmonitor.analysis.sources.rows import NUMBERS
from driftmonitor.formats import one_line

TRACE = 0.01  # of each side: so few values that do not fit do not decide what a column is


@dataclass(frozen=True)
class Column:
    """What is known of one column: its counts by side, and what a user or the other side says of it.

    `beside` is the type in DuckDB that the column has on the other side, if that is not text of a file. `sure_format`
    says that a user gave the format for this column. `spellings` counts different numbers and their different texts.
    """

    name: str
    counts: Mapping[str, Profile]
    beside: str | None = None
    named: str | None = None
    is_time: bool = False
    marks: Mapping[str, Marks] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    sure_format: bool = False
    commas_in_fields: bool = False  # in a file whose delimiter is no comma, where 1,5 is hardly a list
    spellings: Callable[[], tuple[int, int]] = lambda: (0, 0)

    @property
    def every(self) -> Profile:
        """The counts of all sides together."""
        return sum(self.counts.values(), Counter())

    @property
    def must_be_numbers(self) -> bool:
        """Whether a user, or the other side's own type, says that these are numbers."""
        return self.named == "numerical" or bool(self.beside and NUMBERS.fullmatch(self.beside))

    def all_are(self, *sorts: str) -> bool:
        """Return whether there are values, and all of them are of these sorts."""
        return bool(self.every["n"]) and all(others(each, sorts) == 0 for each in self.counts.values())

    def nearly_all_are(self, *sorts: str) -> bool:
        """Return whether there are values, and all but a trace on each side are of these sorts."""
        few = all(others(each, sorts) <= TRACE * each["n"] for each in self.counts.values())
        return bool(self.every["n"]) and few


def others(counts: Profile, sorts: tuple[str, ...]) -> int:
    """Return how many values are of none of these sorts."""
    return counts["n"] - sum(counts[sort] for sort in sorts)


@dataclass(frozen=True)
class Verdict:
    """How a column is read, by side; `doubtful` if some values may not fit. `remark` is what a reader should know.

    `why` says in a few words what the type alone does not show. `counts` are what was counted on each side.
    """

    types: Mapping[str, ColumnType]
    doubtful: bool = False
    remark: str = ""
    why: str = ""
    counts: Mapping[str, Profile] = field(default_factory=dict)


def alike(column: Column, kind: ColumnType, doubtful: bool = False, remark: str = "", why: str = "") -> Verdict:
    """Return that a column is read as the same type on all sides."""
    return Verdict(dict.fromkeys(column.counts, kind), doubtful, remark, why)


def refusal(column: Column, problem: str, option: str, example: str = "") -> DriftMonitorError:
    """Return the error for a column that only a setting of `read` can make clear."""
    name, sides = one_line(column.name), " and ".join(column.counts)
    label = f"time_column {name!r}" if column.is_time else f"column {name}"
    return DriftMonitorError(f"{sides}: {label} {problem}; set read.{option}{f' to {example}' if example else ''}.")
