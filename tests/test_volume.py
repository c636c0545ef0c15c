"""Tables larger than the sample: distributions come from the sample, missing values and categories from all rows."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import compare
from driftmonitor.analysis.sources import load_data

ROOT = Path(__file__).parents[1]
ROWS = 30_000


def make_side(seed: int, paid: float, gaps: int) -> pd.DataFrame:
    """Return many rows: amounts, a plan that `paid` of the rows pay for, a flag, and every `gaps`th value missing."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "amount": draw.normal(100, 20, ROWS),
        "plan": np.where(draw.random(ROWS) < paid, "paid", "free"),
        "stars": draw.integers(1, 6, ROWS),
        "note": [str(number) for number in draw.normal(size=ROWS)],
    })  # fmt: skip
    frame.loc[::gaps, ["amount", "plan", "stars"]] = None
    frame.loc[1::gaps, "amount"] = np.inf
    return frame


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """Give the frames of both sides and where they stand as Parquet; only in current has one row a new plan."""
    folder = tmp_path_factory.mktemp("volume")
    frames = {"reference": make_side(0, 0.5, 50), "current": make_side(1, 0.56, 20)}
    frames["current"].loc[7, "plan"] = "trial"
    for side, frame in frames.items():
        frame.to_parquet(folder / f"{side}.parquet")
    return frames, folder


def compare_files(folder: Path, **changes):
    places = {side: f"{folder}/{side}.parquet" for side in ("reference", "current")}
    data = load_data(source="files", run_date="2026-01-31", columns={"note": "numerical"}, **places, **changes)
    return data, compare(data, infer_columns(data, {"note": "numerical"}))


def test_record_says_what_comes_from_all_rows(frames):
    sides, folder = frames

    data, comparison = compare_files(folder, max_rows=2000)

    scores = {score.name: score for score in comparison.columns}
    counts = [sides[side]["plan"].value_counts().reindex(["free", "paid", "trial"]).fillna(0) for side in sides]
    expected = stats.chi2_contingency(pd.DataFrame(counts), correction=False)
    assert scores["plan"].from_all_rows == (
        "missing_share",
        "p_value",
        "statistic",
        "distance",
        "effect",
        "distribution",
    )
    assert scores["plan"].statistic == pytest.approx(expected.statistic)
    assert scores["plan"].distance == pytest.approx(0.06, abs=0.01)
    assert scores["stars"].kind == "categorical"
    assert scores["amount"].from_all_rows == ("missing_share",)
    assert scores["amount"].missing_share.model_dump() == {"reference": 0.04, "current": 0.1}
    assert (
        scores["amount"].p_value
        == stats.ks_2samp(
            *(frame["amount"][np.isfinite(frame["amount"])] for frame in (data.reference, data.current))
        ).pvalue
    )
    assert scores["note"].from_all_rows == ()  # that text is a number is seen in the sample alone


def test_findings_come_from_all_rows(frames):
    messages = [finding.message for finding in compare_files(frames[1], max_rows=2000)[1].quality]

    assert "plan: 1 new category in less than 0.1% of current rows, of too few rows to name it." in messages
    assert any(
        message.startswith("stars: missing values rose from the reference's 2% to 5% of rows") for message in messages
    )
    sampled = (
        "current: a sample of 2,000 of 30,000 rows was compared; missing values and categories are counted in all "
    )
    assert f"{sampled}rows." in messages


def test_side_that_is_not_sampled_is_counted_as_it_is(frames):
    sides, folder = frames
    sides["current"].head(1500).to_parquet(folder / "small.parquet")

    data = load_data(
        source="files",
        reference=f"{folder}/reference.parquet",
        current=f"{folder}/small.parquet",
        run_date="2026-01-31",
        max_rows=2000,
    )
    plan = next(s for s in compare(data, infer_columns(data, {"note": "ignore"})).columns if s.name == "plan")

    assert (len(data.current), data.current_total) == (1500, 1500)
    assert plan.from_all_rows == ("missing_share", "p_value", "statistic", "distance", "effect", "distribution")
    assert plan.missing_share.current == pytest.approx(0.05)


def test_other_methods_of_categories_use_the_sample_and_say_so(frames):
    places = {side: f"{frames[1]}/{side}.parquet" for side in ("reference", "current")}
    data = load_data(source="files", run_date="2026-01-31", max_rows=2000, **places)

    plan = next(
        score
        for score in compare(data, infer_columns(data), cat_method="jensenshannon").columns
        if score.name == "plan"
    )

    assert plan.from_all_rows == ("missing_share", "distance", "effect", "distribution")


def test_record_of_a_run_without_sampling_says_nothing_of_it(frames):
    _, comparison = compare_files(frames[1])

    record = comparison.record("x", "2026-01-31").to_dict()

    assert all("from_all_rows" not in column for column in record["columns"])


@pytest.mark.slow
def test_benchmark_of_a_large_table_runs_on_a_small_one():
    sizes = ["--rows", "50_000", "--pandas-rows", "50_000", "--sampled", "1000", "--rounds", "1"]
    command = [sys.executable, "benchmarks/volume.py", *sizes]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert "| drift-monitor, files, sample_key |" in done.stdout
    assert "| DuckDB: the same rows and counts |" in done.stdout
    assert "| pandas, the whole table read |" in done.stdout
