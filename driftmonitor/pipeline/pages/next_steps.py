"""Say what a reader of an open incident can do: what was found, and the command for it. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from driftmonitor.pipeline.alerts.incidents import Incident, Run
from driftmonitor.pipeline.pages.monitor_view import MonitorView


class Step(NamedTuple):
    """What a reader may have found, and the command for it."""

    words: str
    command: str


def list_steps(view: MonitorView, incident: Incident, runs: Sequence[Run]) -> list[Step]:
    """Return what a reader of an open incident of drift can do about its newest drift day."""
    days = [run.run_date for run in runs if run.verdict == "drift"]
    if incident.family != "drift" or incident.end or view.retired or not days:
        return []
    day, budgeted = f"--monitor {view.name} --date {days[-1]}", view.budgeted
    stays = Step("The data stays like this: compare it with newer data.", f"params/{view.name}.yaml: reference: …")
    if budgeted:
        accept = f'python runner.py accept --monitor {view.name} --from {incident.start} --reason "…"'
        stays = Step("The data stays like this: later days are compared with it.", accept)
    harmless = "similar days no longer alert" if budgeted else "the day counts as healthy"
    real = "no later day is compared with it" if budgeted else "tell other readers of these pages why"
    return [
        Step("The data was wrong, and is repaired: run the day again.", f"python runner.py {day}"),
        Step(f"The change is harmless: {harmless}.", f'python runner.py dismiss {day} --reason "…"'),
        stays,
        Step(f"The change is real: {real}.", f'python runner.py confirm {day} --reason "…"'),
    ]
