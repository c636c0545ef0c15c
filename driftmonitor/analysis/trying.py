"""Try a params file on the monitor's data, as a run would, before one does: every column that it names, and more."""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from driftmonitor import DriftMonitorError
from driftmonitor.analysis import without_notebook
from driftmonitor.analysis.absent_names import Names, days_to_try, find_newest_names, names_of, say_absent
from driftmonitor.analysis.checks.of_params import measure_checks
from driftmonitor.analysis.drift.rules import choose_rules
from driftmonitor.analysis.drift.segments.groups import find_groups
from driftmonitor.analysis.drift.with_evidently.methods import Methods
from driftmonitor.analysis.first_look import is_far, needs_rows
from driftmonitor.analysis.model import NoModel
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.sources import Data, DataMissing
from driftmonitor.analysis.sources.expressions import check_expression
from driftmonitor.config.check_settings import parse_checks
from driftmonitor.config.named_columns import find_unread, find_untested, show
from driftmonitor.config.segment_settings import parse_segments
from driftmonitor.formats import counted, one_line

if TYPE_CHECKING:
    from driftmonitor.analysis.model.roles import Outputs, Roles

OF_THE_ROWS = ("time_column", "sample_key")  # keys whose columns choose the rows
MOST_ABSENT = 20  # that are told one by one


class Tried(NamedTuple):
    """What has to be fixed, a line each, and what else is to be known."""

    problems: list[str]
    notes: list[str]


def try_on_data(parameters: Mapping[str, Any], run_date: dt.date) -> Tried:
    """Return what is wrong with what parameters name; `parameters` are all of the notebook's.

    If the day has no data, the newest day that has is taken; without one, all but the checks are tried on the reference
    alone. Rows are read only if something needs them, or if a first look could not tell that a run can read them. If
    nothing can be read, a note says so.
    """
    found = Tried([], find_unread(parameters))
    _try_expressions(parameters, found)
    names: Names = {}
    try:
        names = find_newest_names(parameters, run_date)
        if _needs_reading(parameters, names):
            read = _try_rows(parameters, run_date, found)
            names = names or read
    except DriftMonitorError as error:
        if is_far(parameters) or error.is_absence:
            found.notes.append(f"{_name_untried(parameters)} not tried: {error}")
        else:
            found.problems.extend({str(error)} - {*found.problems})
    _try_names(parameters, names, found)
    return found


def _needs_reading(parameters: Mapping[str, Any], names: Names) -> bool:
    """Return whether rows are read: not without the columns that choose them, nor for names alone."""
    absent = [each for each, _ in say_absent(parameters, names)]
    if any(each.where.startswith(OF_THE_ROWS) for each in absent):
        return False
    told = find_untested(parameters) or any(each.needed for each in absent)
    return needs_rows(parameters) or not (is_far(parameters) or told)


def _try_names(parameters: Mapping[str, Any], names: Names, found: Tried) -> None:
    """Note the columns that are not there or not compared, unless an error of a run has told of them."""
    unsaid = [(each, said) for each, said in say_absent(parameters, names) if not _is_said(each.where, found)]
    for each, sentence in unsaid[:MOST_ABSENT]:
        (found.problems if each.needed else found.notes).append(sentence)
    if more := len(unsaid[MOST_ABSENT:]):
        others = counted(more, "more name")
        found.problems.append(f"{others} of columns that are not in the data; check that the data is the right one.")
    untested = find_untested(parameters).items()
    found.problems.extend([sentence for where, sentence in untested if not _is_said(where, found)])


def _is_said(where: str, found: Tried) -> bool:
    return any(problem.startswith(f"{where}:") for problem in found.problems)


def _try_expressions(parameters: Mapping[str, Any], found: Tried) -> None:
    for each in _attempt(found, parse_segments, parameters.get("segments") or []) or ():
        if each.expression:
            _attempt(found, check_expression, f"segments.{one_line(each.name)}", each.expression)


def _try_rows(parameters: Mapping[str, Any], run_date: dt.date, found: Tried) -> Names:
    """Try what needs rows, on the newest day; return the names of the columns that were read."""
    data, day = _load({**parameters, "checks": {}}, run_date)
    if day and day != run_date and needs_rows(parameters):
        found.notes.append(f"{run_date} has no data yet, so the newest day with data was tried: {day}.")
    model = _try_model(parameters, data, day or run_date, found)
    _try_comparison(parameters, data, model, found)
    _try_segments(parameters, data, found)
    if day:
        _try_checks(parameters, data, day, found)
    else:
        without = " Checks were not tried." if parameters.get("checks") else ""
        found.notes.append(f"No day up to {run_date} has data, so the reference alone was tried.{without}")
    return names_of(data) if day else names_of(data, ["reference"])


def _load(parameters: Mapping[str, Any], run_date: dt.date) -> tuple[Data, dt.date | None]:
    """Return the data of the newest day that has some, and which; the reference alone, and None, if there is none."""
    for day in days_to_try(parameters, run_date):
        try:
            return without_notebook.load(parameters, day), day
        except DataMissing as error:
            if error.newest:
                return without_notebook.load(parameters, error.newest), error.newest
    alone = {"current": parameters["reference"], "time_column": "", "reference_window": ""}
    return without_notebook.load({**parameters, **alone}, run_date), None


def _attempt(found: Tried, attempt: Any, *arguments: Any) -> Any:
    """Return what an attempt does; note the problem if it fails."""
    try:
        return attempt(*arguments)
    except DriftMonitorError as error:
        found.problems.extend({str(error)} - {*found.problems})
        return None


def _name_untried(parameters: Mapping[str, Any]) -> str:
    """Return what there is to try on the data."""
    return "Segments and checks were" if parameters.get("segments") or parameters.get("checks") else "The data was"


def _try_model(parameters: Mapping[str, Any], data: Data, run_date: dt.date, found: Tried) -> "Roles | NoModel | None":
    model: Roles | NoModel | None = _attempt(found, without_notebook.find, data, parameters)
    if model and not isinstance(model, NoModel):
        found.notes.append(str(model))
        _try_labels(parameters, data, model, run_date, found)
    return model


def _try_comparison(parameters: Mapping[str, Any], data: Data, model: "Roles | NoModel | None", found: Tried) -> None:
    """Try the kinds of columns, and the methods and thresholds that are given for them."""
    if model is None:
        return  # it says which columns are left out
    columns = _attempt(found, without_notebook.infer, data, parameters, model.left_out)
    if columns:
        _attempt(found, choose_rules, columns, without_notebook.settings(parameters), Methods())
        reasons = {column.name: column.reason for column in columns if column.ignored}
        for name in parameters.get("draw") or ():
            if name in reasons:
                found.problems.append(f"draw: {show(name)}: the column is not compared ({reasons[name]}); remove it.")


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


def _try_checks(parameters: Mapping[str, Any], data: Data, day: dt.date, found: Tried) -> None:
    for name, check in (parameters.get("checks") or {}).items():
        parsed = _attempt(found, parse_checks, {name: check})
        if not parsed or (parsed[0].measure.function == "sql" and parameters.get("connection")):
            continue  # it is in the SQL of the engine, which alone knows
        if data.unread:  # of a sampled side; a run counts them in all rows, as it loads these
            _attempt(found, without_notebook.load, {**parameters, "checks": {name: check}}, day)
        else:
            _attempt(found, measure_checks, {name: check}, data)
