"""An interpreter with the packages of a lock: the repository's own, this one, or one that is set up for a trial."""

import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from driftmonitor.pipeline import console, processes

SET_UP_SECONDS = 1200.0
CHECK_SECONDS = 60.0
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)[ \\]*$", re.MULTILINE)
# A program that fails if a package of a lock is absent or of another version.
CHECK = (
    "import sys, importlib.metadata as m\n"
    "for pin in sys.argv[1:]:\n"
    "    name, version = pin.split('==')\n"
    "    assert m.version(name) == version"
)
# Two programs: where packages are installed, and what lets an environment use those of another that it lacks.
WHERE = "import sysconfig; print(sysconfig.get_path('purelib'))"
FALL_BACK = (
    "import pathlib, sys, sysconfig\n"
    "pathlib.Path(sysconfig.get_path('purelib'), 'others.pth').write_text(sys.argv[1], encoding='utf-8')"
)


def get_python(root: Path, files: Path, version: str, folder: Path, environ: Mapping[str, str]) -> str | None:
    """Return an interpreter for a version's files, if need be in a new environment in `folder`; None if that fails."""
    lock = files / "requirements.txt"
    pins = ["==".join(pin) for pin in PIN.findall(lock.read_text(encoding="utf-8") if lock.exists() else "")]
    own = [path for path in (root / ".venv/bin/python", root / ".venv/Scripts/python.exe") if path.exists()]
    pythons = [*map(str, own), sys.executable]
    found = next(
        (python for python in pythons if _run(environ, CHECK_SECONDS, python, "-c", CHECK, *pins) is not None), None
    )
    if found is None:
        console.say(f"setting up the packages of {version} (a minute or two)")
    return found or set_up_python(pythons[0], folder / f"packages-{version}", lock, environ)


def set_up_python(own: str, folder: Path, lock: Path, environ: Mapping[str, str]) -> str | None:
    """Make an environment with the packages of a lock and return its interpreter; None if they cannot be installed.

    Packages that the lock does not name, such as the user's own, come from the environment of `own`.
    """
    python = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    install = (python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(lock))
    for command in ((own, "-m", "venv", str(folder)), install):
        if _run(environ, SET_UP_SECONDS, *command) is None:
            return None
    fall_back(python, own, environ)
    return python


def fall_back(python: str, own: str, environ: Mapping[str, str]) -> None:
    """Let an interpreter use the packages of another that its own environment lacks."""
    where = _run(environ, CHECK_SECONDS, own, "-c", WHERE) or ""
    _run(environ, CHECK_SECONDS, python, "-c", FALL_BACK, where.strip())


def _run(environ: Mapping[str, str], seconds: float, *command: str) -> str | None:
    """Return what a program prints; None if it fails."""
    with suppress(OSError, processes.OutOfTime):
        ended = processes.run(command, environ, seconds)
        if ended.code == 0:
            return ended.output.decode("utf-8", "replace")
    return None
