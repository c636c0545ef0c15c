"""Compare the days of a table as backfill does, and keep what was found beside the table: it depends on no rule."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.tables.known import Table
from driftmonitor import ROOT
from driftmonitor.config.params import Monitor
from driftmonitor.facts.earlier_days import ReferenceDays
from driftmonitor.facts.record import parse
from driftmonitor.pipeline.trials.backtests import Compared, gather

COMPARING = ("driftmonitor/analysis/**/*.py", "driftmonitor/facts/evidence.py")  # what decides how a day is compared


def compare(table: Table, monitor: Monitor, kept: Path) -> list[Compared]:
    """Return the record of each day that has data, with the days of its reference; from the folder `kept` if there."""
    path = kept / f"{table.name}-{_digest(table)}.json"
    if not path.exists():
        found, _ = gather(monitor, table.days, {}, None)
        kept.mkdir(exist_ok=True)
        path.write_text("\n".join(_write(found)), encoding="utf-8")
    return _read(path)


def _digest(table: Table) -> str:
    """Return a digest of the table, how it is read and the code that compares."""
    parts = sorted(table.path.rglob("*")) if table.path.is_dir() else [table.path]
    sizes = [(part.name, part.stat().st_size, part.stat().st_mtime_ns) for part in parts]
    told = json.dumps([dict(table.params), list(map(str, table.days)), sizes], default=str)
    code = b"".join(file.read_bytes() for files in COMPARING for file in sorted(ROOT.glob(files)))
    return hashlib.sha256(told.encode() + code).hexdigest()[:16]


def _write(found: Sequence[Compared]) -> list[str]:
    lines, last = [], None
    for record, days in found:
        new = days.model_dump(mode="json") if days is not None and days is not last else None
        lines.append(json.dumps([record.model_dump(mode="json"), new]))
        last = days
    return lines


def _read(path: Path) -> list[Compared]:
    found: list[Compared] = []
    days: ReferenceDays | None = None
    for line in path.read_text(encoding="utf-8").splitlines():
        record, new = json.loads(line)
        days = ReferenceDays.model_validate(new) if new else days
        found.append((parse(record, str(path)), days))
    return found
