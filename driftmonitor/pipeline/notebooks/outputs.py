"""Clean the outputs of an executed notebook: none too long to keep, no path of this machine."""

import json
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from driftmonitor import ROOT
from driftmonitor.facts.record import MEDIA_TYPE

LONGEST_OUTPUT = 1_000_000  # characters of one output that are kept: GitHub accepts no file over 100 MB


def clean_outputs(path: Path, folders: Iterable[Path] = ()) -> None:
    """Cut the outputs that are too long, and remove this machine's paths, because the notebook will be published."""
    _shorten(path)
    with suppress(OSError, UnicodeDecodeError):
        text = path.read_text(encoding="utf-8")
        path.write_text(without_paths(text, folders, lambda path: json.dumps(path)[1:-1]), encoding="utf-8")


def without_paths(text: str, folders: Iterable[Path], written: Callable[[str], str] = str) -> str:
    """Return text without the paths of the repository and of `folders`, such as a state folder that is elsewhere."""
    elsewhere = [folder for folder in folders if folder.is_absolute() and not folder.is_relative_to(ROOT)]
    for folder in [ROOT, *elsewhere]:
        if folder != folder.parent:  # not / itself
            text = text.replace(written(f"{folder}{os.sep}"), "")
    return text


def one_line(text: str) -> str:
    """Return text as it is published: on one line, without colours and this machine's paths."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    line = " ".join(plain.replace(f"{ROOT}{os.sep}", "").split())
    return line if len(line) <= 500 else line[:497] + "..."


def _shorten(path: Path) -> None:
    """Cut outputs that are too long to keep, such as a progress bar's million lines."""
    import nbformat

    if not path.is_file() or path.stat().st_size <= LONGEST_OUTPUT:
        return
    with suppress(Exception):  # an unreadable notebook is reported when its record is read
        notebook = nbformat.read(path, as_version=4)
        cuts = [_cut(output) for cell in notebook.cells for output in cell.get("outputs", [])]
        if any(cuts):
            nbformat.write(notebook, path)


def _cut(output: Any) -> bool:
    """Cut one output if it is too long; return whether it was."""
    text, data = output.get("text", ""), output.get("data", {})
    if len(text) > LONGEST_OUTPUT:
        half = LONGEST_OUTPUT // 20
        output.text = f"{text[:half]}\n[{len(text) - 2 * half} characters left out]\n{text[-half:]}"
    elif MEDIA_TYPE not in data and len(json.dumps(data)) > 10 * LONGEST_OUTPUT:
        output.data = {"text/plain": "[an output too long to keep was left out]"}
    else:
        return False
    return True
