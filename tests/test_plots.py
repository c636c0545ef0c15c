"""The figures: what they mark and say, that any data can be drawn, and that they stay small."""

import datetime as dt
import io
import warnings
from collections import Counter

import matplotlib
import nbclient
import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.stats import ks_2samp

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.plots import (
    baseline_alt_text,
    distributions,
    overview_alt_text,
    plot_baseline,
    plot_overview,
    plot_shift,
    save_picture,
    shift_alt_text,
)
from driftmonitor.analysis.plots.captions import shorten, worth_drawing
from driftmonitor.analysis.plots.picture import house_style, to_png
from driftmonitor.facts.judgement import Cause, Judgement
from driftmonitor.facts.record import ColumnScore

SALARY = "salary: mean rose from 50,000 to 75,000 (+2.5 SD of the reference)"
HOSTILE = [
    "$x_1$ \\frac{1}{0}",
    "a\nb\tc",
    "😀",
    "שלום",
    "x" * 10_000,
    "</script>",
    "\u202egnp",
    "",
    "日本語",
    "\ud800",
]
rng = np.random.default_rng(0)
FRESH = rng.bit_generator.state


@pytest.fixture(autouse=True)
def the_same_draws_whatever_ran_before():
    rng.bit_generator.state = FRESH


def numbers(name="salary", status="drifted", **values):
    effect = {"mean_shift_sd": 2.5, "mean": [50_000.0, 75_000.0], "sd": [10_000.0, 10_000.0]}
    given = {"method": "ks", "p_value": 0.0, "statistic": 0.79, "distance": 0.79, "threshold": 0.05, "effect": effect}
    return ColumnScore(name=name, kind="numerical", status=status, **given | values)


def levels(name="plan", **values):
    effect = {"category": "premium", "share_change": 0.25, "shares": [0.2, 0.45]}
    given = {"method": "chisquare", "p_value": 0.001, "statistic": 30.0, "distance": 0.25, "effect": effect}
    return ColumnScore(name=name, kind="categorical", status="drifted", **given | values)


def draw(score, reference, current):
    """Return the figure and its PNG; any warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = plot_shift(score, reference, current)
        return figure, Image.open(io.BytesIO(to_png(figure)))


def marker(figure):
    return next(line for axes in figure.axes for line in axes.lines if line.get_gid() == "ks")


def words(figure):
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


def test_ks_distance_is_marked_where_scipy_finds_it():
    reference, current = rng.normal(50, 10, 1000), rng.normal(60, 10, 800)
    expected = ks_2samp(reference, current)

    figure, _ = draw(numbers(), reference, current)

    x, y = marker(figure).get_xdata(), marker(figure).get_ydata()
    assert list(x) == [expected.statistic_location] * 2
    assert abs(y[1] - y[0]) == pytest.approx(expected.statistic, abs=1e-12)
    assert any(text.startswith(f"K-S distance {expected.statistic:.2f} at ") for text in words(figure))


def test_the_marker_is_on_both_drawn_cdfs():
    figure, _ = draw(numbers(), rng.normal(0, 1, 50_000), rng.normal(0.3, 1, 40_000))

    x, ends = marker(figure).get_xdata()[0], marker(figure).get_ydata()
    lines = [line for line in figure.axes[1].lines if line.get_gid() != "ks"]
    heights = [line.get_ydata()[np.searchsorted(line.get_xdata(), x)] for line in lines]
    assert heights == list(ends)
    assert all(len(line.get_xdata()) < 1200 for line in lines)


@pytest.mark.parametrize(
    "draw_side", [rng.standard_cauchy, lambda n: rng.poisson(4, n), lambda n: rng.lognormal(0, 2, n)]
)
def test_bars_and_rows_outside_them_add_up_to_all_rows(draw_side):
    sides = [distributions.sort_numbers(draw_side(n)) for n in (3000, 500)]

    edges = distributions.choose_bins(*sides, *distributions.choose_range(*sides))

    assert len(edges) <= 42
    assert [distributions.compute_shares(side, edges).sum() for side in sides] == pytest.approx([1, 1])


def test_one_outlier_does_not_squeeze_the_rest_and_is_reported():
    reference, current = rng.normal(0, 1, 1000), np.append(rng.normal(0, 1, 999), 4e9)

    figure, _ = draw(numbers(), reference, current)

    assert figure.axes[0].get_xlim()[1] < 10
    assert any("outliers not drawn" in text for text in words(figure))
    assert any("0.1% of current rows" in text for text in words(figure))


def test_small_integers_get_a_bin_each():
    edges = distributions.choose_bins(np.array([0.0, 1, 1, 2]), np.array([1.0, 3]), 0, 3)

    assert edges.tolist() == [-0.5, 0.5, 1.5, 2.5, 3.5]


def test_small_current_side_is_not_drowned_by_a_large_reference():
    reference, current = np.sort(rng.normal(0, 1, 100_000)), np.sort(rng.normal(50, 1, 20))

    low, high = distributions.choose_range(reference, current)

    assert low < -3
    assert high == current[-1]


NUMBERS = {
    "constant": ([7.0] * 5, [7.0] * 5),
    "two constants": ([7.0] * 5, [8.0] * 5),
    "single values": ([3.0], [9.5]),
    "beside 1e17": (1e17 + 16.0 * np.arange(9), 1e17 + 16.0 * np.arange(9) + 32),
    "two floats apart": ([1e17], [1e17 + 16]),
    "subnormal": ([5e-324] * 3, [0.0] * 3),
    "whole range": ([-1.7e308, 0.0, 1.7e308], [1.7e308] * 3),
    "infinite": ([1.0, np.inf, 2.0], [-np.inf, 1.0, np.nan]),
    "empty": ([], []),
    "no current": (rng.normal(0, 1, 50), []),
    "bool": ([True, False, True], [False, False, True]),
    "mostly zeros": ([0.0] * 97 + [5.0, 800.0, 1e6], [0.0] * 100),
    "100,000 rows": (rng.normal(0, 1, 100_000), rng.normal(0.1, 1, 100_000)),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_any_numbers_are_drawn_without_a_warning(name):
    reference, current = (np.asarray(side) for side in NUMBERS[name])

    _, image = draw(numbers(), reference.astype(float) if name != "bool" else reference, current)

    assert image.width == 900


@given(st.lists(st.floats(), max_size=30), st.lists(st.floats(), max_size=30))
@settings(max_examples=200, deadline=None)
def test_bins_hold_for_any_floats(reference, current):
    sides = [np.clip(distributions.sort_numbers(side), *distributions.LIMITS) for side in (reference, current)]

    with np.errstate(all="raise", under="ignore"):
        edges = distributions.choose_bins(*sides, *distributions.choose_range(*sides))

    assert np.all(np.diff(edges) > 0)
    for side in sides:
        assert distributions.compute_shares(side, edges).sum() == pytest.approx(1.0 if len(side) else 0.0)


def test_shares_of_levels_add_up_and_the_most_changed_comes_first():
    reference = np.array(["a"] * 50 + ["b"] * 30 + ["c"] * 20, dtype=object)
    current = np.array(["a"] * 50 + ["b"] * 10 + ["d"] * 40, dtype=object)

    found = distributions.compare_levels(reference, current)

    assert found.names == ["d", "b", "c", "a"]
    assert found.reference.tolist() == pytest.approx([0, 0.3, 0.2, 0.5])
    assert found.current.tolist() == pytest.approx([0.4, 0.1, 0, 0.5])


def test_levels_past_twelve_are_pooled():
    reference = pd.Series([f"level {i}" for i in range(40)] * 20, dtype="str")
    current = pd.Series(([f"level {i}" for i in range(39)] + ["level 0"]) * 20, dtype="str")

    found = distributions.compare_levels(reference, current)
    figure, _ = draw(levels(), reference, current)

    assert len(found.names) == 12
    assert found.names[-1] == "other (29 levels)"
    assert [found.reference.sum(), found.current.sum()] == pytest.approx([1, 1])
    bars = [bar.get_width() for bar in figure.axes[0].patches]
    assert bars == pytest.approx([*found.reference, *found.current])
    assert "2.5 → 5%" in words(figure)


def test_no_levels_at_all_give_a_figure():
    assert draw(levels(), np.array([], dtype=object), np.array([], dtype=object))[1].width == 900


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_drawn_as_they_are(name):
    sides = np.array(HOSTILE * 20, dtype=object), np.array(HOSTILE[:9] * 40, dtype=object)
    effect = {"category": name, "share_change": -0.1, "shares": [0.1, 0.0]}

    figure, _ = draw(levels(name, effect=effect), *sides)
    draw(numbers(name), np.arange(9.0), np.arange(5.0))

    assert all(len(text) < 100 and "\n" not in text and "\u202e" not in text for text in words(figure))
    assert "$x_1$ \\frac{1}{0}" in words(figure)
    assert not any(text.get_parse_math() for text in figure.findobj(matplotlib.text.Text) if "$" in text.get_text())


def test_long_names_lose_their_middle_and_keep_their_ends():
    assert shorten("warehouse_feature_with_a_long_name_17", 20) == "warehouse_…g_name_17"
    assert shorten("a" * 5000 + "b" * 5001, 8) == "aaaa…bbb"
    assert shorten("salary") == "salary"


@pytest.mark.parametrize("count", [0, 1, 3, 30, 300])
def test_overview_draws_every_status_and_counts_what_is_not_shown(count):
    kinds = ["drifted", "stable", "not_testable"]
    scores = [
        numbers(f"column {i}", kinds[i % 3], distance=None if i % 3 == 2 else 0.5 / (i + 1), reason="all missing")
        for i in range(count)
    ]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = plot_overview(scores, threshold=0.1, min_distance=0.04)
        png = to_png(figure)

    marks = [line for line in figure.axes[0].lines if line.get_gid() in kinds]
    assert len(marks) == min(count, 40)
    looks = {(line.get_gid(), line.get_marker(), line.get_color()) for line in marks}
    assert all(set(Counter(column).values()) <= {1} for column in zip(*looks, strict=True))
    assert ("260 more columns are not shown" in " ".join(words(figure))) == (count == 300)
    assert len(png) < 60_000


def test_a_wanted_column_without_a_test_is_left_out_and_an_unknown_one_refused():
    scores = [numbers(), numbers("age", "stable", distance=0.1), numbers("note", "not_testable", distance=None)]

    assert [score.name for score in worth_drawing(scores, ["note", "age"])] == ["age", "salary"]
    assert worth_drawing(scores, most=0) == []
    with pytest.raises(DriftMonitorError, match=r"^draw: agee: no such watched column; did you mean age\?$"):
        worth_drawing(scores, ["agee"])


def test_where_the_budget_rule_decides_a_column_differs_and_only_those_it_names_are_unusual():
    scores = [numbers("age", "stable", distance=0.02), numbers("clicks", distance=0.1), numbers("salary", distance=0.9)]

    figure = plot_overview(scores, 0.1, 0.04, unusual=["age"])

    title = "2 of 3 columns differ from the reference, 1 unusual"
    assert title in " ".join(text.get_text().replace("\n", " ") for text in figure.texts)
    assert [line.get_color() for line in figure.axes[0].lines if line.get_gid()] == ["#4b6c9b", "#4b6c9b", "#D55E00"]
    assert overview_alt_text(scores, 0.1, []).startswith("2 of 3 columns differ from the reference, none unusual. ")
    assert " Unusual: K-S distance" in shift_alt_text(numbers(), ["salary"])
    assert " Differs: K-S distance" in shift_alt_text(numbers(), [])


def test_overview_puts_the_strongest_evidence_on_top():
    scores = [numbers("quiet", "stable", distance=0.02), numbers("loud", distance=0.9), numbers("mild", distance=0.1)]

    figure = plot_overview(scores)

    marks = [(line.get_ydata()[0], line.get_xdata()[0]) for line in figure.axes[0].lines if line.get_gid()]
    assert marks == [(0, 0.9), (1, 0.1), (2, 0.02)]
    names = [text.get_text() for text in figure.texts if text.get_text() in ("quiet", "loud", "mild")]
    assert names == ["loud", "mild", "quiet"]


def test_alt_texts_state_the_finding():
    untestable = numbers("id", "not_testable", reason="every value is different", p_value=None, distance=None)

    assert shift_alt_text(numbers()).startswith(f"{SALARY}. Drifted: K-S distance")
    assert shift_alt_text(levels()).startswith('plan: "premium" rose from 20% to 45% of rows. Drifted: ')
    assert shift_alt_text(untestable).startswith("id: not testable (every value is different). Not testable.")
    assert overview_alt_text([untestable, levels(), numbers()], threshold=0.1) == (
        f"2 of 3 columns drifted (66.7%, threshold 10%). {SALARY}. "
        'plan: "premium" rose from 20% to 45% of rows. 1 not testable.'
    )
    assert overview_alt_text([numbers(f"c{i}") for i in range(9)]).endswith("And 4 more.")


def test_baseline_figure_shows_every_day_threshold_and_today():
    days = [(dt.date(2026, 9, 1) + dt.timedelta(i), 2 + i % 3) for i in range(60)]
    strongest = Cause(signal="level", columns=("salary",), value=9, z=5.8, change="level", words="salary rose")
    judgement = Judgement(
        rule="budget", false_alarms_per_year=12, alarm=True, mode="pool", strangeness=5.8, limit=4.0, pool_days=60,
        pool_needed=60, rank=0, strongest=strongest,
    )  # fmt: skip

    figure = plot_baseline(judgement, days, "2026-11-24")

    baseline, threshold, today = figure.axes[0].lines
    assert list(baseline.get_ydata()) == [score for _, score in days]
    assert (list(threshold.get_ydata()), list(today.get_ydata())) == ([4.0, 4.0], [5.8])
    assert {"Baseline day", "Threshold", "Today"} <= set(words(figure))
    assert any("today 5.8, from salary" in text for text in words(figure))
    assert baseline_alt_text(judgement).endswith("Chart: the anomaly score of each day.")


def test_analysts_style_neither_changes_the_figures_nor_is_changed():
    sides = np.arange(50.0), np.arange(60.0)
    plain = to_png(plot_shift(numbers(), *sides))

    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30, "text.usetex": True}):
        styled = to_png(plot_shift(numbers(), *sides))
        left = {name: matplotlib.rcParams[name] for name in ("axes.facecolor", "font.size", "text.usetex")}

    assert styled == plain
    assert left == {"axes.facecolor": "black", "font.size": 30, "text.usetex": True}


def test_style_is_put_back_after_an_error():
    before = dict(matplotlib.rcParams)

    with pytest.raises(ZeroDivisionError), house_style():
        raise ZeroDivisionError

    assert dict(matplotlib.rcParams) == before


def test_picture_for_an_alert_is_small_and_the_one_that_is_displayed(tmp_path):
    figure = plot_shift(numbers(), rng.normal(0, 1, 1000), rng.normal(1, 1, 1000))

    path = save_picture(figure, tmp_path / "shift.png")

    assert Image.open(path).width == 900
    assert path.stat().st_size < 60_000
    assert path.read_bytes() == to_png(figure)


@pytest.mark.parametrize("between", [lambda figure: None, lambda figure: figure.canvas.draw()])
def test_figure_that_an_analyst_changes_after_it_was_saved_is_drawn_again(tmp_path, between):
    figure = plot_shift(numbers(), np.arange(50.0), np.arange(60.0))
    before = save_picture(figure, tmp_path / "shift.png").read_bytes()

    figure.axes[0].set_title("mine")
    between(figure)

    assert to_png(figure) != before


def test_picture_that_cannot_be_written_names_its_path(tmp_path):
    figure = plot_shift(numbers(), np.arange(3.0), np.arange(3.0))

    with pytest.raises(DriftMonitorError, match=r"none/shift.png: cannot be written: .*; choose another folder\.$"):
        save_picture(figure, tmp_path / "none" / "shift.png")


def test_kernel_stores_one_png_with_its_alt_text():
    source = (
        "import numpy as np, sys\n"
        "from driftmonitor.analysis.plots import plot_shift, show\n"
        "from driftmonitor.facts.record import ColumnScore\n"
        "score = ColumnScore(name='age', kind='numerical', status='stable')\n"
        "show(plot_shift(score, np.arange(9.0), np.arange(9.0)), 'age hardly\\nchanged')\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])

    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=60).execute()

    (output,) = notebook.cells[0].outputs
    assert output.data["image/png"].startswith("iVBORw0KGgo")
    assert output.metadata["image/png"]["alt"] == "age hardly changed"
    assert output.metadata["image/png"]["width"] == 660
