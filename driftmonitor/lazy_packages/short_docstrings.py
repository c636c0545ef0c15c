"""Import libraries without the tables that they add to docstrings, where nobody reads these.

SciPy lists for each function which array libraries it supports, and Matplotlib the properties of each class. That takes
a third of their imports.
"""

from contextlib import suppress
from importlib import import_module
from typing import Any

from driftmonitor.lazy_packages.later import importing_when_used


class AsWritten(dict[str, list[Any]]):
    """In place of a docstring taken apart: whatever is added to one of its sections is forgotten."""

    def __init__(self, documented: Any) -> None:
        self._text = getattr(documented, "__doc__", None) or ""

    def __missing__(self, section: str) -> list[Any]:
        return []

    def __str__(self) -> str:
        """Return the docstring below an empty line, in place of the signature that SciPy takes off."""
        return f"\n{self._text}"


REPLACED = {
    ("scipy._lib._docscrape", "FunctionDoc"): AsWritten,
    ("pyarrow.vendored.docscrape", "NumpyDocString"): AsWritten,
    ("matplotlib.artist", "kwdoc"): lambda artist: "",
}

with importing_when_used("numpy.f2py", "numpy.testing"):  # as quick_scipy does
    for (_module, _name), _value in REPLACED.items():
        with suppress(ImportError):  # another version may have no such module
            setattr(import_module(_module), _name, _value)
