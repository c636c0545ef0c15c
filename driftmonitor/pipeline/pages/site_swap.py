"""Put a newly built site in place of the old one in one step, so that readers always see a whole site.

The old site is kept as `<site>.before`, and the next one is built in it: a publish then writes only what has changed
since. During the build the folder has a name that marks it as incomplete. If there is no such folder, or a build was
killed, the next build starts empty.
"""

import ctypes
import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline.pages.site_folder import MANIFEST, Build, read_keys
from driftmonitor.pipeline.pages.templates import GENERATOR

LOCK_SECONDS = 600
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # Linux, renameat2(2)


@contextmanager
def replacing(site_dir: Path) -> Iterator[Build]:
    """Yield a build to fill; on leaving, it replaces `site_dir`. After an error the old site stays.

    A second publish waits for the first. Raises DriftMonitorError for a folder that contains other files or cannot be
    written.
    """
    site = site_dir.resolve()
    new = site.with_name(f"{site.name}.tmp-{os.getpid()}")
    try:
        site.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(site.with_name(f"{site.name}.lock"), timeout=LOCK_SECONDS):
            _refuse_foreign(site)
            _clear_leftovers(site)
            _prepare(new, site)
            try:
                build = Build(new, site, read_keys(site))
                yield build
                build.finish()
                _swap(new, site)
            finally:
                shutil.rmtree(new, ignore_errors=True)
    except Timeout:
        raise DriftMonitorError(
            f"{site_dir}: another publish has been running for {LOCK_SECONDS} s; stop it and run again."
        ) from None
    except OSError as error:
        raise _explain(site_dir, error) from None


def check(site_dir: Path) -> None:
    """Refuse a folder that cannot become the site, before any work is done."""
    site = site_dir.resolve()
    _refuse_foreign(site)
    try:
        site.parent.mkdir(parents=True, exist_ok=True)
        site.with_name(f"{site.name}.lock").touch()
    except OSError as error:
        raise _explain(site_dir, error) from None


def _explain(site_dir: Path, error: OSError) -> DriftMonitorError:
    reason = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return DriftMonitorError(f"{site_dir}: cannot be written ({reason}); fix the folder or choose another --site.")


def _refuse_foreign(site: Path) -> None:
    """Refuse a folder with other files: the swap would delete them."""
    if site.exists() and not site.is_dir():
        raise DriftMonitorError(f"{site}: is a file; remove it or choose another --site.")
    if site.is_dir() and any(site.iterdir()) and not _is_site(site):
        raise DriftMonitorError(
            f"{site}: contains files that drift-monitor did not create; empty the folder or choose another --site."
        )


def _is_site(folder: Path) -> bool:
    if (folder / MANIFEST).is_file():
        return True
    index = folder / "index.html"
    return index.is_file() and f'<meta name="generator" content="{GENERATOR}">'.encode() in index.read_bytes()[:2000]


def _clear_leftovers(site: Path) -> None:
    """Remove what a killed publish left; if it was killed inside a swap in two steps, bring the old site back."""
    old = _old(site)
    if old.is_dir() and not site.exists():
        old.rename(site)
    for leftover in (old, *site.parent.glob(f"{glob.escape(site.name)}.tmp-[0-9]*")):
        shutil.rmtree(leftover, ignore_errors=True)


def _old(site: Path) -> Path:
    return site.with_name(f"{site.name}.tmp-old")


def _before(site: Path) -> Path:
    return site.with_name(f"{site.name}.before")


def _prepare(new: Path, site: Path) -> None:
    """Make the folder to build in: the site before the last if it is there, else an empty folder."""
    before = _before(site)
    if _has_manifest(before):
        before.rename(new)
        _clear_folders(new)
    else:
        new.mkdir()


def _clear_folders(folder: Path) -> None:
    """Remove what no build makes: empty folders, and links to folders, through which pages would be written."""
    for parent, folders, names in os.walk(folder, topdown=False):
        for link in filter(os.path.islink, (f"{parent}/{name}" for name in folders)):
            Path(link).unlink()
        if not names:
            with suppress(OSError):  # not empty
                Path(parent).rmdir()


def _swap(new: Path, site: Path) -> None:
    """Put `new` in place of `site`, in one step if the system can, else in two renames; keep the old site."""
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
    """Keep the old site for the next build, unless another folder has the name."""
    if _has_manifest(old) and not os.path.lexists(_before(site)):
        old.rename(_before(site))
    else:
        shutil.rmtree(old, ignore_errors=True)


def _has_manifest(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() and not folder.is_symlink()


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders' names in one step; return False if the system or the file system cannot."""
    try:
        renameat2 = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    return renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0
