"""A year is compared with one reference: what is computed from it once gives each day the record that it has alone."""

import numpy as np
import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sides import Side, Sides
from driftmonitor.analysis.sources import Data
from driftmonitor.analysis.sources.full_counts import FullCounts

NAMED = {"when": "numerical", "mixed": "categorical"}


def table(rows, day):
    """Return a table with one column for each thing that makes a comparison hard, and on some days another type."""
    random = np.random.default_rng(day)
    numbers, codes = random.normal(day / 20, 1, (6, rows)), random.integers(0, 200, (4, rows))
    found = {
        "plain": numbers[0],
        "correlated": numbers[0] + numbers[1],
        "missing": np.where(codes[0] < 20 + 5 * day, np.nan, numbers[2]),
        "infinite": np.where(codes[1] < 9, np.inf, np.exp(3 * numbers[3])),
        "huge": numbers[4] * 1e300,
        "tiny": numbers[5] * 1e-310,
        "single": numbers[1].astype(np.float32 if day % 2 else float),
        "was_single": numbers[2].astype(np.float32).astype(float) if day == 0 else numbers[2].round(3),
        "few": codes[0] % (4 + day % 3),
        "whole": codes[1],
        "beyond_floats": 2**53 + codes[2] % 6,
        "row": np.arange(rows) + day * rows,
        "order_id": codes[3],
        "nullable": pd.array(np.where(codes[0] < 9, None, codes[1]), dtype="Int64"),
        "yes": codes[2] < 60 if day < 2 else (codes[2] < 60).astype(int),
        "plan": np.where(codes[3] < 2, f"new {day}", np.array(["free", "pro", None], dtype=object)[codes[0] % 3]),
        "city": [f"city {code}" for code in codes[1]],
        "fixed": np.full(rows, 2.5 + day % 2),
        "key": [f"k{code}" for code in random.permutation(rows) // (1 + day % 2)],
        "mixed": pd.Series([str(code) if code % 2 else code for code in (codes[2] % 5).tolist()], dtype=object),
        "late_text": numbers[3].round(1) if day != 2 else numbers[3].round(1).astype(str),
        "lists": [[code] for code in codes[0] % 3],
        "when": pd.Timestamp("2026-01-01") + pd.to_timedelta(codes[1], unit="h"),
        "date": pd.Timestamp("2026-01-01") + pd.to_timedelta(codes[2], unit="h"),
        "took": pd.to_timedelta(codes[3], unit="s"),
        "nothing": np.full(rows, np.nan),
    }
    frame = pd.DataFrame(found)
    if day == 3:
        frame = frame.drop(columns=["correlated"]).assign(extra=1)
    return frame if day != 4 else pd.concat([frame, frame.head(rows // 3)], ignore_index=True)


def record_of(data):
    """Return what a day's comparison leaves, or why there is none."""
    try:
        columns = infer_columns(data, dict(NAMED))
        settings = Settings(methods={"city": "g_test", "whole": "wasserstein"})
        return columns, *comparison_of(data, columns, settings)
    except DriftMonitorError as error:
        return str(error)


def comparison_of(data, columns=None, settings=None):
    comparison = score(data, columns or infer_columns(data), settings or Settings())
    return comparison.record("shop", "2026-01-01").model_dump_json(), comparison.issues()


def test_a_kept_reference_leaves_every_digit_of_every_record_as_it_is():
    reference, sizes = table(400, 0), (400, 0, 3, 60, 450)
    days = [Data(reference, table(rows, day), 400, rows) for day, rows in enumerate(sizes, 1)]
    kept = Side(days[0].reference, kept=True)

    records = [record_of(data) for data in days]

    assert [record_of(Sides(data, kept, kept=True)) for data in days] == records
    assert [type(record) for record in records] == [tuple, str, str, tuple, tuple]


def test_a_kept_reference_of_three_rows_gives_the_same_reasons():
    kept = Side(table(3, 0), kept=True)
    for rows in (3, 40):
        data = Data(kept.frame, table(rows, 1), 3, rows)

        assert record_of(Sides(data, kept)) == record_of(data)


def test_it_does_so_for_many_rows_and_for_a_sample_of_more():
    names = ["plain", "missing", "few", "yes", "plan", "city"]
    reference = table(10_500, 0)[names]
    known = reference.head(900)
    levels = {name: known[name].value_counts() * 10 for name in names[2:]}
    counted = FullCounts(9000, {name: int(known[name].isna().sum() * 10) for name in levels}, levels)
    for rows, frame, full in ((10_500, reference, {}), (9000, known, {"reference": counted})):
        kept = Side(frame, kept=True)
        for day in (1, 2):
            data = Data(frame, table(700, day)[names], rows, 700, full_counts=full)

            assert comparison_of(Sides(data, kept)) == comparison_of(data)


def test_another_reference_than_the_kept_one_is_refused():
    kept, data = Side(table(60, 0), kept=True), Data(table(61, 0), table(60, 1), 61, 60)

    with pytest.raises(ValueError, match="other rows or columns"):
        Sides(data, kept)
