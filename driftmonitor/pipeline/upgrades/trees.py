"""The files of a commit by path, and a tree with some of them changed; no folder is touched."""

from collections.abc import Mapping
from typing import NamedTuple

from driftmonitor.pipeline.github.git import Clone, scratch


class File(NamedTuple):
    """A file in git: its mode, and the hash of its content."""

    mode: str
    blob: str


def files(clone: Clone, tree: str) -> dict[str, File]:
    """Return the files of a commit or tree by path."""
    listed = clone.run("ls-tree", "-r", "-z", "--full-tree", tree).decode("utf-8", "surrogateescape")
    pairs = (line.split("\t", 1) for line in listed.split("\0")[:-1])
    return {path: File(about.split()[0], about.split()[2]) for about, path in pairs}


def change(clone: Clone, tree: str, changed: Mapping[str, File | None]) -> str:
    """Return the hash of a tree in which these paths have these files, or none; the others stay."""
    nowhere = File("0", "0" * 40)
    lines = [f"{file.mode} {file.blob}\t{path}\0" for path, each in changed.items() for file in [each or nowhere]]
    with scratch() as folder:
        index = {"GIT_INDEX_FILE": str(folder / "index")}
        clone.run("read-tree", tree, environ=index)
        sent = "".join(lines).encode("utf-8", "surrogateescape")
        clone.run("update-index", "-z", "--index-info", sent=sent, environ=index)
        return clone.read("write-tree", environ=index)


def content(clone: Clone, blob: str) -> bytes:
    """Return the content of a file."""
    return clone.run("cat-file", "blob", blob)


def store(clone: Clone, text: bytes) -> str:
    """Store a file's content and return its hash."""
    return clone.read("hash-object", "-w", "--stdin", sent=text)
