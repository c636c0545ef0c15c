"""Whether a drift harms follows from the days' small numbers alone, within the yearly budget of false alerts."""

import numpy as np
import pytest

from driftmonitor.budget.harm.pooled import between_days, newest_window, pool
from driftmonitor.budget.harm.realised import LabelledDay, Terms, judge_days, make_terms, never_as_good
from driftmonitor.budget.harm.verdict import judge_drift, judge_estimate
from driftmonitor.facts.performance import Decisive, Estimate, Harm, Loss

SD = 0.0085  # of the AUC of 1,000 rows, about
REFERENCE = Decisive(value=0.935, variance=0.0027**2, weight=4200)
TERMS = Terms(tolerated_loss=0.02)


def day(value, sd=SD, weight=420):
    return LabelledDay(Decisive(value=value, variance=sd**2, weight=weight))


def days(random, number, loss=0.0, between=0.003):
    return [day(value) for value in random.normal(0.935 - loss, (SD**2 + between**2) ** 0.5, number)]


def onsets(found):
    harmful = [each.verdict == "harmful" for each in found]
    return sum(now and not before for before, now in zip([False, *harmful], harmful, strict=False))


def test_years_without_a_change_have_no_harmful_day():
    found = judge_days(days(np.random.default_rng(1), 20 * 365), REFERENCE, TERMS)

    assert onsets(found) == 0
    assert np.mean([each.verdict == "harmless_so_far" for each in found]) > 0.95


def test_a_loss_of_exactly_what_is_tolerated_keeps_to_the_budget():
    random = np.random.default_rng(2)
    exact = REFERENCE.model_copy(update={"variance": 1e-12})

    years = [judge_days(days(random, 365, loss=0.02, between=0.0), exact, TERMS) for _ in range(20)]

    assert sum(map(onsets, years)) <= 10  # 0.5 a year


def test_a_model_that_falls_by_a_tenth_is_harmful_on_its_first_day_and_until_it_recovers():
    random = np.random.default_rng(3)
    before, bad, after = days(random, 60), days(random, 20, loss=0.1), days(random, 20)

    found = judge_days([*before, *bad, *after], REFERENCE, TERMS)

    assert [each.verdict == "harmful" for each in found[60:80]] == [True] * 20
    assert (found[60].by, found[60].days, found[60].limit) == ("day", 1, 3.345)
    assert found[60].loss == pytest.approx(0.1, abs=0.03)
    assert [each.verdict == "harmful" for each in found[82:]] == [False] * 18
    assert onsets(found) == 1


def test_a_small_loss_that_lasts_is_found_by_the_sum_over_days():
    random = np.random.default_rng(4)

    found = judge_days([*days(random, 60), *days(random, 30, loss=0.033)], REFERENCE, TERMS)

    harmful = [number for number, each in enumerate(found) if each.verdict == "harmful"]
    assert 60 <= harmful[0] < 80
    assert found[harmful[0]].by == "sum"
    assert harmful == list(range(harmful[0], 90))


def test_where_days_differ_much_a_loss_is_over_when_four_weeks_show_none():
    random = np.random.default_rng(10)
    reference_days = [each.decisive for each in days(random, 30, between=0.06)]
    calm, bad, after = (days(random, number, loss, 0.06) for number, loss in ((90, 0.0), (40, 0.2), (60, 0.0)))

    found = judge_days([*calm, *bad, *after], REFERENCE, TERMS, reference_days=reference_days)

    assert "harmful" not in {each.verdict for each in found[:90]}
    assert {each.verdict for each in found[100:130]} == {"harmful"}
    assert "harmful" not in {each.verdict for each in found[160:]}


def test_the_same_days_give_the_same_verdicts_whatever_comes_after_them():
    every = [*days(np.random.default_rng(5), 30), *days(np.random.default_rng(6), 10, loss=0.06)]

    assert judge_days(every, REFERENCE, TERMS)[:33] == judge_days(every[:33], REFERENCE, TERMS)


def test_days_without_labels_or_with_one_class_are_not_known_and_change_nothing():
    random = np.random.default_rng(7)
    before, bad = days(random, 20), days(random, 5, loss=0.1)
    gaps = [LabelledDay(None, "one_class"), LabelledDay(None, "labels_incomplete"), LabelledDay(None)]

    found = judge_days([*before, *gaps, *bad], REFERENCE, TERMS)

    assert [(each.verdict, each.unknown) for each in found[20:23]] == [
        ("not_known_yet", "one_class"), ("not_known_yet", "labels_incomplete"), ("not_known_yet", "no_labels")
    ]  # fmt: skip
    assert found[23:] == judge_days([*before, *bad], REFERENCE, TERMS)[20:]


def test_without_a_labelled_reference_nothing_is_known():
    (found,) = judge_days([day(0.8)], None, TERMS)

    assert (found.verdict, found.unknown) == ("not_known_yet", "no_reference")


def test_days_of_few_positives_are_taken_together_until_there_are_70():
    few = [day(0.93, 0.04, 10)] * 6
    window = newest_window([each.decisive for each in [*few, *few]])

    found = judge_days(few, REFERENCE, TERMS)

    assert {(each.verdict, each.unknown) for each in found} == {("not_known_yet", "few_positives")}
    assert (window.days, window.weight) == (7, 70)
    assert window.variance == pytest.approx(0.04**2 / 7)


def test_a_window_weights_days_by_their_positives_and_takes_a_variance_from_days_that_have_one():
    ten, one = Decisive(value=0.9, variance=0.01, weight=10), Decisive(value=0.5, weight=1)

    found = pool([ten, one, one])

    assert found.value == pytest.approx((9.0 + 0.5 + 0.5) / 12)
    assert found.variance == pytest.approx(0.1 / 12)  # the variance of one positive row is 0.1
    assert pool([one, one]) is None


def test_how_days_differ_beyond_chance_is_found_again():
    random = np.random.default_rng(8)
    some = [each.decisive for each in days(random, 90, between=0.01)]
    calm = [each.decisive for each in days(random, 90, between=0.0)]

    assert between_days(some, 0.02) ** 0.5 == pytest.approx(0.01, rel=0.3)
    assert between_days(calm, 0.02) ** 0.5 < 0.005
    assert between_days([], 0.02) ** 0.5 == pytest.approx(0.02)  # of the first days little is known


def test_errors_that_grow_are_a_loss_too_and_a_tenth_of_them_is_tolerated_by_default():
    reference = Decisive(value=4.0, variance=0.03**2, weight=10_000)
    terms = make_terms("regression", reference)
    assert (terms.tolerated_loss, make_terms("binary", REFERENCE)) == (pytest.approx(0.4), TERMS)

    calm = [day(value, 0.1, 1000).decisive for value in (3.9, 4.1) * 5]

    found = judge_days([day(size, 0.1, 1000) for size in (4.1, 5.2, 3.0)], reference, terms, reference_days=calm)

    assert [each.verdict for each in found] == ["harmless_so_far", "harmful", "harmless_so_far"]
    assert found[1].loss == pytest.approx(1.2)


def estimated(loss, plain=None, unknown=None, error=0.004):
    both = Loss(value=loss, error=error), Loss(value=loss if plain is None else plain, error=error)
    return Estimate(kind="binary", rows=1000, loss=both[0], plain_loss=both[1], unknown=unknown)


@pytest.mark.parametrize(
    ("estimate", "verdict", "unknown", "expects_no_loss"),
    [
        (estimated(0.05), "harmful", None, None),
        (estimated(0.025), "not_known_yet", "loss_not_excluded", None),
        (estimated(0.0), "not_known_yet", None, True),
        (estimated(0.045, plain=0.0, unknown="estimates_differ"), "not_known_yet", "estimates_differ", None),
        (estimated(0.05, plain=0.08, unknown="estimates_differ"), "harmful", None, None),
        (estimated(0.08, plain=0.0, unknown="estimates_differ"), "harmful", None, None),
        (estimated(0.02, plain=0.08, unknown="estimates_differ"), "not_known_yet", "estimates_differ", None),
        (estimated(0.05, unknown="outside_reference"), "not_known_yet", "outside_reference", None),
        (estimated(0.05, unknown="few_effective_rows"), "not_known_yet", "few_effective_rows", None),
        (None, "not_known_yet", "no_labels", None),
    ],
)
def test_an_estimate_never_says_harmless(estimate, verdict, unknown, expects_no_loss):
    found = judge_estimate(estimate, 0.02)

    assert (found.verdict, found.unknown, found.expects_no_loss) == (verdict, unknown, expects_no_loss)


def test_labels_decide_and_the_estimate_speaks_until_they_come():
    harmful, harmless = (Harm(verdict=verdict, by="window") for verdict in ("harmful", "harmless_so_far"))
    unknown = Harm(verdict="not_known_yet", unknown="one_class")

    assert judge_drift(harmless, estimated(0.0), 0.02) == harmless
    assert judge_drift(harmful, estimated(0.0), 0.02) == harmful
    assert judge_drift(harmless, estimated(0.05), 0.02).by == "estimate"
    assert judge_drift(unknown, estimated(0.0), 0.02).expects_no_loss is True
    assert judge_drift(unknown, None, 0.02) == unknown
    assert judge_drift(None, None, 0.02).unknown == "no_labels"


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([0.06] * 12, True),
        ([0.06] * 9, False),  # too few
        ([0.0] * 3 + [0.06] * 9, False),  # it was as good
        ([0.06] * 12 + [0.0] * 8, False),  # it is as good
    ],
)
def test_a_model_that_was_never_as_good_as_on_the_reference_is_told_from_one_that_fell(losses, expected):
    random = np.random.default_rng(11)
    known = [each for loss in losses for each in days(random, 1, loss)]

    assert never_as_good(known, judge_days(known, REFERENCE, TERMS), REFERENCE, TERMS) is expected
