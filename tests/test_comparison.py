"""The comparison as an analyst uses it: a numeric table, scores by name, values, counts, figures, and a row by hand."""

import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import Data, load_data

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks/drift_report.ipynb"
ROWS = 400


def compare(reference, current, kinds=None, **settings):
    frames = pd.DataFrame(reference), pd.DataFrame(current)
    data = Data(*frames, *map(len, frames))
    return score(data, infer_columns(data, kinds), Settings(**settings))


def make_frame(seed: int, shift: float = 0.0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame({
        "age": draw.normal(40, 10, ROWS),
        "salary": draw.normal(50_000 + 10_000 * shift, 10_000, ROWS),
        "plan": draw.choice(["free", "pro"], ROWS),
        "when": pd.Timestamp("2026-01-01"),
    })  # fmt: skip


@pytest.fixture(scope="module")
def comparison():
    return compare(make_frame(0), make_frame(1, shift=2.0))


def test_the_table_is_numbers_that_sort_and_filter(comparison):
    table = comparison.table()

    assert list(table.index) == ["salary", "when", "age", "plan"]
    assert {str(table[name].dtype) for name in ("statistic", "p", "adjusted p", "distance")} == {"float64"}
    assert table.query("p < 0.05").index.tolist() == ["salary"]
    assert table.sort_values("distance").index[-2:].tolist() == ["salary", "when"]
    assert np.isnan(table.loc["when", "p"])
    assert table.loc["salary", "p"] == comparison["salary"].p_value
    assert table[table["status"] == "drifted"]["distance"].max() == comparison["salary"].distance


def test_the_table_is_displayed_short_however_it_was_cut(comparison):
    table = comparison.table()

    for shown in (table, table.sort_values("p"), table[["p", "distance"]], table.head(3)):
        html = shown._repr_html_()
        assert "<td>&lt; 0.0001</td>" in html
        assert f"<td>{comparison['salary'].distance:.3f}</td>" in html
        assert "<td>–</td>" in html
    assert "NaN" not in table._repr_html_()
    assert table.assign(p="gone").T._repr_html_()


def test_a_hostile_name_is_displayed_on_one_line():
    reference = make_frame(0).rename(columns={"age": "<b>\nx"})
    table = compare(reference, reference).table()

    assert table.loc["<b>\nx", "distance"] == 0
    assert "<th>&lt;b&gt; x</th>" in table._repr_html_()


def test_a_score_is_found_by_its_name(comparison):
    assert comparison["salary"].status == "drifted"
    assert comparison._ipython_key_completions_() == ["age", "salary", "plan", "when"]
    with pytest.raises(KeyError, match=r"salery: no such watched column; did you mean salary\?"):
        comparison["salery"]


def test_values_and_counts_are_those_that_were_compared(comparison):
    reference, current = comparison.values("salary")
    counts = comparison.counts("plan")

    assert stats.ks_2samp(reference, current).pvalue == comparison["salary"].p_value
    assert counts.sum().to_dict() == {"reference": ROWS, "current": ROWS}
    assert counts["current"].to_dict() == make_frame(1, shift=2.0)["plan"].value_counts().to_dict()
    for name, message in (("age", "age is numerical and has no categories"), ("when", "when was not compared: dates")):
        with pytest.raises(DriftMonitorError, match=message):
            comparison.counts(name)


def test_later_edits_do_not_reach_the_comparison():
    data = load_data(source="simulate", reference="", current="", run_date="2026-11-24", rows=100)
    comparison = score(data, infer_columns(data), Settings())
    before = comparison.values("age")[1].copy()

    data.current["age"] += 30

    assert comparison.values("age")[1].tolist() == before.tolist()


def test_figures_are_drawn_one_by_one_with_their_description(comparison, tmp_path):
    figures = list(comparison.figures(draw=["plan"], save_first=tmp_path / "shift.png"))
    data, metadata = figures[1]._repr_mimebundle_()

    assert [figure.alt_text.split()[0].strip(":") for figure in figures] == ["plan", "salary"]
    assert (tmp_path / "shift.png").read_bytes().startswith(b"\x89PNG")
    assert set(data) == {"image/png", "text/plain"}
    assert metadata["image/png"]["alt"] == data["text/plain"] == figures[1].alt_text
    assert list(comparison.figures(max_figures=0)) == []
    assert "1 of 4 columns drifted" in comparison.overview().alt_text
    assert comparison.baseline_figure("2026-11-24") is None
    with pytest.raises(DriftMonitorError, match="draw: plam: no such watched column; did you mean plan"):
        list(comparison.figures(draw=["plam"]))


def test_a_comparison_imports_no_matplotlib_before_it_draws():
    code = "import sys; from driftmonitor.analysis.drift import comparison; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("rows", "settings", "sentence"),
    [
        (1000, {}, "With 1,000 against 1,000 rows, K-S detects 90% of mean shifts of 0.17 SD in a column of numbers."),
        (2300, {}, "With 2,300 against 2,300 rows, K-S detects 90% of mean shifts of 0.11 SD in a column of numbers."),
        (5, {}, "5 against 5 rows are too few for K-S to detect any mean shift in 90% of cases."),
        (
            100,
            {"num_method": "psi"},
            "No column is tested by K-S, so the smallest shift that is detected is not known.",
        ),
    ],
)
def test_how_small_a_shift_is_detected_follows_from_the_rows(rows, settings, sentence):
    frame = pd.DataFrame({"x": np.random.default_rng(0).normal(size=rows)})

    assert compare(frame, frame, **settings).sensitivity() == sentence


BY_HAND = next(cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.id == "by-hand")


def by_hand(comparison) -> list[pd.DataFrame]:
    """Run the notebook's cell that computes a row by hand, and return what it displays."""
    displayed = []
    exec(BY_HAND, {"comparison": comparison, "stats": stats, "pd": pd, "display": displayed.append})
    return displayed


DRAW = np.random.default_rng(3)
NORMAL, SHIFTED = DRAW.normal(size=300), DRAW.normal(0.5, 1, 250)
LEVELS = DRAW.choice(list("abc"), 300, p=[0.6, 0.3, 0.1]), DRAW.choice(list("abc"), 250, p=[0.3, 0.4, 0.3])
DAYS = pd.date_range("2026-01-01", periods=110)
RARE = [*("ab" * 145), *"cdefghij"[:10]], [*("ab" * 100), *("a" * 42), *"cdklmnop"]
CASES = {
    "numbers": (NORMAL, SHIFTED, None),
    "stable numbers": (NORMAL[:150], NORMAL[150:], None),
    "many numbers": (DRAW.normal(size=20_000), DRAW.normal(0.1, 1, 11_000), None),
    "missing and infinite": ([*NORMAL, np.nan, np.inf, -np.inf], [*SHIFTED, np.nan], None),
    "single precision on one side": (NORMAL.astype(np.float32), NORMAL[:200], None),
    "nullable whole numbers": (pd.array([*range(50), None] * 5, "Int64"), pd.array([*range(9, 60)] * 5, "Int64"), None),
    "durations": (pd.to_timedelta(NORMAL, unit="h"), pd.to_timedelta(SHIFTED, unit="h"), None),
    "dates named numerical": (DAYS[:90], DAYS[30:], "numerical"),
    "text named numerical": ([str(x) for x in NORMAL], [str(x) for x in SHIFTED], "numerical"),
    "categories": (*LEVELS, None),
    "two categories in few rows": ([*("a" * 190), *("b" * 10)], [*("a" * 9), *("b" * 3)], None),
    "rare categories": (*RARE, None),
    "one category": (["a"] * 50, ["a"] * 40, None),
    "another category": (["a"] * 50, ["b"] * 40, None),
    "true and false as numbers": ([True, False] * 100, [1, 0, 1] * 60, None),
    "few whole numbers": ([1, 2, 3] * 50, [1, 1, 2, 3] * 40, None),
    "categories with gaps": (["a", None, "b"] * 50, ["a", "b", "b", None] * 50, None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_row_by_hand_is_the_table_s(case):
    reference, current, kind = CASES[case]
    comparison = compare({"x": reference}, {"x": current}, {"x": kind} if kind else None)

    (shown,) = by_hand(comparison)

    assert shown.index.tolist() == ["by hand", "in the table"]
    assert shown.index.name == "x"
    assert shown.loc["by hand", "p"] == pytest.approx(comparison["x"].p_value, rel=1e-9)
    assert shown.loc["by hand", "distance"] == pytest.approx(comparison["x"].distance, abs=1e-12)
    assert shown.loc["in the table"].tolist() == [comparison["x"].p_value, comparison["x"].distance]


def test_the_row_by_hand_is_that_of_a_drifted_column(comparison):
    assert [shown.index.name for shown in by_hand(comparison)] == ["salary"]
    assert by_hand(compare(make_frame(0), make_frame(1), {"plan": "ignore"}, num_method="wasserstein")) == []


def test_the_row_by_hand_is_the_table_s_where_a_sample_is_compared(tmp_path):
    for seed, side in enumerate(("reference", "current")):
        frame = pd.DataFrame(
            {"plan": np.random.default_rng(seed).choice(["a", "b"], 3000, p=[0.5 + seed / 5, 0.5 - seed / 5])}
        )
        frame.to_parquet(tmp_path / f"{side}.parquet")
    places = {side: f"{tmp_path}/{side}.parquet" for side in ("reference", "current")}
    data = load_data(source="files", run_date="2026-11-24", max_rows=500, **places)

    comparison = score(data, infer_columns(data), Settings())

    (shown,) = by_hand(comparison)
    assert comparison.counts("plan").sum().tolist() == [3000, 3000]
    assert shown.loc["by hand"].to_dict() == pytest.approx(shown.loc["in the table"].to_dict())
