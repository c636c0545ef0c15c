"""Temporary files for what DuckDB cannot read in place; they are removed with the connection that reads them."""

import re
import shutil
import tempfile
import weakref
from pathlib import Path, PurePath

from ibis.backends.duckdb import Backend

PREFIX = "drift-monitor-"


def new_file(backend: Backend, file: str, ending: str = "") -> Path:
    """Return where to write a file again: by its name, and in folders with Hive's names of columns if it is in any."""
    folder = tempfile.mkdtemp(prefix=PREFIX)
    weakref.finalize(backend, shutil.rmtree, folder, ignore_errors=True)
    *folders, name = re.split(r"[/\\]", re.sub(r"\.(gz|zst)$", "", file, flags=re.IGNORECASE))
    path = Path(folder, *(each for each in folders if "=" in each), name + ending)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def shown(file: str) -> str:
    """Return a file as a person knows it: only the name of one that was written again."""
    return PurePath(file).name if PREFIX in file else file
