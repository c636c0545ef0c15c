"""What is wrong with a model's rows: without a key or a score, with labels that cannot be used, or a reversed score."""

from driftmonitor.analysis.model.labels import say_problems
from driftmonitor.analysis.model.roles import Outputs, Roles
from driftmonitor.analysis.sources import Data
from driftmonitor.facts.performance import Performance
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted


def find_reversed(roles: Roles, reference: Performance) -> tuple[Finding, ...]:
    """Return a finding if the score is surely higher for the negative label on the reference."""
    auc = reference.metrics.get("auc")
    reversed_ = auc is not None and auc.high is not None and auc.high < 0.5
    said = "the score is lower for the positive label; check positive, or name the score of the other class"
    return say_problems("reference", roles.settings.outputs[0], {said: int(reversed_)})


def find_problems(data: Data, roles: Roles, now: Outputs, unread: int) -> list[Finding]:
    """Return findings for rows without a key or a score, and for labels that cannot be used, in counts."""
    settings, known = roles.settings, now.known
    unusable = known & ~(now.label >= (0 if roles.kind != "regression" else -float("inf")))
    score = now.score if now.score.ndim == 1 else now.score.sum(axis=1)
    unscored = int((score != score).sum())
    without_key = int(data.current[settings.key].isna().sum()) if settings.key in data.current and roles.late else 0
    output = settings.outputs[0]
    return [
        *say_problems("current", settings.key, {f"{counted(without_key, 'row')} without a key": without_key}),
        *say_problems("current", output, {f"{counted(unscored, 'row')} without a usable score": unscored}),
        *say_problems(
            "current",
            settings.label,
            {f"{counted(int(unusable.sum()), 'label')} of no known class": int(unusable.sum())},
        ),
        *say_problems("labels", settings.label, {f"{counted(unread, 'earlier day')} not readable again": unread}),
    ]
