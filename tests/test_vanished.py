"""A column that loses all its values fails a check until they are back: no test can see it."""

import numpy as np
import pandas as pd
import pytest

from driftmonitor.facts.evidence import ColumnEvidence, Evidence, Tail
from driftmonitor.facts.record import ColumnScore, SidePair
from driftmonitor.pipeline.history import open_history
from driftmonitor.words.vanished import with_vanished
from tests.jobs import Job, daily_files
from tests.samples import day

pytestmark = pytest.mark.xdist_group("vanished")
GONE = "amount has no value any more (missing in current); on 20 Nov 2026, 400 rows had one"


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """Four days by numbers and one live: amount is gone on two, then empty, and age is empty on the last."""
    folder, draw = tmp_path_factory.mktemp("vanished"), np.random.default_rng(8)

    def table(rows):
        return pd.DataFrame({"amount": draw.lognormal(3, 1, rows), "age": draw.integers(18, 80, rows)})

    table(2000).to_csv(folder / "reference.csv", index=False)
    days = {number: table(400) for number in range(20, 25)}
    days[21], days[22] = days[21].drop(columns="amount"), days[22].assign(amount=np.nan)
    days[24] = days[24].assign(age=np.nan)
    for number, frame in days.items():
        frame.to_csv(folder / f"2026-11-{number}.csv", index=False)
    job = Job(folder, share=daily_files("share"), budget=daily_files("budget"))
    assert job.run("backfill", "--from", "2026-11-20", "--to", "2026-11-23", "--pages", "none").returncode == 0
    return job, job.run("--jobs", "2")


@pytest.mark.parametrize("rule", ["share", "budget"])
def test_the_day_fails_a_check_until_the_values_are_back(job, rule):
    job, done = job
    with open_history(job.state / "history.db") as history:
        found = {
            run.run_date.day: (run.shown, [check.words for check in history.record_of(rule, run.run_date).checks])
            for run in history.runs(rule)
        }

    assert found[20] == ("healthy", [])
    assert found[21] == found[22] == ("check_failed", [GONE])
    assert found[23] == ("healthy", ["amount can be compared again"])
    empty = "age has no value any more (missing in the whole of current); on 23 Nov 2026, 400 rows had one"
    assert found[24] == ("check_failed", [empty])
    assert f"CHECK    {rule}: 1 check fails: {empty}." in done.stdout
    assert f"alert: {rule}: 1 check fails on 24 Nov 2026. {empty}" in done.stdout


def score(name, current=None, status="not_testable"):
    share = None if current is None else SidePair(reference=0.0, current=current)
    return ColumnScore(name=name, kind="numerical", status=status, missing_share=share, reason="missing in current")


def test_what_is_to_be_expected_or_comes_later_fails_nothing():
    seldom = ColumnEvidence(name="seldom", reference="r", rows=(90, 2), missing=(810, 900, 18, 20), counts=(1, 1))
    outcome = ColumnEvidence(name="outcome", reference="r", rows=(900, 20), counts=(10, 10))
    newest = day(1), Evidence(rows=20, columns=(seldom, outcome))

    def found(*columns, rows=20):
        return [check.name for check in with_vanished([], columns, rows, [newest], [], label="outcome")]

    assert found(score("seldom", 1.0), score("outcome"), score("never there")) == []
    assert found(score("seldom", 1.0), rows=200) == ["values of seldom"]  # 0.9 ** 200
    assert found(score("seldom", 0.4, "stable"), rows=200) == []


def test_a_column_that_is_only_there_on_some_days_is_not_missed():
    column = ColumnEvidence(name="promotion", reference="r", rows=(900, 20), counts=(10, 10))
    there, gone = Evidence(rows=20, columns=(column,)), Evidence(rows=20, columns=())

    def found(*earlier):
        return with_vanished([], [score("promotion")], 20, [(day(i), each) for i, each in enumerate(earlier)], [])

    assert len(found(there, there)) == 1
    assert found(there, gone, there) == []
    assert len(found(there, gone, *[there] * 28)) == 1


def test_a_column_that_is_no_longer_watched_is_not_missed():
    column = ColumnEvidence(name="age", reference="r", rows=(900, 20), counts=(10, 10))
    newest = day(1), Evidence(rows=20, columns=(column,))
    (failing,) = with_vanished([], [score("age")], 20, [newest], [])

    assert [check.holds for check in with_vanished([], [score("age")], 20, [], [failing])] == [False]
    (back,) = with_vanished([failing], [score("age", 0.5, "stable")], 20, [], [failing])
    assert (back.value, back.holds) == (10, True)
    assert with_vanished([failing], [], 20, [], [failing]) == []
    assert with_vanished([], [score("age", 0.5, "stable")], 20, [], [back]) == []


@pytest.mark.parametrize(
    ("missing", "reason", "words"),
    [
        (
            0.996,
            "3 usable values",
            "age cannot be tested any more (3 usable values); on 2 Mar 2026, 800 rows had a value",
        ),
        (
            0.0,
            "text in current",
            "age cannot be tested any more (text in current); on 2 Mar 2026, 800 rows had a value",
        ),
        (
            0.99,
            "8 usable values",
            "age cannot be tested any more (8 usable values); on 2 Mar 2026, 800 rows had a value",
        ),
    ],
)
def test_a_column_that_cannot_be_tested_any_more_fails_a_check_until_it_can(missing, reason, words):
    column = ColumnEvidence(name="age", reference="r", rows=(900, 800), missing=(0, 900, 0, 800), counts=(400, 400))
    before = [(day(1), Evidence(rows=800, columns=(column,)))]
    lost = score("age", missing).model_copy(update={"reason": reason})
    (failing,) = with_vanished([], [lost], 800, before, [])

    assert (failing.holds, failing.words) == (False, words)
    assert [check.holds for check in with_vanished([], [lost], 800, before, [failing])] == [False]
    assert [check.holds for check in with_vanished([], [score("age", 0.0, "stable")], 800, before, [failing])] == [True]
    assert with_vanished([], [score("age", 0.0)], 4, before, []) == []  # all four rows of a tiny day have a value


def test_numbers_that_are_compared_as_categories_fail_a_check_for_as_long_as_days_before_had_numbers():
    numbers = ColumnEvidence(name="age", reference="numbers", rows=(900, 800), counts=(400, 400),
                             tail=Tail(excess=(0.0, 0.0), rows=(0, 0), same=1))  # fmt: skip
    texts = ColumnEvidence(name="age", reference="texts", rows=(900, 800), counts=(10, 790))
    was, now = (Evidence(rows=800, columns=(column,)) for column in (numbers, texts))

    def found(earlier, failing=(), **more):
        dated = [(day(i), each) for i, each in enumerate(earlier)]
        return with_vanished([], [score("age", 0.0, "drifted")], 800, dated, failing, evidence=now, **more)

    (failing,) = found([was, was])
    assert failing.words == "age is compared as categories; on 2 Mar 2026 and before as numbers"
    assert [check.holds for check in found([was, was, now], [failing])] == [False]
    assert [check.holds for check in found([was, *[now] * 28], [failing])] == [True]
    assert found([was, was], named=["age"]) == found([was, now]) == found([now]) == []
