"""Align the cells of a notebook's tables: numbers to the right, words to the left."""

import re

ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<(t[dh])>(.*?)</\1>", re.DOTALL)
NUMBER = re.compile(r"(&lt;\s?)?[-+−]?[\d.,]+(e[-+]?\d+)?\s?%?|nan|<na>|&lt;na&gt;|none|–|inf", re.IGNORECASE)
INDEX_NAME = re.compile(
    r"<tr>\s*<th></th>((?:\s*<th>[^<]*</th>)+)\s*</tr>\s*<tr>\s*<th>([^<]+)</th>(?:\s*<th></th>)+\s*</tr>"
)


def align_numbers(html: str) -> str:
    """Return cleaned `html` with class "number" on the cells of every column whose values are all numbers.

    A table with spanning cells is not changed. The name of a frame's index moves from its own row to the other
    headings; without a name, the empty corner is no heading and becomes a plain cell. A mean and its spread stay on
    one line.
    """
    html = INDEX_NAME.sub(r"<tr><th>\2</th>\1</tr>", html).replace(" ± ", "\u00a0±\u00a0")
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
