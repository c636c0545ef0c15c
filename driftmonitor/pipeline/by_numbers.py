"""Compare many days of a monitor without notebooks, in one process that reads each thing once.

The process is kept as a notebook's kernel is, with the same environment: no secrets, and sums and sets in one order.
"""

import datetime as dt
import json
import os
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from driftmonitor import ROOT
from driftmonitor.config.params import Monitor
from driftmonitor.facts.earlier_days import ReferenceDays
from driftmonitor.facts.judgement import Judgement
from driftmonitor.facts.record import RunRecord, parse
from driftmonitor.facts.where import Where
from driftmonitor.pipeline import processes
from driftmonitor.pipeline.notebooks import linux
from driftmonitor.pipeline.notebooks.environment import clean_environment
from driftmonitor.pipeline.notebooks.notebook_file import effective_parameters

SEARCH_ENDED = "the search of its rows ended without an answer; check memory and timeout_seconds, and backfill it again"
MODULE, KEEPER = "driftmonitor.analysis.compare_days", "driftmonitor.pipeline.notebooks.kept_module"


class Compared(NamedTuple):
    """A day that was compared: its record, not judged by earlier days, and the days of its reference if they are new.

    Without a record there is the class of the error and, if a user can fix it, its text. Neither: the process ended.
    """

    day: dt.date
    record: RunRecord | None = None
    reference_days: ReferenceDays | None = None
    error: str = ""
    text: str | None = None


def compare_days(
    monitor: Monitor,
    days: Sequence[dt.date],
    known: Mapping[str, Any] | None = None,
    model: Sequence[Mapping[str, Any]] = (),
) -> Generator[Compared, None, None]:
    """Yield each day's comparison, in the order of `days`.

    `known` are the reference's days, and `model` what is known of the model on earlier days, in JSON's types.
    """
    left, answered = list(days), True
    while left and answered:
        answered = False
        for line in _ask(monitor, left, known=known, model=list(model)):
            answered = True
            left.pop(0)
            compared = _read(json.loads(line))
            known = compared.reference_days.model_dump(mode="json") if compared.reference_days else known
            found = compared.record.model.days if compared.record and compared.record.model else ()
            model = [*model, *(day.model_dump(mode="json") for day in found)]
            yield compared
        if left:
            yield Compared(left.pop(0))
    yield from map(Compared, left)


def explain_days(
    monitor: Monitor, judged: Mapping[dt.date, Judgement | None]
) -> Generator[tuple[dt.date, tuple[Where, ...], str | None], None, None]:
    """Yield where the changes of each drift day come from, or why that is not known."""
    left, answered = list(judged), True
    while left and answered:
        answered = False
        judgements = {f"{day}": (each := judged[day]) and each.model_dump(mode="json") for day in left}
        for line in _ask(monitor, left, judged=judgements):
            answered, answer = True, json.loads(line)
            yield left.pop(0), tuple(map(Where.model_validate, answer["where"])), answer.get("unknown")
        if left:
            yield left.pop(0), (), SEARCH_ENDED
    yield from ((day, (), SEARCH_ENDED) for day in left)


def _ask(monitor: Monitor, days: Sequence[dt.date], **more: Any) -> Iterator[bytes]:
    asked = {"monitor": monitor.name, "parameters": effective_parameters(monitor), "days": list(map(str, days))}
    sent = json.dumps({"known": None, **asked, **more}).encode()
    environ, seconds = clean_environment(monitor.settings.pass_env), monitor.settings.timeout_seconds
    words = [KEEPER, f"{os.getpid()}", MODULE] if linux.POSSIBLE else [MODULE]
    return processes.read_lines([sys.executable, "-m", *words], environ, seconds, sent, ROOT)


def _read(answer: Mapping[str, Any]) -> Compared:
    day = dt.date.fromisoformat(answer["day"])
    if "record" not in answer:
        return Compared(day, error=answer["error"], text=answer.get("text"))
    found = answer["reference_days"]
    return Compared(day, parse(answer["record"], "comparison"), ReferenceDays.model_validate(found) if found else None)
