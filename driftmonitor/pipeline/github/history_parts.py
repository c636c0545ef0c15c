"""A history that is too long for one file on GitHub: the state branch holds it in parts, the state folder as one file.

GitHub warns of a file of over 50 MB, and refuses one of over 100 MB.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import count, takewhile
from pathlib import Path

from driftmonitor import reports
from driftmonitor.regular_files import Folder

HISTORY = "history.db"
PART_BYTES = 40_000_000


def part_name(number: int) -> str:
    """Return the name of a part on the branch; the first has number 1."""
    return f"{HISTORY}.part{number}"


def names(exists: Callable[[str], bool]) -> Iterator[str]:
    """Yield the names under which a history is kept: its own, or those of its parts in their order."""
    if exists(HISTORY):
        yield HISTORY
        return
    yield from takewhile(exists, map(part_name, count(1)))


def is_long(folder: Path) -> bool:
    """Return whether the history in a folder has to be saved in parts."""
    return (folder / HISTORY).stat().st_size > PART_BYTES


def split(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each part of the history in a folder, one at a time."""
    with (folder / HISTORY).open("rb") as file:
        for number in count(1):
            content = file.read(PART_BYTES)
            if not content:
                return
            yield part_name(number), content


def join(folder: Path) -> None:
    """Put the parts in a folder together as its history, and remove them; without parts, do nothing."""
    inside = Folder(folder)
    parts = [name for name in names(inside.has) if name != HISTORY]
    if not parts:
        return
    write(folder, map(inside.read, parts))
    for part in parts:
        (folder / part).unlink()


def write(folder: Path, contents: Iterable[bytes]) -> None:
    """Write the history in a folder, in place of one that is there, from the content of its file or of its parts."""
    unfinished = folder / f".{HISTORY}.unfinished"
    reports.remove(unfinished)
    with unfinished.open("xb") as whole:
        whole.writelines(contents)
    unfinished.replace(folder / HISTORY)
