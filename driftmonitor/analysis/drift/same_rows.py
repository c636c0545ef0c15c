"""Find current rows that are those of the reference: a comparison with itself says nothing."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from driftmonitor.analysis.sides import Side, Sides
from driftmonitor.analysis.sources import Snapshot
from driftmonitor.analysis.usable import FIRST_ROWS
from driftmonitor.facts.evidence import ColumnEvidence
from driftmonitor.facts.record import Finding
from driftmonitor.formats import percent
from driftmonitor.words.repeats import find_like_reference

FEWEST_ROWS = 20  # different ones
NEARLY_ALL = 0.9  # of the current rows, that are rows of the reference too
MORE_THAN_USUAL = 0.5  # than the reference's rows have an equal one among the others


def find_same_rows(sides: Sides, evidence: Sequence[ColumnEvidence]) -> list[Finding]:
    """Return a finding if the day is compared with itself: the same table, nearly the same, or a part of it.

    `evidence`: of the tested columns.
    """
    names = tuple(column.name for column in evidence)
    return _find_same(sides.snapshot) or [*find_like_reference(evidence)] or _find_part(sides, names)


def _find_same(data: Snapshot) -> list[Finding]:
    """Return a finding if the day is compared with itself, as where the same file is named twice."""
    before, now = data.reference, data.current
    sizes = data.reference_total == data.current_total and len(before) == len(now) > 1
    if not sizes or set(before) != set(now):
        return []
    if not all(before[name].reset_index(drop=True).equals(now[name].reset_index(drop=True)) for name in now):
        return []
    message = "current: the same rows as the reference, so nothing can drift; name the day's data."
    return [Finding(kind="same_rows", column=None, message=message)]


def _find_part(sides: Sides, names: tuple[str, ...]) -> list[Finding]:
    """Return a finding if nearly all current rows equal one of the reference in all columns, which is not usual there.

    Equal rows count once, as of an idle machine. A sampled side lacks too many rows to tell.
    """
    data, reference, current = sides.snapshot, sides.reference, sides.current.frame.head(FIRST_ROWS)
    is_sampled = len(data.reference) < data.reference_total or len(data.current) < data.current_total
    if is_sampled or not names or len(current) < FEWEST_ROWS:
        return []
    try:
        if not all(_share_known(reference, current, name) >= NEARLY_ALL for name in _telling_first(reference, names)):
            return []
        rows, usual = reference.once(_hash_rows, names)
        different = np.unique(_hash(current[list(names)]))
    except TypeError:  # lists and the like
        return []
    share = float(np.isin(different, rows).mean())
    if len(different) < FEWEST_ROWS or share < NEARLY_ALL or share - usual < MORE_THAN_USUAL:
        return []
    message = f"current: {percent(share)} of its different rows are rows of the reference too; name other data."
    return [Finding(kind="same_rows", column=None, message=message)]


def _telling_first(reference: Side, names: Sequence[str]) -> list[str]:
    return sorted(names, key=lambda name: reference.frame[name].dtype.kind != "f")


def _share_known(reference: Side, current: pd.DataFrame, name: str) -> float:
    if reference.kept:
        return float((reference.once(_index_values, name).get_indexer(current[name]) >= 0).mean())
    values = reference.frame[name]  # to look each up among a few takes a tenth of the time that an index of them does
    return float(current[name].isin(values[values.isin(current[name])]).mean())


def _index_values(side: Side, name: str) -> pd.Index:
    """Return the different values of a column, among which those of each day are looked up."""
    return pd.Index(side.frame[name].unique())


def _hash_rows(side: Side, names: tuple[str, ...]) -> tuple[np.ndarray, float]:
    """Return the hashes of the different rows, and the share of these that more than one row has."""
    rows, counts = np.unique(_hash(side.frame[list(names)]), return_counts=True)
    return rows, float((counts > 1).mean())


def _hash(frame: pd.DataFrame) -> np.ndarray:
    return pd.util.hash_pandas_object(frame, index=False).to_numpy()
