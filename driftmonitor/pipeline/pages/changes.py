"""Say in one sentence what changed since the last successful run before. Pure."""

from collections.abc import Callable, Sequence
from itertools import islice

from driftmonitor.formats import number, percent, say_day
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages.timeline import list_names


def say_change(runs: Sequence[Run]) -> str:
    """Return how the last of `runs`, in date order, differs from the last successful one before; "" if it failed."""
    successful = list(islice((run for run in reversed(runs) if run.status != "failed"), 2))
    if not successful or successful[0] is not runs[-1]:
        return ""
    if len(successful) == 1:
        return "First run: there is no earlier run to compare it with."
    now, before = successful
    parts = [*_compare_columns(before, now), *_compare_sizes(before, now)]
    return f"Compared with {say_day(before.run_date)}: {'; '.join(parts)}."


def _compare_columns(before: Run, now: Run) -> list[str]:
    if before.budgeted != now.budgeted:
        return [f"the {now.decided_by} rule decides now, so their columns are not compared"]
    new = [name for name in now.drifted_columns if name not in set(before.drifted_columns)]
    gone = [name for name in before.drifted_columns if name not in set(now.drifted_columns)]
    budgeted = now.budgeted
    if not new and not gone and now.drifted_columns:
        return [f"the same columns {'are unusual' if budgeted else 'drift'}"]
    if not new and not gone:
        return [f"still no column {'is unusual' if budgeted else 'drifts'}"]
    return [_say_names(names, when, budgeted) for names, when in ((new, "now"), (gone, "no longer")) if names]


def _say_names(names: Sequence[str], when: str, budgeted: bool) -> str:
    one = len(names) == 1
    if budgeted:
        return f"{list_names(names)} {'is' if one else 'are'} {when} unusual"
    return f"{list_names(names)} {when} drift{'s' if one else ''}"


def _compare_sizes(before: Run, now: Run) -> list[str]:
    if not now.budgeted:
        return _compare("drift share", before.drift_share or 0.0, now.drift_share or 0.0, percent)
    if not before.budgeted or before.strangeness is None or now.strangeness is None:
        return []
    return _compare("anomaly score", before.strangeness, now.strangeness, number)


def _compare(name: str, before: float, now: float, say: Callable[[float], str]) -> list[str]:
    if say(before) == say(now):
        return []
    return [f"the {name} {'rose' if now > before else 'fell'} from {say(before)} to {say(now)}"]
