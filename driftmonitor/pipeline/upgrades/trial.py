"""Run every monitor with the version that a repository has and with the merged one, on copies; nothing is sent.

Both run as programs of their own, each from its own files, with the packages of its own lock.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from driftmonitor.pipeline import processes

VERDICT = re.compile(r"^(DRIFT|healthy|FAILED) +([a-z0-9_-]+): (.*)$", re.MULTILINE)
RUN_SECONDS = 3600.0
SET_UP_SECONDS = 1200.0
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)\s*\\?$", re.MULTILINE)
# A program that fails if a package of a lock is absent or of another version.
CHECK = (
    "import sys, importlib.metadata as m\n"
    "for pin in sys.argv[1:]:\n"
    "    name, version = pin.split('==')\n"
    "    assert m.version(name) == version"
)
NOT_FOR_TRIALS = ("DRIFT_DATABASE_URL", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "PYTHONPATH")
NOT_LINKED = {".git", ".venv", "state", "site"}


@dataclass(frozen=True)
class Verdicts:
    """What one version says: the problem of a params file or of the packages, and a word and sentence by monitor."""

    problem: str
    words: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Trial:
    """The files of one version, and where its state is kept."""

    files: Path
    state: Path
    environ: Mapping[str, str]
    arguments: Sequence[str]  # which monitors and which day, as the command line has them

    def run(self, python: str) -> Verdicts:
        """Check the params files, run the notebooks and record them; return what is said of each monitor."""
        checked = self._start(python, "validate")
        self._start(python, "execute", "--keep-going")
        recorded = self._start(python, "record", "--keep-going")
        errors = checked.errors.decode("utf-8", "replace").strip().splitlines() if checked.code else []
        found = VERDICT.findall(recorded.output.decode("utf-8", "replace"))
        last = recorded.errors.decode("utf-8", "replace").strip().splitlines()[-1:] if not found else []
        problem = " ".join(line.removeprefix("error: ") for line in dict.fromkeys([*errors[:1], *last]))
        return Verdicts(problem.replace(f"{self.files}/", ""), {name: (word, said) for word, name, said in found})

    def _start(self, python: str, *command: str) -> processes.Ended:
        folders = ["--state", str(self.state), "--site", str(self.state / "site")]
        arguments = [python, str(self.files / "runner.py"), *command, *folders, *self.arguments]
        return processes.run(arguments, {**self.environ, "NO_COLOR": "1"}, RUN_SECONDS)


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which a run can reach no history but its own folder's."""
    return {name: value for name, value in environ.items() if name not in NOT_FOR_TRIALS}


def find_python(root: Path, lock: str, environ: Mapping[str, str]) -> str | None:
    """Return an interpreter that has the packages of a lock: the repository's own, or this one."""
    pins = ["==".join(pin) for pin in PIN.findall(lock)]
    own = [root / ".venv/bin/python", root / ".venv/Scripts/python.exe"]
    for python in [*(str(path) for path in own if path.exists()), sys.executable]:
        with suppress(OSError, processes.OutOfTime):
            if processes.run([python, "-c", CHECK, *pins], environ, 60.0).code == 0:
                return python
    return None


def set_up_python(folder: Path, lock: Path, environ: Mapping[str, str]) -> str | None:
    """Make an environment with the packages of a lock and return its interpreter; None if they cannot be installed."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(lock)]
    for command in ([sys.executable, "-m", "venv", str(folder)], install):
        try:
            if processes.run(command, environ, SET_UP_SECONDS).code:
                return None
        except (OSError, processes.OutOfTime):
            return None
    return str(python)


def link_the_rest(root: Path, files: Path) -> None:
    """Give the merged files what belongs to the user and is not in git: data, and folders of the user's own."""
    for name in ("data", "params"):
        if (root / name).exists():
            shutil.rmtree(files / name, ignore_errors=True)
    for path in root.iterdir():
        target = files / path.name
        if path.name not in NOT_LINKED and not os.path.lexists(target):
            with suppress(OSError):  # where links are not allowed
                target.symlink_to(path.resolve(), target_is_directory=path.is_dir())


def copy_history(state: Path, folder: Path) -> None:
    """Copy the history, if there is one, for the days that a run is compared with."""
    folder.mkdir(parents=True)
    for name in ("history.db", "history.db-wal"):
        if (state / name).is_file():
            shutil.copy2(state / name, folder / name)


def say_changes(old: Verdicts, new: Verdicts, own: str, target: str) -> Iterator[str]:
    """Yield what changes: the monitors with another verdict, then how many have the same."""
    for version, verdicts in ((own, old), (target, new)):
        if verdicts.problem:
            yield f"with {version}: {verdicts.problem}"
    same = [name for name in new.words if old.words.get(name, ("", ""))[0] == new.words[name][0]]
    for name in sorted({*old.words, *new.words} - {*same}):
        before, after = (each.words.get(name, ("no run", ""))[0] for each in (old, new))
        yield f"{name}: {before} with {own}, {after} with {target}: {new.words.get(name, ('', 'see above'))[1]}"
    failed = [name for name in same if new.words[name][0] == "FAILED"]
    if failed:
        yield f"failed with both versions, so not compared: {', '.join(sorted(failed))}"
    if len(same) > len(failed):
        yield f"the same verdict with both versions: {len(same) - len(failed)} of {len(new.words)} monitors"


def is_worse(old: Verdicts, new: Verdicts) -> bool:
    """Return whether a monitor fails with the new version that did not fail with the old one."""
    fails = {name for name, (word, _) in new.words.items() if word == "FAILED"}
    failed = {name for name, (word, _) in old.words.items() if word == "FAILED"}
    return bool(fails - failed) or (bool(new.problem) and not old.problem)
