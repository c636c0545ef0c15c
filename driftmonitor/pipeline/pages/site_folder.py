"""The site's folder: built beside, swapped in whole, and what did not change taken over from the one before.

The site that was swapped out stays beside as `<site>.before`, and the next one is built in it: so a publish costs what
changed since, and not a link for every file. While it is built in, the folder bears a name that says it is no site;
without it, and after a kill, the next site begins empty and links what it takes over.
"""

import ctypes
import glob
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline.pages.templates import GENERATOR

MANIFEST = ".drift-monitor.json"  # what each page was made from; also the mark that a folder is ours
LOCK_SECONDS = 600
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # Linux, renameat2(2)


@dataclass
class Build:
    """A site being built in `folder`; `previous` is the one that readers still see."""

    folder: Path
    previous: Path
    previous_keys: dict[str, str]
    keys: dict[str, str] = field(default_factory=dict)
    _left: dict[str, str] = field(default_factory=dict)  # what lies in `folder` from before, with its key
    _made: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Find what an older site has left in the folder."""
        keys = _read_keys(self.folder)
        self._left = {path: keys.get(path, "") for path in _files(self.folder)}
        self._made = {path.rpartition("/")[0] for path in self._left}

    def write(self, path: str, content: str | bytes, key: str = "") -> None:
        """Write one file of the site; `key` names what it was made from, for `reuse` the next time."""
        # A notebook can hold half a surrogate pair, which UTF-8 has no bytes for.
        data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        Path(self._free(path)).write_bytes(data)
        if key:
            self.keys[path] = key

    def reuse(self, path: str, key: str) -> bool:
        """Take a file over from the previous site if it was made from the same; return whether it was."""
        return self.reuse_all([path], key)

    def reuse_all(self, paths: Sequence[str], key: str) -> bool:
        """Take files over that are made together; none if one is missing."""
        if any(self.previous_keys.get(path) != key or path not in self._present for path in paths):
            return False
        for path in paths:
            if self._left.get(path) == key:
                del self._left[path]
            else:
                _link(f"{self.previous}/{path}", self._free(path))
            self.keys[path] = key
        return True

    def reuse_folder(self, folder: str, key: str) -> bool:
        """Take over all that was made in `folder` with `key`; return whether there was any."""
        paths = [path for path in self._made_with.get(key, ()) if path.startswith(f"{folder}/")]
        return bool(paths) and self.reuse_all(paths, key)

    def read_previous(self, path: str) -> str:
        """Return a file of the previous site; "" if there is none."""
        return (self.previous / path).read_bytes().decode("utf-8", "replace") if path in self._present else ""

    @cached_property
    def _present(self) -> set[str]:
        """The previous site's files: asked of the disk once, not once a file."""
        return set(_files(self.previous))

    @cached_property
    def _made_with(self) -> dict[str, list[str]]:
        made: dict[str, list[str]] = {}
        for path, key in self.previous_keys.items():
            made.setdefault(key, []).append(path)
        return made

    def copy(self, path: str, source: Path, key: str = "") -> None:
        """Copy a file; one that the previous site has, same size and time of change, is linked and not read."""
        before = self.previous / path
        target = self._free(path)
        if path in self._present and _stamp(before) == _stamp(source):
            _link(f"{before}", target)
        else:
            shutil.copy2(source, target)
        if key:
            self.keys[path] = key

    def finish(self) -> None:
        """Write what the site was made from, and remove what it doesn't have any more."""
        self.write(MANIFEST, json.dumps(self.keys, sort_keys=True))
        for path in self._left:
            (self.folder / path).unlink(missing_ok=True)
        for folder in {path.rpartition("/")[0] for path in self._left}:
            with suppress(OSError):  # not empty
                os.removedirs(self.folder / folder)

    def _free(self, path: str) -> str:
        """Return where a file goes, its folder made and nothing there: what is there is the very file readers see."""
        folder = path.rpartition("/")[0]
        target = f"{self.folder}/{path}"
        if folder not in self._made:
            Path(f"{self.folder}/{folder}").mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        elif path in self._left or path in self.keys:
            self._left.pop(path, None)
            Path(target).unlink(missing_ok=True)
        return target


@contextmanager
def replacing(site_dir: Path) -> Iterator[Build]:
    """Give a build to fill; on leaving, it takes the place of `site_dir`. After an error the site is what it was.

    One publish at a time: a second waits for the first. Raises DriftMonitorError for a folder that isn't ours or can't
    be written.
    """
    site = site_dir.resolve()
    new = site.with_name(f"{site.name}.tmp-{os.getpid()}")
    try:
        site.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(site.with_name(f"{site.name}.lock"), timeout=LOCK_SECONDS):
            _refuse_foreign(site)
            _clear_leftovers(site)
            _make_room(new, site)
            try:
                build = Build(new, site, _read_keys(site))
                yield build
                build.finish()
                _swap(new, site)
            finally:
                shutil.rmtree(new, ignore_errors=True)
    except Timeout:
        raise DriftMonitorError(f"{site_dir}: another publish has been at work for {LOCK_SECONDS} s; end it.") from None
    except OSError as error:
        raise DriftMonitorError(f"{site_dir}: {_say(error)}; mend that, or choose another --site.") from None


def check(site_dir: Path) -> None:
    """Refuse a folder that can't become the site, before work is put into it."""
    site = site_dir.resolve()
    _refuse_foreign(site)
    try:
        site.parent.mkdir(parents=True, exist_ok=True)
        site.with_name(f"{site.name}.lock").touch()
    except OSError as error:
        raise DriftMonitorError(f"{site_dir}: {_say(error)}; mend that, or choose another --site.") from None


def _say(error: OSError) -> str:
    return f"cannot be written ({error.strerror}" + (f": {error.filename})" if error.filename else ")")


def content_key(*parts: bytes | str) -> str:
    """Return a hash of what a page is made from."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "replace") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:32]


def _refuse_foreign(site: Path) -> None:
    """Refuse a folder with files that we did not make: the swap would delete them."""
    if site.exists() and not site.is_dir():
        raise DriftMonitorError(f"{site}: is a file; remove it, or choose another --site.")
    if site.is_dir() and any(site.iterdir()) and not _is_ours(site):
        raise DriftMonitorError(f"{site}: holds files that are not a site of ours; empty it, or choose another --site.")


def _is_ours(site: Path) -> bool:
    if (site / MANIFEST).is_file():
        return True
    index = site / "index.html"
    return index.is_file() and f'<meta name="generator" content="{GENERATOR}">'.encode() in index.read_bytes()[:2000]


def _read_keys(site: Path) -> dict[str, str]:
    try:
        keys = json.loads((site / MANIFEST).read_bytes())
        return keys if isinstance(keys, dict) else {}
    except (OSError, ValueError):
        return {}


def _clear_leftovers(site: Path) -> None:
    """Remove what a killed publish left; if it was killed inside a swap in two steps, the old site comes back."""
    old = _old(site)
    if old.is_dir() and not site.exists():
        old.rename(site)
    for leftover in (old, *site.parent.glob(f"{glob.escape(site.name)}.tmp-[0-9]*")):
        shutil.rmtree(leftover, ignore_errors=True)


def _old(site: Path) -> Path:
    return site.with_name(f"{site.name}.tmp-old")


def _before(site: Path) -> Path:
    return site.with_name(f"{site.name}.before")


def _make_room(new: Path, site: Path) -> None:
    """Make the folder to build in: the site before the last, if it is there and ours, else an empty one."""
    before = _before(site)
    if _is_built(before):
        before.rename(new)
        _clear_folders(new)
    else:
        new.mkdir()


def _clear_folders(folder: Path) -> None:
    """Remove what no build leaves: empty folders, and links to folders, through which pages would be written."""
    for place, folders, names in os.walk(folder, topdown=False):
        for link in filter(os.path.islink, (f"{place}/{name}" for name in folders)):
            Path(link).unlink()
        if not names:
            with suppress(OSError):  # not empty
                Path(place).rmdir()


def _swap(new: Path, site: Path) -> None:
    """Put `new` where `site` is, in one step where the system can, else in two renames; what was there stays beside."""
    if not site.exists():
        new.rename(site)
    elif _exchange(new, site):
        _keep(new, site)
    else:
        site.rename(_old(site))
        try:
            new.rename(site)
        except OSError:
            _old(site).rename(site)
            raise
        _keep(_old(site), site)


def _keep(old: Path, site: Path) -> None:
    """Keep what was swapped out for the next site, unless somebody's own folder has the name."""
    if _is_built(old) and not os.path.lexists(_before(site)):
        old.rename(_before(site))
    else:
        shutil.rmtree(old, ignore_errors=True)


def _is_built(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() and not folder.is_symlink()


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders' names in one step; False where the system or the file system can't."""
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    return renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0


def _files(folder: Path) -> Iterator[str]:
    """Yield the path of every file in a folder and those within, from the folder on, with / on every system."""
    skip = len(f"{folder}/")
    return (f"{place}/{name}"[skip:].replace(os.sep, "/") for place, _, names in os.walk(folder) for name in names)


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _link(source: str, target: str) -> None:
    """Give the same file a second name; copy it where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
