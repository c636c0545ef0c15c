"""Look at the files of text that a query reads before DuckDB does.

It takes a cut-off archive for a whole one, Excel's line `sep=;` for a header, and of UTF-16 says that it is not UTF-8.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ibis.backends.duckdb import Backend

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.dialect import SEPARATOR_LINE
from driftmonitor.analysis.sources.streams import check_whole, first_bytes
from driftmonitor.analysis.sources.utf8 import HEAD, find_utf_16

Node = dict[str, Any]


def check_texts(backend: Backend, side: str, patterns: Iterable[str], given: set[str]) -> None:
    """Refuse what DuckDB would misread in these files, if the options that are `given` do not say otherwise."""
    for pattern in patterns:
        for (file,) in backend.con.execute("SELECT file FROM glob(?)", [pattern]).fetchall():
            check_whole(side, file)
            head = first_bytes(file, HEAD)
            if "encoding" not in given and (found := find_utf_16(head)):
                raise DriftMonitorError(f"{side}: {file} is {found.upper()} text; set encoding = 'utf-16' in read_csv.")
            first = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode(errors="replace").rstrip("\r")
            if not {"skip", "header"} & given and SEPARATOR_LINE.fullmatch(first):
                raise DriftMonitorError(f"{side}: {file} begins with Excel's line sep=; set skip = 1 in read_csv.")


def named_files(node: Node, walk: Callable[[Any], Iterator[Node]]) -> list[str]:
    """Return the files that a part of a query names: a table called by a file, or the first value of a function."""
    if node.get("type") == "BASE_TABLE":
        return [str(node["table_name"])]
    children = node["function"].get("children", [])
    values = [part.get("value") for part in walk(children[:1]) if part.get("class") == "CONSTANT"]
    return [str(value["value"]) for value in values if isinstance(value, dict) and isinstance(value.get("value"), str)]
