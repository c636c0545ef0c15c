"""Every sentence of an alert is true of the rows that it was drawn from."""

import re
from itertools import islice

import numpy as np
import pytest

from benchmarks.true_words.alarms import Monitor
from benchmarks.true_words.checks import check
from benchmarks.true_words.worlds import CHANGES, DAYS
from driftmonitor.facts.earlier_days import EarlierDay
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.judgement import Cause
from driftmonitor.words.causes import Change, say_cause
from driftmonitor.words.figures import Figure

SEED = 1
ALARMS, DRAWS = 2, 4  # of each kind of change; benchmarks.true_words draws a thousand


@pytest.fixture(scope="module")
def monitor():
    return Monitor(np.random.default_rng(7), DAYS)


def alarms_of(monitor, kinds, alarms=ALARMS):
    """Return a few alarms of each kind of change, all after one history; the same ones whichever tests run before."""
    for kind in kinds:
        monitor.random = np.random.default_rng([SEED, list(CHANGES).index(kind)])
        drawn = (monitor.judge(kind) for _ in range(DRAWS * alarms))
        yield from islice(((kind, alarm) for alarm in drawn if alarm.judgement.alarm), alarms)


def test_every_sentence_is_true_of_the_rows(monitor):
    found = [
        (kind, check(alarm, cause)) for kind, alarm in alarms_of(monitor, CHANGES) for cause in alarm.judgement.causes
    ]

    assert {kind for kind, _ in found} == set(CHANGES)
    assert [(kind, each) for kind, each in found if each.wrong_direction or each.wrong_size] == []
    assert sum(each.directed for _, each in found) > 10
    assert max(len(each.words.split()) for _, each in found if each.directed) <= 20


def test_with_two_baseline_days_the_comparison_is_with_the_reference_and_says_so():
    fresh, kinds = Monitor(np.random.default_rng(8), 2), ["level", "scale of heavy tails"]

    found = [check(alarm, cause) for _, alarm in alarms_of(fresh, kinds, 1) for cause in alarm.judgement.causes]

    assert [each for each in found if each.wrong_direction or each.wrong_size] == []
    assert found
    assert all("the reference's " in each.words and "usual" not in each.words for each in found)
    assert any("percentile" in each.words for each in found)


def test_records_of_older_versions_are_judged_and_told_without_figures_that_they_do_not_have(monitor):
    class Old(Monitor):
        """The same monitor, whose earlier days are those of an older version."""

        def __init__(self):
            self.__dict__.update(monitor.__dict__)
            self.earlier = [as_of_old(day) for day in monitor.earlier]
            self.newest_earlier = {number: as_of_old(day) for number, day in monitor.newest_earlier.items()}

        def collect(self, rows):
            evidence, scores = super().collect(rows)
            return Evidence.model_validate(without_new_fields(evidence.model_dump(mode="json"))), scores

    found = [
        check(alarm, cause)
        for _, alarm in alarms_of(Old(), ["level", "spread", "category", "correlation", "missing values fall"], 1)
        for cause in alarm.judgement.causes
    ]

    assert [each for each in found if each.wrong_direction or each.wrong_size] == []
    words = " ".join(each.words for each in found)
    assert "the shares of its categories are unusual" in words
    assert "the correlation between normal and lognormal is unusual" in words
    assert "email: missing values fell from their usual" in words
    assert not re.search("(median|interquartile range) (rose|fell|is)", words)


def without_new_fields(evidence):
    """Return evidence as an older version kept it, in JSON's types."""
    for column in evidence["columns"]:
        for name in ("quartiles", "reference_quartiles", "levels"):
            column.pop(name, None)
    evidence["pairs"].pop("rows", None)
    for pair in evidence["pairs"]["strongest"]:
        pair.pop("error", None)
    return evidence


def as_of_old(day):
    kept = day.model_dump(mode="json")
    return EarlierDay.model_validate({**kept, "evidence": without_new_fields(kept["evidence"])})


def cause(change="level", window=1):
    return Cause(signal="level", window=window, columns=("amount",), value=5.0, change=change, words="")


def median(current, usual, reference):
    return Figure("median", current, usual, reference)


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("level", Change(True, median(41, 33, 35)), "median rose from its usual 33 to 41 (reference 35)"),
        ("level", Change(True, median(41, 33, 33.01)), "median rose from its usual 33 to 41"),
        ("level", Change(False, median(35, 45, 35)), "median fell from its usual 45 to 35 (reference 35)"),
        ("level", Change(True, median(41, None, 35), of_reference=True), "median rose from the reference's 35 to 41"),
        (
            "level",
            Change(True, median(2, 2, 3), exceeds=0.57),
            "values rose; they exceed usual ones in about 57% of pairs (ties count half)",
        ),
        ("level", Change(True, median(32, 33, 35), exceeds=0.49), "its values are unusual"),
        ("level", Change(True, median(33, 33, 33), exceeds=0.502), "its values are unusual"),
        ("spread", Change(False, median(12, 11, 11)), "its spread is unusual"),
        ("spread", Change(True, further=True), "values rank further from the reference's median than usual"),
        ("spread", Change(False, median(12, 11, 11), further=True), "its spread is unusual"),
        (
            "unit",
            Change(figure=median(3300, 33, 35)),
            "median is 3,300, 100 times its usual 33 (perhaps another unit; reference 35)",
        ),
        (
            "unit",
            Change(figure=median(0.33, 33, 33)),
            "median is 0.33, 1/100 of its usual 33 (perhaps another unit)",
        ),
        (
            "missing",
            Change(False, Figure("missing values", 0.05, 0.1, 0.016)),
            "missing values fell from their usual 10% to 5% of rows (reference 1.6%)",
        ),
        ("missing", Change(False, Figure("missing values", 0.1, 0.1, 0.1)), "its share of missing values is unusual"),
        (
            "category",
            Change(True, Figure('"free"', 0.55, 0.4, 0.38), level='"free"'),
            '"free" rose from its usual 40% to 55% of rows (reference 38%)',
        ),
        ("category", Change(True, Figure('"free"', 0.38, 0.4, 0.38), level='"free"'), 'the share of "free" is unusual'),
        (
            "category",
            Change(figure=Figure("rarer or new categories", 0.1, 0.0003, 0)),
            "rarer or new categories rose from their usual <0.1% to 10% of rows (reference 0%)",
        ),
        (
            "shape",
            Change(distance=Figure("distance", 0.12, 0.05, 0)),
            "its distribution changed shape (K-S distance about 0.12 from the reference, usually 0.05)",
        ),
    ],
)
def test_a_sentence_names_a_direction_only_if_signal_and_figure_agree(kind, change, words):
    assert say_cause(cause(kind), change) == f"amount: {words}"


def test_a_correlation_is_told_to_a_thousandth():
    figure = Figure("the correlation between amount and weight", -0.0004, 0.63, 0.5)
    pair = cause("correlation").model_copy(update={"signal": "pair", "columns": ("amount", "weight")})

    words = "the correlation between amount and weight fell from its usual 0.63 to 0 (reference 0.5)"
    assert say_cause(pair, Change(False, figure)) == words


def test_a_sentence_about_several_days_says_so():
    change = Change(True, Figure("daily median", 41, 33, 35))

    words = "amount: daily median rose from its usual 33 to 41, the mean of 7 days (reference 35)"
    assert say_cause(cause(window=7), change) == words
