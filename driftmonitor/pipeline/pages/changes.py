"""What changed since the run before: one sentence. Pure."""

from collections.abc import Sequence
from itertools import islice

from driftmonitor.formats import number, percent, say_day
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages.timeline import some


def say_change(runs: Sequence[Run]) -> str:
    """Return how the last of `runs`, in date order, differs from the last good one before it; "" if it failed."""
    good = list(islice((run for run in reversed(runs) if run.status != "failed"), 2))
    if not good or good[0] is not runs[-1]:
        return ""
    if len(good) == 1:
        return "The first run: there is no earlier day to compare it with."
    now, before = good
    parts = [*_columns(before, now), *_share(before, now)]
    return f"Compared with {say_day(before.run_date)}: {'; '.join(parts)}."


def _columns(before: Run, now: Run) -> list[str]:
    new = [name for name in now.drifted_columns if name not in set(before.drifted_columns)]
    gone = [name for name in before.drifted_columns if name not in set(now.drifted_columns)]
    if not new and not gone:
        return ["the same columns drift" if now.drifted_columns else "still no column drifts"]
    told = [f"{some(new)} drift{'s' if len(new) == 1 else ''} now"] if new else []
    return told + ([f"{some(gone)} no longer drift{'s' if len(gone) == 1 else ''}"] if gone else [])


def _strangeness(before: Run, now: Run) -> list[str]:
    if before.strangeness is None or now.strangeness is None:
        return []
    was, is_now = number(before.strangeness), number(now.strangeness)
    return [] if was == is_now else [f"its strangeness went from {was} to {is_now}"]


def _share(before: Run, now: Run) -> list[str]:
    if now.rule == "budget":
        return _strangeness(before, now)
    was, share = percent(before.drift_share or 0.0), percent(now.drift_share or 0.0)
    if was == share:
        return []
    rose = (now.drift_share or 0.0) > (before.drift_share or 0.0)
    return [f"the share {'rose' if rose else 'fell'} from {was} to {share}"]
