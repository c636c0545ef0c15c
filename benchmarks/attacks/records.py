"""Damaged files of some monitors: records, notebooks, pages, rows of the history; the others must not suffer."""

import contextlib
import json
import os
import random
import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.attacks.tally import Tally
from benchmarks.attacks.world import NEIGHBOURS, World, in_batches
from tests.samples import day

AT_ONCE = 6  # damaged monitors beside the neighbours


def attack(folder: Path, tries: int, tally: Tally) -> None:
    """Damage files before they are recorded, and others after; publish and send each time."""
    for world, numbers in in_batches(folder, tries, AT_ONCE):
        once(world, len(numbers), tally)


def once(world: World, tries: int, tally: Tally) -> None:
    """Damage one file of each of some monitors, and run everything but the notebooks for two days."""
    damaged, done, problems = [f"hostile{n}" for n in range(tries)], [], []
    for number in (0, 1):
        for name, status in NEIGHBOURS.items():
            world.report(name, number, status)
        for name in damaged:
            world.report(name, number, random.choice(["healthy", "drift", "failed"]))
        if number == 0:
            done += [damage(world, name) for name in damaged[::2]]
        problems += stages(world, number)
        if number == 0:
            done += [damage(world, name) for name in damaged[1::2]]
            if random.random() < 0.5:
                done.append(damage_history(world, damaged[-1]))
    lost = lacks(world, NEIGHBOURS)
    named = [f"{', '.join(done)}: {each}" for each in problems + lost]
    tally.note(tries, named, lost=len(lost), leaks=world.leaks())


def stages(world: World, number: int) -> list[str]:
    """Record, publish, send and show; return what was wrong."""
    return [each for command in ("record", "publish", "alert", "publish", "status")
            for each in world.console_problems(world.run(command, number))]  # fmt: skip


def lacks(world: World, statuses: dict[str, str]) -> list[str]:
    """Return which of the neighbours' pages and messages are missing after two days."""
    missing = []
    for name, status in statuses.items():
        for number in (0, 1):
            if not (world.site / name / f"{day(number)}" / "index.html").is_file():
                missing.append(f"{name} has no page of {day(number)}")
        if status == "drift" and world.times(f"{name}:{day(0)}:drift_started") != 1:
            missing.append(f"{name}'s alert came {world.times(f'{name}:{day(0)}:drift_started')} times")
    return missing


def damage(world: World, name: str) -> str:
    """Damage one of a monitor's files; return what was done."""
    report = world.state / "reports" / name / f"{day(0)}"
    target = report / random.choice(["record.json", "record.json", "notebook.ipynb", "evidently.html"])
    way = random.choice(list(WAYS))
    with contextlib.suppress(FileNotFoundError):
        WAYS[way](target, world)
    return f"{target.name} {way}"


def _rewrite(change: Callable[[bytes], bytes]) -> Callable[[Path, World], None]:
    return lambda path, world: path.write_bytes(change(path.read_bytes())) and None


def _replace(make: Callable[[Path, World], object]) -> Callable[[Path, World], None]:
    def replaced(path: Path, world: World) -> None:
        path.unlink()
        make(path, world)

    return replaced


def _change_a_value(content: bytes) -> bytes:
    """Replace one value somewhere in a JSON file by one that does not belong there."""
    try:
        whole = json.loads(content)
    except ValueError:
        return content[:-5]
    node: Any = whole
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = random.choice(keys)
        if not isinstance(node[key], dict | list) or not node[key] or random.random() < 0.2:
            node[key] = random.choice(ODD)
            return json.dumps(whole).encode()
        node = node[key]


def _flip_bytes(content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(random.randint(1, 30)):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _open_socket(path: Path, world: World) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        short = world.folder / "s"  # an address of a socket may have at most 107 characters
        short.unlink(missing_ok=True)
        server.bind(str(short))
        short.rename(path)


ODD: list[Any] = [
    None, True, -1, 10**400, 1e308, "", "x" * 100_000, "\u0000", "\ud800", "..", "../../calm", "<script>alert(1)",
    "##[add-mask]true", "\n::warning::x", [], {}, [[]] * 50, {"": ""}, "2026-13-45", "9999-12-31", [1] * 10_000,
]  # fmt: skip
WAYS: dict[str, Callable[[Path, World], None]] = {
    "empty": _rewrite(lambda content: b""),
    "cut": _rewrite(lambda content: content[: random.randrange(len(content) + 1)]),
    "with other bytes": _rewrite(_flip_bytes),
    "with an odd value": _rewrite(_change_a_value),
    "not UTF-8": _rewrite(lambda content: b"\xff\xfe" + content),
    "UTF-16": _rewrite(lambda content: content.decode("utf-8", "replace").encode("utf-16")),
    "with a BOM": _rewrite(lambda content: b"\xef\xbb\xbf" + content),
    "of brackets": _rewrite(lambda content: b"[" * 100_000),
    "of deep mappings": _rewrite(lambda content: b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    "with a long number": _rewrite(lambda content: b'{"schema": ' + b"9" * 6_000 + b"}"),
    "NaN": _rewrite(lambda content: b"NaN"),
    "of another": _rewrite(lambda content: content.replace(b"hostile", b"calm")),
    "with a NUL": _rewrite(lambda content: content[:20] + b"\0" + content[20:]),
    "of 30 MB": _rewrite(lambda content: content + b" " * 30_000_000),
    "gone": _replace(lambda path, world: None),
    "a folder": _replace(lambda path, world: path.mkdir()),
    "a FIFO": _replace(lambda path, world: os.mkfifo(path)),
    "a socket": _replace(_open_socket),
    "a link to a secret": _replace(lambda path, world: path.symlink_to(world.secret_file)),
    "a link to the environment": _replace(lambda path, world: path.symlink_to("/proc/self/environ")),
    "a link to itself": _replace(lambda path, world: path.symlink_to(path)),
    "a link to nowhere": _replace(lambda path, world: path.symlink_to("/nowhere/at/all")),
    "a link to zeros": _replace(lambda path, world: path.symlink_to("/dev/zero")),
    "in a linked folder": lambda path, world: _link_folder(path.parent, world),
    "beside a copy of its folder": lambda path, world: shutil.copytree(path.parent, f"{path.parent}.bak") and None,
    "beside an impossible day": lambda path, world: (path.parent.parent / "2026-13-45").mkdir(),
    "beside a file with a day's name": lambda path, world: (path.parent.parent / "2026-03-09").write_text("x") and None,
    "beside a strange name": lambda path, world: (path.parent / "a\n::warning::b.html").write_text("x") and None,
    "beside a link": lambda path, world: (path.parent / "plot.png").symlink_to(world.secret_file),
    "unreadable": lambda path, world: path.chmod(0),
}


def _link_folder(folder: Path, world: World) -> None:
    """Replace a report's folder by a link to one with a secret."""
    outside = world.folder / "secret" / folder.parent.name
    if not outside.exists():
        shutil.move(folder, outside)
        shutil.copy(world.secret_file, outside / "evidently.html")
        folder.symlink_to(outside)


def damage_history(world: World, name: str) -> str:
    """Make one value in a monitor's rows of the history unreadable; return what was done."""
    with contextlib.closing(sqlite3.connect(world.state / "history.db")) as connection, connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        tables = {name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for (name,) in names}
        choices = [(table, column) for table, columns in tables.items() if "monitor" in columns
                   for column in columns if column not in ("monitor", "run_date", "id", "event_id")]  # fmt: skip
        table, column = random.choice(choices)
        value = random.choice(["[" * 50_000, "", "{", "not at all", b"\xff\xfe", 10**15, "9999-99-99", "NaN"])
        with contextlib.suppress(sqlite3.Error):  # a constraint refused it
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE monitor = ?", (value, name))
    return f"history {table}.{column} = {value!r:.20}"
