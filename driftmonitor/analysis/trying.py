"""Try a params file's model, segments and checks on the monitor's data, as a run would, before one does."""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from driftmonitor import DriftMonitorError
from driftmonitor.analysis import without_notebook
from driftmonitor.analysis.checks.of_params import measure_checks
from driftmonitor.analysis.drift.segments.groups import find_groups
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.sources import Data, DataMissing
from driftmonitor.analysis.sources.expressions import check_expression
from driftmonitor.config.check_settings import parse_checks
from driftmonitor.config.segment_settings import parse_segments
from driftmonitor.formats import counted, one_line

if TYPE_CHECKING:
    from driftmonitor.analysis.model.roles import Outputs, Roles


class Tried(NamedTuple):
    """What has to be fixed, a line each, and what else is to be known."""

    problems: list[str]
    notes: list[str]


def try_on_data(parameters: Mapping[str, Any], run_date: dt.date) -> Tried:
    """Return what is wrong with the model, segments and checks; `parameters` are all of the notebook's.

    If the day has no data, all but the checks are tried on the reference alone. If nothing can be read, a note says so.
    """
    found = Tried([], [])
    for each in _attempt(found, parse_segments, parameters.get("segments") or []) or ():
        if each.expression:
            _attempt(found, check_expression, f"segments.{one_line(each.name)}", each.expression)
    plain = {**parameters, "checks": {}}
    try:
        try:
            data, has_day = without_notebook.load(plain, run_date), True
        except DataMissing:
            alone = {"current": parameters["reference"], "time_column": "", "reference_window": ""}
            data, has_day = without_notebook.load({**plain, **alone}, run_date), False
    except DriftMonitorError as error:
        found.notes.append(f"{_name_untried(parameters)} not tried: {error}")
        return found
    _try_model(parameters, data, run_date, found)
    _try_segments(parameters, data, found)
    if has_day:
        _try_checks(parameters, data, found)
    elif parameters.get("checks"):
        found.notes.append(f"Checks were not tried, because {run_date} has no data.")
    return found


def _attempt(found: Tried, attempt: Any, *arguments: Any) -> Any:
    """Return what an attempt does; note the problem if it fails."""
    try:
        return attempt(*arguments)
    except DriftMonitorError as error:
        found.problems.extend({str(error)} - {*found.problems})
        return None


def _name_untried(parameters: Mapping[str, Any]) -> str:
    """Return what there is to try on the data."""
    return "Segments and checks were" if parameters.get("segments") or parameters.get("checks") else "The model was"


def _try_model(parameters: Mapping[str, Any], data: Data, run_date: dt.date, found: Tried) -> None:
    model = _attempt(found, without_notebook.find, data, parameters)
    if model:
        found.notes.append(str(model))
        _try_labels(parameters, data, model, run_date, found)


def _try_labels(parameters: Mapping[str, Any], data: Data, model: "Roles", run_date: dt.date, found: Tried) -> None:
    """Note if labels are no classes of the reference, or if late ones fit no row of the day, nor of one that is due."""
    from driftmonitor.analysis.model.problems import count_unusable, say_unusable

    rows = model.read(data.current)
    if not rows.known.any() and model.late:
        due = run_date - dt.timedelta(days=model.settings.label_delay_days + 1)
        rows = _attempt(found, _read_due, parameters, data, model, due, found) or rows
    if unusable := count_unusable(model, rows):
        where = f"{'labels' if model.late else 'current'}: {one_line(model.settings.label)}"
        said = found.problems if unusable == rows.known.sum() else found.notes
        said.append(f"{where}: {say_unusable(model, unusable)}.")


def _read_due(
    parameters: Mapping[str, Any], data: Data, model: "Roles", day: dt.date, found: Tried
) -> "Outputs | None":
    """Return the rows of a day whose labels are due; None if it has no data."""
    from driftmonitor.analysis.model.late import find_late_labels

    try:
        earlier = without_notebook.load({**parameters, "checks": {}}, day)
    except DataMissing:
        return None
    late = find_late_labels(data, model.settings, day)
    rows = model.read(earlier.current, late)
    if late and len(late.places) and not rows.known.any():
        labels = counted(len(late.places), "label")
        found.notes.append(f"labels: no key of {labels} is that of a row of {day}, whose labels are due; check key.")
    return rows


def _try_segments(parameters: Mapping[str, Any], data: Data, found: Tried) -> None:
    sides = Sides(data)
    for item in parameters.get("segments") or []:
        if groups := _attempt(found, find_groups, sides, [item], []):
            found.notes.extend(each.message for each in groups.findings)


def _try_checks(parameters: Mapping[str, Any], data: Data, found: Tried) -> None:
    for name, check in (parameters.get("checks") or {}).items():
        parsed = _attempt(found, parse_checks, {name: check})
        if not parsed or (parsed[0].measure.function == "sql" and parameters.get("connection")):
            continue  # it is in the SQL of the engine, which alone knows
        _attempt(found, measure_checks, {name: check}, data)
