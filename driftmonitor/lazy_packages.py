"""Import large packages by the names that are used, without everything else that they import."""

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

OFFERED = "_offered_by_name"


def import_by_name(module: str, *packages: str, later: str = "") -> ModuleType:
    """Import `module`, and from `packages` only the names that it asks for; the whole packages where that fails.

    Names that it or others import from the package `later` are imported when they are used.
    """
    try:
        with importing_by_name(*packages), importing_later(later):
            return importlib.import_module(module)
    except Exception:  # another version of a package may need what was left out
        roots = {package.partition(".")[0] for package in packages}
        for name in [name for name in sys.modules if name.partition(".")[0] in roots]:
            del sys.modules[name]
        return importlib.import_module(module)


@contextmanager
def importing_by_name(*packages: str) -> Iterator[None]:
    """Import from `packages` only the names that are asked for while the block runs.

    If another name is asked for later, a package imports everything, as it usually does: its users see no difference. A
    package that was imported before stays as it is.
    """
    try:
        with _asked_first(_Finder(packages)):
            yield
    finally:
        for package in packages:
            if isinstance(module := sys.modules.get(package), _ByName):
                module.__dict__.pop(OFFERED, None)


@contextmanager
def importing_later(package: str) -> Iterator[None]:
    """Give a stand-in for each name that is imported from `package` while the block runs.

    It imports the real one when it is called or a part of it is asked for. A package that was imported before stays.
    """
    if not package or package in sys.modules:
        yield
        return
    try:
        with _asked_first(_LaterFinder(package)):
            yield
    finally:
        for name in [name for name, module in list(sys.modules.items()) if isinstance(module, _Later)]:
            del sys.modules[name]


@contextmanager
def _asked_first(finder: importlib.abc.MetaPathFinder) -> Iterator[None]:
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
        return _import(*self._place)(*args, **given)

    def __getattr__(self, name: str) -> Any:
        return getattr(_import(*self._place), name)


class _LaterFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] == self.package else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Later(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module's code runs when one of its names is used."""


class _ByName(ModuleType):
    """A package whose own code, which imports everything that it offers, has not run."""

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
    package.__loader__.exec_module(package)  # type: ignore[union-attr]  # the real loader, set by _Loader


def _import(module: str, name: str) -> Any:
    imported = importlib.import_module(module)
    return getattr(imported, name) if hasattr(imported, name) else importlib.import_module(f"{module}.{name}")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, packages: tuple[str, ...]) -> None:
        self.packages = packages

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name in self.packages else None
        if spec is None or not isinstance(spec.loader, importlib.abc.InspectLoader):
            return None
        spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    """Leave the package's code for later, and read from it where each name comes from."""

    def __init__(self, real: importlib.abc.InspectLoader) -> None:
        self.real = real

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self.real
        if module.__spec__:
            module.__spec__.loader = self.real
        setattr(module, OFFERED, dict(_offered(module.__name__, self.real.get_source(module.__name__) or "")))
        module.__class__ = _ByName


def _offered(package: str, source: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield name, (module, name there) for each `from module import name` in a package's code."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom):
            written = "." * node.level + (node.module or "")
            module = resolve_name(written, package) if node.level else written
            for alias in node.names:
                yield alias.asname or alias.name, (module, alias.name)
