"""Data files that are hostile or broken: a monitor may fail in one line, which has no row's value and no command."""

import gzip
import json
import os
import random
import secrets
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks.attacks.tally import Tally
from benchmarks.attacks.world import World, choose, in_batches

AT_ONCE = 6
ROWS = 300


def attack(folder: Path, tries: int, tally: Tally) -> None:
    """Run monitors with hostile data beside the neighbours, a few at once."""
    for world, numbers in in_batches(folder, tries, AT_ONCE):
        once(world, numbers, tally)


def once(world: World, numbers: range, tally: Tally) -> None:
    """Run one hostile table for each number."""
    world.add_neighbours()
    person = f"person-{secrets.token_hex(8)}"  # stands in rows; no output may have it
    done = []
    for number in numbers:
        name = choose(ATTACKS, number)
        done.append(name)
        make_monitor(world, f"hostile{number}", name, person)
    ended = world.run("")
    problems = world.complaints(ended)
    leaks = world.leaks({"row's value": person})
    tally.note(
        len(numbers),
        [f"{', '.join(done)}: {each}" for each in problems],
        leaks=[f"{', '.join(done)}: {e}" for e in leaks],
    )


def make_monitor(world: World, monitor: str, name: str, person: str) -> None:
    """Write a good reference and a hostile file of the day, or the other way round, and a monitor on them."""
    folder = world.data / monitor
    folder.mkdir()
    good = folder / "good.csv"
    good.write_text(text(rows()))
    bad, more = ATTACKS[name](folder, person)
    sides = [good, bad] if random.random() < 0.7 or bad.is_dir() else [bad, good]
    lines = [f"reference: '{sides[0]}'", f"current: '{sides[1]}'", "source: files", more]
    world.monitor(monitor, "\n".join(line for line in lines if line))


def rows() -> list[list[str]]:
    """Return a header and rows of a plain table."""
    numbers = [[f"{random.gauss(50, 9):.2f}", random.choice(["red", "blue"]), f"{n % 70}"] for n in range(ROWS)]
    return [["amount", "colour", "age"], *numbers]


def text(table: list[list[str]], delimiter: str = ",") -> str:
    return "".join(delimiter.join(row) + "\n" for row in table)


def changed(change: Callable[[list[list[str]], str], object], name: str = "day.csv", more: str = ""):
    """Return an attack that changes the rows of a CSV."""

    def make(folder: Path, person: str) -> tuple[Path, str]:
        table = rows()
        change(table, person)
        path = folder / name
        path.write_text(text(table), encoding="utf-8", errors="surrogateescape")
        return path, more

    return make


def raw(content: Callable[[str], bytes], name: str = "day.csv", more: str = ""):
    """Return an attack that writes the bytes of a file."""

    def make(folder: Path, person: str) -> tuple[Path, str]:
        path = folder / name
        path.write_bytes(content(person))
        return path, more

    return make


def placed(place: Callable[[Path], object], name: str = "day.csv"):
    """Return an attack that puts something else than a file where the file should be."""

    def make(folder: Path, person: str) -> tuple[Path, str]:
        place(folder / name)
        return folder / name, ""

    return make


def parquet(change: Callable[[bytes], bytes]):
    """Return an attack on a Parquet file's bytes."""

    def make(folder: Path, person: str) -> tuple[Path, str]:
        path = folder / "day.parquet"
        header, *body = rows()
        frame = pd.DataFrame(body, columns=header).assign(amount=1.5, age=3)
        frame["colour"] = [f"{person}-{number}" for number in range(len(frame))]  # no category, whose name is shown
        frame.to_parquet(path)
        path.write_bytes(change(path.read_bytes()))
        return path, ""

    return make


def _at(place: int, row: Callable[[str], list[str]]):
    return lambda table, person: table.__setitem__(place, row(person))


def _after_many(row: Callable[[str], list[str]]):
    return lambda table, person: table.extend([*rows()[1:] * 80, row(person)])


def _column(place: int, value: Callable[[str, int], str], name: str = ""):
    def change(table: list[list[str]], person: str) -> None:
        table[0][place] = name or table[0][place]
        for number, row in enumerate(table[1:]):
            row[place] = value(person, number)

    return change


def _flip(content: bytes) -> bytes:
    changed_bytes = bytearray(content)
    for _ in range(20):
        changed_bytes[random.randrange(len(content))] = random.randrange(256)
    return bytes(changed_bytes)


def _lines(person: str) -> list[str]:
    return [json.dumps({"amount": n / 7, "colour": "red", "name": person}) for n in range(ROWS)]


def _date(person: str, number: int) -> str:
    return person if number == 40 else f"2026-03-{number % 28 + 1:02}"


def _only_one_column(table: list[list[str]], person: str) -> None:
    table[:] = [row[:1] for row in table]


def _json_with(line: str) -> Callable[[str], bytes]:
    return lambda person: "\n".join([*_lines(person), line.replace("PERSON", person)]).encode()


def _named(name: str):
    return changed(_column(1, lambda person, number: "red", '"' + name.replace('"', "") + '"'))


def _with_categories(name: str):
    return changed(_column(1, lambda person, number: f'"{name}"' if number % 3 else "red"))


WINDOWS = "time_column: at\nreference_window: 20d\ncurrent_window: 1d"
NAMES = (
    "##[add-mask]true", "::set-output name=x::y", "<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "x" * 5_000,
    "\u202eevil", "a|b*c_d`e", "\u001b[31mred", "{{ 7*7 }}", "${{ secrets.X }}", "'; DROP TABLE runs; --", "__class__",
    " ", "%s%n", "@everyone",
)  # fmt: skip
ATTACKS: dict[str, Callable[[Path, str], tuple[Path, str]]] = {
    "a short row": changed(_at(40, lambda person: [person])),
    "a long row": changed(_at(40, lambda person: ["1", person, "3", person, "5"])),
    "a short last row": changed(_at(-1, lambda person: [person])),
    "a short row after many": changed(_after_many(lambda person: [person])),
    "a long row after many": changed(_after_many(lambda person: ["1", person, person, "4"])),
    "a word after many numbers": changed(_after_many(lambda person: ["x", "red", "3"])),
    "an open quote": changed(_at(40, lambda person: ["1", '"x', "3"])),
    "a quote within": changed(_at(40, lambda person: ["1", 'a"x"b', "3"])),
    "a word among numbers": changed(_at(40, lambda person: ["x", "red", "3"])),
    "a late word among numbers": changed(_at(-2, lambda person: ["x", "red", "3"])),
    "a NUL in a row": changed(_at(40, lambda person: ["1\0", "red", "3"])),
    "a row of no UTF-8": changed(_at(40, lambda person: ["1", "\udcff\udcfe", "3"])),
    "words among numbers": changed(_column(2, lambda person, number: "x" if number % 2 else "9")),
    "a bad date": changed(_column(2, _date, "at"), more=WINDOWS),
    "a time column of words": changed(_column(2, lambda person, number: f"{person}{number}", "at"), more=WINDOWS),
    "no header": changed(lambda table, person: table.__setitem__(0, ["1.5", "red", "3"])),
    "one column": changed(_only_one_column),
    "only a header": changed(lambda table, person: table.__delitem__(slice(1, None))),
    "twice one name": changed(lambda table, person: table.__setitem__(0, ["amount", "amount", "amount"])),
    "a field of 3 MB": changed(_at(40, lambda person: ["1", "x" * 3_000_000, "3"])),
    "no delimiter": raw(lambda person: (person + "\n").encode() * 50),
    "empty": raw(lambda person: b""),
    "noise": raw(lambda person: random.randbytes(20_000) + person.encode()),
    "UTF-16 cut short": raw(lambda person: f"amount,colour\n1,{person}\n".encode("utf-16")[:-1]),
    "an archive cut short": raw(lambda person: gzip.compress(f"name\n{person}\n".encode() * 999)[:-60], "day.csv.gz"),
    "an archive of noise": raw(lambda person: b"\x1f\x8b" + random.randbytes(500), "day.csv.gz"),
    "an archive of zeros": raw(lambda person: gzip.compress(b"amount\n" + b"0" * 40_000_000), "day.csv.gz"),
    "JSON cut short": raw(lambda person: "\n".join(_lines(person))[:-9].encode(), "day.json"),
    "JSON of brackets": raw(lambda person: b"[" * 200_000, "day.json"),
    "JSON of mixed types": raw(_json_with('{"amount": "x", "colour": ["x"]}'), "day.json"),
    "JSON with a bad date": raw(_json_with('{"amount": "PERSON'), "day.json"),
    "Parquet cut short": parquet(lambda content: content[: len(content) // 2]),
    "Parquet with other bytes": parquet(_flip),
    "Parquet without an end": parquet(lambda content: content[:-8]),
    "text named Parquet": raw(lambda person: person.encode() * 100, "day.parquet"),
    "a folder": placed(lambda path: path.mkdir()),
    "a FIFO": placed(os.mkfifo),
    "a link to a FIFO": placed(lambda path: (os.mkfifo(f"{path}.fifo"), path.symlink_to(f"{path}.fifo"))),
    "a link to the environment": placed(lambda path: path.symlink_to("/proc/self/environ")),
    "a link to zeros": placed(lambda path: path.symlink_to("/dev/zero")),
    "a link to itself": placed(lambda path: path.symlink_to(path)),
    "nothing": placed(lambda path: None),
    **{f"a column named {name[:24]!r}": _named(name) for name in NAMES},
    **{f"categories named {name[:24]!r}": _with_categories(name) for name in NAMES},
}  # fmt: skip
