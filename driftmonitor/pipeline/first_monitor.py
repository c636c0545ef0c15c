"""Start a monitor: find a name, ask what only a person can know, write the params file, and show what it says."""

import datetime as dt
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import check_name, monitor_name
from driftmonitor.config.proposal import Proposal
from driftmonitor.config.proposal_text import write_params
from driftmonitor.config.settings import AlertSettings
from driftmonitor.formats import number, one_line, percent
from driftmonitor.pipeline import console
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.trials.replay import parse_rule

Propose = Callable[[Sequence[str], Mapping[str, Any], dt.date, Callable[[str, Sequence[str], int], int]], Proposal]
SHARE = 0.1  # of a rule that says only `share`

SETTING = re.compile(r"set read\.(\w+)(?!\w|\.\w)")  # the remedy of an error
SHOWN = 40  # columns in the preview; the file has all


def start_monitor(job: Job, locations: Sequence[str], name: str, rule: str, propose: Propose) -> None:
    """Write the params file of a new monitor, and print what it says; DriftMonitorError if there is one already.

    `rule` is such as budget:4 or share:0.2, "" for the one that is proposed.
    """
    path = job.params_dir / f"{check_name(name) if name else monitor_name(locations[0])}.yaml"
    if (others := [each for each in (path, path.with_suffix(".yml")) if each.exists()]) and not job.force:
        raise DriftMonitorError(f"{others[0]} exists; choose another --name, or replace it with --force.")
    proposal = with_rule(look_at(job, locations, propose), rule)
    text = write_params(proposal, f"python runner.py init {' '.join(one_line(each, 80) for each in locations[:2])}")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    show(proposal, path, "" if job.has_usual_params else f" --params {shlex.quote(str(job.params_dir))}")


def look_at(job: Job, locations: Sequence[str], propose: Propose) -> Proposal:
    """Return what is proposed for some tables; an error says how to give the setting that it names."""
    try:
        return propose(locations, job.parameters, job.now.date(), ask)
    except DriftMonitorError as error:
        raise DriftMonitorError(f"{error}{_say_how(str(error))}") from None


def with_rule(proposal: Proposal, text: str) -> Proposal:
    """Return a proposal with another alert rule."""
    if not text:
        return proposal
    rule = parse_rule(text, AlertSettings(), SHARE)
    kept = {name: value for name, value in proposal.parameters.items() if name not in ("monitor", "drift_share")}
    if rule.name == "share":
        said: dict[str, Any] = {"drift_share": rule.value}
        words = f"drift is when more than {percent(rule.value)} of the columns drifted"
    else:
        said = {"monitor": {"alert": {"rule": "budget", "false_alarms_per_year": rule.value}}}
        expected = f"expect about {number(rule.value)} false alarms a year"
        words = f"alerts when a run is more unusual than earlier ones; {expected}"
    comments = {**proposal.comments, next(iter(said)): words}
    sides = {**proposal.sides, "alert": words.removeprefix("alerts ")}
    return replace(proposal, parameters=kept | said, comments=comments, sides=sides)


def _say_how(problem: str) -> str:
    """Return how a setting that an error names is given to `init`, before there is a params file."""
    named = SETTING.search(problem)
    return f" With init: -p read '{{{named[1]}: ...}}'." if named else ""


def ask(question: str, answers: Sequence[str], default: int) -> int:
    """Return the number of the answer that a person chooses on a terminal; elsewhere the default."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        return default
    for at, answer in enumerate(answers, 1):
        console.say(f"  {at}  {one_line(answer)}")
    possible = click.IntRange(1, len(answers))
    return int(click.prompt(question, type=possible, default=default + 1 if default >= 0 else None)) - 1


def show(proposal: Proposal, path: Path, folder: str) -> None:
    """Print the columns, the rows that are compared, what is not sure, and the next commands, which end in `folder`."""
    console.say(proposal.summary)
    console.say()
    rows = [
        [one_line(each.name, 30), each.read_as, one_line(each.values or "-", 44), one_line(each.note or "-", 60)]
        for each in proposal.columns
    ]
    console.print_table(["column", "read as", "values", "note"], rows[:SHOWN])
    if len(rows) > SHOWN:
        console.say(f"... and {len(rows) - SHOWN} more columns, all in {path}")
    console.say()
    for side, said in proposal.sides.items():
        console.say(f"{side:9}  {said}")
    for doubt in proposal.unsure:
        console.say(f"unsure: {doubt}")
    console.say()
    console.say(f"wrote {path}")
    if proposal.run_date:
        console.say(f"The newest data is of {proposal.run_date}. Try:")
    else:
        console.say("Next:")
    date = f" --date {proposal.run_date}" if proposal.run_date else ""
    console.say(f"  python runner.py validate --monitor {path.stem}{folder}")
    console.say(f"  python runner.py --monitor {path.stem}{date}{folder}")
