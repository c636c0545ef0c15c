"""What a run and a column say in plain words: pure functions over the record, for notebook, pages and messages alike.

Nothing here escapes for HTML, Markdown or a chat: who shows the words does. Names come out on one line, cut at 60.
"""

from driftmonitor.facts.record import ColumnScore, RunRecord
from driftmonitor.formats import number, one_line, p_value, percent
from driftmonitor.words.judgements import COLUMNS_NAMED, say_judgement

NOTICEABLE_SHIFT = 0.1  # reference standard deviations; less is told as a change of spread or shape
NOTICEABLE_SPREAD = 0.1


def say_verdict(record: RunRecord) -> str:
    """Return the verdict of a run in one sentence, ending with a full stop."""
    if record.status == "failed":
        return f"Failed: {one_line(record.error or 'the run left no record', 300).rstrip('.')}."
    if record.budgeted:
        return say_judgement(record.judgement) + _say_untested(record)
    drifted = record.drifted_columns
    head = f"{'Drift' if record.drifted else 'Healthy'}: {_count(drifted, record)} ({_share(record)})"
    named = "; ".join(say_effect(score) for score in drifted[:COLUMNS_NAMED])
    more = f"; and {len(drifted) - COLUMNS_NAMED} more" if len(drifted) > COLUMNS_NAMED else ""
    return head + (f": {named}{more}." if drifted else ".") + _say_untested(record)


def _count(drifted: list[ColumnScore], record: RunRecord) -> str:
    total = len(record.columns)
    return f"{len(drifted) or 'none'} of {total} column{'' if total == 1 else 's'} changed"


def _share(record: RunRecord) -> str:
    relation = "more than the {} allowed" if record.drifted else "up to {} is allowed"
    allowed = relation.format(percent(record.threshold)) if record.threshold else "none is allowed"
    return f"{percent(record.drift_share)}, {allowed}"


def _say_untested(record: RunRecord) -> str:
    untested = [one_line(score.name) for score in record.columns if score.status == "not_testable"]
    if not untested:
        return ""
    more = f" and {len(untested) - COLUMNS_NAMED} more" if len(untested) > COLUMNS_NAMED else ""
    return f" Not testable: {', '.join(untested[:COLUMNS_NAMED])}{more}."


def say_effect(score: ColumnScore) -> str:
    """Return what happened to one column, with its name, without a full stop."""
    name = one_line(score.name)
    if score.status == "not_testable":
        return f"{name} could not be tested: {one_line(score.reason or 'no reason was given', 200).rstrip('.')}"
    if "shares" in score.effect:
        return _say_category(name, score)
    return f"{name} {_say_number(score)}"


def _say_number(score: ColumnScore) -> str:
    shift = score.effect.get("mean_shift_sd")
    (was, now), (sd_was, sd_now) = (score.effect.get(key) or (None, None) for key in ("mean", "sd"))
    if shift is not None and abs(shift) >= NOTICEABLE_SHIFT:
        size = number(abs(shift))
        return f"{'rose' if shift > 0 else 'fell'} by {size} reference standard deviation{'' if size == '1' else 's'}"
    if shift is None and was is not None and now is not None and was != now:
        return f"{'rose' if now > was else 'fell'} from {number(was)} to {number(now)} on average"
    if sd_was and sd_now is not None and abs(sd_now / sd_was - 1) >= NOTICEABLE_SPREAD:
        return f"{'spread out' if sd_now > sd_was else 'narrowed'}: {say_spread(sd_now / sd_was)}"
    return _say_moved(score)


def say_spread(ratio: float) -> str:
    if ratio >= 3:
        return f"its standard deviation is {number(ratio)} times the reference's"
    return f"its standard deviation {'grew' if ratio > 1 else 'fell'} by {percent(abs(ratio - 1))}"


def _say_category(name: str, score: ColumnScore) -> str:
    was, now = score.effect["shares"]
    if percent(was) == percent(now):
        return f"{name} {_say_moved(score)}"
    level = one_line(str(score.effect.get("category")), 40)
    return f'{name}: "{level}" {"rose" if now > was else "fell"} from {percent(was)} to {percent(now)} of rows'


def _say_moved(score: ColumnScore) -> str:
    if score.status == "drifted" and score.distance:
        return f"changed its shape: {percent(score.distance)} of rows moved"
    return "changed its shape" if score.status == "drifted" else "hardly changed"


def say_test(score: ColumnScore) -> str:
    """Return how sure the test is of one column: distance, then p-value or the method's own score."""
    if score.status == "not_testable":
        return "not testable"
    distance = {"numerical": "K-S distance", "categorical": "total variation"}.get(score.kind or "", "distance")
    parts = [] if score.distance is None else [f"{distance} {score.distance:.2f}"]
    if score.p_value is not None:
        parts.append(p_value(score.p_value))
    elif score.statistic is not None and score.threshold is not None:
        parts.append(f"{score.method} {number(score.statistic)} (drift from {number(score.threshold)})")
    return ", ".join(parts)
