"""Say what a change does, monitor by monitor: on the console, and in Markdown for a run's page and a pull request.

Names of files, columns and categories come from whoever proposes the change, so in Markdown all of them are escaped.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import accumulate

from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import counted, one_line, say_day, some_names
from driftmonitor.pipeline.changes.compare import Change, Comparison
from driftmonitor.pipeline.channels.text import escape_markdown, width
from driftmonitor.words.judgements import say_rank
from driftmonitor.words.verdicts import say_verdict

WORDS = {"failed": "FAILED", "drift": "DRIFT", "healthy": "healthy"}
NOTHING = "No monitor is touched"
MOST_FILES, MOST_ISSUES = 3, 3
VERDICT_LENGTH = 400
MOST_TEXT = 60_000  # GitHub takes comments of 65,536 characters


def say_heading(comparison: Comparison) -> str:
    """Return how many monitors the change touches: `2 of 4 monitors are touched, compared with 3f2a9c1.`"""
    left = [change for change in comparison.changes if not change.is_removed]
    removed = len(comparison.changes) - len(left)
    count = f"{len(left):,} of {counted(comparison.monitors, 'monitor')} {'is' if len(left) == 1 else 'are'} touched"
    more = f", {removed} removed" if removed else ""
    base = f"compared with {comparison.base[:7]}" if comparison.base else "with nothing to compare with"
    return f"{f'{count}{more}' if comparison.changes else NOTHING}, {base}."


def say_change(change: Change) -> tuple[str, str]:
    """Return what a monitor was before and is after the change."""
    if change.needs:
        return "not run", f"not run: {change.needs} is not set here"
    after = "removed" if change.is_removed else _word(change.after)
    if change.is_removed:
        return "existed", after
    return (_word(change.before) if change.before else "new"), after


def _word(record: RunRecord | None) -> str:
    return WORDS[record.status] if record else "not run"


def say_details(change: Change, run_date: dt.date) -> Iterator[tuple[str, str]]:
    """Yield what to know of a monitor, each as a label and a sentence; the same verdict is said once."""
    yield "touched by", some_names(change.files, MOST_FILES, 80)
    if change.after is None:
        return
    before = _verdict(change.before) if change.before else ""
    after = _verdict(change.after)
    if before == after:
        yield "before and after", after
    else:
        yield from ([("before", before)] if before else [])
        yield "after", after
    yield from _say_rank(change.after)
    yield from _say_rows(change)
    yield from _say_issues(change)
    if change.after.run_date != run_date:
        why = "whose data changed" if change.after.run_date == change.day else "the last one recorded with data"
        yield "day", f"{say_day(change.after.run_date)}, {why}"


def _verdict(record: RunRecord) -> str:
    return one_line(say_verdict(record).split(": ", 1)[-1], VERDICT_LENGTH)


def _say_rank(record: RunRecord) -> Iterator[tuple[str, str]]:
    """Yield how unusual the day is after the change, if the verdict does not say so."""
    judgement = record.judgement
    if judgement and not judgement.decides:
        causes = "; ".join(cause.words for cause in judgement.causes[:MOST_ISSUES])
        yield (
            "compared with earlier days",
            one_line(f"{say_rank(judgement)}{f'; {causes}' if causes else ''}.", VERDICT_LENGTH),
        )


def _say_rows(change: Change) -> Iterator[tuple[str, str]]:
    old, new = change.before and change.before.rows, change.after and change.after.rows
    if old and new:
        pairs = {
            "reference": (old.reference_total, new.reference_total),
            "current": (old.current_total, new.current_total),
        }
        moved = [f"{side} {a:,} → {b:,}" for side, (a, b) in pairs.items() if a != b]
        yield from ([("rows", ", ".join(moved))] if moved else [])


def _say_issues(change: Change) -> Iterator[tuple[str, str]]:
    """Yield the data-quality issues that the change brings."""
    known = {issue.message for issue in change.before.quality} if change.before else set()
    found = [issue.message for issue in change.after.quality] if change.after else []
    new = [one_line(message, 160) for message in found if message not in known]
    more = f" And {len(new) - MOST_ISSUES} more." if len(new) > MOST_ISSUES else ""
    yield from ([("new data-quality issues", f"{' '.join(new[:MOST_ISSUES])}{more}")] if new else [])


def console_lines(comparison: Comparison) -> Iterator[str]:
    """Yield the lines for the console."""
    yield say_heading(comparison)
    for change in comparison.changes:
        yield f"{change.monitor}: {' → '.join(say_change(change))}"
        yield from (f"    {label}: {text}" for label, text in say_details(change, comparison.run_date))


def markdown(comparison: Comparison, pages: str = "") -> list[str]:
    """Return the lines for GitHub; `pages` is the address where the pages of the new runs can be downloaded."""
    day = f"Run for {say_day(comparison.run_date)}; nothing was saved or sent."
    lines = [f"### {say_heading(comparison)}", "", day, ""]
    if comparison.changes:
        rows = [f"| {change.monitor} | {' | '.join(_emphasise(change))} |" for change in comparison.changes]
        lines += ["| monitor | before | after |", "|---|---|---|", *rows, ""]
    if pages and any(change.after for change in comparison.changes):
        lines += [f"The new pages, with the rendered notebooks, are an artifact of [this run]({pages}).", ""]
    return _fitting([*lines, *_detail_lines(comparison.changes, comparison.run_date)])


def _emphasise(change: Change) -> list[str]:
    return [f"**{word}**" if word in ("FAILED", "DRIFT") else escape_markdown(word) for word in say_change(change)]


def _detail_lines(changes: Sequence[Change], run_date: dt.date) -> Iterator[str]:
    for change in changes:
        yield f"**{change.monitor}**"
        yield ""
        yield from (f"- {label}: {escape_markdown(text)}" for label, text in say_details(change, run_date))
        yield ""


def _fitting(lines: Sequence[str]) -> list[str]:
    """Return the lines that fit into a comment."""
    lengths = accumulate(width(line) + 1 for line in lines)
    kept = [line for line, length in zip(lines, lengths, strict=True) if length <= MOST_TEXT]
    return kept if len(kept) == len(lines) else [*kept, "", "More is in the log."]
