"""The four stages of a run, each of which can be run alone and again: execute, record, publish, deliver."""

import importlib
from types import ModuleType

__all__ = ["deliver", "execute", "publish", "record"]


def __getattr__(name: str) -> ModuleType:
    """Import a stage when it is asked for: `--help` and `status` need none, and each takes a while."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}.{name}")
