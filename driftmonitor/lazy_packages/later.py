"""Import what others import at once only when it is used."""

import importlib.abc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from driftmonitor.lazy_packages.finding import asked_first, import_name


@contextmanager
def importing_later(package: str) -> Iterator[None]:
    """Give a stand-in for each name that is imported from `package` while the block runs.

    It imports the real one when it is called or a part of it is asked for. A package that was imported before stays.
    """
    if not package or package in sys.modules:
        yield
        return
    try:
        with asked_first(_LaterFinder(package)):
            yield
    finally:
        for name in [name for name, module in list(sys.modules.items()) if type(module) is _Later]:
            del sys.modules[name]


@contextmanager
def importing_when_used(*modules: str) -> Iterator[None]:
    """Let the code of `modules` run when one of their names is asked for, not when the block imports them."""
    with asked_first(_WhenUsedFinder(modules)):
        yield


class _Later(ModuleType):
    """A module that was not imported: its names are stand-ins."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn(self.__name__, name)


class _StandIn:
    """A class or function of a module that is not imported yet."""

    def __init__(self, module: str, name: str) -> None:
        self._place = module, name

    def __call__(self, *args: Any, **given: Any) -> Any:
        return import_name(*self._place)(*args, **given)

    def __getattr__(self, name: str) -> Any:
        return getattr(import_name(*self._place), name)


class _LaterFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] == self.package else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Later(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module's code runs when one of its names is used."""


class _WhenUsed(ModuleType):
    """A module whose code runs when a name is asked for that the import system has not set."""

    def __getattr__(self, name: str) -> Any:
        self.__class__ = ModuleType  # type: ignore[assignment]  # as _ByName does
        self.__spec__.loader.real.exec_module(self)  # type: ignore[union-attr]  # of _WhenUsedLoader
        return getattr(self, name)


class _WhenUsedLoader(importlib.abc.Loader):
    def __init__(self, real: importlib.abc.Loader) -> None:
        self.real = real

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module's code for later."""
        module.__class__ = _WhenUsed


class _WhenUsedFinder(importlib.abc.MetaPathFinder):
    def __init__(self, modules: tuple[str, ...]) -> None:
        self.modules = modules

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name in self.modules else None
        if spec and spec.loader:
            spec.loader = _WhenUsedLoader(spec.loader)
        return spec
