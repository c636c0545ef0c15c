"""The sentences about a segment of the rows: a column that changed in it, its share, a new value, one that is gone."""

from driftmonitor.facts.evidence import SegmentEvidence
from driftmonitor.formats import one_line, percent
from driftmonitor.words.figures import Figure, say_figure, write_percents
from driftmonitor.words.verdicts import rose

OTHER, MISSING = "any other value", "no value"
NAME_LENGTH = 40


def name_segment(segmentation: SegmentEvidence, number: int) -> str:
    """Return `country = DE`, `age 20 to 35` or `country = no value`; of the number after the last, `a new country`."""
    name, values = one_line(segmentation.name, NAME_LENGTH), segmentation.values
    if number < len(values):
        return f"{name} {values[number]}" if segmentation.ranges else f"{name} = {values[number]}"
    after = (OTHER, MISSING)
    return f"{name} = {after[number - len(values)]}" if number < len(values) + 2 else f"a new {name}"


def say_in_segment(
    segment: str, column: str, categorical: bool, higher: bool | None, exceeds: Figure, window: int
) -> str:
    """Return `country = DE: values of amount rose; they exceed the reference's in about 64% of pairs, usually 50%`.

    `higher`: whether the ridits rose; None if only those of all other rows changed. `exceeds`: the probability that a
    value in the segment is larger than one of the reference there, plus half that of a tie.
    """
    name, when = one_line(column), _over(window)
    if higher is None:
        return f"{segment}: {name} is unusual beside all other rows{when}"
    if categorical:
        return f"{segment}: the rarer categories of {name} became {'more' if higher else 'less'} frequent{when}"
    pairs = f"they exceed the reference's in about {_say_pairs(exceeds)} (ties count half)"
    return f"{segment}: values of {name} {rose(higher)}{when}; {pairs}"


def _say_pairs(exceeds: Figure) -> str:
    now, usual = f"{exceeds.current:.0%}", f"{exceeds.before:.0%}"
    return f"{now} of pairs" if now == usual else f"{now} of pairs, usually {usual}"


def say_share(segment: str, share: Figure, window: int) -> str:
    """Return `country = DE: its share rose from its usual 20% to 31% of rows (reference 19%)`."""
    named = Figure("its share", share.current, share.usual, share.reference)
    words = say_figure(named, write_percents, when=f" of rows{_over(window)}")
    return f"{segment}: {words or f'its share of rows is unusual{_over(window)}'}"


def say_gone(segment: str, share: Figure, window: int) -> str:
    """Return `country = DE: no rows, usually 20% of all`."""
    usual = "usually" if share.usual is not None else "in the reference"
    return f"{segment}: no rows{_over(window)}, {usual} {percent(share.before)} of all"


def say_new(name: str, value: str | None, share: Figure) -> str:
    """Return `country: 5% of rows have a value that the reference does not have, such as "XX" (usually 0%)`."""
    usual = "" if share.usual is None else f" (usually {percent(share.usual)})"
    rows = f"{one_line(name)}: {percent(share.current)} of rows have"
    if value == MISSING:
        return f"{rows} no value; the reference has no such rows{usual}"
    example = f', such as "{one_line(value, NAME_LENGTH)}"' if value else ""
    return f"{rows} a value that the reference does not have{example}{usual}"


def _over(window: int) -> str:
    return f" over the last {window} days" if window > 1 else ""
