"""Try a params file on the monitor's data, as a run would, before one does: every column that it names, and more."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from driftmonitor import DriftMonitorError
from driftmonitor.analysis import without_notebook
from driftmonitor.analysis.checks.of_params import measure_checks
from driftmonitor.analysis.drift.rules import choose_rules
from driftmonitor.analysis.drift.segments.groups import find_groups
from driftmonitor.analysis.drift.with_evidently.methods import Methods
from driftmonitor.analysis.first_look import days_with_files, is_far, needs_rows
from driftmonitor.analysis.model import NoModel
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.sources import Data, DataMissing, nearest_column
from driftmonitor.analysis.sources.expressions import check_expression
from driftmonitor.analysis.sources.names import column_names
from driftmonitor.analysis.sources.schema import find_names
from driftmonitor.config.check_settings import parse_checks
from driftmonitor.config.data_settings import has_date
from driftmonitor.config.named_columns import Named, find_absent, find_unread, find_untested, named_columns, show
from driftmonitor.config.segment_settings import parse_segments
from driftmonitor.formats import counted, one_line

if TYPE_CHECKING:
    from driftmonitor.analysis.model.roles import Outputs, Roles

OF_THE_ROWS = ("time_column", "sample_key")  # keys whose columns choose the rows
MOST_ABSENT = 20  # that are told one by one
DAYS_BACK = 8  # in which the newest day of a query is looked for


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
    for each in _attempt(found, parse_segments, parameters.get("segments") or []) or ():
        if each.expression:
            _attempt(found, check_expression, f"segments.{one_line(each.name)}", each.expression)
    absent: list[Named] = []
    names: dict[str, tuple[str, ...]] = {}
    try:
        names = _find_names(parameters, run_date)
        if not _are_alike(parameters, names):  # names of a file without a header are a row's values: a run quotes none
            names = {}
        absent = find_absent(named_columns(parameters), names)
        if _needs_reading(parameters, absent):
            data = _try_rows(parameters, run_date, found)
            if not names:  # the source does not tell them without reading rows
                absent = find_absent(named_columns(parameters), names := _names_of(data))
    except DriftMonitorError as error:
        if is_far(parameters) or error.is_absence:
            found.notes.append(f"{_name_untried(parameters)} not tried: {error}")
        else:
            found.problems.extend({str(error)} - {*found.problems})
    unsaid = [each for each in absent if not _is_said(each.where, found)]
    for each in unsaid[:MOST_ABSENT]:
        _say_absent(each, names, found)
    if more := len(unsaid[MOST_ABSENT:]):
        others = counted(more, "more name")
        found.problems.append(f"{others} of columns that are not in the data; check that the data is the right one.")
    for where, sentence in find_untested(parameters).items():
        if not _is_said(where, found):
            found.problems.append(sentence)
    return found


def _are_alike(parameters: Mapping[str, Any], names: Mapping[str, Sequence[str]]) -> bool:
    """Return whether both sides have a column in common, if both are there."""
    common = set.intersection(*map(set, names.values())) if len(names) > 1 else {""}
    return bool(common - {parameters.get("time_column")})


def _names_of(data: Data) -> dict[str, tuple[str, ...]]:
    frames = {"reference": data.reference, "current": data.current}
    return {side: (*column_names(frame), *data.unread) for side, frame in frames.items()}


def _is_said(where: str, found: Tried) -> bool:
    """Return whether an error of a run has told of this key already."""
    return any(problem.startswith(f"{where}:") for problem in found.problems)


def _needs_reading(parameters: Mapping[str, Any], absent: Sequence[Named]) -> bool:
    """Return whether rows are read: not without the columns that choose them, nor for names alone."""
    if any(each.where.startswith(OF_THE_ROWS) for each in absent):
        return False
    told = find_untested(parameters) or any(each.needed for each in absent)
    return needs_rows(parameters) or not (is_far(parameters) or told)


def _days(parameters: Mapping[str, Any], run_date: dt.date) -> Iterator[dt.date]:
    """Yield the days to try: the run date, and those before it that may have data, the newest first."""
    yield run_date
    current = parameters.get("current") or ""
    if parameters.get("source") == "files" and not is_far(parameters):
        yield from (day for day in days_with_files(current, run_date) if day < run_date)
    elif has_date(current):
        yield from (run_date - dt.timedelta(days=back) for back in range(1, DAYS_BACK))


def _find_names(parameters: Mapping[str, Any], run_date: dt.date) -> dict[str, tuple[str, ...]]:
    """Return the names of both sides' columns; without those of current if no day has any."""
    names: dict[str, tuple[str, ...]] = {}
    for day in _days(parameters, run_date):
        names = find_names(parameters, day)
        if "current" in names or not names:
            break
    return names


def _say_absent(named: Named, names: Mapping[str, Sequence[str]], found: Tried) -> None:
    """Note a column that the data lacks."""
    known = dict.fromkeys(name for side in _sides(named) for name in names[side])
    where = "" if named.on == "either" else f" in {'the ' if named.on == 'reference' else ''}{named.on}"
    effect = "" if named.needed else ", so it has no effect"
    said = found.problems if named.needed else found.notes
    said.append(f"{named.where}: no such column{where}{effect}{nearest_column(named.column, known)}")


def _sides(named: Named) -> Sequence[str]:
    return ("reference", "current") if named.on == "either" else (named.on,)


def _try_rows(parameters: Mapping[str, Any], run_date: dt.date, found: Tried) -> Data:
    """Try what needs rows, on the newest day; return its data."""
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
    return data


def _load(parameters: Mapping[str, Any], run_date: dt.date) -> tuple[Data, dt.date | None]:
    """Return the data of the newest day that has some, and which; the reference alone, and None, if there is none."""
    for day in _days(parameters, run_date):
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
