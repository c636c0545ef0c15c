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

SECRET_NAME = re.compile(r"KEY|SECRET|TOKEN|PASS|PWD?\b|CREDENTIAL|URL|DSN|AUTH|WEBHOOK", re.IGNORECASE)
SHORTEST_NAMED, SHORTEST = 6, 16  # characters of a secret: a shorter value, such as a region, may be in any text
STRUCK_OUT = "***"
LONGEST_OUTPUT = 1_000_000  # characters of one output that are kept: GitHub accepts no file over 100 MB


def clean_outputs(path: Path, folders: Iterable[Path] = (), secrets: Iterable[str] = ()) -> None:
    """Cut outputs that are too long, and remove this machine's paths and secrets: the notebook will be published."""
    _shorten(path)
    with suppress(OSError, ValueError):
        text = _strike_out(path.read_text(encoding="utf-8"), secrets)
        path.write_text(without_paths(text, folders, lambda path: json.dumps(path)[1:-1]), encoding="utf-8")


def secrets_in(names: Iterable[str]) -> list[str]:
    """Return the values of environment variables that a notebook may see, if they are secrets by name or length."""
    found = {os.environ.get(name, "").strip(): bool(SECRET_NAME.search(name)) for name in names}
    likely = (each for each, is_named in found.items() if len(each) >= (SHORTEST_NAMED if is_named else SHORTEST))
    return sorted(likely, key=len, reverse=True)


def without_secrets(value: Any, secrets: Iterable[str]) -> Any:
    """Return a value of JSON's types with every secret in its texts struck out."""
    if isinstance(value, dict):
        return {key: without_secrets(each, secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [without_secrets(each, secrets) for each in value]
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, STRUCK_OUT)
    return value


def _strike_out(text: str, secrets: Iterable[str]) -> str:
    """Return the text of a notebook without the secrets in what its cells gave."""
    if not any(json.dumps(secret)[1:-1] in text or secret in text for secret in secrets):
        return text
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if "outputs" in cell:
            cell["outputs"] = without_secrets(cell["outputs"], secrets)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


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
