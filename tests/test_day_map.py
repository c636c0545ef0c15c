"""The map of a monitor's columns by day: what it shows under either rule, and what its script reads."""

import datetime as dt
import gzip
from dataclasses import replace
from types import SimpleNamespace

import pytest
from page_samples import TODAY, category, good_record, healthy_record, score, untestable
from test_trends import days_back, scored, view_of

from driftmonitor.facts.judgement import Cause, Judgement
from driftmonitor.facts.moves import DayMoves, Move
from driftmonitor.pipeline.pages import monitor_files
from driftmonitor.pipeline.pages.columns import make_histories
from driftmonitor.pipeline.pages.map_code import encode_distances, encode_levels, encode_words
from driftmonitor.pipeline.pages.segment_map import make_segment_map, say_causes
from driftmonitor.pipeline.pages.trends import make_trend


def budgeted(record, *named):
    """Return a record as the budget rule judges it, with these columns as causes."""
    causes = tuple(
        Cause(signal="level", columns=(name,), value=9, z=8, change="level", words=f"{name}: its values are unusual")
        for name in named
    )
    judgement = Judgement(
        rule="budget", false_alarms_per_year=4, alarm=bool(named), mode="pool", strangeness=8 if named else 2, limit=4,
        pool_days=182, pool_needed=182, rank=0 if named else 13, causes=causes,
    )  # fmt: skip
    return record.model_copy(update={"judgement": judgement, "status": "drift" if named else "healthy"})


def differing(back):
    """Return a day on which salary and carrier differ from the reference by their own tests."""
    columns = [score("salary"), category("carrier"), score("age", False), untestable("note")]
    return good_record(run_date=days_back(back), columns=columns)


def test_only_an_unusual_column_wears_the_warning_colour_under_the_budget_rule():
    share = make_trend(*view_of(differing(1), differing(0)))
    budget = make_trend(*view_of(budgeted(differing(1)), budgeted(differing(0), "salary")))

    assert {bars.state for bars in share.columns.levels} == {"stable", "not_testable", "drifted-3", "drifted-4"}
    assert {bars.state: bars.path for bars in budget.columns.levels} == {
        "stable": "M12 3.43h2v0.14h-2z",
        "not_testable": "M12 2.35h2v0.3h-2z",
        "differs-3": "M12 1.12h2v0.76h-2z",
        "differs-4": "M12 0.04h1v0.92h-1z",
        "unusual": "M13 0.02h1v0.96h-1z",
    }
    assert [level.words for level in budget.columns.legend] == [
        "similar", "differs as usual, distance under 0.1", "from 0.1", "from 0.25", "from 0.5", "unusual",
        "not testable",
    ]  # fmt: skip


def test_the_words_for_screen_readers_are_those_of_the_range_and_of_the_rule():
    old = [budgeted(differing(back), "salary") for back in (40, 39)]
    trend = make_trend(*view_of(*old, *(budgeted(differing(back)) for back in range(38, -1, -1))))

    assert trend.said["30"].columns == (
        "30 days. Map of 4 columns by day; none was unusual; 2 columns differed from the reference as usual."
    )
    assert trend.said["all"].columns == (
        "All. Map of 4 columns by day; salary was unusual on 2 days; 2 columns differed from the reference as usual."
    )
    assert "0 of 30 days were drift days" in trend.said["30"].chart
    assert "2 of 41 days were drift days" in trend.said["all"].chart


def test_the_page_says_what_makes_a_column_drift_or_differ():
    day = differing(0).model_copy(update={"min_distance": 0.04})

    share, budget = (make_trend(*view_of(differing(1), each)).columns.rule for each in (day, budgeted(day)))

    cut_offs = "The cut-offs are those of the last run."
    assert share == f"A column drifts on a day if p is below 0.05 and its distance is at least 0.04. {cut_offs}"
    assert budget == (
        "A column differs on a day if p is below 0.05 and its distance is at least 0.04. It is unusual if the alert "
        f"rule finds so; only that causes alerts. {cut_offs}"
    )


def test_a_row_has_its_days_for_the_script_and_in_words_without_it():
    days = [budgeted(differing(3)), budgeted(differing(1)), budgeted(differing(0), "salary")]
    row = make_trend(*view_of(*days)).columns.rows[0]

    assert (row.text, row.levels, row.distances) == ("salary", ".10f.fv", "lylyly")
    assert row.title == (
        "salary: unusual 24 Nov 2026; differed 21 Nov to 24 Nov 2026; largest distance 0.79 on 21 Nov 2026"
    )
    assert (row.distance_name, row.test, row.href) == ("K-S distance", "p < 0.05", "columns/salary/index.html")


def test_distances_are_kept_in_thousandths_and_rounded_down_so_that_none_reaches_a_cut_off_it_does_not():
    assert encode_distances([0.0399, 0.04, 1.0, 0.0, None]) == "13" + "14" + "rs" + "00" + ".."
    assert encode_levels([(0, "stable", "stable"), (2, "drifted-1", "drifted-1"), (3, "stable", "unusual")]) == "s.du"
    assert encode_words([(0, "healthy, 0%"), (1, "healthy, 0%"), (3, "drift|~, 25%")]) == "healthy, 0%~2||drift  , 25%"


def test_a_year_of_thirty_columns_with_noise_is_a_page_of_less_than_150_kb():
    def day(back):
        columns = [
            score(f"column_{i:02}", drifted=(back * 7 + i * 3) % 11 < 2).model_copy(
                update={"distance": (back * 37 + i * 101) % 97 / 500}
            )
            for i in range(30)
        ]
        return good_record(run_date=days_back(back), columns=columns)

    records = [day(back) for back in range(364, -1, -1)]
    view, _ = view_of(*records)
    histories = make_histories(mark for each in records for mark in scored(each))
    days = SimpleNamespace(histories=histories, distributions={})
    page = monitor_files._make_page(view, days, [], [], [], {})

    assert len(gzip.compress(page.encode())) < 100_000


def moved(back, *moves):
    """Return a drift day of the budget rule with what moved."""
    view, _ = view_of(budgeted(differing(back), "salary"))
    return replace(view.runs[0], moves=DayMoves(moves=moves))


def test_segments_have_a_map_of_the_days_on_which_they_were_a_cause():
    rose = Move(columns=("amount",), segment="country = DE", change="segment", rose=True)
    share = Move(columns=("country",), segment="country = DE", change="segment_share", rose=False)
    plain = Move(columns=("salary",), change="level", rose=True)
    new = Move(columns=("country",), segment="a new country", change="segment_new", rose=True)
    view, _ = view_of(budgeted(differing(3)))
    view = replace(view, runs=[*view.runs, moved(2, plain, rose, share), moved(1, rose), moved(0, new)])

    found = make_segment_map(view, days_back(3))

    assert [row.text for row in found.rows] == ["a new country", "country = DE"]
    assert found.path == "M3 0.04h1v0.92h-1zM1 1.04h2v0.92h-2z"
    assert found.rows[1].said == '{"2":"amount: level there rose","1":"amount: level there rose, share of rows fell"}'
    start, end = days_back(3).toordinal(), TODAY.toordinal() + 1
    assert found.say(start, end, "All") == (
        "All. Map of segments that were a cause of a drift day: a new country on 1 day; country = DE on 2 days."
    )
    assert found.say(start, start + 1, "1 day").endswith("none in this range.")
    assert say_causes([rose] * 5).endswith(", 2 more")


def test_a_monitor_without_segments_has_no_such_map():
    view, _ = view_of(healthy_record(run_date=TODAY - dt.timedelta(1)), healthy_record())

    assert make_segment_map(view, days_back(1)) is None


@pytest.mark.parametrize(("score", "top"), [(8, "200%"), (11, "300%"), (40, "500%+")])
def test_the_axis_of_scores_reaches_up_to_the_highest_or_says_that_bars_are_cut(score, top):
    first, last = budgeted(differing(1)), budgeted(differing(0), "salary")
    higher = last.model_copy(update={"judgement": last.judgement.model_copy(update={"strangeness": score})})
    view, _ = view_of(first, higher)

    assert make_trend(view, {}).top_words == top
