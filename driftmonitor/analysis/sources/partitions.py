"""Which names of Hive's folders, such as country in dt=2026-01-31/country=DE, are columns.

A name is one if its values vary on both sides: `dt={date}` only says where the day's files are. The time column is one
in any case.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Partitions:
    """The names of folders that are columns, and those that are none."""

    names: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()

    @property
    def options(self) -> str:
        """SQL for the options of DuckDB that read the names as columns of text, or that don't."""
        return f"hive_partitioning={str(bool(self.names)).lower()}, hive_types_autocast=false"


NONE = Partitions()


def find_partitions(files: Mapping[str, Sequence[str]], time_column: str) -> Partitions:
    """Return the names in the folders of both sides' files, if all files have the same names."""
    found = {side: [_values_in(file) for file in own] for side, own in files.items()}
    names = {tuple(values) for own in found.values() for values in own}
    if len(names) != 1:
        return NONE
    every = names.pop()
    varied = {name for name in every if all(len({values[name] for values in own}) > 1 for own in found.values())}
    columns = tuple(name for name in every if name in varied | {time_column})
    return Partitions(columns, frozenset(every) - set(columns)) if columns else NONE


def _values_in(file: str) -> dict[str, str]:
    folders = [part.partition("=") for part in re.split(r"[/\\]", file)[:-1] if "=" in part]
    return {name: value for name, _, value in folders}
