"""Earlier histories: the last one of this week and of each of the four weeks before, as branches of their own.

They are without reports, and git stores of a history only what differs from the next one. So they are small.
"""

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import console
from driftmonitor.pipeline.github import history_parts, state_files
from driftmonitor.pipeline.github.git import Clone, scratch

PREFIX = "drift-history-"  # followed by the ISO week: drift-history-2026-W47
WEEKS = 5


def keep(clone: Clone, tips: Mapping[str, str], saved: str) -> None:
    """Keep the history of a state that was just saved, in place of this week's; `tips` are the branches before.

    The remote has its files already, so little is sent. A failure is said, not raised: the state is saved.
    """
    name = PREFIX + _week(clone, saved)
    try:
        if not any(history_parts.names(lambda path: clone.has(saved, path))):
            return  # it is in a database
        clone.push(clone.commit(_without_reports(clone, saved), f"History of {saved}"), name, tips.get(name))
        for old in sorted({name, *_names(tips)})[:-WEEKS]:
            clone.push("", old, tips[old])
    except DriftMonitorError as error:
        console.complain(f"{name}: not kept: {error}")


def restore(clone: Clone, name: str, state: str, state_dir: Path) -> None:
    """Fill an empty state folder with a kept history, and with the reports that the branch `state` still has."""
    tips = clone.tips()
    if name not in tips:
        raise DriftMonitorError(f"{name}: no such branch; choose one of: {', '.join(_names(tips)) or 'none is kept'}.")
    state_files.refuse_filled(state_dir)
    state_dir.mkdir(parents=True, exist_ok=True)
    clone.fetch(tips[name])
    clone.check_out(tips[name], state_dir)
    history_parts.join(state_dir)
    with scratch() as theirs, suppress(DriftMonitorError):  # it may be what was damaged
        clone.fetch(tips.get(state, ""))
        clone.check_out(tips[state], theirs)
        for history in theirs.glob(f"{history_parts.HISTORY}*"):
            history.unlink()
        state_files.merge(state_dir, theirs)


def _names(tips: Mapping[str, str]) -> list[str]:
    return sorted(name for name in tips if name.startswith(PREFIX))


def _week(clone: Clone, commit: str) -> str:
    saved_at = dt.datetime.fromisoformat(clone.read("log", "-1", "--format=%cI", commit)).astimezone(dt.UTC)
    year, week, _ = saved_at.isocalendar()
    return f"{year}-W{week:02}"


def _without_reports(clone: Clone, commit: str) -> str:
    entries = clone.read("ls-tree", commit).splitlines()
    kept = [entry for entry in entries if not entry.endswith("\treports")]
    return clone.read("mktree", sent="".join(f"{entry}\n" for entry in kept).encode())
