"""A file of another day with a few rows less, or one column new, is told; data that is always alike is not."""

import datetime as dt

import numpy as np
import pytest

from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.words.days_before import with_days_before
from driftmonitor.words.repeats import find_like_reference

FIRST = dt.date(2026, 11, 2)
EDGES = np.linspace(-2, 2, 49)


def describe(table):
    """Return the evidence of a day with these numbers (rows, columns)."""
    columns = []
    for name, numbers in zip("abcd", table.T, strict=True):
        counts = np.bincount(np.searchsorted(EDGES, numbers), minlength=50)
        columns.append(
            ColumnEvidence(name=name, reference="r", rows=(5000, len(numbers)), counts=tuple(counts.tolist()))
        )
    return Evidence(rows=len(table), columns=tuple(columns))


def said(*tables):
    """Return what is said of the last of days that follow each other."""
    days = [(FIRST + dt.timedelta(days=i), describe(table)) for i, table in enumerate(tables)]
    *earlier, (run_date, today) = days
    return [each.message for each in with_days_before((), today, earlier, run_date)]


@pytest.fixture
def tables():
    """Ten days of 600 rows."""
    return list(np.random.default_rng(4).normal(size=(10, 600, 4)))


def test_the_file_of_a_day_before_less_some_rows_is_told(tables):
    assert said(*tables) == []
    assert said(*tables[:9], tables[8][:-1]) == [
        "current: nearly the same data as on 10 Nov 2026 (599 rows today, 600 then); check whether it was renewed."
    ]
    assert said(*tables[:9], tables[2][20:]) == [
        "current: nearly the same data as on 4 Nov 2026 (580 rows today, 600 then); check whether it was renewed."
    ]
    assert said(*tables[:2], tables[1][:-1]) != []
    assert said(tables[0], tables[0][:-1]) == []  # it may always be so


def test_columns_that_alone_repeat_are_named(tables):
    today, old = tables[9].copy(), tables[8]
    today[:, 1] = old[:, 1]
    end = "nearly the same values as on 10 Nov 2026, although other days differ; check whether they were renewed."

    assert said(*tables[:9], today) == [f"b: {end}"]
    today[:, [0, 3]] = old[:, [0, 3]]
    assert said(*tables[:9], today) == [f"a, b, d: {end}"]


def test_the_same_customers_every_day_or_week_are_no_repetition(tables):
    for table in tables[1:]:
        table[:, 0] = tables[0][:, 0]
    for number, table in enumerate(tables[7:]):
        table[:, 1] = tables[number][:, 1]  # as on the same day a week before

    assert said(*tables) == []


def test_nearly_all_rows_of_the_reference_are_told():
    one, other = (
        ColumnEvidence(name=name, reference="r", rows=(1000, 997), counts=counts, reference_counts=known)
        for name, counts, known in (("a", (20,) * 49 + (17,), None), ("b", (50,) * 19 + (47,), (50,) * 20))
    )
    moved = other.model_copy(update={"counts": (40,) * 10 + (60,) * 9 + (57,)})

    (found,) = find_like_reference([one, other])
    assert found.message == "current: nearly the same data as the reference, so nothing can drift; name the day's data."
    assert list(find_like_reference([one, moved])) == list(find_like_reference([])) == []
