"""Build a site in a folder, and reuse every file of the previous site that was made from the same content.

The folder can contain an older site: what is still valid stays where it is, and `finish` removes the rest.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from driftmonitor.regular_files import Folder

MANIFEST = ".drift-monitor.json"  # each file's key; also marks the folder as a site of drift-monitor


@dataclass
class Build:
    """A site being built in `folder`; `previous` is the one that readers still see."""

    folder: Path
    previous: Path
    previous_keys: dict[str, str]
    keys: dict[str, str] = field(default_factory=dict)
    _leftovers: dict[str, str] = field(default_factory=dict)  # files in `folder` from an older site, with their keys
    _folders: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """List the files that an older site left in the folder."""
        keys = read_keys(self.folder)
        self._leftovers = {path: keys.get(path, "") for path in _list_files(self.folder)}
        self._folders = {path.rpartition("/")[0] for path in self._leftovers}

    def write(self, path: str, content: str | bytes, key: str = "") -> None:
        """Write one file of the site; `key` is the hash of what it was made from, for `reuse` by the next build."""
        # A notebook can contain half a surrogate pair, which cannot be encoded in UTF-8.
        data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        Path(self._clear(path)).write_bytes(data)
        if key:
            self.keys[path] = key

    def reuse(self, path: str, key: str) -> bool:
        """Reuse a file of the previous site if it has the same key; return whether it has."""
        return self.reuse_all([path], key)

    def reuse_all(self, paths: Sequence[str], key: str) -> bool:
        """Reuse files that are made together; none if one of them is missing or has another key."""
        if any(self.previous_keys.get(path) != key or path not in self._previous_files for path in paths):
            return False
        for path in paths:
            if self._leftovers.get(path) == key:
                del self._leftovers[path]
            else:
                _link(f"{self.previous}/{path}", self._clear(path))
            self.keys[path] = key
        return True

    def reuse_folder(self, folder: str, key: str) -> bool:
        """Reuse all files in `folder` that have this key; return whether there are any."""
        paths = [path for path in self._previous_paths.get(key, ()) if path.startswith(f"{folder}/")]
        return bool(paths) and self.reuse_all(paths, key)

    def read_previous(self, path: str) -> str:
        """Return a file of the previous site; "" if there is none."""
        return (self.previous / path).read_bytes().decode("utf-8", "replace") if path in self._previous_files else ""

    @cached_property
    def _previous_files(self) -> set[str]:
        """The previous site's files, listed once: asking the disk for each would take longer."""
        return set(_list_files(self.previous))

    @cached_property
    def _previous_paths(self) -> dict[str, list[str]]:
        paths: dict[str, list[str]] = {}
        for path, key in self.previous_keys.items():
            paths.setdefault(key, []).append(path)
        return paths

    def copy(self, path: str, folder: Folder, name: str, key: str = "") -> None:
        """Copy a folder's file; if the previous site has it with the same size and time of change, link it unread."""
        before, status = self.previous / path, folder.status(name)
        target = self._clear(path)
        if status and path in self._previous_files and _stamp(before.lstat()) == _stamp(status):
            _link(f"{before}", target)
        else:
            folder.copy(name, target)
        if key:
            self.keys[path] = key

    def finish(self) -> None:
        """Write the manifest, and remove what the site no longer has."""
        self.write(MANIFEST, json.dumps(self.keys, sort_keys=True))
        for path in self._leftovers:
            (self.folder / path).unlink(missing_ok=True)
        for folder in {path.rpartition("/")[0] for path in self._leftovers}:
            with suppress(OSError):  # not empty
                os.removedirs(self.folder / folder)

    def _clear(self, path: str) -> str:
        """Return where to write a file, after removing the one there: readers may be reading that very file."""
        folder = path.rpartition("/")[0]
        target = f"{self.folder}/{path}"
        if folder not in self._folders:
            Path(f"{self.folder}/{folder}").mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        elif path in self._leftovers or path in self.keys:
            self._leftovers.pop(path, None)
            Path(target).unlink(missing_ok=True)
        return target


def content_key(*parts: bytes | str) -> str:
    """Return a hash of what a file is made from."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "replace") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:32]


def read_keys(site: Path) -> dict[str, str]:
    """Return the keys in a site's manifest; none if it is missing or damaged."""
    try:
        keys = Folder(site).read_json(MANIFEST)
        return keys if isinstance(keys, dict) else {}
    except (OSError, ValueError):
        return {}


def _list_files(folder: Path) -> Iterator[str]:
    """Yield the path of every file under a folder, relative to it, with / on every system."""
    skip = len(f"{folder}/")
    return (f"{parent}/{name}"[skip:].replace(os.sep, "/") for parent, _, names in os.walk(folder) for name in names)


def _stamp(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def _link(source: str, target: str) -> None:
    """Give the same file a second name; copy it if the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
