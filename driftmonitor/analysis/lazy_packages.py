"""Packages that import all they offer, imported by the names that are asked for."""

import ast
import importlib
import importlib.abc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import resolve_name
from types import ModuleType
from typing import Any


@contextmanager
def importing_by_name(*packages: str) -> Iterator[None]:
    """Import from `packages` nothing but the names that are asked for while the block runs.

    Asked for any other name later, a package imports all it offers, as it always does: nobody else sees a difference.
    A package that was imported before stays as it is.
    """
    finder = _Finder(packages)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for package in packages:
            if isinstance(module := sys.modules.get(package), _ByName):
                module.__dict__.pop(OFFERED, None)


OFFERED = "_offered_by_name"


class _ByName(ModuleType):
    """A package whose own code, which imports what it offers, has not run."""

    def __getattr__(self, name: str) -> Any:
        offered = self.__dict__.get(OFFERED, {})
        if name in offered:
            value = _import(*offered[name])
        elif name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        else:
            _complete(self)
            value = getattr(self, name)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        _complete(self)
        return dir(self)


def _complete(package: ModuleType) -> None:
    """Run the package's own code, once."""
    package.__class__ = ModuleType
    package.__dict__.pop(OFFERED, None)
    package.__spec__.loader.exec_module(package)


def _import(module: str, name: str) -> Any:
    found = importlib.import_module(module)
    return getattr(found, name) if hasattr(found, name) else importlib.import_module(f"{module}.{name}")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, packages: tuple[str, ...]) -> None:
        self.packages = packages

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name in self.packages else None
        if spec:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    """Leave the package's code for later, and read in it where each name comes from."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__.loader = module.__loader__ = self.real
        setattr(module, OFFERED, dict(_offered(module.__name__, self.real.get_source(module.__name__))))
        module.__class__ = _ByName


def _offered(package: str, source: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield name, (module, name there) of each `from module import name` in a package's code."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module
            for alias in node.names:
                yield alias.asname or alias.name, (module, alias.name)
