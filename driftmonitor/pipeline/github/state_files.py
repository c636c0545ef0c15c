"""The state folder's files: which of them are state, and how two states, or a job's reports, become one."""

import datetime as dt
import hashlib
import re
import shutil
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from driftmonitor import DriftMonitorError, reports
from driftmonitor.config.params import NAME_PATTERN, RESERVED_NAMES
from driftmonitor.facts.record import failed, read_json
from driftmonitor.pipeline.history.merge import merge_files, settle_file

HISTORY = "history.db"
ASSET = re.compile(r"evidently-([0-9a-f]{16})\.js")
NO_REPORT = "its job left no report for this day; see the run's log"


def files(state_dir: Path) -> list[str]:
    """Return the files that are state, relative to the folder: the history and the reports, no locks or leftovers."""
    found = [HISTORY] if (state_dir / HISTORY).is_file() else []
    for path in sorted((state_dir / "reports").rglob("*")):
        relative = path.relative_to(state_dir)
        hidden = any(part.startswith(".") for part in relative.parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            found.append(relative.as_posix())
    return found


def monitors(state_dir: Path) -> list[str]:
    """Return the monitors that have a report, by name."""
    home = state_dir / "reports"
    found = sorted(path.name for path in home.iterdir() if _is_monitor(path)) if home.is_dir() else []
    return [name for name in found if reports.days(home, name)]


def _is_monitor(path: Path) -> bool:
    return path.is_dir() and bool(NAME_PATTERN.fullmatch(path.name)) and path.name not in RESERVED_NAMES


def settle(state_dir: Path) -> None:
    """Bring the history into its one file, so that it can be copied."""
    if (state_dir / HISTORY).exists():
        settle_file(state_dir / HISTORY)


def merge(ours: Path, theirs: Path) -> None:
    """Bring into the state at `ours` what the one at `theirs` has; of a run that both have the newer stays."""
    taken: set = set()
    if (theirs / HISTORY).exists():
        if (ours / HISTORY).exists():
            taken = merge_files(ours / HISTORY, theirs / HISTORY)
        else:
            shutil.copy2(theirs / HISTORY, ours / HISTORY)
    for monitor in monitors(theirs):
        for day in reports.days(theirs / "reports", monitor):
            place = Path("reports", monitor, f"{day}")
            if (monitor, day) in taken or not (ours / place).exists():
                shutil.rmtree(ours / place, ignore_errors=True)
                shutil.copytree(theirs / place, ours / place)
    _copy_assets(theirs / "reports", ours / "reports")


def collect(artifacts_dir: Path, reports_dir: Path, names: Sequence[str], run_date: dt.date) -> None:
    """Put in place the day's reports that a run's jobs uploaded; a monitor that left none gets a failed record.

    Of a shard that ran again, the last attempt counts. What else lies in an artifact is left there.
    """
    artifacts = _artifacts(artifacts_dir)
    for name in names:
        found = [folder / name / f"{run_date}" for folder in artifacts if (folder / name / f"{run_date}").is_dir()]
        problem = _problem(found[-1], name, run_date) if found else NO_REPORT
        with reports.staged(reports_dir, name, run_date) as place:
            if problem:
                (place / "record.json").write_text(failed(name, run_date, problem).to_json(), encoding="utf-8")
            else:
                shutil.copytree(found[-1], place, ignore=_not_plain, dirs_exist_ok=True)
    for folder in artifacts:
        _copy_assets(folder, reports_dir)


def _problem(report: Path, name: str, run_date: dt.date) -> str:
    """Return why a report can't be taken, or "": one that is broken must not stop the others."""
    try:
        record = read_json(report / "record.json")
    except (DriftMonitorError, OSError, UnicodeDecodeError):
        return "its report cannot be read; see the run's log"
    if (record.monitor, record.run_date) != (name, run_date):
        return f"its report is of {record.monitor} on {record.run_date}; see the run's log"
    return ""


def _artifacts(folder: Path) -> list[Path]:
    """Return the jobs' folders of reports, those of the last attempt last.

    download-artifact gives each artifact a folder of its name, reports-<attempt>-<shard>; but where there is only one
    artifact it unpacks that into `folder` itself.
    """
    if (folder / "reports").is_dir():
        return [folder / "reports"]
    named = [path for path in folder.glob("reports-*-*") if re.fullmatch(r"reports-\d+-\d+", path.name)]
    return [path / "reports" for path in sorted(named, key=lambda path: int(path.name.split("-")[1]))]


def _not_plain(folder: str, names: list[str]) -> set[str]:
    """Return the names to leave behind: links could lead anywhere, dot files are leftovers."""
    return {name for name in names if name.startswith(".") or (Path(folder) / name).is_symlink()}


def _copy_assets(source: Path, target: Path) -> None:
    """Copy the shared scripts of the reports that are what their names say."""
    for path in (source / "assets").glob("*.js"):
        named = ASSET.fullmatch(path.name)
        wanted = target / "assets" / path.name
        if named and not wanted.exists() and hashlib.sha256(path.read_bytes()).hexdigest().startswith(named[1]):
            wanted.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, wanted)


def restore(archive: Path, state_dir: Path) -> None:
    """Fill an empty state folder from the zip of a run's state artifact."""
    if state_dir.exists() and any(state_dir.iterdir()):
        raise DriftMonitorError(f"{state_dir}: not empty; move it away, or name another --state.")
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [member for member in packed.infolist() if _is_state(member)]
            if not members:
                raise DriftMonitorError(f"{archive}: holds no state; give the artifact named state-... of a run.")
            packed.extractall(state_dir, members)
    except (OSError, zipfile.BadZipFile, EOFError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a zip file, or cut short"
        raise DriftMonitorError(f"{archive}: cannot be read: {reason}; download the artifact again.") from None


def _is_state(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename).parts
    plain = not member.is_dir() and not stat.S_ISLNK(member.external_attr >> 16)
    safe = bool(parts) and not any(part.startswith(".") or "\\" in part or ":" in part for part in parts)
    return plain and safe and (parts == (HISTORY,) or parts[0] == "reports")
