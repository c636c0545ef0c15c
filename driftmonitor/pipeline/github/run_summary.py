"""What the page of a run on GitHub says of its monitors, in Markdown: their verdicts, the most urgent first."""

import datetime as dt
from collections.abc import Iterator, Sequence

from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import counted, one_line, say_day
from driftmonitor.pipeline.channels.text import escape_markdown
from driftmonitor.words.verdicts import say_verdict

WORDS = {
    "failed": "**FAILED**",
    "drift": "**DRIFT**",
    "check_failed": "**CHECK FAILED**",
    "changed": "changed",
    "healthy": "healthy",
}  # the most urgent first
VERDICT_LENGTH = 400


def summarise_runs(records: Sequence[RunRecord], run_date: dt.date, site_url: str = "") -> list[str]:
    """Return a heading and a table with a row for each run; with the site's address, each links to its page."""
    if not records:
        return [f"### No runs of {say_day(run_date)}", ""]
    counts = {status: sum(record.shown_status == status for record in records) for status in WORDS}
    outcome = f"{counts['drift']} drifting, {counts['failed']} failed"
    outcome += f", {counts['check_failed']} with a failing check" if counts["check_failed"] else ""
    heading = f"### {counted(len(records), 'run')} of {say_day(run_date)}: {outcome}"
    site = [f"[Open the site]({site_url})", ""] if site_url else []
    return [heading, "", *site, "| | monitor | verdict |", "|---|---|---|", *_rows(records, run_date, site_url), ""]


def _rows(records: Sequence[RunRecord], run_date: dt.date, site_url: str) -> Iterator[str]:
    for record in sorted(records, key=lambda record: [*WORDS].index(record.shown_status)):
        yield f"| {WORDS[record.shown_status]} | {_name(record, run_date, site_url)} | {_verdict(record)} |"


def _name(record: RunRecord, run_date: dt.date, site_url: str) -> str:
    day = "" if record.run_date == run_date else f", {say_day(record.run_date)}"
    page = f"{site_url.rstrip('/')}/{record.monitor}/{record.run_date}/index.html"
    return f"[{record.monitor}]({page}){day}" if site_url else f"{record.monitor}{day}"


def _verdict(record: RunRecord) -> str:
    verdict = say_verdict(record)
    return escape_markdown(one_line(verdict.split(": ", 1)[-1], VERDICT_LENGTH))


def summarise_plan(monitors: int, jobs: int, run_date: dt.date) -> list[str]:
    """Return a sentence on what a run is about to do."""
    if not monitors:
        return [f"Nothing to do: every monitor has a run for {say_day(run_date)}.", ""]
    return [f"Run date {say_day(run_date)}: {counted(monitors, 'monitor')} in {counted(jobs, 'job')}.", ""]
