"""What the pages say of a newer version: what the last check found, because building them asks no network."""

from pathlib import Path

from driftmonitor import __version__
from driftmonitor.facts.newest_version import NAME, NewestVersion
from driftmonitor.formats import say_day
from driftmonitor.pipeline.upgrades.versions import parse
from driftmonitor.regular_files import Folder


def say_newer(reports_dir: Path) -> str:
    """Return a sentence on a newer version that the last check found; nothing if there is none."""
    found, own = NewestVersion.read(Folder(reports_dir), NAME), parse(__version__)
    newest = parse(found.version) if found else None
    if found is None or newest is None or own is None or newest <= own:
        return ""
    return f"Version {newest} is available (checked on {say_day(found.checked)})."
