"""Say of a drift whether it harms: by labels as far as they are known, otherwise by the estimate."""

from driftmonitor.facts.base import rounded
from driftmonitor.facts.performance import Estimate, Harm, Loss

CERTAIN = 2.78  # standard errors by which an estimated loss exceeds the tolerated one
BELOW = 2.0  # standard errors by which a loss is below the tolerated one, if none is expected
UNSURE = 1 / 3  # of what reweighting corrects


def judge_estimate(estimate: Estimate | None, tolerated_loss: float) -> Harm:
    """Return harmful, or not known yet. `expects_no_loss`: the columns' change costs no more than is tolerated.

    An estimate never says harmless: it cannot see that labels changed their meaning. If the two estimates differ, the
    model leaves something out, and reweighting corrects most of it, not all. A loss is then certain if it still is with
    two thirds of the correction.
    """
    if estimate is None or estimate.loss is None:
        return Harm(verdict="not_known_yet", unknown=(estimate and estimate.unknown) or "no_labels")
    loss, plain = estimate.loss, estimate.plain_loss
    certain = _exceeds(loss, tolerated_loss)
    if estimate.unknown == "estimates_differ" and plain is not None:
        cautious = Loss(value=loss.value + (plain.value - loss.value) * UNSURE, error=loss.error)
        certain = certain and _exceeds(cautious, tolerated_loss)
    elif estimate.unknown:
        certain = False
    numbers = {"loss": rounded(loss.value), "error": rounded(loss.error), "limit": CERTAIN}
    if certain:
        return Harm.model_validate({"verdict": "harmful", "by": "estimate", **numbers})
    below = loss.value + BELOW * loss.error <= tolerated_loss
    unknown = estimate.unknown or (None if below else "loss_not_excluded")
    found = {"verdict": "not_known_yet", "by": "estimate", "unknown": unknown, **numbers}
    return Harm.model_validate(found | ({"expects_no_loss": True} if below and not estimate.unknown else {}))


def judge_drift(realised: Harm | None, estimate: Estimate | None, tolerated_loss: float) -> Harm:
    """Return what is said of a drift.

    `realised`: the verdict on the newest day since it began whose labels are known; None before any is. `estimate`: of
    the newest day, if its labels are not known. It can say harmful, or something before any labels do.
    """
    estimated = judge_estimate(estimate, tolerated_loss)
    if realised is None or (realised.verdict != "harmful" and estimated.verdict == "harmful"):
        return estimated
    without_figures = realised.verdict == "not_known_yet" and realised.loss is None
    return estimated if without_figures and estimate is not None else realised


def _exceeds(loss: Loss, tolerated_loss: float) -> bool:
    return loss.value - CERTAIN * loss.error > tolerated_loss
