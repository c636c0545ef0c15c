"""How a table of a notebook lines up: numbers to the right under their heading, words to the left."""

import re

ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<(t[dh])>(.*?)</\1>", re.DOTALL)
NUMBER = re.compile(r"[-+−]?[\d.,]+(e[-+]?\d+)?\s?%?|nan|<na>|&lt;na&gt;|none|–|inf", re.IGNORECASE)


def align_numbers(html: str) -> str:
    """Return cleaned `html` with class "number" on the cells of every column whose values are all numbers.

    A table with cells that span others is left as it is. The empty corner over a frame's index heads nothing, so it
    becomes a plain cell.
    """
    aligned = re.sub(r"<table\b.*?</table>", lambda table: _align(table[0]), html, flags=re.DOTALL)
    return re.sub(r"<th[^>]*></th>", "<td></td>", aligned)


def _align(table: str) -> str:
    rows = [CELL.findall(row) for row in ROW.findall(table)]
    body = [row for row in rows if any(tag == "td" for tag, _ in row)]
    if not body or any(len(row) != len(body[0]) for row in rows) or "span=" in table:
        return table
    numeric = [all(NUMBER.fullmatch(text.strip()) for _, text in column) for column in zip(*body, strict=True)]
    return ROW.sub(lambda row: _align_row(row[0], numeric), table)


def _align_row(row: str, numeric: list[bool]) -> str:
    columns = iter(numeric)
    return re.sub(r"<(t[dh])>", lambda cell: f'<{cell[1]} class="number">' if next(columns) else cell[0], row)
