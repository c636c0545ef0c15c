"""Refresh the README's table of monitors from the site's summary, and push it only if its content changed."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.formats import one_line, say_day
from driftmonitor.pipeline.channels.text import escape_markdown
from driftmonitor.pipeline.github.git import Clone
from driftmonitor.regular_files import parse_json, read_file

README = "README.md"
BEGIN, END = "<!-- monitors -->", "<!-- /monitors -->"
BETWEEN = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)
AS_OF = re.compile(r"As of (\d{4}-\d\d-\d\d)\.")
RENEW_DAYS = 30  # an unchanged table gets a new date this often, so that a reader sees that it is still refreshed
COLUMNS_NAMED = 3
ATTEMPTS = 5


def refresh_file(readme: Path, site_dir: Path, today: dt.date) -> bool:
    """Refresh the table in a README from the site; return whether it changed."""
    try:
        old = read_file(readme)
    except OSError as error:
        raise DriftMonitorError(f"{readme}: cannot be read: {error.strerror}; restore it.") from None
    new = refresh(old, read_monitors(site_dir), today)
    if new != old:
        readme.write_bytes(new)
    return new != old


def push(clone: Clone, branch: str, site_dir: Path, today: dt.date) -> bool:
    """Refresh the README on the remote's branch from the site, as one commit; return whether it changed.

    The branch's other files stay as they are, also those that are pushed meanwhile.
    """
    monitors = read_monitors(site_dir)
    for _ in range(ATTEMPTS):
        tip = clone.tips().get(branch)
        if tip is None:
            raise DriftMonitorError(f"{clone.remote}: has no branch {branch}; choose an existing branch.")
        clone.fetch(tip)
        old = clone.blob(tip, README)
        new = refresh(old, monitors, today)
        if new == old:
            return False
        commit = clone.commit(clone.change_tree(tip, [(README, new)]), "Refresh the table of monitors", tip)
        if clone.push(commit, branch, tip):
            return True
    raise DriftMonitorError(
        f"{branch}: others changed the branch during all {ATTEMPTS} attempts to push; run the command again."
    )


def read_monitors(site_dir: Path) -> list[dict[str, Any]]:
    """Return the entries of the site's summary, without retired monitors, in its order."""
    path = site_dir / "api/summary.json"
    try:
        monitors = parse_json(read_file(path))["monitors"]
        return [monitor for monitor in monitors if not monitor["retired"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise DriftMonitorError(f"{path}: cannot be read; run `python runner.py publish` first.") from None


def refresh(readme: bytes, monitors: Sequence[Mapping[str, Any]], today: dt.date) -> bytes:
    """Return a README with a new table between its markers, or the same README if the table is unchanged. Pure."""
    text = readme.decode("utf-8", "surrogateescape")
    old = BETWEEN.search(text)
    if not old:
        raise DriftMonitorError(f"{README}: has no place for the table; add the lines {BEGIN} and {END}.")
    end_of_line = "\r\n" if "\r\n" in text else "\n"
    table = end_of_line.join([BEGIN, *make_table(monitors), "", f"As of {today}.", END])
    dated = AS_OF.search(old[0])
    age = (today - dt.date.fromisoformat(dated[1])).days if dated else RENEW_DAYS
    if 0 <= age < RENEW_DAYS and AS_OF.sub("", table) == AS_OF.sub("", old[0]):
        return readme
    return (text[: old.start()] + table + text[old.end() :]).encode("utf-8", "surrogateescape")


def make_table(monitors: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the table's lines: only what changes with a monitor's state, so that most days need no commit."""
    rows = [f"| {_name(each)} | {_state(each)} | {_since(each)} |" for each in monitors]
    return ["| monitor | state | since |", "|---|---|---|", *rows]


def _name(monitor: Mapping[str, Any]) -> str:
    title = escape_markdown(one_line(monitor["title"]))
    page = str(monitor["page"])
    return f"[{title}]({page})" if page.startswith(("https://", "http://")) else title


def _state(monitor: Mapping[str, Any]) -> str:
    columns = monitor["drifted_columns"] if monitor["state"] == "drift" else []
    named = ", ".join(escape_markdown(one_line(name)) for name in sorted(columns)[:COLUMNS_NAMED])
    more = f" and {len(columns) - COLUMNS_NAMED} more" if len(columns) > COLUMNS_NAMED else ""
    word = "no runs" if monitor["state"] == "none" else monitor["state"]
    return f"**{word}**: {named}{more}" if named else word


def _since(monitor: Mapping[str, Any]) -> str:
    since = monitor["failing_since"] or monitor["since"]
    return say_day(dt.date.fromisoformat(since)) if since else ""
