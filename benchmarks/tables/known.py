"""The public tables that are known: where each comes from, how it is read, and its dated changes."""

import datetime as dt
from collections.abc import Iterator, Mapping
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
    source: str
    licence: str
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


def read_known(folder: Path) -> Iterator[Table]:
    """Yield the known tables, each at its place in a folder; of one that is not there too."""
    for name, known in yaml.load(KNOWN.read_text(encoding="utf-8"), yaml.BaseLoader).items():
        params = dict(known["params"])
        params.setdefault("reference", "{table}")
        first, last = map(dt.date.fromisoformat, known["days"].split("/"))
        changes = {dt.date.fromisoformat(day): what for day, what in known.get("changes", {}).items()}
        path = (folder / known["file"]).absolute()
        days = tuple(days_between(first, last))
        yield Table(name, known["kind"], path, known["from"], known["licence"], days, params, changes)
