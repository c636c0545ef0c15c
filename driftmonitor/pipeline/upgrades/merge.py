"""Merge a version of the template into a repository's files. Where both changed the same lines, the user's stay."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from driftmonitor import DriftMonitorError
from driftmonitor.formats import one_line, some_names
from driftmonitor.pipeline.github.git import Clone
from driftmonitor.pipeline.upgrades import trees
from driftmonitor.pipeline.upgrades.merge_lines import NoText, merge_lines
from driftmonitor.pipeline.upgrades.merge_notebooks import merge_notebooks
from driftmonitor.pipeline.upgrades.owners import is_users
from driftmonitor.pipeline.upgrades.pins import LOCKS, is_lock, merge_locks, undo_pins
from driftmonitor.pipeline.upgrades.trees import File

BASE, OURS, THEIRS = 1, 2, 3  # git's numbers of the sides
STAGE = re.compile(r"(\d{6}) ([0-9a-f]{40,64}) ([123])\t(.+)", re.DOTALL)
LINES_NAMED = 3
# Git merges lines, which makes a notebook invalid and a lock one that nobody tested; with this it hands them over.
ATTRIBUTES = "".join(f"{pattern} merge=binary\n" for pattern in ("*.ipynb", *(f"/{lock}" for lock in LOCKS)))
SETTINGS = ("-c", "merge.directoryRenames=true", "-c", "merge.renameLimit=10000")

Contents = tuple[bytes, list[str], list[str]]  # a merged file, where ours stay, and what stays deleted in it


@dataclass
class Merged:
    """A merged tree, and what a person must know about it, one line for each file or cell."""

    tree: str
    kept: list[str] = field(default_factory=list)  # the new version's change was not taken
    stayed_deleted: list[str] = field(default_factory=list)
    not_added: list[str] = field(default_factory=list)  # examples, which are in the user's folders


def merge(clone: Clone, base: str, ours: str, theirs: str) -> Merged:
    """Merge two trees that began as `base`. No common history is needed."""
    merged, stages = _merge_with_git(clone, base, ours, theirs)
    result = Merged(merged)
    old, own, new = (trees.files(clone, tree) for tree in (base, ours, theirs))
    changed = {path: _settle(clone, path, sides, result) for path, sides in stages.items() if not is_users(path)}
    changed |= {path: own.get(path) for path in {*trees.files(clone, merged), *own} if is_users(path)}
    unwanted = _find_unwanted(old, own, new)
    result.not_added = sorted(filter(is_users, {*new} - {*own, *old}))
    result.stayed_deleted += unwanted
    result.tree = trees.change(clone, merged, changed | dict.fromkeys(unwanted))
    return result


def _find_unwanted(old: Iterable[str], own: Iterable[str], new: Iterable[str]) -> list[str]:
    """Return the new files of folders that the user deleted."""
    deleted = folders_of(old) - folders_of(own)
    return sorted(path for path in {*new} - {*old, *own} if folders_of([path]) & deleted and not is_users(path))


def folders_of(paths: Iterable[str]) -> set[str]:
    """Return the folders that files are in."""
    return {str(folder) for path in paths for folder in PurePosixPath(path).parents} - {"."}


def _merge_with_git(clone: Clone, base: str, ours: str, theirs: str) -> tuple[str, dict[str, dict[int, File]]]:
    """Return git's merged tree, and the sides of each file that git could not merge."""
    attributes = clone.root / ".git/info/attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text(ATTRIBUTES, encoding="utf-8")
    start = clone.commit(base, "base")
    sides = [clone.commit(tree, "side", start) for tree in (ours, theirs)]
    done = clone.start(*SETTINGS, "merge-tree", "--write-tree", "-z", "--no-messages", *sides)
    fields = done.output.decode("utf-8", "surrogateescape").split("\0")
    if done.code not in (0, 1) or len(fields[0]) < 40:
        raise DriftMonitorError("git: cannot merge trees; install git 2.38 or later, and run again.")
    stages: dict[str, dict[int, File]] = defaultdict(dict)
    for mode, blob, stage, path in (found.groups() for found in map(STAGE.fullmatch, fields[1:]) if found):
        stages[path][int(stage)] = File(mode, blob)
    return fields[0], stages


def _settle(clone: Clone, path: str, sides: Mapping[int, File], result: Merged) -> File | None:
    """Return the file that the merged tree gets where git found a conflict."""
    own, new = sides.get(OURS), sides.get(THEIRS)
    if own and new:
        return _merge_file(clone, path, sides, result)
    if own and BASE in sides:
        result.kept.append(f"{one_line(path)}: changed by you, and gone in the new version; it stays")
    elif new and BASE in sides:
        result.stayed_deleted.append(path)
        return None
    return own or new


def _merge_file(clone: Clone, path: str, sides: Mapping[int, File], result: Merged) -> File:
    """Merge the contents of a file that both have."""
    own, new = sides[OURS], sides[THEIRS]
    old = trees.content(clone, sides[BASE].blob) if BASE in sides else b""
    mine, later = trees.content(clone, own.blob), trees.content(clone, new.blob)
    text, kept, deleted = _merge_contents(clone, path, old, mine, later)
    result.kept += [f"{one_line(path)}{place}" for place in kept]
    result.stayed_deleted += [f"cell {name} of {path}" for name in deleted]
    mode = new.mode if BASE in sides and own.mode == sides[BASE].mode else own.mode
    return File(mode, trees.store(clone, text))


def _merge_contents(clone: Clone, path: str, base: bytes, ours: bytes, theirs: bytes) -> Contents:
    try:
        if is_lock(path):
            return _merge_lock(base, ours, theirs)
        if path.endswith(".ipynb") and base:
            return _merge_notebook(clone, base, ours, theirs)
        return _merge_text(clone, base, undo_pins(path, base, ours), theirs)
    except (NoText, ValueError):
        return ours, [": changed by you and by the new version; yours stays"], []


def _merge_lock(base: bytes, ours: bytes, theirs: bytes) -> Contents:
    text, lacking = merge_locks(base, ours, theirs)
    remedy = "add them to dependencies in pyproject.toml, and run `make lock`"
    return text, [f": has no hash of {', '.join(lacking)}, which it needs now; {remedy}"] if lacking else [], []


def _merge_text(clone: Clone, base: bytes, ours: bytes, theirs: bytes) -> Contents:
    merged = merge_lines(clone, base, ours, theirs)
    if not merged.kept:
        return merged.text, [], []
    named = some_names((f"{first}-{last}" for first, last in merged.kept), LINES_NAMED)
    return merged.text, [f", lines {named}: changed by you and by the new version; yours stay"], []


def _merge_notebook(clone: Clone, base: bytes, ours: bytes, theirs: bytes) -> Contents:
    def merge_text(*sources: str) -> tuple[str, bool]:  # the last line of a cell has no end, as in no other line
        merged = merge_lines(clone, *(f"{each}\n".encode("utf-8", "surrogatepass") for each in sources))
        return merged.text.decode("utf-8", "surrogatepass").removesuffix("\n"), bool(merged.kept)

    merged = merge_notebooks(base, ours, theirs, merge_text)
    return merged.text, [f", {line}" for line in merged.kept], merged.stayed_deleted


def say_merged(merged: Merged) -> Iterator[str]:
    """Yield what a person must know about a merge."""
    yield from merged.kept
    if merged.stayed_deleted:
        yield f"still deleted, although the new version changed it: {some_names(merged.stayed_deleted, 6, 90)}"
    if merged.not_added:
        yield f"new examples, which were not added: {some_names(merged.not_added, 6, 90)}"
