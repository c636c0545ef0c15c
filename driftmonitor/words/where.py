"""The sentences about where a column's change comes from: one slice of the rows, a changed mix, or everywhere."""

from collections.abc import Iterator, Sequence

from driftmonitor.facts.record import RunRecord
from driftmonitor.facts.where import Changed, Condition, Mix, Slice, Where
from driftmonitor.formats import counted, number, numbers_apart, one_line, percent, show_category, some_names

OFTEN = 1.96  # standard errors, in which a value lies in 95% of cases
WIDEST = 0.4  # a contribution that is known less exactly is not told as a number
NEARLY_ALL, MOST = 0.95, 0.5
NOTICEABLE = 0.2  # of the larger share: if the rows of a slice changed by less, one share is told
SHORTEST = 40  # characters of a name
NOUNS: dict[Changed, tuple[str, str]] = {
    "level": ("the rise of {name}", "the fall of {name}"),
    "spread": ("the wider spread of {name}", "the narrower spread of {name}"),
    "missing": ("the rise in missing values of {name}", "the fall in missing values of {name}"),
    "category": ("the rise of {level} in {name}", "the fall of {level} in {name}"),
    "above": ("the rise in large values of {name}", "the fall in large values of {name}"),
    "below": ("the rise in small values of {name}", "the fall in small values of {name}"),
    "same": ("the rise in repeated values of {name}", "the fall in repeated values of {name}"),
}
ELSEWHERE = {
    "unchanged": "elsewhere it did not change clearly",
    "less": "elsewhere it changed less",
    "opposite": "elsewhere it changed the other way",
}
WITHIN = {
    "unchanged": "it did not change clearly",
    "same": "it changed in the same direction",
    "opposite": "it changed the other way",
}


def say_where(where: Where) -> str:
    """Return where a column's change comes from, compared with the reference, in one or two sentences."""
    what = _name_change(where)
    if where.medians and where.segment:
        before, now = numbers_apart(*where.medians)
        change = f"{'rose' if where.rose else 'fell'} from {before} to {now}"
        return f"In {one_line(where.segment, 80)}, the median of {_name(where.column)} {change}."
    if where.verdict == "too_few":
        return f"Too few rows to say where the change of {_name(where.column)} comes from."
    within = () if where.slice else _say_within(where.mix)
    said = [*_say_mix(where.mix, what), *within, *_say_slice(where.slice, what, where.mix is not None)]
    if said:
        return " ".join(said)
    if where.verdict == "everywhere":
        return f"{_capital(what)} is everywhere: no slice of the rows changed clearly more than the others."
    if where.verdict == "unequal":
        return f"{_capital(what)} is in all slices of the rows that were searched, but not of the same size."
    return f"No single slice of the rows has most of {what}."


def say_origin(where: Where) -> str:
    """Return the same without what else is known: `Most of the rise of amount comes from country = DE`."""
    what = _name_change(where)
    if where.slice:
        origin = " and ".join(map(say_condition, where.slice.conditions))
        return f"{_say_part(where.slice.contribution, where.slice.error)} {what} comes from {origin}"
    if where.mix:
        part = _say_part(where.mix.contribution, where.mix.error)
        return f"{part} {what} {_say_relation(where.mix)} {_name(where.mix.column)}"
    return say_where(where).rstrip(".")


def say_most(record: RunRecord) -> str:
    """Return the sentence of the first column of whose change most has an origin, or else of that which has most.

    Without any, it is why no origin is known, or "".
    """
    if not record.where:
        return _say_why_unknown(record)
    return _say_first(max(record.where, key=lambda each: min(_explained(each), MOST)))


def _explained(where: Where) -> float:
    """Return how much of a change has an origin, 1 being all of it."""
    if where.verdict == "segment":
        return 1.0
    return sum(each.contribution for each in (where.slice, where.mix) if each)


def say_each(record: RunRecord) -> list[str]:
    """Return the sentences of all columns; the first says what they are compared with. Without any, why, if known."""
    return _say_list(record.where) or [words for words in [_say_why_unknown(record)] if words]


def _say_list(wheres: Sequence[Where]) -> list[str]:
    return [_say_first(wheres[0]), *map(say_where, wheres[1:])] if wheres else []


def _say_why_unknown(record: RunRecord) -> str:
    if not record.where_unknown or record.status != "drift":
        return ""
    return f"Where the change comes from is not known: {one_line(record.where_unknown, 300).rstrip('.')}."


def _say_first(where: Where) -> str:
    said = say_where(where)
    if where.verdict == "too_few":
        return said
    return f"Compared with the reference, {said[:1].lower()}{said[1:]}"


def say_all(wheres: Sequence[Where], drifts: bool, segments: Sequence[str] = ()) -> str:
    """Return the sentences of all columns, a line each, or why there are none; `segments`: those of the verdict."""
    if wheres:
        return "\n".join(_say_list(wheres))
    if segments:
        return f"The verdict says in which segments the change is: {some_names(segments)}."
    if drifts:
        return "No column changed clearly enough in today's rows to say where that comes from."
    return 'Not a drift day, so no slices were searched; find_where(comparison, ["name"]) searches those of a column.'


def _name_change(where: Where) -> str:
    level = show_category(where.level) if where.level is not None else "a category"
    return NOUNS[where.changed][0 if where.rose else 1].format(name=_name(where.column), level=f'"{level}"')


def _say_mix(mix: Mix | None, what: str) -> Iterator[str]:
    if mix is None:
        return
    before, now = mix.rows
    value, rows = say_condition(mix.value), "the rows that have a value" if mix.some_missing else "rows"
    if before == 0:
        how = f"{value}, which the reference does not have, is {percent(now)} of {rows}"
    else:
        how = f"{value} {'rose' if now > before else 'fell'} from {percent(before)} to {percent(now)} of {rows}"
    part = _say_part(mix.contribution, mix.error)
    yield f"{part} {what} {_say_relation(mix)} {_name(mix.column)}: {how}."


def _say_within(mix: Mix | None) -> Iterator[str]:
    if mix and mix.within:
        alike = "a similar" if _is_of_numbers(mix) else "the same"
        yield f"Among rows with {alike} {_name(mix.column)}, {WITHIN[mix.within]}."


def _say_relation(mix: Mix) -> str:
    """Two columns of numbers may move together for a third reason, so that neither comes from the other."""
    return "goes with changed values of" if _is_of_numbers(mix) else "comes from changed shares of"


def _is_of_numbers(mix: Mix) -> bool:
    return mix.value.above is not None or mix.value.up_to is not None


def _say_slice(found: Slice | None, what: str, after_mix: bool) -> Iterator[str]:
    if found is None:
        return
    part = _say_part(found.contribution, found.error)
    where = " and ".join(map(say_condition, found.conditions))
    if after_mix:
        yield f"What is left comes mostly from {where} ({_say_rows(found)}); {ELSEWHERE[found.elsewhere]}."
    else:
        yield f"{part} {what} comes from {where} ({_say_rows(found)}); {ELSEWHERE[found.elsewhere]}."


def _say_rows(found: Slice) -> str:
    before, now = found.rows
    if abs(now - before) <= NOTICEABLE * max(now, before):
        return f"{percent(now)} of rows"
    return f"{percent(now)} of rows, {percent(before)} in the reference"


def _say_part(contribution: float, error: float) -> str:
    """Return `About 87% (±12 points) of`, by a 95% margin, or less exactly if that is wide."""
    margin = OFTEN * error
    if contribution - margin > 1:
        return "All of"
    if contribution >= NEARLY_ALL:
        return "Nearly all of" if margin <= WIDEST else "Most of"
    if margin <= WIDEST and contribution > 0:
        return f"About {contribution:.0%} (±{counted(max(1, round(100 * margin)), 'point')}) of"
    return "Most of" if contribution >= 0.5 else "Part of"


def say_condition(condition: Condition) -> str:
    """Return what the rows of a slice have in common: `country = DE`, `age > 52`, `plan is missing`."""
    name = _name(condition.column)
    if condition.missing:
        return f"{name} is missing"
    if condition.level is not None:
        return f"{name} = {show_category(condition.level)}"
    if condition.above is None or condition.up_to is None:
        sign, limit = ("≤", condition.up_to) if condition.above is None else (">", condition.above)
        return f"{name} {sign} {number(limit or 0.0)}"
    low, high = numbers_apart(condition.above, condition.up_to)
    return f"{low} < {name} ≤ {high}"


def _name(column: str) -> str:
    return one_line(column, SHORTEST)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
