"""Open files that others may have placed: only regular files of bounded size, without waiting, inside their folder.

A link, named pipe, socket, device or folder in their place raises Unreadable, which says what it is. What is checked is
the opened file, not its path, so nothing can be swapped in between. A hard link cannot be told from the file itself;
of what a notebook leaves, a file with two names is left out.
"""

import ctypes
import errno
import json
import math
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

from driftmonitor import DriftMonitorError

MOST_BYTES = 100_000_000  # GitHub accepts no larger file, so no report can have one
MOST_JSON = 50_000_000  # of text that is parsed: a record with 1,000 columns and all their pairs has 10 MB
# O_NONBLOCK: opening a named pipe waits for a writer otherwise, for ever.
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
NO_LINK, ONLY_FOLDER = getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_DIRECTORY", 0)
BY_FOLDER = os.open in os.supports_dir_fd and bool(NO_LINK)  # not on Windows
KINDS = {
    stat.S_IFIFO: "is a named pipe", stat.S_IFSOCK: "is a socket", stat.S_IFDIR: "is a folder",
    stat.S_IFCHR: "is a device", stat.S_IFBLK: "is a device", stat.S_IFLNK: "is a link",
}  # fmt: skip
# Linux's file systems whose regular files are made by the kernel, such as /proc/self/environ: statfs(2).
KERNELS_OWN = {
    0x9FA0, 0x62656572, 0x64626720, 0x74726163, 0x73636673, 0x27E0EB, 0x63677270, 0xCAFE4A11, 0xDE5E81E4, 0xF97CFF8C,
    0x6165676C, 0x19800202, 0x62656570,
}  # fmt: skip
REASONS = {errno.ELOOP: "is a link", errno.ENXIO: "is a socket", errno.ENOTDIR: "is a link, or no folder"}
CHUNK = 1_000_000
MOST_FOLDERS = 30  # in one another
# What git and GitHub's artifacts both store: one other name would stop the upload of all reports of a job.
NAME = re.compile(r"(?!git~\d)[^.\x00-\x1f\ud800-\udfff\"<>|*?:\\][^\x00-\x1f\ud800-\udfff\"<>|*?:\\]*", re.IGNORECASE)


class Unreadable(DriftMonitorError, OSError):  # noqa: N818  it says what is wrong
    """A file that cannot be read, or may not: `filename` is its path, `strerror` the reason."""

    def __init__(self, number: int | None, reason: str | None, path: object) -> None:
        OSError.__init__(self, number, reason, str(path))

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}; put a readable file there, or remove it."


class Missing(Unreadable, FileNotFoundError):  # noqa: N818
    """A file that is not there."""


@dataclass(frozen=True)
class Folder:
    """A folder inside `root`, which is trusted. Below `root` no link is followed, in a name or in a folder."""

    root: Path
    inner: tuple[str, ...] = ()

    def __truediv__(self, name: str) -> "Folder":
        return Folder(self.root, (*self.inner, *Path(name).parts))

    def __str__(self) -> str:
        """Return the path as pages may show it: from `root` on."""
        return str(Path(self.root.name, *self.inner))

    @property
    def path(self) -> Path:
        return self.root.joinpath(*self.inner)

    def read(self, name: str, most_bytes: int = MOST_BYTES) -> bytes:
        """Return a file's content; raise Unreadable."""
        with self.open(name) as file:
            return b"".join(_chunks(file, self / name, most_bytes))

    def read_json(self, name: str) -> Any:
        """Return the value in a JSON file; raise Unreadable, or ValueError if it is not JSON."""
        return parse_json(self.read(name, MOST_JSON))

    def copy(self, name: str, target: str | Path, most_bytes: int = MOST_BYTES) -> None:
        """Copy a file with its time of change; raise Unreadable."""
        with self.open(name) as file:
            with Path(target).open("xb") as copied:
                copied.writelines(_chunks(file, self / name, most_bytes))
            changed_at = os.fstat(file.fileno()).st_mtime_ns
        os.utime(target, ns=(changed_at, changed_at))

    def check(self, name: str) -> bool:
        """Return true for a regular file; raise Unreadable for anything else."""
        with self.open(name):
            return True

    def status(self, name: str) -> os.stat_result | None:
        """Return the status of a regular file; None if there is none that may be read."""
        try:
            with self.open(name) as file:
                return os.fstat(file.fileno())
        except Unreadable:
            return None

    def has(self, name: str) -> bool:
        """Return whether there is a regular file of this name."""
        return self.status(name) is not None

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Yield a file, opened for reading; raise Unreadable."""
        path = self / name
        with _unreadable(path):
            file = _checked(path._descend(0))
        with file:
            yield file

    def names(self) -> list[str]:
        """Return the names of the regular files in it, sorted; none if it is missing, or no folder inside `root`."""
        return self._list()[0]

    def folders(self) -> list[str]:
        """Return the names of the folders in it, sorted; links to folders are left out."""
        return self._list()[1]

    def files(self) -> Iterator[str]:
        """Yield the regular files in it and in its folders, relative and with /; links are left out."""
        if len(self.inner) > MOST_FOLDERS:
            raise Unreadable(errno.ENAMETOOLONG, "has too many folders in one another", self)
        names, folders = self._list()
        yield from names
        for folder in folders:
            yield from (f"{folder}/{name}" for name in (self / folder).files())

    def copy_to(self, target: Path, leave_out: str = "") -> None:
        """Copy the regular files in it to the folder `target`, without those in the folder `leave_out`."""
        for name in self.files():
            if not leave_out or not name.startswith(f"{leave_out}/"):
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                self.copy(name, target / name)

    def _list(self) -> tuple[list[str], list[str]]:
        """Return the names of the regular files and of the folders in it, each sorted; none if it is missing.

        Hidden ones and those with a name that cannot be stored are left out.
        """
        files, folders = [], []
        with suppress(Missing), _unreadable(self), self._listed() as listed, os.scandir(listed) as found:
            for entry in sorted((each for each in found if NAME.fullmatch(each.name)), key=lambda each: each.name):
                if entry.is_file(follow_symlinks=False):
                    files.append(entry.name)
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
        return files, folders

    @contextmanager
    def _listed(self) -> Iterator[int | Path]:
        """Yield what lists the folder: its descriptor, or its path on a system without."""
        if not BY_FOLDER:
            self._refuse_links()
            yield self.path
            return
        descriptor = self._descend(ONLY_FOLDER)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _descend(self, flags: int) -> int:
        """Open what `inner` names below `root`, one folder after the other, and return its descriptor."""
        if any(part in ("..", "") or os.sep in part for part in self.inner):
            raise OSError(errno.EINVAL, "is outside its folder")
        if not BY_FOLDER:
            self._refuse_links()
            return os.open(self.path, FLAGS | flags)
        descriptor = os.open(self.root, FLAGS | ONLY_FOLDER)
        for number, part in enumerate(self.inner, start=1):
            wanted = flags if number == len(self.inner) else ONLY_FOLDER
            try:
                following = os.open(part, FLAGS | NO_LINK | wanted, dir_fd=descriptor)
            finally:
                os.close(descriptor)
            descriptor = following
        return descriptor

    def _refuse_links(self) -> None:
        for count in range(1, len(self.inner) + 1):
            if self.root.joinpath(*self.inner[:count]).is_symlink():
                raise OSError(errno.ELOOP, "is a link")


def read_file(path: str | Path, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the content of a file that the user named, which may be a link to a regular one; raise Unreadable."""
    with _open_named(path) as file:
        return b"".join(_chunks(file, path, most_bytes))


def check_file(path: str | Path) -> int:
    """Return the size in bytes of a file that the user named; raise Unreadable if it is not a regular one."""
    with _open_named(path) as file:
        return os.fstat(file.fileno()).st_size


def _open_named(path: str | Path) -> IO[bytes]:
    with _unreadable(path):
        return _checked(os.open(path, FLAGS))


def why_not_kept(entry: os.DirEntry[str]) -> str:
    """Return why a name in a folder cannot be part of a report, or "" for a file or a folder that can."""
    if not NAME.fullmatch(entry.name):
        return "has a name that cannot be stored"
    status = entry.stat(follow_symlinks=False)
    if status.st_size > MOST_BYTES:
        return f"is larger than {MOST_BYTES // 10**6} MB"
    if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
        return "is a file of another folder, too"
    return "" if entry.is_dir(follow_symlinks=False) else KINDS.get(stat.S_IFMT(status.st_mode), "")


def parse_json(text: bytes | str) -> Any:
    """Return the value of JSON text; ValueError if it is not JSON, has NaN or infinities, or is nested too deep."""
    try:
        text = text if isinstance(text, str) else text.decode(json.detect_encoding(text), "surrogatepass")
        return DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse_number(text)


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is not a finite number")


DECODER = json.JSONDecoder(parse_constant=_refuse_number, parse_float=_finite)  # made once: most texts are shorter


def _checked(descriptor: int) -> IO[bytes]:
    """Return an opened file if it is a regular one, and none of the kernel's own."""
    file = os.fdopen(descriptor, "rb") if stat.S_ISREG(mode := os.fstat(descriptor).st_mode) else None
    if file and not _is_kernels_own(descriptor):
        return file
    os.close(descriptor) if file is None else file.close()
    raise OSError(errno.EINVAL, KINDS.get(stat.S_IFMT(mode), "is not on a disk"))


def _chunks(file: IO[bytes], path: object, most_bytes: int) -> Iterator[bytes]:
    """Yield a file's content; raise Unreadable once it has more than `most_bytes`, however it grows."""
    taken = 0
    while chunk := file.read(CHUNK):
        taken += len(chunk)
        if max(taken, os.fstat(file.fileno()).st_size) > most_bytes:
            raise Unreadable(errno.EFBIG, f"is larger than {most_bytes // 10**6} MB", path)
        yield chunk


@cache
def _libc() -> Any:
    return ctypes.CDLL(None)


def _is_kernels_own(descriptor: int) -> bool:
    if sys.platform != "linux":
        return False
    found = ctypes.create_string_buffer(512)
    known = _libc().fstatfs(descriptor, found) == 0
    return known and int.from_bytes(found.raw[: ctypes.sizeof(ctypes.c_long)], sys.byteorder) in KERNELS_OWN


@contextmanager
def _unreadable(path: object) -> Iterator[None]:
    """Turn an error of the system into Unreadable, with a reason that a person understands."""
    try:
        yield
    except FileNotFoundError as error:
        raise Missing(error.errno, error.strerror, path) from None
    except OSError as error:
        reason = REASONS.get(error.errno or 0, error.strerror or type(error).__name__)
        raise Unreadable(error.errno, reason, path) from None
    except ValueError:  # a NUL in its name
        raise Unreadable(errno.EINVAL, "has an invalid name", path) from None
