"""Which names of Hive's folders, such as country in dt=2026-01-31/country=DE, are columns.

A name that both sides have is one if its values vary on both: `dt={date}` only says where the day's files are. The time
column is one in any case, and so is a name that is a column in the other side's files.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Partitions:
    """The names of a side's folders that are columns, and those that are none."""

    names: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()

    @property
    def options(self) -> str:
        """SQL for the options of DuckDB that read the names as columns of text, or that don't."""
        return f"hive_partitioning={str(bool(self.names)).lower()}, hive_types_autocast=false"


NONE = Partitions()


def find_common(files: Mapping[str, Sequence[str]], time_column: str) -> set[str]:
    """Return the names that the folders of both sides have and that are columns."""
    found = {side: [_values_in(file) for file in own] for side, own in files.items()}
    every = set.intersection(*(set(_names_in(own)) for own in files.values())) if files else set()
    varied = {name for name in every if all(len({values[name] for values in own}) > 1 for own in found.values())}
    return varied | ({time_column} & every)


def partitions_of(files: Sequence[str], common: set[str], others: Sequence[str]) -> Partitions:
    """Return what the folders of one side give; `others` are the columns in the other side's files, if it is open."""
    every = _names_in(files)
    names = tuple(name for name in every if name in common or name in others)
    return Partitions(names, frozenset(every) - {*names}) if names else NONE


def has_folders(files: Sequence[str]) -> bool:
    """Return whether the files are in folders of Hive's."""
    return bool(_names_in(files))


def _names_in(files: Sequence[str]) -> tuple[str, ...]:
    """Return the names in the folders of all files, none if they differ."""
    names = {tuple(_values_in(file)) for file in files}
    return names.pop() if len(names) == 1 else ()


def _values_in(file: str) -> dict[str, str]:
    folders = [part.partition("=") for part in re.split(r"[/\\]", file)[:-1] if "=" in part]
    return {name: value for name, _, value in folders}
