"""One side's rows as DuckDB has them before types are decided: columns c0, c1, ... of a relation."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from driftmonitor.config.read_settings import AS_IT_IS, ColumnSettings, ReadSettings

Select = Callable[[Sequence[str]], str]  # the SQL that reads some files of a part as c0, c1, ...

# As pandas reads them, so that a CSV means the same in both.
MISSING_WORDS = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
WIDE_WHOLE = re.compile(r"U?HUGEINT|BIGNUM|DECIMAL\((19|[23]\d),0\)")
WIDE_NUMBERS = re.compile(r"U?HUGEINT|BIGNUM|DECIMAL.*")
NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|BIGNUM|DECIMAL.*")
DURATION = re.compile(r"INTERVAL|DURATION (\d+)")  # of the latter so many are a second
NESTED = re.compile(r".*\[\d*\]|(STRUCT|MAP|UNION)\(.*|JSON", re.DOTALL)
KEPT_TYPES = re.compile(r"BOOLEAN|U?(TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DATE|TIMESTAMP.*|VARCHAR")


@dataclass(frozen=True)
class Line:
    """A line that is no row: its number, how many lines it takes with line ends in quotes, and its fields."""

    number: int
    height: int
    fields: int
    expected: int
    is_comment: bool = False


@dataclass(frozen=True)
class Refused:
    """The lines of some files that are left out, by file, and how many rows are read if there are any."""

    lines: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)
    rows: int = 0


@dataclass(frozen=True)
class Part:
    """Files that are read alike, and how in words; `left_out` are lines that are no rows although they look like some.

    `number` is SQL for the number of each row, in words a `unit`; `locate` makes lines of numbers of a file's rows.
    """

    files: tuple[str, ...]
    select: Select
    commas_in_fields: bool = False
    refused: Refused = Refused()
    source: str = ""
    left_out: str = ""
    unit: str = "line"
    number: str = "row_number() OVER ()"
    locate: Callable[[str, Sequence[int]], Sequence[int]] = lambda _, numbers: numbers


@dataclass(frozen=True)
class Rows:
    """The relation `sql` has a column c0, c1, ... for each of `names`, of DuckDB's `kinds`.

    Rows that are `written` come from text: all columns are text as it is written there, missing words are NULL, and
    with `quoted` q0, q1, ... say which values are in quotes and so text in any case. `row_id` is SQL for what
    identifies a row; without it, rows are known by their values. `commas_in_fields`: a comma is no delimiter.
    `partitions` are columns whose text comes from the names of folders, and `texts` others of text as it is written,
    beside columns that have a type of their own, or whole numbers that a float would not tell apart. A column of
    `faulty` has values that cannot be read in any case, such as errors of formulas: f0, f1, ... say where. `source`
    says in words what the rows come from.
    `opened` is one object for each time that a source was opened: with the same one, the rows are the same.
    """

    side: str
    sql: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    written: bool = False
    quoted: bool = False
    row_id: str = ""
    parts: tuple[Part, ...] = ()
    commas_in_fields: bool = False
    in_memory: bool = False
    partitions: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    faulty: tuple[str, ...] = ()
    settings: ReadSettings = AS_IT_IS
    source: str = "a table"
    opened: object = field(default_factory=object, repr=False)

    def kind_of(self, name: str) -> str | None:
        """Return a column's type in DuckDB, None if there is no such column or if only its text is known."""
        return None if self.is_text(name) or name not in self.names else self.kinds[self.names.index(name)]

    def is_text(self, name: str) -> bool:
        """Return whether a column is text as it is written, whose type is decided later."""
        return self.written or name in self.partitions or name in self.texts

    def column(self, name: str) -> str:
        return f"c{self.names.index(name)}"

    def text_of(self, name: str) -> str:
        """Return SQL for the text of a column, NULL where it means a missing value; text of files has that already."""
        if name in self.texts and self.kinds[self.names.index(name)] != "VARCHAR":
            return f"CAST({self.column(name)} AS VARCHAR)"
        if self.kind_of(name) != "VARCHAR":
            return self.column(name)
        return without_missing(self.settings.of_column(self.side, name), ()).replace("{v}", self.column(name))

    def is_quoted(self, name: str) -> str:
        """Return SQL for whether a value is text in any case: text in quotes in JSON, and that of a type of its own."""
        if self.kind_of(name) == "VARCHAR":
            return f"{self.text_of(name)} IS NOT NULL"
        column = self.column(name)
        return f"q{column[1:]} AND {column} IS NOT NULL" if self.quoted else "false"

    def cannot_read(self, name: str, value: str) -> str:
        """Return SQL for whether a column has something that cannot be read as `value`, the SQL for its type."""
        column = self.column(name)
        odd = f"({self.text_of(name)} IS NOT NULL AND ({value}) IS NULL)"
        return f"({odd} OR f{column[1:]})" if name in self.faulty else odd


def text(value: object) -> str:
    """Return an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Sequence[object]) -> str:
    """Return an SQL list of text literals."""
    return "[" + ", ".join(map(text, values)) + "]"


def one_of(words: Iterable[str], value: str = "{v}") -> str:
    """Return SQL for whether a value is one of these texts."""
    return f"list_contains({texts([*words])}, {value})"  # IN would be planned as a join for each column


def plain_present(rows: Rows, name: str) -> str:
    """Return SQL for the values of a column with a type of its own, NULL where they are said to mean missing."""
    column, value = rows.column(name), plain(rows.kinds[rows.names.index(name)], rows.column(name))
    words = without_missing(rows.settings.of_column(rows.side, name), ())
    if rows.written or words == "{v}":
        return value
    return f"CASE WHEN {words.replace('{v}', f'CAST({column} AS VARCHAR)')} IS NOT NULL THEN {value} END"


def plain(kind: str, column: str) -> str:
    """Return SQL that converts a column of any type to number, boolean, time or text, which Ibis and pandas know."""
    if KEPT_TYPES.fullmatch(kind):
        return column
    if duration := DURATION.fullmatch(kind):
        return f"{column} / {float(duration[1])}" if duration[1] else f"epoch({column})"
    if NESTED.fullmatch(kind):  # as JSON has it, which another side may be
        return f"CAST(to_json({column}) AS VARCHAR)"
    return f"CAST({column} AS {'DOUBLE' if WIDE_NUMBERS.fullmatch(kind) else 'VARCHAR'})"


def missing_words(settings: ColumnSettings, usual: Sequence[str] = ()) -> list[str]:
    """Return the texts that mean a missing value."""
    words = usual if settings.only_missing is None else settings.only_missing
    return [*dict.fromkeys([*words, *(settings.missing or ())])]


def without_missing(settings: ColumnSettings, usual: Sequence[str]) -> str:
    """Return SQL for the text {v}, NULL where it means a missing value."""
    words = missing_words(settings, usual)
    if not words:
        return "{v}"
    numbers = [float(word) for word in words if is_number(word)]
    also = f" OR list_contains({numbers}::DOUBLE[], TRY_CAST({{v}} AS DOUBLE))" if numbers else ""
    return f"CASE WHEN {one_of(words)}{also} THEN NULL ELSE {{v}} END"


def is_number(word: str) -> bool:
    """Return whether a text is a finite number."""
    try:
        return abs(float(word)) < float("inf")
    except ValueError:
        return False


def quoted(name: str) -> str:
    """Return the name of a column as SQL."""
    return '"' + name.replace('"', '""') + '"'
