"""Data-quality issues: missing values, new categories, samples."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift.column_counts import MissingCounts, count_missing
from driftmonitor.analysis.drift.pairs import find_values
from driftmonitor.analysis.drift.quality import find_quality, missing_jumps, new_categories
from driftmonitor.analysis.drift.same_rows import find_same_rows
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.sources import Data, Snapshot
from driftmonitor.analysis.usable import Numbers, Words
from driftmonitor.facts.evidence import ColumnEvidence
from driftmonitor.facts.record import Finding

UNCHANGED = [MissingCounts(f"c{i}", 0, 1000, 0, 1000) for i in range(9)]


def texts(reference, current):
    return Pair("categorical", Words.of(reference), Words.of(current))


def data(reference, current, totals=None, findings=()):
    frames = pd.DataFrame(reference), pd.DataFrame(current)
    return Data(*frames, *(totals or map(len, frames)), findings=findings).snapshot()


def missing_of(snapshot, pair):
    sides = Sides(snapshot)
    return count_missing(sides, "age", find_values(sides, "age"), pair)


def test_jump_in_missing_values_is_a_finding_with_its_p_value():
    (finding,) = missing_jumps([MissingCounts("age", 20, 1000, 120, 1000), MissingCounts("clicks", 10, 1000, 12, 1000)])

    assert finding.kind == "missing_values"
    assert finding.column == "age"
    assert finding.message == "age: missing values rose from the reference's 2% to 12% of rows (p < 0.0001)."
    assert finding.p_value == pytest.approx(1.962e-19, rel=1e-3, abs=0)


def test_fall_of_missing_values_is_a_finding_too():
    (finding,) = missing_jumps([MissingCounts("age", 120, 1000, 20, 1000)])

    assert "fell from the reference's 12% to 2%" in finding.message


def test_change_of_less_than_a_point_is_no_finding_however_sure():
    assert missing_jumps([MissingCounts("age", 0, 100_000, 900, 100_000)]) == []
    assert len(missing_jumps([MissingCounts("age", 0, 100_000, 1000, 100_000)])) == 1


def test_jump_that_chance_explains_is_no_finding():
    assert missing_jumps([MissingCounts("age", 0, 100, 5, 100)]) == []


@pytest.mark.parametrize(("rows", "share"), [(30, 0.001), (50, 0.003), (50, 0.05)])
def test_days_of_few_rows_keep_the_nominal_rate_of_false_findings(rows, share):
    """The rate over ten columns, from every count that a day can have; before, it was 20%, 14% and 3%."""
    day = stats.binom.pmf(range(rows + 1), rows, share)
    reference = round(1000 * share)

    found = [bool(missing_jumps([MissingCounts("age", reference, 1000, k, rows), *UNCHANGED])) for k in range(rows + 1)]

    assert 1 - (1 - day @ found) ** 10 <= 0.01


def test_many_columns_are_held_to_a_stricter_level():
    one = MissingCounts("age", 10, 1000, 27, 1000)  # p = 0.007 alone

    assert len(missing_jumps([one])) == 1
    assert missing_jumps([one, *UNCHANGED]) == []


def test_missing_rows_are_those_without_a_usable_value():
    both = data({"age": [1.0, None, 3.0]}, {"age": [float("inf"), 2.0]})

    counts = missing_of(both, Pair("numerical", Numbers(np.array([1.0, 3.0])), Numbers(np.array([2.0]))))

    assert counts == MissingCounts("age", 1, 3, 1, 2)
    assert missing_of(both, None) == MissingCounts("age", 1, 3, 0, 2)
    assert missing_of(data({"age": [1.0]}, {"x": [1.0]}), None) is None


def test_new_categories_are_named_with_their_share_of_rows():
    (finding,) = new_categories("payment", texts(["card"] * 4, ["card"] * 15 + ["crypto"] * 5))

    assert finding.kind == "new_category"
    assert finding.message == 'payment: 1 new category in 25% of current rows: "crypto".'


def test_many_new_categories_are_counted_and_hostile_ones_stay_on_one_line():
    levels = ["<script>\nalert(1)</script>", *(f"k{i}" for i in range(8))]

    (finding,) = new_categories("payment", texts(["card"], levels * 6))

    assert finding.message.startswith('payment: 9 new categories in 100% of current rows: "')
    assert finding.message.endswith("and 4 more.")
    assert "\n" not in finding.message


def test_a_new_category_that_few_rows_have_is_counted_but_not_named():
    names = ["Ada Example", "Bob Example"]

    (one,) = new_categories("name", texts(["x"] * 90, ["x"] * 999 + names[:1]))
    (two,) = new_categories("name", texts(["x"] * 90, ["x"] * 962 + names * 19))
    (named,) = new_categories("name", texts(["x"] * 90, ["x"] * 979 + ["y"] * 20 + names[:1]))

    assert one.message == "name: 1 new category in 0.1% of current rows, of too few rows to name it."
    assert two.message == "name: 2 new categories in 3.8% of current rows, of too few rows to name them."
    assert named.message == 'name: 2 new categories in 2.1% of current rows: "y" and 1 more.'


def test_known_categories_and_numbers_are_no_finding():
    assert new_categories("payment", texts(["card", "cash"], ["card"])) == []
    assert new_categories("age", Pair("numerical", Numbers(np.array([1.0])), Numbers(np.array([2.0])))) == []


def test_all_issues_are_listed_together_the_sources_first():
    first, second = (Finding(kind=k, column="x", message=k) for k in ("from_source", "new_column"))
    both = data({"a": ["x", "x"]}, {"a": ["x", "y"]}, totals=(2000, 2), findings=(first,))
    new = new_categories("a", texts(["x", "x"], ["x", "y"]))

    found = find_quality(Sides(both), [Column("x", None, "", False, True, (second,))], [None], new)

    assert [finding.kind for finding in found] == ["from_source", "new_column", "new_category", "sampled"]
    assert found[-1].message == "reference: a sample of 2 of 2,000 rows was compared."


def test_a_sample_that_the_source_reports_is_not_reported_twice():
    told = Finding(kind="sampled", column=None, message="told")

    found = find_quality(Sides(data({"a": [1]}, {"a": [1]}, totals=(9, 9), findings=(told,))), [], [], [])

    assert found == (told,)


def test_a_part_of_the_reference_is_said_unless_rows_often_repeat():
    dice = np.random.default_rng(8)
    reference = pd.DataFrame({"x": dice.normal(size=500), "plan": dice.choice(["a", "b"], 500)})
    part, other = reference.sample(100, random_state=1), reference.assign(x=dice.normal(size=500)).head(100)

    def found(reference, current):
        evidence = [ColumnEvidence(name=name, reference="r", rows=(1, 1), counts=(1,)) for name in current]
        given = Snapshot(reference, current, len(reference), len(current))
        return [each.message for each in find_same_rows(Sides(given), evidence)]

    assert found(reference, part) == [
        "current: 100% of its different rows are rows of the reference too; name other data."
    ]
    assert found(reference, other) == found(reference[["plan"]], other[["plan"]]) == []
    assert found(reference, pd.concat([part[:1]] * 100)) == []
