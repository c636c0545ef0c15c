"""Find out whether current rows are part of the reference too: they are then compared with themselves."""

from collections.abc import Collection

from driftmonitor.analysis.sources.request import Request
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, say_day

KIND = "overlap"


def of_files(reference: Collection[str], current: Collection[str]) -> tuple[Finding, ...]:
    """Return a finding if some files are on both sides, and not all: these are not told apart by windows."""
    shared = len({*reference} & {*current})
    if not shared or {*reference} == {*current}:
        return ()  # the same rows are found in any source
    which = f"{shared} of {counted(len(current), 'file')}" if len(current) > 1 else "its file"
    is_part = "is" if shared == 1 else "are"
    message = (
        f"current: {which} {is_part} part of the reference too, so rows are compared with themselves; name others."
    )
    return (Finding(kind=KIND, column=None, message=message),)


def of_windows(request: Request) -> tuple[Finding, ...]:
    """Return a finding if the windows of one table share a day."""
    if not request.time_column or not request.same_table:
        return ()
    reference, current = (request.sides[side].window for side in ("reference", "current"))
    if not (reference and current) or current[0] > reference[1] or reference[0] > current[1]:
        return ()
    day = say_day(min(current[1], reference[1]))
    message = f"current: {day} is in the reference_window too, so rows are compared with themselves; end it earlier."
    return (Finding(kind=KIND, column=None, message=message),)
