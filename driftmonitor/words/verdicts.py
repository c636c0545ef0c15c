"""The sentences about a run, a column's change and its test result: pure functions over the record.

Nothing here escapes for HTML, Markdown or a chat; whoever shows the words does. Names are cut to 60 characters.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from driftmonitor.facts.record import ColumnScore, RunRecord
from driftmonitor.formats import (
    NAME_LENGTH,
    counted,
    from_to,
    number,
    one_line,
    p_value,
    percent,
    show_category,
    some_names,
)
from driftmonitor.words import judgements
from driftmonitor.words.checks import say_failing
from driftmonitor.words.judgements import NAMED, say_judgement
from driftmonitor.words.lasting import begins_with_name

NOTICEABLE_SHIFT = 0.1  # SD of the reference; below it, a change of spread or shape describes the column better
NOTICEABLE_SPREAD = 0.1  # the least relative change of the standard deviation that is worth naming
MANY_TIMES = 3  # from this ratio on, "3 times as large" is easier to read than "+200%"
DISTANCES = {"numerical": "K-S distance", "categorical": "total variation"}


def say_verdict(record: RunRecord) -> str:
    """Return the verdict of a run: `Drift: 1 of 4 columns drifted (25%, threshold 10%). salary: ...`."""
    if record.status == "failed":
        why = one_line(record.error or "the run left no record", 300).rstrip(".")
        return f"Failed: {why}{'' if why.endswith('?') else '.'}"
    if judgement := record.budget_judgement:
        verdict = say_judgement(judgement) + _say_untested(record)
    else:
        verdict = f"{'Drift' if record.drifted else 'Healthy'}: {_say_share(record)}{_say_untested(record)}"
    return _with_checks(record, verdict)


def say_listed(record: RunRecord) -> str:
    """Return what a list of days says of a run: what happened, without what is the same on many days."""
    judgement = record.budget_judgement
    if record.status == "failed" or not judgement:
        return say_verdict(record).split(": ", 1)[1]
    said = [judgements.say_listed(judgement), say_failing(record.checks)]
    return f"{'; '.join(filter(None, said if record.status == 'drift' else said[::-1]))}."


def _with_checks(record: RunRecord, verdict: str) -> str:
    """Return the verdict with the checks that fail: after it on a drift day, before it on any other."""
    failing = say_failing(record.checks)
    if not failing:
        return verdict
    if record.status == "drift":
        return f"{verdict} {failing}."
    rest = verdict.split(": ", 1)[1]
    if not (record.changed and begins_with_name(record.changed)):
        rest = f"{rest[:1].upper()}{rest[1:]}"
    return f"Check failed: {failing}. {rest}"


def _say_share(record: RunRecord) -> str:
    drifted = record.drifted_columns
    named = "; ".join(say_effect(score) for score in drifted[:NAMED])
    more = f"; and {len(drifted) - NAMED} more" if len(drifted) > NAMED else ""
    count = say_drift_share(len(drifted), len(record.columns), record.drift_share, record.threshold)
    return f"{count}. {named}{more}." if drifted else f"{count}."


def say_drift_share(drifted: int, columns: int, share: float | None, threshold: float | None) -> str:
    """Return how many columns drifted: `2 of 4 columns drifted (50%, threshold 10%)`."""
    head = f"{drifted} of {counted(columns, 'column')} drifted"
    if share is None or threshold is None:
        return head
    return f"{head} ({percent(share)}, threshold {percent(threshold)})"


def _say_untested(record: RunRecord) -> str:
    untested = [score.name for score in record.columns if score.status == "not_testable"]
    return f" Not testable: {some_names(untested, NAMED, NAME_LENGTH)}." if untested else ""


def say_effect(score: ColumnScore) -> str:
    """Return a column's name and its change, without a full stop: `salary: mean rose from 50,000 to 75,000 (...)`."""
    return f"{one_line(score.name)}: {_say_change(score)}"


def _say_change(score: ColumnScore) -> str:
    if score.status == "not_testable":
        return f"not testable ({one_line(score.reason or 'no reason was given', 200).rstrip('.')})"
    if "shares" in score.effect:
        return _say_category(score)
    shift = score.effect.get("mean_shift_sd")
    if shift is None or abs(shift) >= NOTICEABLE_SHIFT:
        return say_mean(score.effect) or _say_spread_or_shape(score)
    return _say_spread_or_shape(score)


def _say_spread_or_shape(score: ColumnScore) -> str:
    before, after = sides(score.effect, "sd")
    if before and after is not None and abs(after / before - 1) >= NOTICEABLE_SPREAD:
        return say_spread(before, after)
    return say_shape(score)


def say_mean(effect: Mapping[str, Any]) -> str | None:
    """Return `mean rose from 50,000 to 75,000 (+2.5 SD of the reference)`; None if no change is known."""
    shift, (before, after) = effect.get("mean_shift_sd"), sides(effect, "mean")
    if before is None or after is None or before == after:
        return f"mean {rose(shift > 0)} by {number(abs(shift))} SD of the reference" if shift else None
    size = f" ({'+' if shift > 0 else '-'}{number(abs(shift))} SD of the reference)" if shift else ""
    return f"mean {rose(after > before)} {from_to(before, after)}{size}"


def say_spread(before: float, after: float) -> str:
    """Return `standard deviation rose from 10 to 12 (+20%)`; both are of one column, `before` of the reference."""
    ratio = after / before
    change = f"{'+' if ratio > 1 else '-'}{percent(abs(ratio - 1))}"
    size = f"{number(ratio)} times as large" if ratio >= MANY_TIMES else change
    return f"standard deviation {rose(ratio > 1)} {from_to(before, after)} ({size})"


def _say_category(score: ColumnScore) -> str:
    before, after = score.effect["shares"]
    if percent(before) == percent(after):
        return say_shape(score)
    if new := score.effect.get("new_categories"):
        return f"{new:,} new categories fill {percent(after)} of rows"
    level = score.effect.get("category")
    name = "a rare category" if level is None else f'"{show_category(str(level))}"'
    return f"{name} {rose(after > before)} from {percent(before)} to {percent(after)} of rows"


def say_shape(score: ColumnScore) -> str:
    """Return that a column's distribution changed, and how far, if nothing simpler describes the change."""
    if score.status != "drifted":
        return "hardly changed"
    changed = "its distribution changed" if score.kind == "categorical" else "its distribution changed shape"
    return f"{changed} ({say_distance(score.kind, score.distance)})" if score.distance else changed


def say_distance(kind: str | None, distance: float) -> str:
    """Return `K-S distance 0.12` for numbers, `total variation 0.12` for categories."""
    return f"{DISTANCES.get(kind or '', 'distance')} {distance:.2f}"


def say_test(score: ColumnScore) -> str:
    """Return a column's test result: its distance, then its p-value or the method's own score with its threshold."""
    if score.status == "not_testable":
        return "not testable"
    parts = [] if score.distance is None else [say_distance(score.kind, score.distance)]
    if score.p_value is not None:
        parts.append(p_value(score.p_value))
    elif score.statistic is not None and score.threshold is not None:
        parts.append(f"{score.method} {number(score.statistic)} (threshold {number(score.threshold)})")
    return ", ".join(parts)


def rose(increased: bool) -> str:
    """Return the verb of a change."""
    return "rose" if increased else "fell"


def sides(effect: Mapping[str, Any], key: str) -> Sequence[float | None]:
    """Return a number of the reference and of the current data, each None if it is unknown."""
    return effect.get(key) or (None, None)
