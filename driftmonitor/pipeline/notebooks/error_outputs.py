"""Rewrite what an executed notebook says of errors, before it is saved: a traceback or a warning may quote the data.

Our own errors stay as they are. Of any other, the type and the place in the code stay, and its text only if it is known
to be about code. Whoever runs the notebook in Jupyter sees all of it.
"""

import re
from collections.abc import Iterator
from typing import Any

from driftmonitor import ROOT
from driftmonitor.foreign_errors import is_of_an_import, may_be_told
from driftmonitor.formats import counted

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
IN_JUPYTER = "run the notebook in Jupyter to see"
CELL = re.compile(r"\s*Cell In\[(\d+)\], line (\d+)(?:, in ([\w.<>]+))?")
FILE = re.compile(r"\s*File (\S+\.(?:py|pyx|pxi)):(\d+)(?:,? in ([\w.<>]+))?")
WARNING = re.compile(r"(\S+\.py):(\d+): (\w*Warning):(.*)")  # Plotly moves the text to the next line
SHOWN_LINES = 2  # of a cell, before and after the line of an error


def hide_values(notebook: Any) -> None:
    """Rewrite every error and every warning in the outputs of a notebook."""
    sources = {cell.get("execution_count"): cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"}
    published = "\n".join(sources.values())
    for cell in notebook["cells"]:
        for output in _outputs_in(cell.get("outputs", [])):
            _rewrite(output, cell.get("execution_count"), sources, published)
    for output in _outputs_in(notebook["metadata"].get("widgets", {})):  # of widgets that capture outputs
        _rewrite(output, None, sources, published)


def say_place(cell: object, line: object = None) -> str:
    """Return where an error was raised, and where its text can be read."""
    at = f", line {line}" if line else ""
    return f"cell [{cell}]{at}; {IN_JUPYTER} the whole error" if cell else f"{IN_JUPYTER} the whole error"


def _outputs_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every output in a value of JSON's types, however deep."""
    if isinstance(value, dict):
        if "output_type" in value:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _outputs_in(item)


def _rewrite(output: dict[str, Any], cell: object, sources: dict[Any, str], published: str) -> None:
    try:
        if output["output_type"] == "error":
            _rewrite_error(output, cell, sources, published)
        elif output["output_type"] == "stream" and output.get("name") != "stdout":
            output["text"] = _rewrite_printed("".join(output["text"]), published)
    except Exception:  # a kernel can send anything; what is not understood is not kept
        output.clear()
        output.update(output_type="stream", name="stderr", text="[An output that cannot be read was left out.]\n")


def _rewrite_error(output: dict[str, Any], cell: object, sources: dict[Any, str], published: str) -> None:
    entries = [COLOURS.sub("", entry) for entry in output.get("traceback", [])]
    kind, text = output["ename"], output["evalue"]
    if entries == [text]:  # as a DriftMonitorError shows itself
        output["traceback"] = entries
        return
    in_cells = [match for entry in entries if (match := CELL.match(entry))]
    frames = [entry for entry in entries if re.match(r"\s*(Cell In\[|File )", entry)]
    in_file = FILE.match(frames[-1]) if frames else None
    if not (in_file and is_of_an_import(kind, in_file[1])) and not may_be_told(kind, text, published):
        text = say_place(in_cells[-1][1], in_cells[-1][2]) if in_cells else say_place(cell)
    lines = [line for entry in entries for line in _rewrite_frame(entry, sources)]
    output["evalue"], output["traceback"] = text, [*lines, f"{kind}: {text}" if text else kind]


def _rewrite_frame(entry: str, sources: dict[Any, str]) -> list[str]:
    """Return the lines of one entry of a traceback: where it is and, if that is in a cell, the lines around it."""
    if match := CELL.match(entry):
        number, line = int(match[1]), int(match[2])
        return [f"Cell In[{number}], line {line}{_say_function(match)}", *_lines_around(sources.get(number, ""), line)]
    if match := FILE.match(entry):
        return [f"File {_short(match[1])}:{match[2]}{_say_function(match)}"]
    return []


def _say_function(match: re.Match[str]) -> str:
    return f", in {match[3]}" if match[3] else ""


def _lines_around(source: str, line: int) -> list[str]:
    lines = list(enumerate(source.split("\n"), 1))[max(line - 1 - SHOWN_LINES, 0) : line + SHOWN_LINES]
    return [f"{'---->' if number == line else '':5} {number:3} {text}" for number, text in lines]


def _short(path: str) -> str:
    """Return the path of a source file without what it says of this machine."""
    return path.split("site-packages/")[-1].removeprefix(f"{ROOT}/") if "/ipykernel_" not in path else "cell"


def _rewrite_printed(text: str, published: str) -> str:
    """Return what was printed to stderr, without the lines that may quote the data."""
    kept, left_out = [], 0
    for line in filter(str.strip, re.split(r"[\r\n]+", COLOURS.sub("", text))):
        warning = WARNING.fullmatch(line)
        if may_be_told("", line.strip(), published):
            kept.append(line)
        elif warning:
            told = warning[4] if may_be_told("", warning[4].strip(), published) else ""
            kept.append(f"{_short(warning[1])}:{warning[2]}: {warning[3]}:{told}")
            left_out += told != warning[4]
        else:
            left_out += 1
    note = f"[{counted(left_out, 'line')} left out, which may quote the data; {IN_JUPYTER} all.]"
    return "".join(f"{line}\n" for line in [*kept, *([note] if left_out else [])])
