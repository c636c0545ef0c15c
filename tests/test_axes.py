"""The axes of the pages: round numbers, first days of months, and pictures that are true to them."""

import datetime as dt

from page_samples import TODAY

from driftmonitor.facts.backtest import Backtest, DriftDay, ReplayedIncident, RuleReplay
from driftmonitor.facts.calibration import Calibration, Power, Rate, RuleResult
from driftmonitor.pipeline.pages.axes import place_days, place_numbers
from driftmonitor.pipeline.pages.calibration import make_calibration
from driftmonitor.pipeline.pages.publish_backtest import _make_rule, draw_judged


def test_numbers_are_round_and_where_they_belong():
    assert [(tick.at, tick.words) for tick in place_numbers(0.9)] == [
        (0, "0"), (22.22, "0.2"), (44.44, "0.4"), (66.67, "0.6"), (88.89, "0.8"),
    ]  # fmt: skip
    assert [tick.words for tick in place_numbers(0.3)] == ["0", "0.05", "0.1", "0.15", "0.2", "0.25", "0.3"]
    assert place_numbers(0.25)[-1] == (100, "0.25")


def test_days_begin_with_the_first_and_go_on_with_months_of_which_no_two_collide():
    year = place_days(dt.date(2025, 11, 25), TODAY)
    weeks = place_days(dt.date(2026, 11, 4), TODAY)

    assert [tick.words for tick in year] == [
        "25 Nov 2025", "1 Mar 2026", "1 May 2026", "1 Jul 2026", "1 Sep 2026",
    ]  # fmt: skip
    assert year[1].at == round(100 * (dt.date(2026, 3, 1) - dt.date(2025, 11, 25)).days / 365, 2)
    assert [tick.words for tick in weeks] == ["4 Nov 2026"]


def test_a_backtest_shows_missing_days_as_missing_and_incidents_by_name():
    days = [TODAY - dt.timedelta(back) for back in (6, 5, 4, 1, 0)]
    incident = ReplayedIncident(opened=days[1], end=days[3], columns=("salary",))
    rule = RuleReplay(rule="budget", alarms=(DriftDay(date=days[1]),), incidents=(incident,), waiting=4)
    backtest = Backtest(monitor="shop", days=tuple(days), rules=(rule,))

    shown = _make_rule(rule, backtest)

    assert draw_judged(backtest.days) == "M0 100v-12h3v12zM5 100v-12h2v12z"
    assert shown.path == "M1 100v-100h1v100z"
    assert shown.bands == [("M1 0h4v100h-4z", "19 Nov 2026 to 23 Nov 2026: salary")]
    assert shown.waiting == 6  # its fourth day with a verdict is the sixth on the axis


def test_a_calibration_has_points_where_a_shift_was_simulated_and_an_axis_of_round_shifts():
    rate = Rate(mean=0.5, low=0, high=2)
    powers = [Power(shift_sd=sd, trials=8, within={1: rate_, 7: 1, 30: 1}) for sd, rate_ in ((0.4, 0.75), (0.2, 0.25))]
    result = RuleResult(rule="budget", alarm_days=rate, onsets=rate, power=powers)
    tried = Calibration(
        monitor="shop", columns=2, reference_rows=500, current_rows=500, references=4, seed=0, rules=(result,)
    )

    shown = make_calibration(tried)

    assert shown.rows[0].path == "M50.0 75.0L100.0 25.0"
    assert shown.rows[0].points == "M50.0 75.0h0M100.0 25.0h0"
    assert [tick.words for tick in shown.ticks] == ["0", "0.1", "0.2", "0.3", "0.4"]
    without = tried.model_copy(update={"rules": (result.model_copy(update={"power": ()}),)})
    assert make_calibration(without).ticks == ()
