"""The files of the state folder: list those that are state, merge two states, and collect the reports of jobs."""

import datetime as dt
import hashlib
import re
import shutil
import stat
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath

from driftmonitor import DriftMonitorError, reports
from driftmonitor.config.params import NAME_PATTERN, RESERVED_NAMES
from driftmonitor.facts.record import failed, read_json
from driftmonitor.pipeline.history.merge import LATEST, merge_files, write_to_one_file

HISTORY = "history.db"
ASSET = re.compile(r"evidently-([0-9a-f]{16})\.js")
NO_REPORT = "its job left no report for this day; see the run's log"


def files(state_dir: Path) -> list[str]:
    """Return the files that are state, relative to the folder: the history and the reports, no locks or leftovers."""
    names = [HISTORY] if (state_dir / HISTORY).is_file() else []
    for path in sorted((state_dir / "reports").rglob("*")):
        relative = path.relative_to(state_dir)
        hidden = any(part.startswith(".") for part in relative.parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            names.append(relative.as_posix())
    return names


def monitors(state_dir: Path) -> list[str]:
    """Return the monitors that have a report, by name."""
    home = state_dir / "reports"
    names = sorted(path.name for path in home.iterdir() if _is_monitor(path)) if home.is_dir() else []
    return [name for name in names if reports.days(home, name)]


def _is_monitor(path: Path) -> bool:
    return path.is_dir() and bool(NAME_PATTERN.fullmatch(path.name)) and path.name not in RESERVED_NAMES


def write_history_to_one_file(state_dir: Path) -> None:
    """Move all of the history into its file, so that the file can be copied alone."""
    if (state_dir / HISTORY).exists():
        write_to_one_file(state_dir / HISTORY)


def merge(ours: Path, theirs: Path, latest: dt.datetime = LATEST) -> None:
    """Merge the state at `theirs` into the one at `ours`; if both have a run, the newer one stays, see merge_files."""
    taken: set = set()
    if (theirs / HISTORY).exists():
        if (ours / HISTORY).exists():
            taken = merge_files(ours / HISTORY, theirs / HISTORY, latest)
        else:
            shutil.copy2(theirs / HISTORY, ours / HISTORY)
    for monitor in monitors(theirs):
        for day in reports.days(theirs / "reports", monitor):
            report = Path("reports", monitor, f"{day}")
            if (monitor, day) in taken or not (ours / report).exists():
                shutil.rmtree(ours / report, ignore_errors=True)
                shutil.copytree(theirs / report, ours / report)
    _copy_assets(theirs / "reports", ours / "reports")


def remove_reports(state_dir: Path, unwanted: Mapping[str, Collection[dt.date]]) -> None:
    """Remove each monitor's reports of these days, which a merge may have brought back."""
    for monitor, days in unwanted.items():
        for day in days:
            shutil.rmtree(state_dir / "reports" / monitor / f"{day}", ignore_errors=True)


def collect(artifacts_dir: Path, reports_dir: Path, names: Sequence[str], run_date: dt.date) -> None:
    """Collect the day's reports that a run's jobs uploaded; a monitor without one gets a failed record.

    If a shard ran again, its last attempt counts. Other files in an artifact are ignored.
    """
    artifacts = _artifacts(artifacts_dir)
    for name in names:
        attempts = [folder / name / f"{run_date}" for folder in artifacts if (folder / name / f"{run_date}").is_dir()]
        problem = _problem(attempts[-1], name, run_date) if attempts else NO_REPORT
        with reports.staged(reports_dir, name, run_date) as report:
            if problem:
                (report / "record.json").write_text(failed(name, run_date, problem).to_json(), encoding="utf-8")
            else:
                shutil.copytree(attempts[-1], report, ignore=_not_plain, dirs_exist_ok=True)
    for folder in artifacts:
        _copy_assets(folder, reports_dir)


def _problem(report: Path, name: str, run_date: dt.date) -> str:
    """Return why a report cannot be used, or "": a broken one must not stop the others."""
    try:
        record = read_json(report / "record.json")
    except (DriftMonitorError, OSError, UnicodeDecodeError):
        return "its report cannot be read; see the run's log"
    if (record.monitor, record.run_date) != (name, run_date):
        return f"its report is for {record.monitor} on {record.run_date}; see the run's log"
    return ""


def _artifacts(folder: Path) -> list[Path]:
    """Return the jobs' folders of reports, those of the last attempt last.

    download-artifact unpacks each artifact into a folder of its name, reports-<attempt>-<shard>, but a single artifact
    into `folder` itself.
    """
    if (folder / "reports").is_dir():
        return [folder / "reports"]
    named = [path for path in folder.glob("reports-*-*") if re.fullmatch(r"reports-\d+-\d+", path.name)]
    return [path / "reports" for path in sorted(named, key=lambda path: int(path.name.split("-")[1]))]


def _not_plain(folder: str, names: list[str]) -> set[str]:
    """Return the names not to copy: links could lead anywhere, and dot files are leftovers."""
    return {name for name in names if name.startswith(".") or (Path(folder) / name).is_symlink()}


def _copy_assets(source: Path, target: Path) -> None:
    """Copy the scripts that reports share, if their content matches the hash in their name."""
    for path in (source / "assets").glob("*.js"):
        named = ASSET.fullmatch(path.name)
        wanted = target / "assets" / path.name
        if named and not wanted.exists() and hashlib.sha256(path.read_bytes()).hexdigest().startswith(named[1]):
            wanted.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, wanted)


def restore(archive: Path, state_dir: Path) -> None:
    """Fill an empty state folder from the zip of a run's state artifact."""
    if state_dir.exists() and any(state_dir.iterdir()):
        raise DriftMonitorError(f"{state_dir}: not empty; move it away, or choose another --state.")
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [member for member in packed.infolist() if _is_state(member)]
            if not members:
                raise DriftMonitorError(f"{archive}: contains no state; use the artifact named state-... of a run.")
            packed.extractall(state_dir, members)
    except (OSError, zipfile.BadZipFile, EOFError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a zip file, or incomplete"
        raise DriftMonitorError(f"{archive}: cannot be read: {reason}; download the artifact again.") from None


def _is_state(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename).parts
    plain = not member.is_dir() and not stat.S_ISLNK(member.external_attr >> 16)
    safe = bool(parts) and not any(part.startswith(".") or "\\" in part or ":" in part for part in parts)
    return plain and safe and (parts == (HISTORY,) or parts[0] == "reports")
