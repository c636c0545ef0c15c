import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from page_samples import TODAY, category, failed_record, good_record, healthy_record, score, untestable

from driftmonitor.facts.judgement import Judgement
from driftmonitor.pipeline.alerts.delivery import CONSOLE
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages.anomaly import make_gauge
from driftmonitor.pipeline.pages.changes import say_change
from driftmonitor.pipeline.pages.charts import choose_axis_top, draw_bars, draw_blocks, draw_line
from driftmonitor.pipeline.pages.columns import (
    ColumnHistory,
    grade_drift,
    list_stretches,
    make_histories,
    make_rows,
    say_drifted,
    say_p,
)
from driftmonitor.pipeline.pages.incidents import make_incidents
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.trends import make_ranges, make_trend
from driftmonitor.words.verdicts import say_verdict


def days_back(back):
    return TODAY - dt.timedelta(back)


def scored(record):
    """Return the history's marks of a record."""
    return [(record.run_date, s.name, s.status, s.distance) for s in record.columns]


def view_of(*records):
    """Return the view of records, and the columns' histories."""
    good = [record for record in records if record.status != "failed"]
    runs = [Run.of(record) for record in records]
    view = MonitorView("salary", "Salary", runs, good[-1] if good else None, last_day=TODAY)
    return view, make_histories([one for record in good for one in scored(record)])


def message(event, day, channel="discord", state="sent", holds=True, mute="", error=None):
    sent_at = dt.datetime.combine(day, dt.time(9, 6), dt.UTC) if state == "sent" else None
    return SimpleNamespace(
        run_date=day, event=event, channel=channel, state=state, holds=holds, mute=mute, sent_at=sent_at,
        last_error=error,
    )  # fmt: skip


def test_the_first_run_has_nothing_to_compare_with():
    assert say_change([Run.of(good_record())]) == "First run: there is no earlier run to compare it with."


def test_columns_that_start_or_stop_drifting_are_named():
    before = Run.of(good_record(run_date=days_back(1), columns=[score("age"), score("salary"), score("x", False)]))
    now = Run.of(good_record(columns=[score("clicks"), score("salary"), score("x", False)]))

    words = "Compared with 23 Nov 2026: clicks now drifts; age no longer drifts."
    assert say_change([before, now]) == words


def test_a_failed_day_between_is_passed_over_and_a_failed_last_day_says_nothing():
    good = [Run.of(healthy_record(run_date=days_back(2))), Run.of(failed_record(run_date=days_back(1)))]

    assert say_change([*good, Run.of(healthy_record())]) == ("Compared with 22 Nov 2026: still no column drifts.")
    assert say_change(good) == ""


def test_no_trend_before_the_second_run_that_compared():
    assert make_trend(*view_of(good_record())) is None
    assert make_trend(*view_of(failed_record(run_date=days_back(1)), good_record())) is None
    assert make_trend(*view_of(good_record(run_date=days_back(1)), good_record())) is not None


def test_a_short_history_has_one_range_and_a_long_one_four():
    assert [(r.key, r.days) for r in make_ranges(days_back(13), TODAY)] == [("all", 14)]
    assert [(r.key, r.start, r.days, r.shown_first) for r in make_ranges(days_back(499), TODAY)] == [
        ("30", 470, 30, False), ("90", 410, 90, True), ("365", 135, 365, False), ("all", 0, 500, False),
    ]  # fmt: skip


def test_a_trend_shows_shares_threshold_incident_and_blocks():
    view, histories = view_of(
        *(healthy_record(run_date=days_back(back)) for back in range(13, 2, -1)),
        good_record(run_date=days_back(2)), failed_record(run_date=days_back(1)), good_record(),
    )  # fmt: skip

    trend = make_trend(view, histories)

    assert trend.top_words == "50%" and trend.threshold == 80.0
    assert {each.state: each.path for each in trend.bars} == {
        "healthy": "M0 100v-3h11v3z",
        "drift": "M11 100v-66.7h1v66.7zM13 100v-66.7h1v66.7z",
        "failed": "M12 100v-8h1v8z",
    }  # fmt: skip
    assert trend.incidents == "M11 0h3v100h-3z"
    assert [name.text for name in trend.columns.rows] == ["salary", "age", "clicks"]
    assert trend.ribbons == "M11 0h3v4h-3z"
    assert [(name.drifted, name.peak) for name in trend.columns.rows] == [
        ("22 Nov to 24 Nov 2026", "0.79 on 22 Nov 2026"), ("", ""), ("", ""),
    ]  # fmt: skip
    assert trend.columns.levels[-1].state == "drifted-4"
    assert trend.columns.levels[-1].path == "M11 0.04h1v0.92h-1zM13 0.04h1v0.92h-1z"
    assert "highest 33.3%, on 22 Nov 2026; threshold 10%. 2 of 13 days were drift days" in trend.said["all"].chart


def test_the_trend_of_a_warm_up_shows_the_scores_as_they_are_and_the_figure_says_until_when():
    def early(back, strangeness):
        judgement = Judgement(
            rule="budget", false_alarms_per_year=4, alarm=False, mode="early", strangeness=strangeness,
            pool_days=28, pool_needed=219, p=0.3, signals=1,
        )  # fmt: skip
        return healthy_record(run_date=days_back(back)).model_copy(update={"judgement": judgement})

    view, histories = view_of(early(1, 2.5), early(0, 4.8))
    trend, gauge = make_trend(view, histories), make_gauge(view.last_success)

    assert (trend.label, trend.top_words) == ("Anomaly score by day (warm-up: no threshold yet)", "5")
    assert (trend.threshold, trend.threshold_words) == (None, "")
    assert trend.said["all"].chart.startswith("All. Anomaly score by day (warm-up: no threshold yet): highest 4.8, on ")
    assert [bars.state for bars in trend.bars] == ["none"]
    words = "baseline days collected (warm-up); until about 3 Jun 2027, only large changes raise an alert"
    assert (gauge.number, gauge.words, gauge.threshold) == ("28 of 219", words, None)
    assert gauge.scale_words == "this day: not clearly unusual: by chance alone, about 1 day in 3 differs as much"


def test_the_figure_of_the_budget_rule_counts_the_days_below_and_says_when_it_alerts():
    def figure(rank, alarm=False):
        judgement = Judgement(
            rule="budget", false_alarms_per_year=4, alarm=alarm, mode="pool", strangeness=3, limit=4, pool_days=182,
            pool_needed=182, rank=rank,
        )  # fmt: skip
        record = healthy_record().model_copy(update={"judgement": judgement, "status": "drift" if alarm else "healthy"})
        return make_gauge(record)[:2], say_verdict(record)

    less = "baseline days were less unusual"
    assert figure(13) == (
        ("169 of 182", f"{less}; an alert needs all of them"),
        "Healthy: more unusual than 169 of its 182 baseline days; an alert needs all of them "
        "(budget: 4 false alarms a year).",
    )
    assert figure(0, alarm=True) == (
        ("All 182", f"{less} than this day"),
        "Drift: more unusual than any of its 182 baseline days (budget: 4 false alarms a year).",
    )
    assert figure(0)[0] == ("All 182", f"{less}, but the score is below the threshold")
    assert figure(182)[1].startswith("Healthy: no more unusual than any of its 182 baseline days (budget")


def test_after_a_change_of_rule_columns_are_not_compared_with_those_that_another_rule_named():
    before = Run.of(good_record(run_date=days_back(1)))
    now = replace(Run.of(healthy_record()), rule="budget", strangeness=2.0, strangeness_limit=4.0)

    words = "the budget rule decides now, so their columns are not compared"
    assert say_change([before, now]) == f"Compared with 23 Nov 2026: {words}."


def test_a_column_that_is_gone_keeps_its_row_while_it_had_drifted():
    old = good_record(run_date=days_back(1), columns=[score("left"), score("salary", False)])
    view, histories = view_of(old, good_record(columns=[score("salary", False)]))

    assert [(name.text, name.row) for name in make_trend(view, histories).columns.rows] == [
        ("left", None),
        ("salary", 0),
    ]


def test_the_stretches_before_those_that_are_listed_are_counted():
    days = [good_record(run_date=days_back(back), columns=[score("age", back % 2 == 0)]) for back in range(27, -1, -1)]

    one, two = (make_trend(*view_of(*days[first:])).columns.rows[0].drifted for first in (3, 0))

    assert one.startswith("24 Nov 2026, 22 Nov 2026, ") and one.endswith(", and 1 earlier time")
    assert two.endswith(", and 2 earlier times")


def test_three_hundred_columns_show_the_last_drifted_and_count_the_rest():
    columns = [score(f"c{i:03}", drifted=i >= 295) for i in range(300)]
    view, histories = view_of(good_record(run_date=days_back(1), columns=columns), good_record(columns=columns))

    trend = make_trend(view, histories)

    assert [name.text for name in trend.columns.rows[:5]] == ["c295", "c296", "c297", "c298", "c299"]
    assert (len(trend.columns.rows), trend.columns.hidden) == (40, 260)


def test_the_level_grows_with_the_distance():
    def of(status, distance):
        return status if status != "drifted" else grade_drift(distance)

    assert [of("drifted", d) for d in (0.05, 0.1, 0.3, 0.9, None)] == [
        "drifted-1", "drifted-2", "drifted-3", "drifted-4", "drifted-2",
    ]  # fmt: skip
    assert [of("stable", 0.9), of("not_testable", None)] == ["stable", "not_testable"]


def test_a_column_has_drifted_since_the_first_of_its_drifted_days_in_a_row():
    drifted = [good_record(run_date=days_back(back)) for back in (5, 3, 2)]
    records = [drifted[0], healthy_record(run_date=days_back(4)), *drifted[1:], failed_record(run_date=days_back(1))]
    view, histories = view_of(*records, good_record())
    days = view.successful_days

    assert say_drifted(histories["salary"], days) == (days_back(3), "since 21 Nov 2026")
    assert say_drifted(histories["age"], days) == (None, "never")
    assert say_drifted(histories["salary"], [*days, TODAY + dt.timedelta(1)]) == (TODAY, "last on 24 Nov 2026")


def test_a_row_of_the_table_gives_result_start_and_number_of_days():
    view, histories = view_of(
        good_record(run_date=days_back(1)), good_record(columns=[score(), category("c\x00", False)])
    )

    first, second = make_rows(view, histories)

    assert (first.column.name, first.distance_words, first.p_words) == ("salary", "0.79", "< 0.0001")
    assert (first.since_words, first.days) == ("since 23 Nov 2026", 2)
    assert second.since_words == "never"


def test_a_method_without_a_p_value_shows_its_own_score():
    psi = score().model_copy(update={"p_value": None, "method": "psi", "statistic": 0.31, "threshold": 0.1})

    assert say_p(psi) == "psi 0.31 (threshold 0.1)"
    assert say_p(untestable()) == "–"


def test_an_incident_says_what_was_sent_and_what_was_refused():
    view, _ = view_of(
        healthy_record(run_date=days_back(3)), good_record(run_date=days_back(2)), good_record(run_date=days_back(1)),
        healthy_record(),
    )  # fmt: skip
    messages = [
        message("drift_started", days_back(2)), message("drift_started", days_back(2), "slack"),
        message("drift_started", days_back(2), "github_issue", "dead", error="404: no such repository"),
        message("drift_started", days_back(2), "aws_lambda", "skipped", error="in cooldown"),
        message("drift_ended", TODAY, None, None), message("run_failed", days_back(2)),
    ]  # fmt: skip

    (incident,) = make_incidents(view, messages)

    assert (incident.when, incident.length, incident.peak) == (
        "22 Nov 2026 until 24 Nov 2026", "2 days", "peak 33.3%",
    )  # fmt: skip
    assert incident.messages == [
        "Drift started (22 Nov 2026): sent to discord and slack at 09:06 UTC on 22 Nov 2026; "
        "refused by github_issue: 404: no such repository; skipped for aws_lambda: in cooldown",
        "Drift ended (24 Nov 2026): pending when this page was built",
    ]


def test_without_a_channel_an_incident_says_that_its_message_was_printed():
    view, _ = view_of(good_record())

    (incident,) = make_incidents(view, [message("drift_started", TODAY, CONSOLE)])

    words = "printed on the console at 09:06 UTC on 24 Nov 2026, because no alert channel was set"
    assert incident.messages == [f"Drift started (24 Nov 2026): {words}"]


def test_a_message_that_was_corrected_says_so():
    view, _ = view_of(good_record())

    (incident,) = make_incidents(view, [message("drift_started", TODAY, holds=False)])

    assert incident.messages[0].endswith("(corrected: the day was run again)")


def test_failed_runs_are_an_incident_with_their_error():
    view, _ = view_of(failed_record(run_date=days_back(1)), failed_record())

    (incident,) = make_incidents(view, [])

    assert (incident.state, incident.length) == ("failed", "2 days so far")
    assert incident.what == "ValueError: salary: no rows"


def test_an_axis_ends_above_the_threshold_and_the_peak():
    assert [choose_axis_top(peak, 0.1) for peak in (0.0, 0.15, 0.31, 1.0)] == [0.2, 0.2, 0.5, 1.0]
    assert choose_axis_top(0.0, 0.0) == 0.1
    assert choose_axis_top(0.0, 1.0) == 1.0


def test_a_column_drifted_in_stretches_that_a_failed_day_does_not_end():
    days = [days_back(back) for back in (9, 8, 6, 5, 4)]  # the run of 7 days ago failed

    stretches = list_stretches([days_back(back) for back in (8, 6, 4)], days)

    assert stretches == [(days_back(4), days_back(4)), (days_back(8), days_back(6))]


def test_equal_neighbours_are_one_bar():
    shares = {0: ("healthy", 0.0), 1: ("healthy", 0.0), 2: ("drift", 0.5), 4: ("healthy", 0.0)}

    assert [each.path for each in draw_bars(shares, 0.5)] == ["M0 100v-3h2v3zM4 100v-3h1v3z", "M2 100v-100h1v100z"]


@given(st.sets(st.integers(0, 400)))
def test_the_blocks_of_a_row_cover_its_days_once(days):
    history = ColumnHistory("salary")
    for day in sorted(days):
        history.add("stable", day)
    path = draw_blocks({0: [(block.start, block.end - block.start) for block in history.blocks]}, 0.1, 0.8)

    covered = []
    for piece in filter(None, path.split("M")):
        start, width = piece.split(" ")[0], piece.split("h")[1].split("v")[0]
        covered += range(int(start), int(start) + int(width))
    assert covered == sorted(days)


def test_a_line_bridges_days_without_a_value():
    assert draw_line([0.0, None, 0.2, 0.2], 0.2) == "M0 22h.1L2 2H3"
    assert draw_line([None, None], 0.2) == ""
