"""Find the monitors that a change of files can affect, by the files that params, notebooks and queries name.

It names too many monitors rather than too few: a dry run of one more takes seconds.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.config import names
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.config.yaml_text import read_yaml
from driftmonitor.regular_files import read_file

CODE = re.compile(
    r"(?!(tests|benchmarks|docs)/)(driftmonitor/.+|.+\.py|requirements\.txt)"
)  # what every monitor runs on
FOLLOWED = (".ipynb", ".sql")  # texts that name further files
BETWEEN_NAMES = re.compile(r"[\s\"'`\\(),;<>|=]+")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")  # such as {date}


@dataclass(frozen=True)
class Tree:
    """The files of the repository before or after a change; `params` is relative to `root`."""

    root: Path
    params: Path

    def monitors(self) -> dict[str, str]:
        """Return the params files that have a valid name, relative to the root, by monitor."""
        found = sorted(path for pattern in ("*.yaml", "*.yml") for path in (self.root / self.params).glob(pattern))
        valid = [path for path in found if names.is_valid(path.stem)]
        return {path.stem: path.relative_to(self.root).as_posix() for path in valid}

    def text(self, name: str) -> str:
        """Return a file's text, and none of one that cannot be read: its monitor's run says why."""
        try:
            return read_file(self.root / name).decode("utf-8", "replace")
        except (OSError, DriftMonitorError):
            return ""


def touched(tree: Tree, changed: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the changed files that each monitor of a tree may read, by monitor; those without any are left out.

    All that every monitor runs on is named once, as `the code`.
    """
    code = ["the code"] if any(map(CODE.fullmatch, changed)) else []
    others = [name for name in changed if not CODE.fullmatch(name)]
    found = {monitor: (*code, *_read_files(tree, path, others)) for monitor, path in tree.monitors().items()}
    return {monitor: tuple(dict.fromkeys(files)) for monitor, files in found.items() if files}


def _read_files(tree: Tree, params: str, changed: Sequence[str]) -> list[str]:
    """Return the changed files among a params file, its notebook, their queries and all that these name."""
    names = {*names_in(tree, params)} - {tree.params.as_posix()}  # a text that names the folder names no monitor's file
    return [path for path in changed if path == params or any(matches(name, path) for name in names)]


def names_in(tree: Tree, params: str) -> list[str]:
    """Return what may be names of files in a params file, in its notebook and in the queries that these name."""
    names, read = list(_names_in_params(tree.text(params))), {params}
    for name in names:  # grows while it is read
        if name.endswith(FOLLOWED) and name not in read and (tree.root / name).is_file():
            read.add(name)
            names += _names_in_text(tree.text(name))
    return names


def _names_in_params(text: str) -> Iterator[str]:
    """Yield what may be a file's name in a params file, and its notebook; a comment names none."""
    try:
        data = read_yaml(text, "")
    except DriftMonitorError:
        data = text
    settings = data.get("monitor") if isinstance(data, dict) else None
    if not (isinstance(settings, dict) and "notebook" in settings):
        yield MonitorSettings().notebook
    for value in _strings(data):
        yield _relative(value)
        yield from _names_in_text(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _names_in_text(text: str) -> Iterator[str]:
    """Yield the words of code, a query or an address that may be a file's or a folder's name."""
    yield from {_relative(word) for word in BETWEEN_NAMES.split(text) if "/" in word or "." in word}


def _relative(name: str) -> str:
    return re.sub(r"^(file://)?(\.{1,2}/)*", "", name).rstrip("/")


def matches(name: str, path: str) -> bool:
    """Return whether a name, which may have wildcards and placeholders, is that of a file or of a folder around it."""
    pattern = PLACEHOLDER.sub("*", name)
    if not pattern.strip("*?./"):
        return False
    return path == name or fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}/*")
