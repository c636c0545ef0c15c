"""A statistic of one's own: a function and one line, in a file or in a cell, as CONTRIBUTING.md says."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift import compare, method_names, save_report, score, statistic
from driftmonitor.analysis.drift import statistics as folder
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import Data
from tests.recipes import RECIPES

KUIPER = RECIPES["driftmonitor/analysis/drift/statistics/kuiper.py"]


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """Forget after a test what it registered."""
    monkeypatch.setattr(folder, "REGISTERED", dict(folder.find_statistics()))


@pytest.fixture
def kuiper():
    """The recipe's function, as a cell of a notebook defines it."""
    names = {"__name__": "__main__"}
    exec(KUIPER, names)
    return names["kuiper"]


@pytest.fixture
def frames():
    rng = np.random.default_rng(0)
    reference = pd.DataFrame({"age": rng.normal(40, 10, 500), "plan": rng.choice(["free", "pro"], 500)})
    current = pd.DataFrame({"age": rng.normal(40, 20, 500), "plan": rng.choice(["free", "pro"], 500, p=[0.2, 0.8])})
    return Data(reference, current, len(reference), len(current))


COLUMNS = [Column("age", "numerical", ""), Column("plan", "categorical", "")]


def compare_scores(data, **settings):
    """Return the scores by column, without Evidently's report."""
    return {each.name: each for each in score(data, COLUMNS, Settings(**settings)).columns}


def steps(gap):
    """Return two samples of 100 rows whose distribution functions are `gap` / 100 apart, in one direction only."""
    return np.arange(100.0), np.arange(100.0) + gap


@pytest.mark.parametrize(("level", "critical"), [(0.10, 1.620), (0.05, 1.747), (0.025, 1.862), (0.01, 2.001)])
def test_kuipers_p_value_has_the_published_critical_values(kuiper, level, critical):
    gap = critical / (50**0.5 + 0.155 + 0.24 / 50**0.5)  # Stephens (1974), table 1A: for V in place of D, case 0

    assert kuiper(*steps(np.floor(gap * 100)))[1] > level > kuiper(*steps(np.ceil(gap * 100)))[1]


def test_kuipers_statistic_is_the_sum_of_both_one_sided_ones(kuiper, frames):
    sides = frames.reference["age"].to_numpy(), frames.current["age"].to_numpy()
    expected = sum(stats.ks_2samp(*sides, alternative=way).statistic for way in ("less", "greater"))

    assert kuiper(*sides)[0] == pytest.approx(expected)
    assert kuiper(sides[0], sides[0]) == (0.0, 1.0)


@pytest.mark.parametrize("settings", [{"num_method": "kuiper"}, {"methods": {"age": "kuiper"}}])
def test_a_statistic_decides_and_is_in_the_record_and_in_evidentlys_report(kuiper, frames, settings, tmp_path):
    comparison = compare(frames, COLUMNS, **settings)

    value, p_value = kuiper(frames.reference["age"].to_numpy(), frames.current["age"].to_numpy())
    score = comparison.record("m", "2026-01-31").columns[0]
    assert (score.method, score.status, score.statistic, score.p_value) == ("kuiper", "drifted", value, p_value)
    assert score.adjusted_p_value is not None
    assert comparison.evidently_error is None
    assert r"kuiper p_value \u003c 0.05 and distance \u003e= 0.04" in save_report(comparison, tmp_path).read_text()
    assert "kuiper" in method_names("numerical")
    assert "kuiper" not in method_names("categorical")


def test_a_file_of_the_folder_is_a_statistic(follow, frames):
    follow(folder, "kuiper")

    assert compare_scores(frames, num_method="kuiper")["age"].method == "kuiper"


def test_a_file_that_cannot_be_imported_is_named(tmp_path, monkeypatch, frames):
    (tmp_path / "broken.py").write_text("import nothing_of_that_name")
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])

    with pytest.raises(DriftMonitorError) as caught:
        compare_scores(frames)

    assert str(caught.value) == (
        "driftmonitor/analysis/drift/statistics/broken.py cannot be imported "
        "(ModuleNotFoundError: No module named 'nothing_of_that_name'); fix or remove the file."
    )


def test_a_distance_decides_alone_from_its_threshold_on(frames):
    @statistic("numerical", threshold=0.5, label="difference of log SDs")
    def spread(reference, current):
        return abs(np.log(current.std() / reference.std()))

    found = [
        compare_scores(frames, num_method="spread", thresholds=thresholds, min_distance=1)["age"]
        for thresholds in ({}, {"age": 0.9})
    ]

    assert [(score.status, score.threshold) for score in found] == [("drifted", 0.5), ("stable", 0.9)]
    assert found[0].p_value is None
    assert found[0].statistic == pytest.approx(0.7, abs=0.1)


def test_categories_come_as_a_table_of_counts(frames):
    given = []

    @statistic("categorical")
    def barnard(counts):
        given.append(counts)
        return stats.barnard_exact(counts.to_numpy())

    score = compare_scores(frames, cat_method="barnard")["plan"]

    (counts,) = given
    assert list(counts.columns) == ["reference", "current"]
    assert counts.sum().tolist() == [500, 500]
    assert score.p_value < 1e-6
    assert score.statistic == stats.barnard_exact(counts.to_numpy()).statistic


@pytest.mark.parametrize(
    "answer",
    [lambda a, b: 0.01, lambda a, b: np.float32(0.01), lambda a, b: (None, 0.01), lambda a, b: [3, np.array(0.01)]],
)
def test_a_p_value_may_come_alone_or_with_a_statistic(frames, answer):
    statistic("numerical", name="mine")(answer)

    assert compare_scores(frames, num_method="mine")["age"].p_value == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        (None, "mine: returned nothing; return a p-value, (statistic, p-value) or a result of scipy.stats"),
        ("0.01", "mine: returned a str; return a p-value, (statistic, p-value) or a result of scipy.stats"),
        (True, "mine: returned a bool; return a p-value, "),
        ((1, 2, 3), "mine: returned a tuple; return a p-value, "),
        ((1, "small"), "mine: returned a str; return a p-value, "),
        (np.array([0.1, 0.2]), "mine: returned a ndarray; return a p-value, "),
        (1.7, "mine: gave the p-value 1.7; return one from 0 to 1"),
        (float("nan"), "mine has no answer for these values"),
        ((3.0, float("nan")), "mine has no answer for these values"),
        (ZeroDivisionError("division by zero"), "mine: ZeroDivisionError: division by zero"),
        (ValueError("needs 10 rows, has Zoe"), "mine: ValueError in line "),
        (DriftMonitorError("needs 10 rows"), "mine: needs 10 rows"),
        (KeyError(), "mine: KeyError"),
    ],
)
def test_an_answer_that_is_none_makes_the_column_not_testable_and_says_why(frames, returned, reason):
    @statistic("numerical", name="mine")
    def answer(reference, current):
        if isinstance(returned, Exception):
            raise returned
        return returned

    comparison = score(frames, COLUMNS, Settings(num_method="mine"))

    age = comparison.columns[0]
    assert age.status == "not_testable"
    assert age.reason.startswith(reason)
    assert "\n" not in age.reason
    assert comparison.drift_share == 0.5  # of both columns


def test_a_distance_must_be_a_number(frames):
    statistic("numerical", name="mine", threshold=0.1)(lambda reference, current: (0.2, 0.01))

    score = compare_scores(frames, num_method="mine")["age"]

    assert score.reason == "mine: returned a tuple; return a number, the distance"


def test_a_statistic_cannot_change_the_data_and_draws_the_same_every_time(frames):
    @statistic("numerical")
    def shuffles(reference, current):
        reference.sort()
        current[:] = 0
        return np.random.random()

    found = [compare_scores(frames, num_method="shuffles") for _ in range(2)]

    assert found[0] == found[1]
    assert found[0]["age"].distance == stats.ks_2samp(frames.reference["age"], frames.current["age"]).statistic


@pytest.mark.parametrize(
    ("kind", "more", "function", "message"),
    [
        ("number", {}, lambda a, b: 0.5, "the kind is 'number'; use 'numerical' or 'categorical'."),
        ("numerical", {}, lambda a: 0.5, "a numerical function must take (reference, current)."),
        ("categorical", {}, lambda a, b: 0.5, "a categorical function must take (counts)."),
        ("numerical", {}, 0.5, "a numerical function must take (reference, current)."),
        ("numerical", {"threshold": 0}, lambda a, b: 0.5, "threshold is 0; give a distance above 0."),
        ("numerical", {"threshold": "big"}, lambda a, b: 0.5, "threshold is 'big'; give a distance above 0."),
    ],
)
def test_what_cannot_be_used_is_refused_when_it_is_registered(kind, more, function, message):
    with pytest.raises(DriftMonitorError) as caught:
        statistic(kind, name="mine", **more)(function)

    assert str(caught.value) == f"statistic 'mine': {message}"


def test_a_function_without_a_name_needs_one():
    with pytest.raises(DriftMonitorError, match="statistic '<lambda>': give it a name of letters"):
        statistic("numerical")(lambda reference, current: 0.5)


def test_a_cell_that_is_run_again_replaces_its_statistic(frames):
    for p_value in (0.5, 0.01):
        statistic("numerical", name="mine")(lambda reference, current, p_value=p_value: p_value)

    assert compare_scores(frames, num_method="mine")["age"].p_value == 0.01


def test_names_that_are_taken_are_refused(frames):
    with pytest.raises(DriftMonitorError, match=r"'mannw' is defined in .*mann_whitney too; choose another name"):
        statistic("numerical", name="mannw")(lambda reference, current: 0.5)

    statistic("numerical", name="psi")(lambda reference, current: 0.5)
    with pytest.raises(DriftMonitorError, match="statistic 'psi': Evidently has a method of that name; choose another"):
        compare_scores(frames)

    statistic("numerical", name="psi", replaces_evidently=True)(lambda reference, current: 0.03)
    assert compare_scores(frames, num_method="psi")["age"].p_value == 0.03


def test_a_name_that_is_unknown_is_refused_with_the_nearest(kuiper, frames):
    with pytest.raises(DriftMonitorError, match=r"num_method: there is no method 'kuyper'; did you mean kuiper\?"):
        compare_scores(frames, num_method="kuyper")
    with pytest.raises(DriftMonitorError, match="cat_method: kuiper is not for categories; "):
        compare_scores(frames, cat_method="kuiper")


@pytest.mark.slow
def test_a_statistic_in_a_cell_works_in_papermill_and_in_the_schedule(tmp_path):
    import nbformat
    import papermill

    from tests.jobs import DAY, ROOT, Job

    notebook = nbformat.read(ROOT / "notebooks/drift_report.ipynb", as_version=4)
    place = next(i for i, cell in enumerate(notebook.cells) if "compare(" in cell.source)
    notebook.cells.insert(place, nbformat.v4.new_code_cell(KUIPER))
    nbformat.write(notebook, tmp_path / "mine.ipynb")
    params = (
        "num_method: kuiper\ndrift: {{salary: {{mean_shift: 2.5}}}}\nmonitor: {{notebook: '{folder}/../mine.ipynb'}}\n"
    )
    job = Job(tmp_path / "job", shop=params)

    done = job.run("--monitor", "shop")
    papermill.execute_notebook(
        tmp_path / "mine.ipynb", tmp_path / "out.ipynb", cwd=ROOT, progress_bar=False,
        parameters={"num_method": "kuiper", "run_date": DAY, "output_dir": str(tmp_path / "a/b/c")},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    methods = {score.name: (score.method, score.status) for score in job.record("shop").columns}
    assert methods["salary"] == ("kuiper", "drifted")
    assert "kuiper" in (job.site / "shop" / DAY / "index.html").read_text()
    assert '"method": "kuiper"' in json.dumps(nbformat.read(tmp_path / "out.ipynb", as_version=4))
