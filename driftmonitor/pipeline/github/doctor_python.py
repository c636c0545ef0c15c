"""Check Python, here and on GitHub, until when it gets security fixes, and the installed packages."""

import datetime as dt
import importlib.metadata
import re
import sys
from pathlib import Path

from driftmonitor import ROOT
from driftmonitor.pipeline.github.crons import WORKFLOW
from driftmonitor.pipeline.github.doctor_github import MISSING, OK, UNKNOWN, Check
from driftmonitor.regular_files import Unreadable, read_file

# The last month of each supported Python (devguide.python.org, "Status of Python versions").
ENDS: dict[tuple[int, ...], str] = {(3, 11): "2027-10", (3, 12): "2028-10", (3, 13): "2029-10", (3, 14): "2030-10"}
FIRST, LAST = (".".join(map(str, version)) for version in (min(ENDS), max(ENDS)))
PYTHON_VERSION = re.compile(r"^ +python-version: [\"']?3\.(\d+)", re.MULTILINE)


def examine(today: dt.date) -> list[Check]:
    """Return the checks of this Python, of the one that the daily workflow sets up, and of the packages."""
    return [check_python(sys.version_info[:3], today), check_workflow(ROOT / WORKFLOW, today), check_packages()]


def check_python(version: tuple[int, ...], today: dt.date) -> Check:
    """Check that the Python in use is supported."""
    text = ".".join(map(str, version))
    if version[:2] not in ENDS:
        return Check(MISSING, "Python", f"{text}; install Python {FIRST} to {LAST} and run `make` again.")
    return _check_end("Python", text, version[:2], "install a newer Python, remove .venv, and run `make` again", today)


def check_workflow(workflow: Path, today: dt.date) -> Check:
    """Check that the Python that the daily workflow sets up is supported."""
    try:
        found = PYTHON_VERSION.search(read_file(workflow).decode("utf-8", "replace"))
    except Unreadable as error:
        return Check(UNKNOWN, "Python on GitHub", f"{WORKFLOW}: {error.strerror}; restore the file.")
    version = (3, int(found[1]) if found else 0)
    remedy = f"set a newer python-version in {WORKFLOW.parent}"
    if version not in ENDS:
        return Check(MISSING, "Python on GitHub", f"{remedy}: {FIRST} to {LAST}.")
    return _check_end("Python on GitHub", f"3.{version[1]}", version, remedy, today)


def _check_end(subject: str, text: str, version: tuple[int, ...], remedy: str, today: dt.date) -> Check:
    if f"{today:%Y-%m}" > ENDS[version[:2]]:
        return Check(MISSING, subject, f"{text} has had no security fixes since {ENDS[version[:2]]}; {remedy}.")
    return Check(OK, subject, f"{text}, with security fixes until {ENDS[version[:2]]}")


def check_packages() -> Check:
    """Compare the installed packages with the lock file; lines with a condition are for other machines and ignored."""
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)[ \\]*$", lock, re.MULTILINE)
    wrong = [f"{name} {installed(name)}, not {pin}" for name, pin in pins if installed(name) != pin]
    if not wrong:
        return Check(OK, "packages", f"{len(pins)} as in requirements.txt")
    more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return Check(MISSING, "packages", f"{'; '.join(wrong[:3])}{more}; run `pip install -r requirements.txt`.")


def installed(name: str) -> str:
    """Return the version of an installed package, or `absent`."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"
