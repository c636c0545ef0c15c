"""List the columns that a params file names: under which key, and on which side of the data each has to be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from driftmonitor.config.check_settings import parse_checks
from driftmonitor.config.model_settings import OF_THE_MODEL, parse_model
from driftmonitor.config.segment_settings import parse_segments
from driftmonitor.formats import NAME_LENGTH, one_line, show_category

On = Literal["reference", "current", "either"]

NAME_COLUMNS = {  # the parameters that contain names of columns
    "time_column", "sample_key", "read", "columns", "methods", "thresholds", "checks", "segments", "score",
    "prediction", "label", "key", "weights", "draw",
}  # fmt: skip
OF_TESTED = ("methods", "thresholds", "draw")  # for columns that are compared


@dataclass(frozen=True)
class Named:
    """A column that a params file names. `where` is how an error of a run about it begins.

    Without one that is not `needed` a run goes on: what names it has no effect.
    """

    where: str
    column: str
    on: On
    needed: bool = True


def named_columns(parameters: Mapping[str, Any]) -> tuple[Named, ...]:
    """Return every column that parameters name, outside of SQL; `parameters` are all of a notebook's."""
    found = (*_of_the_rows(parameters), *_of_the_comparison(parameters), *_of_the_model(parameters))
    return (*found, *_of_parts(parameters))


def _of_the_rows(parameters: Mapping[str, Any]) -> Iterator[Named]:
    if name := parameters.get("time_column"):
        sides: Sequence[On] = ("reference", "current") if parameters.get("reference_window") else ("current",)
        yield from (Named(f"time_column: {show(name)}", name, side) for side in sides)
    if name := parameters.get("sample_key"):
        yield from (Named(f"sample_key: {show(name)}", name, side) for side in ("reference", "current"))
    read = parameters.get("read") or {}
    for side in ("", "reference.", "current."):
        own = (read.get(side[:-1]) or {}) if side else read
        for name in own.get("columns") or {}:
            yield Named(f"read.{side}columns.{show(name)}", name, "either", needed=False)


def _of_the_comparison(parameters: Mapping[str, Any]) -> Iterator[Named]:
    for name in parameters.get("columns") or {}:
        yield Named(f"columns.{show(name)}", name, "either")
    for key in OF_TESTED:
        for name in parameters.get(key) or ():
            yield Named(f"draw: {show(name)}" if key == "draw" else f"{key}.{show(name)}", name, "reference")


def _of_the_model(parameters: Mapping[str, Any]) -> Iterator[Named]:
    settings = parse_model(parameters) if parameters.keys() >= {*OF_THE_MODEL} else None
    if not settings:
        return
    outputs = {role: name for role, name in settings.columns.items() if role not in ("label", "key")}
    for role, name in outputs.items():
        yield from (Named(f"{role}: {one_line(name)}", name, side) for side in ("reference", "current"))
    if not settings.labels:
        yield Named(f"label: {one_line(settings.label)}", settings.label, "either")
    if settings.key:
        late = bool(settings.labels)
        yield Named(f"key: {one_line(settings.key)}", settings.key, "current" if late else "either", needed=late)
    for name in settings.weights:
        yield Named(f"weights: {one_line(name)}", name, "reference")


def _of_parts(parameters: Mapping[str, Any]) -> Iterator[Named]:
    for each in parse_segments(parameters.get("segments") or ()):
        if not each.expression:
            yield Named(f"segments: {one_line(each.name)}", each.name, "reference")
    for check in parse_checks(parameters.get("checks") or {}):
        if check.measure.column:
            yield Named(f"checks.{one_line(check.name)}", check.measure.column, "current")


def find_absent(named: Sequence[Named], names: Mapping[str, Sequence[str]]) -> list[Named]:
    """Return those that the data lacks; `names` are its columns, by side, without a side that is not there."""
    found: dict[str, Named] = {}
    for each in named:
        sides = ("reference", "current") if each.on == "either" else (each.on,)
        if all(side in names and each.column not in names[side] for side in sides):
            found.setdefault(each.where, each)
    return [*found.values()]


def tested(parameters: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Return which of the reference's columns are compared, if the label is: the others are named otherwise."""
    kinds, others = parameters.get("columns") or {}, {parameters.get("time_column"), parameters.get("key")}
    return [name for name in names if kinds.get(name) != "ignore" and (name in kinds or name not in others)]


def find_untested(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return a sentence for each method, threshold and picture of a column that is not compared, by its key."""
    kinds, time_column = parameters.get("columns") or {}, parameters.get("time_column")
    reasons = {} if not time_column or time_column in kinds else {time_column: "it is the time_column"}
    reasons |= {name: "ignored, as named" for name, kind in kinds.items() if kind == "ignore"}
    return {
        each.where: f"{each.where}: the column is not compared ({reasons[each.column]}); remove it."
        for each in _of_the_comparison(parameters)
        if each.column in reasons and each.where.startswith(OF_TESTED)
    }


def find_unread(parameters: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each column that is ignored, and so not read of a sampled side, but needed there."""
    kinds = parameters.get("columns") or {}
    needed = [each for each in _of_parts(parameters) if each.where.startswith("segments")]
    needed += _of_the_model(parameters)
    unread = dict.fromkeys(each.where for each in needed if kinds.get(each.column) == "ignore")
    remedy = "a side of more than max_rows rows lacks it; remove it from columns."
    return [f"{where}: the column is ignored, so {remedy}" for where in unread]


def show(name: object) -> str:
    """Return a column's name as an error shows it, with spaces at its ends and with signs that do not show."""
    text = str(name)[: 4 * NAME_LENGTH]
    shown = (sign if sign.isprintable() or sign.isspace() else sign.encode("unicode_escape").decode() for sign in text)
    return show_category("".join(shown), NAME_LENGTH)
