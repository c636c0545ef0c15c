"""Read from a package's code where each name that it offers comes from, without running it."""

import ast
import importlib
import importlib.abc
import re
from collections.abc import Iterable, Iterator
from importlib.machinery import PathFinder
from importlib.util import resolve_name
from types import ModuleType

PLAIN_LIST = re.compile(r"^__all__ = \[[^]]*\]", re.MULTILINE)

Place = tuple[str, str]  # a module, and the name there, or of a module inside it


class Offer:
    """The names of a package whose code has not run."""

    def __init__(self, package: ModuleType, source: str) -> None:
        self.package, self.path = package.__name__, package.__path__
        self.computed: list[str] = []  # modules that are imported with *, and compute what that means
        self.places: dict[str, Place] = dict(self._read(source))

    def find(self, name: str) -> Place | None:
        """Return where a name that the code does not mention comes from, or None."""
        if PathFinder.find_spec(f"{self.package}.{name}", self.path):
            return self.package, name
        return next(((each, name) for each in self.computed if hasattr(importlib.import_module(each), name)), None)

    def _read(self, source: str) -> Iterator[tuple[str, Place]]:
        """Yield name and place for each `from module import name`, and for each name that * means."""
        for node in ast.parse(source).body:
            if isinstance(node, ast.ImportFrom):
                written = "." * node.level + (node.module or "")
                module = resolve_name(written, self.package) if node.level else written
                for alias in node.names:
                    if alias.name == "*":
                        yield from ((name, (module, name)) for name in self._listed(module))
                    else:
                        yield alias.asname or alias.name, (module, alias.name)

    def _listed(self, module: str) -> Iterable[str]:
        """Return the names in a module's `__all__`, as far as that is a plain list."""
        spec = PathFinder.find_spec(module, self.path)
        loader = spec.loader if spec else None
        source = (loader.get_source(module) or "") if isinstance(loader, importlib.abc.InspectLoader) else ""
        plain = PLAIN_LIST.search(source)
        if not plain or "__all__ +=" in source:
            self.computed.append(module)
        return re.findall(r"""['"](\w+)['"]""", plain[0]) if plain else []
