"""Ask finders of modules in another order, import a name of a module, and hide modules."""

import importlib
import importlib.abc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def asked_first(finder: importlib.abc.MetaPathFinder) -> Iterator[None]:
    """Ask `finder` before all others for each module that is imported while the block runs."""
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@contextmanager
def hiding(*modules: str) -> Iterator[None]:
    """Let modules that are not imported yet seem not to be installed while the block runs."""
    hidden = [name for name in modules if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # makes its import fail
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def import_name(module: str, name: str) -> Any:
    """Return a name of a module, or a module inside it."""
    imported = importlib.import_module(module)
    if name not in vars(imported):
        with suppress(ModuleNotFoundError):
            return importlib.import_module(f"{module}.{name}")
    return getattr(imported, name)
