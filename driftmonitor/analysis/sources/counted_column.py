"""What is known of one column of text, from counts over all rows of both sides, and how it is read."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.column_types import ColumnType, Marks, Profile
from driftmonitor.analysis.sources.profiles import Spellings
from driftmonitor.analysis.sources.rows import NUMBERS
from driftmonitor.formats import one_line

TRACE = 0.01  # of each side: so few values that do not fit do not decide what a column is
SIDES = ("reference", "current")


@dataclass(frozen=True)
class Column:
    """What is known of one column: its counts by side, and what a user or the other side says of it.

    `beside` is the type in DuckDB that the column has on the other side, if that is not text of a file. `marks` are
    the signs in numbers, and `signed` the sides for which a user named them. `sure_format` says that a user gave the
    format for this column. `decimals` has the decimal sign that other columns of a side show. `spellings` counts
    different numbers and their different texts, and `beside_is_whole` looks whether the other side's numbers are whole.
    """

    name: str
    counts: Mapping[str, Profile]
    beside: str | None = None
    named: str | None = None
    is_time: bool = False
    marks: Mapping[str, Marks] = field(default_factory=dict)
    signed: frozenset[str] = frozenset()
    formats: Mapping[str, str] = field(default_factory=dict)
    sure_format: bool = False
    commas_in_fields: bool = False  # in a file whose delimiter is no comma, where 1,5 is hardly a list
    decimals: Mapping[str, str] = field(default_factory=dict)
    spellings: Callable[[], Spellings] = Spellings
    beside_is_whole: Callable[[], bool | None] = lambda: None

    @property
    def every(self) -> Profile:
        """The counts of all sides together."""
        return sum(self.counts.values(), Counter())

    @property
    def filled(self) -> Mapping[str, Profile]:
        """The counts of the sides that have values."""
        return {side: counts for side, counts in self.counts.items() if counts["n"]}

    @property
    def must_be_numbers(self) -> bool:
        """Whether a user, or the other side's own type, says that these are numbers."""
        return self.named == "numerical" or bool(self.beside and NUMBERS.fullmatch(self.beside))

    @property
    def has_typed_side(self) -> bool:
        """Whether the other side has a type of its own that is not text."""
        return self.beside not in (None, "VARCHAR")

    @property
    def declared(self) -> list[str]:
        """The sides that say themselves that all of their values are text."""
        return [side for side, counts in self.filled.items() if counts["quoted"] == counts["n"]]

    def all_are(self, *sorts: str) -> bool:
        """Return whether there are values, and all of them are of these sorts."""
        return bool(self.filled) and all(others(each, sorts) == 0 for each in self.filled.values())

    def nearly_all_are(self, *sorts: str) -> bool:
        """Return whether there are values, and all but a trace on each side are of these sorts."""
        return bool(self.filled) and all(are_nearly_all(each, *sorts) for each in self.filled.values())

    def differ_in(self, forms: Iterable[str]) -> bool:
        """Return whether both sides have values, and write them in different forms."""
        shown = [{form for form in forms if counts[form]} for counts in self.filled.values()]
        return len(shown) > 1 and shown[0] != shown[1]

    def without_blanks(self) -> "Column":
        """Return the same without words such as NA, on sides where they are values."""
        return replace(self, counts={side: _without_blanks(counts) for side, counts in self.counts.items()})

    def alone(self, side: str) -> "Column":
        """Return what is known of one side."""
        return replace(self, counts={side: self.counts[side]})


def _without_blanks(counts: Profile) -> Profile:
    blanks = counts["blanks"]
    if not blanks:
        return counts
    quoted = counts["quoted"] - blanks  # only text in quotes, or of a type of its own, can be blank
    return Counter({**counts, "n": counts["n"] - blanks, "blanks": 0, "quoted": max(quoted, 0)})


def others(counts: Profile, sorts: tuple[str, ...]) -> int:
    """Return how many values are of none of these sorts."""
    return counts["n"] - sum(counts[sort] for sort in sorts)


def are_nearly_all(counts: Profile, *sorts: str) -> bool:
    """Return whether all values of a side but a trace are of these sorts."""
    return others(counts, sorts) <= TRACE * counts["n"]


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

    def on(self, side: str) -> "Verdict":
        """Return what it says of one side; the remark is about both."""
        counts = {side: self.counts[side]} if side in self.counts else {}
        return replace(self, types={side: self.types[side]}, counts=counts, remark="")


def alike(column: Column, kind: ColumnType, doubtful: bool = False, remark: str = "", why: str = "") -> Verdict:
    """Return that a column is read as the same type on all sides."""
    return Verdict(dict.fromkeys(column.counts, kind), doubtful, remark, why)


def refusal(column: Column, problem: str, option: str, example: str = "") -> DriftMonitorError:
    """Return the error for a column that only a setting of `read` can make clear."""
    name, sides = one_line(column.name), " and ".join(column.counts)
    label = f"time_column {name!r}" if column.is_time else f"column {name}"
    return DriftMonitorError(f"{sides}: {label} {problem}; set read.{option}{f' to {example}' if example else ''}.")
