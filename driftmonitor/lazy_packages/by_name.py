"""Import from packages only the names that are asked for."""

import importlib
import importlib.abc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from driftmonitor.lazy_packages.finding import asked_first, import_name
from driftmonitor.lazy_packages.later import importing_later
from driftmonitor.lazy_packages.offers import Offer

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
        with asked_first(_Finder(packages)):
            yield
    finally:
        for package in packages:
            if isinstance(module := sys.modules.get(package), _ByName):
                module.__dict__.pop(OFFERED, None)


class _ByName(ModuleType):
    """A package whose own code, which imports everything that it offers, has not run."""

    def __getattr__(self, name: str) -> Any:
        offer = self.__dict__.get(OFFERED)
        place = offer.places.get(name) if offer else None
        if not place and name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        if offer and (place := place or offer.find(name)):
            value = import_name(*place)
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
        setattr(module, OFFERED, Offer(module, self.real.get_source(module.__name__) or ""))
        module.__class__ = _ByName
