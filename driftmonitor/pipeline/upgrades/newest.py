"""Whether there is a newer version: ask the template, keep the answer for the pages, and say it."""

from collections.abc import Mapping
from pathlib import Path

from driftmonitor import DriftMonitorError
from driftmonitor.facts.newest_version import NAME, NewestVersion
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.upgrades.template import find_address, read_template
from driftmonitor.pipeline.upgrades.versions import PACKAGE, Version, version_of


def check(job: Job, root: Path, environ: Mapping[str, str], address: str = "") -> str:
    """Return what there is to say of a repository's version; OutsideError if the template cannot be reached."""
    own = read_own_version(root)
    newest = read_template(find_address(address, root, environ), root, environ).newest
    NewestVersion(version=str(newest), checked=job.now.date()).write(job.reports_dir / NAME)
    if newest > own:
        return f"drift-monitor {own}; {newest} is available: run `python runner.py upgrade`"
    return f"drift-monitor {own}: up to date"


def read_own_version(root: Path) -> Version:
    """Return the version of the files in a folder."""
    try:
        own = version_of((root / PACKAGE).read_bytes())
    except OSError:
        own = None
    if own is None:
        raise DriftMonitorError(f"{root}: {PACKAGE} names no version; restore it as the template has it.")
    return own
