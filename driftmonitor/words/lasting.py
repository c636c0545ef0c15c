"""The words for a difference from the reference that lasts although no day is unusual."""

from driftmonitor.facts.judgement import LastingChange
from driftmonitor.formats import one_line, say_day

NAMES = {
    "missing": "missing values of {} differ",
    "above": "the largest values of {} differ",
    "below": "the smallest values of {} differ",
    "same": "repeated values of {} differ",
    "dependence": "the dependence between {} differs",
    "pair": "the correlation of {} differs",
    "segment": "{} in {} differs",
    "mix": "the share of {} differs",
    "new": "the share of rows with {} differs",
}


def say_lasting(changed: LastingChange) -> str:
    """Return `amount still differs from the reference (distance 0.25), since 12 Oct 2026, accepted by time`."""
    how = "the first run with it, " if changed.from_start else ""
    ending = "" if changed.from_start else ", accepted by time"
    return f"{say_difference(changed)} since {how}{say_day(changed.since)}{ending}"


def begins_with_name(changed: LastingChange) -> bool:
    """Return whether these sentences begin with a column's name, which is written as it is."""
    return changed.signal not in NAMES or changed.signal == "segment"


def say_difference(changed: LastingChange) -> str:
    """Return `amount still differs from the reference (distance 0.25)`."""
    names = [" and ".join(one_line(name, 40) for name in changed.columns)]
    if changed.segment is not None:
        names = [*names[: changed.signal == "segment"], one_line(changed.segment, 80)]
    subject, verb = NAMES.get(changed.signal, "{} differs").format(*names).rsplit(" ", 1)
    size = "" if changed.distance is None else f" (distance {changed.distance:.2f})"
    return f"{subject} {'' if changed.from_start else 'still '}{verb} from the reference{size}"
