"""The part of each column in the score: as the params file gives it, as an earlier run found it, or found now."""

import hashlib
import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.model.roles import Roles, features_of
from driftmonitor.analysis.sources import Data, Memory
from driftmonitor.facts.model import Importance

MOST_SCORES = 5  # of several classes, those that vary most


def weigh_columns(
    comparison: Comparison, data: Data, roles: Roles, known: Importance | None, memory: Memory
) -> Importance | None:
    """Return the part of each column; None if it cannot be known.

    `known`: what an earlier run found. It is found again only if the reference or its columns are others.
    """
    columns = features_of(roles.settings, [score.name for score in comparison.columns if score.name in data.reference])
    if roles.settings.weights:
        return _share_out({**dict.fromkeys(columns, 0.0), **roles.settings.weights})
    about = _fingerprint(comparison, [*columns, *roles.settings.outputs])
    if known and about and known.reference == about:
        return known

    def find() -> Importance | None:
        return _find(data.reference, roles, columns)

    found = memory.recall("importance", (data.reference_read, columns), find)
    return found.model_copy(update={"reference": about}) if found else None


def _share_out(weights: Mapping[str, float]) -> Importance:
    total = sum(weights.values())
    ordered = sorted(weights.items(), key=lambda each: -each[1])
    return Importance(parts={name: float(f"{weight / total:.4g}") for name, weight in ordered})


def _fingerprint(comparison: Comparison, columns: list[str]) -> str:
    """Return a short hash of these columns of the reference, "" without their fingerprints."""
    references = comparison.evidence.references if comparison.evidence else {}
    if not references:
        return ""
    of_columns = json.dumps([[name, references.get(name)] for name in columns])
    return hashlib.sha256(of_columns.encode("utf-8", "replace")).hexdigest()[:16]


def _find(reference: pd.DataFrame, roles: Roles, columns: list[str]) -> Importance | None:
    from driftmonitor.analysis.model.importance import MOST_ROWS, find_importance

    reference = reference.iloc[np.linspace(0, len(reference) - 1, min(len(reference), MOST_ROWS)).astype(int)]
    score = roles.read(reference).score
    scores = score[:, None] if score.ndim == 1 else score[:, np.argsort(-np.nanvar(score, axis=0))[:MOST_SCORES]]
    found = [each for of_class in scores.T if (each := find_importance(reference, pd.Series(of_class), columns))]
    return _average(found) if len(found) > 1 else next(iter(found), None)


def _average(found: list[Importance]) -> Importance:
    """Return the mean of what columns do to several scores."""
    parts = {name: float(np.mean([each.parts[name] for each in found])) for name in found[0].parts}
    explained = float(np.mean([each.explained for each in found]))
    return _share_out(parts).model_copy(update={"explained": float(f"{explained:.4g}")})
