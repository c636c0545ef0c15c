"""Name where a row is: by its line in a CSV file, by its number in JSON, a Parquet file or a sheet."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePath

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources.rows import Part, Rows

NAMED = 3

Place = tuple[str, str, int]  # a file, "line" or "row", and its number


def find_places(backend: Backend, rows: Rows, odd: str, count: int) -> str:
    """Return where the first rows are that SQL calls `odd`, as `say_places` does; `count` is how many there are."""
    return say_places(_in_parquet(backend, rows, odd) if rows.row_id else _in_text(backend, rows, odd), count)


def say_places(found: Iterable[Place], count: int) -> str:
    """Return the first places in brackets, each file named once: ` (c.csv line 102, 205)`; "" if there are none."""
    named, last = [], ""
    for file, unit, number in islice(found, NAMED):
        named.append(f"{number}" if file == last else f"{PurePath(file).name} {unit} {number}")
        last = file
    return f" ({', '.join(named)}{', …' if count > NAMED else ''})" if named else ""


def _in_parquet(backend: Backend, rows: Rows, odd: str) -> list[Place]:
    query = f"SELECT filename, 'row', file_row_number + 1 FROM {rows.sql} WHERE {odd} ORDER BY ALL LIMIT {NAMED}"  # noqa: S608
    found: list[Place] = backend.con.execute(query).fetchall()
    return found


def _in_text(backend: Backend, rows: Rows, odd: str) -> Iterator[Place]:
    for part in rows.parts:
        for file in part.files:
            for line in _lines_of(backend, part, file, odd):
                yield file, part.unit, line


def _lines_of(backend: Backend, part: Part, file: str, odd: str) -> Sequence[int]:
    """Return the first lines of a file with an odd value."""
    numbered = f"SELECT *, {part.number} AS number FROM ({part.select([file])})"  # noqa: S608
    query = f"SELECT number FROM ({numbered}) WHERE {odd} ORDER BY number LIMIT {NAMED}"  # noqa: S608
    numbers = [int(number) for (number,) in backend.con.execute(query).fetchall()]
    return part.locate(file, numbers) if numbers else []
