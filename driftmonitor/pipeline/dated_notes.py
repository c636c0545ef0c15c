"""Read a monitor's dated notes, such as deployments: from the file that `monitor.events` names, or from Git's tags."""

import csv
import datetime as dt
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from driftmonitor import ROOT, DriftMonitorError
from driftmonitor.complaints import describe
from driftmonitor.config.params import Monitor
from driftmonitor.config.yaml_text import find_lines, read_yaml
from driftmonitor.facts.story import Note
from driftmonitor.formats import counted, one_line
from driftmonitor.regular_files import Missing, Unreadable, read_file

TAGS = "tags"
KEYS = ["date", "text"]
MOST_NOTES, LONGEST_TEXT, MOST_BYTES = 2000, 200, 1_000_000
GIT_SECONDS = 20.0
QUOTES = "not CSV; put quotes around the whole text, and double those inside"


def notes_of(monitor: Monitor) -> tuple[Note, ...]:
    """Return the notes of a monitor; none if they cannot be read, of which `validate` and `publish` say why.

    They are read once in a process: a backfill asks for them on each of its days.
    """
    return _find_notes(monitor.settings.events, monitor.path) if monitor.settings.events else ()


@lru_cache(maxsize=1000)
def _find_notes(where: str, params: Path) -> tuple[Note, ...]:
    try:
        return _read(where, params, ROOT)
    except DriftMonitorError:
        return ()


def read_notes(monitor: Monitor, root: Path = ROOT) -> tuple[Note, ...]:
    """Return a monitor's notes by date; tags are those of the repository at `root`. Raises DriftMonitorError."""
    return _read(monitor.settings.events, monitor.path, root) if monitor.settings.events else ()


def _read(where: str, params: Path, root: Path) -> tuple[Note, ...]:
    key = f"{params}: monitor.events"
    found = _read_tags(root, key) if where == TAGS else _read_file(where, key)
    return tuple(sorted(found, key=lambda note: note.date))


def _read_file(path: str, key: str) -> list[Note]:
    readers = {".csv": _read_csv, ".yaml": _read_yaml, ".yml": _read_yaml}
    reader = readers.get(Path(path).suffix.lower())
    if reader is None:
        raise DriftMonitorError(f"{key} is {_show(path)}; name a .csv or .yaml file, or write tags.")
    try:
        text = read_file(path, MOST_BYTES).decode("utf-8-sig")
    except Missing:
        raise DriftMonitorError(f"{key}: {path}: no such file; create it, or remove the key.") from None
    except Unreadable as error:
        reason = f"{path}: cannot be read: {error.strerror}; name another file, or remove the key"
        raise DriftMonitorError(f"{key}: {reason}.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DriftMonitorError(f"{path}: line {line}: not UTF-8 text; save the file as UTF-8.") from None
    notes: list[Note] = []
    for place, fields in reader(text, path):
        if len(notes) == MOST_NOTES:
            raise DriftMonitorError(f"{path}: more than {MOST_NOTES:,} events; keep the newest ones.")
        notes.append(_make_note(fields, f"{path}: {place}"))
    return notes


def _read_csv(text: str, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    csv.field_size_limit(2**31 - 1)  # a text that is too long is said to be
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        if header != KEYS:
            raise DriftMonitorError(f"{path}: line 1 is not date,text; begin the file with that line.")
        for row in rows:
            if row and len(row) != len(KEYS):
                remedy = "write date,text, the text in quotes if it has a comma"
                raise DriftMonitorError(f"{path}: line {rows.line_num}: has {counted(len(row), 'field')}; {remedy}.")
            if row:
                yield f"line {rows.line_num}", dict(zip(KEYS, row, strict=True))
    except csv.Error:
        raise DriftMonitorError(f"{path}: line {rows.line_num}: {QUOTES}.") from None


def _read_yaml(text: str, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = read_yaml(text, path)
    if found is None:
        return
    if not isinstance(found, list):
        raise DriftMonitorError(f"{path}: is {describe(found)}; give `- {{date: 2026-03-01, text: ...}}` lines.")
    for line, item in zip(find_lines(text), found, strict=True):
        if not isinstance(item, dict) or sorted(item) != KEYS:
            remedy = "write {date: 2026-03-01, text: ...}"
            raise DriftMonitorError(f"{path}: line {line}: does not have just date and text; {remedy}.")
        yield f"line {line}", item


def _make_note(fields: Mapping[str, Any], where: str) -> Note:
    day, text = fields["date"], fields["text"]
    try:
        date = dt.date.fromisoformat(day.strip())
    except (AttributeError, ValueError):
        raise DriftMonitorError(f"{where}: date is {_show(day)}; write it as 2026-01-31.") from None
    if not isinstance(text, str) or not text.strip():
        remedy = "say what happened" if isinstance(text, str) or text is None else "put it in quotes"
        raise DriftMonitorError(f"{where}: text is {_show(text)}; {remedy}.")
    if len(text) > LONGEST_TEXT:
        raise DriftMonitorError(f"{where}: text has {len(text):,} characters; use at most {LONGEST_TEXT}.")
    return Note(date, one_line(text, LONGEST_TEXT))


def _show(value: Any) -> str:
    """Return an invalid value, shortened; in a CSV file all are text."""
    return describe(value).removesuffix(" (text)")


def _read_tags(root: Path, key: str) -> list[Note]:
    """Return the repository's newest tags, each on the day on which it was made."""
    from driftmonitor.pipeline.github.git_command import Git

    command = ("for-each-ref", f"--count={MOST_NOTES}", "--sort=-creatordate", "refs/tags")
    form = "--format=%(creatordate:short) %(refname:strip=2)"
    ended = Git(root, os.environ).start(*command, form, seconds=GIT_SECONDS, most_bytes=MOST_BYTES)
    if ended.code:
        raise DriftMonitorError(f"{key}: no Git repository in {root}; name a file, or remove the key.")
    lines = ended.output.decode("utf-8", "replace").splitlines()
    return list(_parse_tags(lines))


def _parse_tags(lines: Sequence[str]) -> Iterator[Note]:
    for line in lines:
        day, _, name = line.partition(" ")
        with suppress(ValueError):  # a tag of a file or a folder has no date, and Git knows the year 10000
            date = dt.date.fromisoformat(day)
            if name:
                yield Note(date, f"tag {name[:LONGEST_TEXT]}")
