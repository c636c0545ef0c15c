"""The public tables that are known: where each comes from, how it is read, and its dated changes."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from driftmonitor.config.params import Monitor, read_monitor
from driftmonitor.pipeline.backfill import days_between
from driftmonitor.pipeline.notebooks.notebook_file import notebook_parameters

KNOWN = Path(__file__).with_name("known.yaml")


@dataclass(frozen=True)
class Table:
    """A table: `days` are judged, in order; `params` are the monitor's; `changes` are known, by their first day."""

    name: str
    kind: str
    path: Path
    days: tuple[dt.date, ...]
    params: Mapping[str, Any]
    changes: Mapping[dt.date, str]

    def monitor(self, folder: Path, budget: float) -> Monitor:
        """Return the monitor of this table, whose params file is written into a folder."""
        alert = {"rule": "budget", "false_alarms_per_year": budget}
        text = yaml.safe_dump({**self.params, "monitor": {"alert": alert}}, sort_keys=False)
        path = folder / f"{self.name}.yaml"
        path.write_text(text.replace("{table}", str(self.path)), encoding="utf-8")
        return read_monitor(path, notebook_parameters)


def read_known(folder: Path, only: Sequence[str] | None = None, known: Path | None = None) -> Iterator[Table]:
    """Yield the tables that a folder has, in the order of the file of `known` ones; if given, `only` those names."""
    described = yaml.load((known or KNOWN).read_text(encoding="utf-8"), yaml.BaseLoader)
    for name in described if only is None else only:
        table = _read(name, described[name], folder)
        if table.path.exists():
            yield table


def _read(name: str, known: Mapping[str, Any], folder: Path) -> Table:
    first, last = map(dt.date.fromisoformat, known["days"].split("/"))
    changes = {dt.date.fromisoformat(day): what for day, what in known.get("changes", {}).items()}
    params = {**known["params"], "reference": known["params"].get("reference", "{table}")}
    days = tuple(days_between(first, last))
    return Table(name, known["kind"], (folder / known["file"]).absolute(), days, params, changes)
