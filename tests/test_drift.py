"""One day's comparison: its record agrees with scipy and Evidently's report, and bad input is handled."""

import json
import re
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift import compare, method_names, save_report
from driftmonitor.analysis.sources import Data
from driftmonitor.facts.record import Finding, parse

HOSTILE = "</script><script>window.pwned=1</script>"


def sample(seed, salary=50_000, shares=(0.5, 0.3, 0.2), rows=1000):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.normal(40, 10, rows),
            "salary": rng.normal(salary, 10_000, rows),
            "clicks": rng.poisson(5, rows).astype(float),
            "payment": rng.choice(["card", "cash", "wire"], rows, p=shares),
        }
    )


def pair(reference, current):
    return Data(reference, current, len(reference), len(current))


def watch(data, *not_testable, **kinds):
    return [
        Column(name, None, "mixes numbers and text", testable=False)
        if name in not_testable
        else Column(name, kinds.get(name, "numerical" if data.reference[name].dtype.kind == "f" else "categorical"), "")
        for name in data.reference
    ]


def scores(comparison):
    return {score.name: score for score in comparison.columns}


def shown(comparison, tmp_path):
    """Return what Evidently's published report says: its texts, and its table of columns by name."""
    html = save_report(comparison, tmp_path / "m" / "2026-01-31").read_text(encoding="utf-8")
    page = json.loads(re.search(r'id="report-data">(.*?)</script>', html, re.DOTALL)[1])
    rows = {}

    def walk(node):
        if isinstance(node, dict):
            if "stattest_name" in node:
                rows[node["column_name"]] = node
            for item in node.values():
                walk(item)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    walk(page["dashboard"])
    return json.dumps(page["dashboard"]), rows


@pytest.fixture(scope="module")
def shifted():
    return pair(sample(1), sample(2, salary=75_000, shares=(0.3, 0.4, 0.3)))


@pytest.fixture(scope="module")
def comparison(shifted):
    return compare(shifted, watch(shifted))


def test_record_has_scipys_numbers(shifted, comparison):
    found = scores(comparison)

    for name in ("age", "salary", "clicks"):
        expected = stats.ks_2samp(shifted.reference[name], shifted.current[name])
        assert found[name].p_value == expected.pvalue
        assert found[name].statistic == found[name].distance == pytest.approx(expected.statistic, abs=1e-15)
    table = [shifted.reference["payment"].value_counts(), shifted.current["payment"].value_counts()]
    expected = stats.chi2_contingency(pd.DataFrame(table).to_numpy(), correction=False)
    assert found["payment"].p_value == pytest.approx(expected.pvalue, rel=1e-12)
    assert found["payment"].statistic == pytest.approx(expected.statistic, rel=1e-12)


def test_shifted_columns_drift_and_the_sentence_says_how(comparison):
    assert {name: score.status for name, score in scores(comparison).items()} == {
        "age": "stable",
        "salary": "drifted",
        "clicks": "stable",
        "payment": "drifted",
    }
    assert comparison.drift_share == 0.5
    assert comparison.drifted
    assert comparison.sentence() == (
        "Drift: 2 of 4 columns drifted (50%, threshold 10%). "
        "salary: mean rose from 50,275 to 74,095 (+2.3 SD of the reference); "
        'payment: "card" fell from 49.6% to 31.9% of rows.'
    )


def test_effects_are_in_units_people_know(shifted, comparison):
    salary, payment = scores(comparison)["salary"], scores(comparison)["payment"]
    reference, current = shifted.reference["salary"], shifted.current["salary"]

    assert salary.effect["mean_shift_sd"] == pytest.approx((current.mean() - reference.mean()) / reference.std())
    assert salary.effect["mean"] == pytest.approx([reference.mean(), current.mean()])
    assert salary.effect["sd"] == pytest.approx([reference.std(), current.std()])
    assert payment.effect["category"] == "card"
    assert payment.effect["shares"] == [0.496, 0.319]


def test_adjusted_p_values_are_holms(comparison):
    p_values = sorted(score.p_value for score in comparison.columns)

    adjusted = sorted(score.adjusted_p_value for score in comparison.columns)

    assert adjusted[0] == 4 * p_values[0]
    assert adjusted == sorted(adjusted)
    assert all(a >= p for a, p in zip(adjusted, p_values, strict=True))


def test_evidently_shows_the_same_flags_scores_and_share(comparison, tmp_path):
    text, rows = shown(comparison, tmp_path)

    assert comparison.evidently_error is None
    for name, score in scores(comparison).items():
        assert rows[name]["data_drift"] == ("Detected" if score.status == "drifted" else "Not Detected")
        assert rows[name]["drift_score"] == round(score.p_value, 6)
    assert list(rows) == ["salary", "payment", "age", "clicks"]
    assert rows["salary"]["stattest_name"] == "K-S p_value < 0.05 and distance >= 0.04"
    assert "Drift is detected for 50.0% of columns (2 out of 4)" in text
    assert "Dataset Drift is detected. Dataset drift detection threshold is 0.1" in text


def test_share_equal_to_the_threshold_is_no_drift_in_evidently_either(shifted, tmp_path):
    result = compare(shifted, watch(shifted), drift_share=0.5)

    text, _ = shown(result, tmp_path)

    assert not result.drifted
    assert 'Dataset Drift is NOT detected. Dataset drift detection threshold is 0.5"' in text


def test_evidently_with_our_settings_alone_gives_the_same_p_values(shifted, comparison):
    from evidently import Report
    from evidently.presets import DataDriftPreset

    columns = ["age", "salary", "clicks"]
    report = Report([DataDriftPreset(columns=columns, method="ks", threshold=0.05)])
    snapshot = report.run(shifted.current[columns], shifted.reference[columns]).dict()

    theirs = {
        m["config"]["column"]: m["value"] for m in snapshot["metrics"] if m["config"]["type"].endswith("ValueDrift")
    }
    assert theirs == {name: scores(comparison)[name].p_value for name in columns}


def test_tiny_shift_in_many_rows_is_not_called_drift(tmp_path):
    rng = np.random.default_rng(0)
    big = pair(pd.DataFrame({"x": rng.normal(size=40_000)}), pd.DataFrame({"x": rng.normal(0.05, 1, 40_000)}))

    careful = compare(big, watch(big))
    eager = compare(big, watch(big), min_distance=0)

    assert careful.columns[0].p_value == eager.columns[0].p_value < 1e-6
    assert (careful.columns[0].status, eager.columns[0].status) == ("stable", "drifted")
    assert shown(careful, tmp_path)[1]["x"]["data_drift"] == "Not Detected"
    assert shown(eager, tmp_path)[1]["x"] | {"data_drift": "Detected"} == shown(eager, tmp_path)[1]["x"]
    assert careful.notes == (
        "Evidently's pictures show at most 10,000 rows a side; "
        "scores come from all 40,000 reference and 40,000 current rows.",
    )


def test_column_that_cannot_be_tested_counts_and_is_named(shifted, tmp_path):
    result = compare(shifted, watch(shifted, "clicks"))

    text, rows = shown(result, tmp_path)
    score = scores(result)["clicks"]

    assert (score.status, score.reason, score.p_value) == ("not_testable", "mixes numbers and text", None)
    assert result.drift_share == 0.5
    assert "(2 out of 4)" in text
    assert rows["clicks"]["data_drift"] == "Not testable"
    assert rows["clicks"]["stattest_name"] == "not testable: mixes numbers and text"
    assert result.sentence().endswith("Not testable: clicks.")


def test_method_that_raises_costs_its_column_not_the_day(shifted):
    result = compare(shifted, watch(shifted), methods={"payment": "z"})

    assert scores(result)["payment"].reason == "z: compares two categories, this column has 3"
    assert scores(result)["salary"].status == "drifted"


def test_method_without_an_answer_makes_the_column_not_testable():
    flat = pair(
        pd.DataFrame({"x": [1.0] * 9, "y": np.arange(9.0)}), pd.DataFrame({"x": [1.0] * 9, "y": np.arange(9.0)})
    )

    result = compare(flat, watch(flat), num_method="t_test", methods={"y": "ks"})

    assert scores(result)["x"].reason == "t_test has no answer for these values"


def methods_by_kind():
    return [(kind, name) for kind in ("numerical", "categorical") for name in method_names(kind)]


@pytest.mark.parametrize(("kind", "name"), methods_by_kind())
def test_each_of_evidentlys_methods_tells_drift_from_none(kind, name, tmp_path):
    rng = np.random.default_rng(3)
    if kind == "numerical":
        frames = [pd.DataFrame({"x": rng.normal(m, 1, 200)}) for m in (0, 0, -2)]
    else:
        frames = [pd.DataFrame({"x": rng.permutation(["a"] * k + ["b"] * (200 - k))}) for k in (100, 100, 20)]
    reference, same, changed = frames

    answers = [
        compare(pair(reference, current), [Column("x", kind, "")], methods={"x": name}) for current in (same, changed)
    ]

    assert [answer.columns[0].status for answer in answers] == ["stable", "drifted"]
    assert [answer.columns[0].method for answer in answers] == [name, name]
    assert [shown(a, tmp_path)[1]["x"]["data_drift"] for a in answers] == ["Not Detected", "Detected"]


def test_the_methods_are_evidentlys():
    assert {"ks", "wasserstein", "psi", "jensenshannon", "kl_div", "anderson", "cramer_von_mises", "t_test", "mannw",
            "ed", "es", "hellinger", "empirical_mmd"} == set(method_names("numerical"))  # fmt: skip
    assert {"chisquare", "z", "psi", "jensenshannon", "kl_div", "hellinger", "TVD", "g_test", "fisher_exact"} == set(
        method_names("categorical")
    )


def test_distance_method_uses_evidentlys_threshold_and_no_p_value(shifted):
    found = scores(compare(shifted, watch(shifted), num_method="wasserstein", thresholds={"salary": 9.5}))
    expected = stats.wasserstein_distance(shifted.reference["age"], shifted.current["age"])

    assert found["age"].threshold == 0.1
    assert found["age"].statistic == pytest.approx(expected / shifted.reference["age"].std(ddof=0))
    assert found["age"].p_value is None
    assert found["age"].adjusted_p_value is None
    assert found["age"].distance == pytest.approx(
        stats.ks_2samp(shifted.reference["age"], shifted.current["age"]).statistic
    )
    assert (found["salary"].threshold, found["salary"].status) == (9.5, "stable")


def test_methods_that_shuffle_give_the_same_answer_and_leave_the_dice_alone(shifted):
    np.random.seed(5)
    before = np.random.get_state()[1].copy()

    few = pair(shifted.reference[["age"]].head(50), shifted.current[["age"]].head(50))
    answers = [compare(few, watch(few), num_method="empirical_mmd").columns[0].p_value for _ in range(2)]

    assert answers[0] == answers[1]
    assert (np.random.get_state()[1] == before).all()


def test_registered_tests_are_taken_out_again(comparison):
    from evidently.legacy.calculations.stattests import registry

    assert [name for name in registry._registered_stat_tests if "drift-monitor" in name] == []
    assert [test.name for test in registry._impls if "drift-monitor" in test.name] == []


def test_awkward_columns_never_lose_the_day(tmp_path):
    rng = np.random.default_rng(0)
    names = [
        HOSTILE,
        "@everyone",
        "../../x",
        "😀",
        "a\nb",
        "",
        "n" * 10_000,
        "n" * 10_000 + "2",
        "index",
        "per",
        "target",
    ]
    frame = pd.DataFrame({name: rng.normal(size=60) for name in names})
    frame["huge"] = 1e17 + rng.choice([-16, 0, 16], 60)
    frame["largest"] = rng.choice([1e308, -1e308], 60)
    frame["constant"] = 0.1
    frame["two"] = rng.choice([0.0, 1.0], 60)
    frame["gaps"] = np.where(np.arange(60) < 50, np.nan, 1.0)
    frame["infinite"] = np.where(np.arange(60) < 5, np.inf, rng.normal(size=60))
    frame["hostile levels"] = rng.choice([HOSTILE, "@here", "\u2028", "-->", ""], 60)
    frame["many"] = [f"k{i}" for i in range(60)]
    frame["numbered"] = rng.choice(["1", "2"], 60)
    both = pair(frame, frame.iloc[::-1])

    result = compare(both, watch(both), drift_share=0)

    assert result.evidently_error is None
    assert [score.name for score in result.columns] == list(frame.columns)
    assert {score.status for score in result.columns if score.name != "many"} == {"stable"}
    assert scores(result)["many"].reason == "chisquare: all 60 categories are too rare in 120 rows to be compared"
    record = result.record("m", "2026-01-31", 1.5)
    assert parse(json.loads(record.to_json()), "here") == record
    _, rows = shown(result, tmp_path)
    assert len(rows) == 20
    assert {"@everyone", "../../x", "😀", "a b", "(no name)", "index", "target", "two"} <= set(rows)
    assert rows["huge"]["stattest_name"].endswith("(drawn on ranks)")


def test_a_hundred_columns_are_compared():
    rng = np.random.default_rng(0)
    wide = [pd.DataFrame(rng.normal(size=(20, 100)), columns=[f"c{i}" for i in range(100)]) for _ in range(2)]

    result = compare(pair(*wide), watch(pair(*wide)))

    assert len(result.columns) == 100
    assert result.evidently_error is None


def test_report_that_evidently_fails_to_draw_costs_no_score(shifted, tmp_path, monkeypatch):
    from driftmonitor.analysis.drift.with_evidently import report

    def fail(*_):
        raise ZeroDivisionError(shifted.current)

    monkeypatch.setattr(report, "_report_html", fail)
    result = compare(shifted, watch(shifted))
    html = save_report(result, tmp_path / "m" / "d").read_text(encoding="utf-8")

    assert result.drift_share == 0.5
    assert re.fullmatch(r"ZeroDivisionError in line \d+ of test_drift.py", result.evidently_error)
    assert f"Evidently could not draw its report ({result.evidently_error})" in html


def test_columns_ignored_are_neither_scored_nor_counted(shifted):
    columns = [
        Column(column.name, None, "named", testable=False, ignored=True) if column.name == "age" else column
        for column in watch(shifted)
    ]

    result = compare(shifted, columns)

    assert "age" not in scores(result)
    assert result.drift_share == pytest.approx(2 / 3)


def test_column_missing_today_is_counted_but_not_tested(shifted):
    today = Data(shifted.reference, shifted.current.drop(columns="age"), 1000, 1000)
    columns = [Column("age", None, "missing in current", testable=False), *watch(shifted)[1:]]

    result = compare(today, columns, methods={"age": "psi"})

    assert scores(result)["age"].missing_share is None
    assert result.drift_share == 0.5


def test_missing_shares_are_next_to_the_test_result():
    frames = pd.DataFrame({"x": [1.0, 2, 3, None]}), pd.DataFrame({"x": [1.0, 2, None, np.inf]})

    (score,) = compare(pair(*frames), [Column("x", "numerical", "")]).columns

    assert (score.missing_share.reference, score.missing_share.current) == (0.25, 0.5)


def test_table_puts_the_strongest_evidence_first(shifted):
    table = compare(shifted, watch(shifted, "clicks")).table()

    assert list(table.index) == ["salary", "payment", "clicks", "age"]
    effect = "mean rose from 50,275 to 74,095 (+2.3 SD)"
    assert (table.status["salary"], table.effect["salary"]) == ("drifted", effect)


def test_record_carries_versions_rows_and_seconds(comparison):
    record = comparison.record("salary_shift", "2026-01-31", 3.1)

    assert record.versions["evidently"] == version("evidently")
    assert (record.rows.reference, record.rows.current_total) == (1000, 1000)
    assert (record.monitor, record.status, record.duration_seconds) == ("salary_shift", "drift", 3.1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_method": "kss"}, "num_method: there is no method 'kss'; did you mean ks?"),
        ({"num_method": "chisquare"}, "num_method: chisquare is not for numbers; choose one of: "),
        ({"cat_method": "ks"}, "cat_method: ks is not for categories; "),
        (
            {"cat_method": "abs_text_content_drift"},
            "cat_method: there is no method 'abs_text_content_drift'; choose one of",
        ),
        ({"methods": {"salery": "ks"}}, "methods.salery: no such watched column; did you mean salary?"),
        ({"methods": {"payment": "ks"}}, "methods.payment: ks is not for categories; "),
        ({"thresholds": {"nothing": 0.1}}, "thresholds.nothing: no such watched column; choose one of: age, clicks, "),
        ({"thresholds": {"age": 1.5}}, "thresholds.age is 1.5; ks needs a p-value between 0 and 1."),
        ({"thresholds": {"age": True}}, "thresholds.age is True; "),
        ({"num_method": "psi", "thresholds": {"age": 0}}, "thresholds.age is 0; psi needs a distance above 0."),
        ({"p_threshold": 0}, "p_threshold is 0; give a number above 0 and below 1, such as 0.05."),
        ({"methods": ["age"]}, "methods is ['age'] (a list); give a mapping ({name: value})."),
        ({"methods": {"age": 3}}, "methods.age is 3; give text."),
        ({"methods": {"a\nb": "ks"}}, "methods.a b: no such watched column; choose one of: "),
        ({"thresholds": 0.05}, "thresholds is 0.05; give a mapping ({name: value})."),
        ({"num_method": None}, "num_method is empty; give text."),
        ({"min_distance": float("nan")}, "min_distance is nan; give a number from 0 to 1, such as 0.04."),
        ({"drift_share": "a lot"}, "drift_share is 'a lot'; give a number from 0 to 1, such as 0.1."),
    ],
)
def test_bad_setting_gets_one_line(shifted, settings, message):
    with pytest.raises(DriftMonitorError) as caught:
        compare(shifted, watch(shifted), **settings)

    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_remarks_tell_findings_then_notes_then_why_evidently_drew_nothing(comparison):
    finding = Finding(kind="new_column", column="x", message="x: is in current, but not in the reference.")

    told = replace(comparison, quality=(finding,), notes=("A note.",), evidently_error="ValueError: too\nmany bins")

    assert told.issues() == [
        "x: is in current, but not in the reference.",
        "A note.",
        "Evidently drew no report (ValueError: too many bins).",
    ]


def test_nothing_that_can_be_tested_is_an_error(shifted):
    with pytest.raises(DriftMonitorError, match=r"no column can be tested \(age: mixes numbers and text\)"):
        compare(shifted, watch(shifted, *shifted.reference))
    with pytest.raises(DriftMonitorError, match="none is watched"):
        compare(shifted, [])


def test_importing_the_module_sends_no_telemetry():
    import os

    assert os.environ["DO_NOT_TRACK"] == "1"
