"""Merge the lines of two changed texts; where both changed the same lines, ours stay and the place is named."""

import re
from typing import NamedTuple

from driftmonitor.pipeline.github.git import Clone, scratch

MARKS = 60  # characters of a conflict mark: no line of a file has so many
MARK = re.compile(rb"([<=>])\1{59}(?: .*)?\r?\n?")
BINARY = 255  # what git merge-file returns


class Lines(NamedTuple):
    """A merged text, and the first and last line in it of each place at which ours were kept."""

    text: bytes
    kept: list[tuple[int, int]]


class NoText(Exception):  # noqa: N818  it says what is wrong
    """A file that has no lines, such as a picture."""


def merge_lines(clone: Clone, base: bytes, ours: bytes, theirs: bytes) -> Lines:
    """Merge two texts that began as `base`; the line ends are ours. Raises NoText."""
    ends_in_cr = b"\r\n" in ours
    sides = [text.replace(b"\r\n", b"\n") if ends_in_cr else text for text in (base, ours, theirs)]
    merged = _take_ours(_merge(clone, *sides))
    return merged._replace(text=merged.text.replace(b"\n", b"\r\n")) if ends_in_cr else merged


def _merge(clone: Clone, base: bytes, ours: bytes, theirs: bytes) -> bytes:
    """Return the merged text with git's marks around each conflict."""
    with scratch() as folder:
        names = {"ours": ours, "base": base, "theirs": theirs}
        for name, text in names.items():
            (folder / name).write_bytes(text)
        paths = [str(folder / name) for name in names]
        done = clone.start("merge-file", "-p", "-q", f"--marker-size={MARKS}", *paths)
    if done.code >= BINARY:
        raise NoText
    return done.output


def _take_ours(marked: bytes) -> Lines:
    lines: list[bytes] = []
    kept: list[tuple[int, int]] = []
    first, in_theirs = 0, False
    for line in marked.splitlines(keepends=True):
        mark = MARK.fullmatch(line)
        if not mark:
            lines += [] if in_theirs else [line]
        elif mark[1] == b"<":
            first = len(lines) + 1
        elif mark[1] == b"=":
            in_theirs = True
        else:
            in_theirs = False
            kept.append((first, max(first, len(lines))))
    return Lines(b"".join(lines), kept)
