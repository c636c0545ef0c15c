"""The sentences about a run, a column and a test result."""

import datetime as dt

import pytest

from driftmonitor.facts.record import ColumnScore, Rows, RunRecord, SidePair, failed
from driftmonitor.formats import number, one_line, percent, say_day
from driftmonitor.words.verdicts import say_effect, say_test, say_verdict


def numbers(name="salary", status="drifted", shift=2.5, mean=(50_000, 75_000), sd=(10_000, 10_000), **more):
    effect = {"mean_shift_sd": shift, "mean": list(mean), "sd": list(sd)}
    values = {"distance": 0.79, "p_value": 0.0, "method": "ks", "threshold": 0.05, "statistic": 0.79} | more
    return ColumnScore(name=name, kind="numerical", status=status, effect=effect, **values)


def categories(was, now, status="drifted", category="card"):
    effect = {"category": category, "share_change": now - was, "shares": [was, now]}
    return ColumnScore(
        name="payment", kind="categorical", status=status, method="chisquare", p_value=0.03, distance=0.2, effect=effect
    )


def run(*columns, threshold=0.1):
    share = sum(column.status == "drifted" for column in columns) / len(columns)
    return RunRecord(
        monitor="m", run_date="2026-01-31", status="drift" if share > threshold else "healthy", drift_share=share,
        threshold=threshold, drifted=share > threshold, columns=columns,
        rows=Rows(reference=10, current=10, reference_total=10, current_total=10),
    )  # fmt: skip


STABLE = numbers("age", "stable", 0.0, (40, 40), (10, 10), distance=0.02, p_value=0.8)
UNTESTED = ColumnScore(name="notes", kind=None, status="not_testable", reason="every value is different")


def test_one_drifted_column_of_four_is_named_with_its_change():
    assert say_verdict(run(numbers(), STABLE, STABLE, STABLE)) == (
        "Drift: 1 of 4 columns drifted (25%, threshold 10%). "
        "salary: mean rose from 50,000 to 75,000 (+2.5 SD of the reference)."
    )


def test_healthy_run_says_its_threshold():
    assert say_verdict(run(STABLE, STABLE)) == "Healthy: 0 of 2 columns drifted (0%, threshold 10%)."


def test_monitor_that_allows_no_drift_says_so():
    assert say_verdict(run(STABLE, threshold=0)) == "Healthy: 0 of 1 column drifted (0%, threshold 0%)."
    assert say_verdict(run(numbers(), threshold=0)).startswith("Drift: 1 of 1 column drifted (100%, threshold 0%). ")


def test_drifted_column_within_the_allowed_share_is_still_named():
    sentence = say_verdict(run(numbers(), *[STABLE] * 9))

    assert sentence == (
        "Healthy: 1 of 10 columns drifted (10%, threshold 10%). "
        "salary: mean rose from 50,000 to 75,000 (+2.5 SD of the reference)."
    )


def test_column_that_could_not_be_tested_is_never_passed_over():
    assert say_verdict(run(STABLE, UNTESTED)).endswith("(0%, threshold 10%). Not testable: notes.")


def test_verdict_names_three_columns_and_counts_the_rest():
    sentence = say_verdict(run(*[numbers(f"c{i}") for i in range(5)]))

    assert "c2: mean rose from 50,000 to 75,000 (+2.5 SD of the reference); and 2 more." in sentence
    assert "c3" not in sentence


def test_failed_run_says_why():
    record = failed("m", "2026-01-31", "the kernel died\nafter 3 s.")

    assert say_verdict(record) == "Failed: the kernel died after 3 s."


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (numbers(shift=-1.0, mean=(50, 40)), "salary: mean fell from 50 to 40 (-1 SD of the reference)"),
        (
            numbers(shift=0.5, mean=(1e6 + 0.1, 1e6 + 0.3)),
            "salary: mean rose from 1,000,000.1 to 1,000,000.3 (+0.5 SD of the reference)",
        ),
        (numbers(shift=-1.0, mean=(None, None)), "salary: mean fell by 1 SD of the reference"),
        (numbers(shift=None, sd=(0, 5), mean=(5, 7.5)), "salary: mean rose from 5 to 7.5"),
        (numbers(shift=0.01, sd=(1, 1.8)), "salary: standard deviation rose from 1 to 1.8 (+80%)"),
        (numbers(shift=0.01, sd=(2, 1)), "salary: standard deviation fell from 2 to 1 (-50%)"),
        (numbers(shift=0.0, sd=(1, 40)), "salary: standard deviation rose from 1 to 40 (40 times as large)"),
        (numbers(shift=0.01, sd=(1, 1), distance=0.12), "salary: its distribution changed shape (K-S distance 0.12)"),
        (STABLE, "age: hardly changed"),
        (categories(0.5, 0.3), 'payment: "card" fell from 50% to 30% of rows'),
        (categories(0.0, 0.125, category="crypto"), 'payment: "crypto" rose from 0% to 12.5% of rows'),
        (categories(0.5, 0.5, "stable"), "payment: hardly changed"),
        (categories(0.5, 0.5), "payment: its distribution changed (total variation 0.20)"),
        (UNTESTED, "notes: not testable (every value is different)"),
        (
            numbers(shift=None, mean=(None, None), sd=(None, None)),
            "salary: its distribution changed shape (K-S distance 0.79)",
        ),
        (ColumnScore(name="x", kind="numerical", status="drifted"), "x: its distribution changed shape"),
    ],
)
def test_effect_of_one_column(score, words):
    assert say_effect(score) == words


def test_hostile_name_stays_on_one_line_and_is_cut():
    score = numbers("a\nb\x1b[31m" + "c" * 10_000)

    assert say_effect(score).startswith("a b [31mccc")
    assert len(say_effect(score)) < 130
    assert one_line("\n\t") == "(no name)"


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (numbers(), "K-S distance 0.79, p < 0.0001"),
        (categories(0.5, 0.3), "total variation 0.20, p = 0.03"),
        (
            numbers(method="psi", p_value=None, statistic=0.351, threshold=0.1),
            "K-S distance 0.79, psi 0.35 (threshold 0.1)",
        ),
        (UNTESTED, "not testable"),
    ],
)
def test_how_sure_the_test_is(score, words):
    assert say_test(score) == words


def test_numbers_are_short():
    assert [number(v) for v in (0, 0.1234, 2.54, 12.34, 123.4, 75_000, 1e12, 1e-7)] == [
        "0", "0.12", "2.5", "12.3", "123", "75,000", "1.00e+12", "1.00e-07",
    ]  # fmt: skip
    assert [percent(v) for v in (0, 0.00001, 0.1, 1 / 3, 1)] == ["0%", "less than 0.1%", "10%", "33.3%", "100%"]


def test_dates_are_written_for_people():
    assert [say_day(dt.date(2026, 11, 3)), say_day(dt.date(2026, 11, 24), year=False)] == ["3 Nov 2026", "24 Nov"]


def test_missing_share_is_no_part_of_the_effect():
    score = STABLE.model_copy(update={"missing_share": SidePair(reference=0, current=0.9)})

    assert say_effect(score) == "age: hardly changed"


def test_a_failure_that_ends_with_a_question_has_no_full_stop_after_it():
    record = failed(
        "shop", dt.date(2026, 11, 24), "params/shop.yaml: columns.salry: no such column; did you mean salary?"
    )

    assert say_verdict(record) == "Failed: params/shop.yaml: columns.salry: no such column; did you mean salary?"
