"""Say which settings of a params file have no effect, because of what the others say."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from driftmonitor.config.check_settings import Watched, parse_checks
from driftmonitor.config.data_settings import SOURCE, file_format
from driftmonitor.config.settings import AlertSettings, MonitorSettings, RetrainSettings
from driftmonitor.formats import counted, some_names

OF_A_TEXT = {"delimiter", "comment", "encoding", "header", "skip_lines"}
LAYOUT_OF = {  # the keys of `read` that say how a file is laid out, by kind of file
    "csv": OF_A_TEXT, "tsv": OF_A_TEXT, "json": {"encoding"}, "excel": {"sheet", "header", "skip_lines"},
}  # fmt: skip
FILES_OF = {"csv": "CSV", "tsv": "TSV", "json": "JSON", "parquet": "Parquet"}
OF_ANY_LAYOUT = {*OF_A_TEXT, "sheet"}
OF_SIDES = ("reference", "current")
OF_FILES = ("read", "sample_key", "timezone", "current_days")  # no effect on a simulation
MANY_RUNS = {"for_runs": 14, "clear_runs": 60}
FEW_SECONDS = 10  # of a run, whose imports alone take some


def say_without_effect(
    given: Mapping[str, Any], parameters: Mapping[str, Any], settings: MonitorSettings, run_date: dt.date
) -> list[str]:
    """Return sentences; `given` are the parameters of the file, `parameters` all of the notebook's."""
    said = []
    if parameters.keys() >= SOURCE:  # another notebook's may mean something else
        named = {name: value for name, value in given.items() if value not in ("", None, [], {})}
        said += [*_say_source(named, parameters), *_say_rule(named, settings.alert), *_say_checks(parameters)]
    said += _say_alert(settings.alert, run_date)
    if settings.retrain:
        said += _say_retrain(settings.retrain, bool(parameters.get("label")))
    if settings.timeout_seconds < FEW_SECONDS:
        said.append(f"timeout_seconds is {settings.timeout_seconds}, too short for most runs; use 60 or more.")
    return said


def _say_source(named: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[str]:
    source = parameters["source"]
    if source == "simulate":
        yield from _say("a simulation", [name for name in OF_FILES if name in named])
        return
    if others := [name for name in ("drift", "rows") if name in named]:
        yield f"{some_names(others)}: no effect, because source is {source} and not simulate."
    if unread := _find_unread(parameters):
        names = sorted({FILES_OF.get(kind, "Excel") for kind in _kinds(parameters).values()})
        kinds = "queries" if source == "sql" else f"{' and '.join(names)} files"
        yield from _say(kinds, [f"read.{name}" for name in unread])
    if not parameters.get("time_column") and "timezone" in named:
        yield "timezone: no effect without time_column."
    if named.get("draw") and parameters.get("max_figures") == 0:
        yield "draw: no effect, because max_figures is 0."


def _say(what: str, names: Iterable[str]) -> Iterator[str]:
    if names := list(names):
        yield f"{some_names(names)}: no effect on {what}."


def _kinds(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the kind of file of each side, without one that is not known."""
    texts = {side: parameters.get(side) or parameters["reference"] for side in ("reference", "current")}
    return {side: kind for side, text in texts.items() if (kind := file_format(text))}


def _find_unread(parameters: Mapping[str, Any]) -> list[str]:
    """Return the keys of `read` about the layout of files that are none, or that have no such layout."""
    read, kinds = parameters.get("read") or {}, _kinds(parameters)
    if parameters["source"] not in ("files", "sql") or (parameters["source"] == "files" and len(kinds) < len(OF_SIDES)):
        return []
    used = {side: LAYOUT_OF.get(kinds[side], set()) if parameters["source"] == "files" else set() for side in OF_SIDES}
    found = [name for name in read if name in OF_ANY_LAYOUT and not any(name in own for own in used.values())]
    for side in OF_SIDES:
        found += [f"{side}.{name}" for name in read.get(side) or {} if name in OF_ANY_LAYOUT - used[side]]
    return found


def _say_rule(named: Mapping[str, Any], alert: AlertSettings) -> Iterator[str]:
    if alert.rule == "budget":
        if others := [name for name in ("drift_share", "min_distance") if name in named]:
            yield f"Under the budget rule, no effect on alerts: {some_names(others)}."
        return
    unused = [name for name in ("segments", "holidays") if name in named]
    unused += ["dependence"] if named.get("dependence") is False else []
    unused += [f"the check {each.name}" for each in parse_checks(named.get("checks") or {}) if not each.must]
    if unused:
        yield f"Under the share rule, no effect on alerts: {some_names(unused, 5, 60)}; use rule: budget."
    if named.get("drift_share") == 1:
        yield "drift_share is 1: no share is greater, so the monitor never alerts; use less."
    if (
        named.get("current_days", 1) > 1
        and named.get("source", "simulate") != "simulate"
        and not named.get("time_column")
    ):
        yield "current_days: no effect on the rows without time_column."
    if named.get("min_distance") == 1:
        yield "min_distance is 1: a column has drifted only if it shares no value with the reference; use less."


def _say_checks(parameters: Mapping[str, Any]) -> Iterator[str]:
    for each in parse_checks(parameters.get("checks") or {}):
        if each.must and each.always_holds:
            yield f"checks.{each.name}: {each.must} holds for any data, so it never fails{_say_share(each)}."


def _say_share(watched: Watched) -> str:
    return "; for percent, write %, as in < 2%" if watched.measure.function == "missing" else ""


def _say_alert(alert: AlertSettings, run_date: dt.date) -> Iterator[str]:
    runs = {"for_runs": "opens only after {} in a row", "clear_runs": "closes only after {} in a row"}
    days = {"for_runs": "drift day", "clear_runs": "healthy run"}
    for name, many in MANY_RUNS.items():
        if (number := getattr(alert, name)) > many:
            yield f"alert.{name} is {number:,}: an incident {runs[name].format(counted(number, days[name]))}."
    if alert.silent_on(run_date):
        yield f"No messages: {alert.say_silence()}."
    if alert.silence_reason and alert.silence_until is None:
        yield "alert.silence_reason: no effect without silence_until."


def _say_retrain(retrain: RetrainSettings, has_model: bool) -> Iterator[str]:
    given = retrain.model_fields_set
    if "event_type" in given and not retrain.repository_dispatch:
        yield "retrain.event_type: no effect without repository_dispatch."
    if retrain.when == "harmful" and "events" in given:
        yield "retrain.events: no effect, because when is harmful."
    if retrain.when == "harmful" and not has_model:
        yield "retrain.when is harmful, but no model is named, so no retraining starts; name score and label."
