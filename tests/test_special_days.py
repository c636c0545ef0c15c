"""A public holiday, and the first or last day of a month, is compared with its like, and hides no change on others."""

import datetime as dt
import json
import re

import numpy as np
import pytest

from benchmarks.invented_days import World
from driftmonitor import DriftMonitorError
from driftmonitor.budget import anomaly, policy
from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.budget_rule import say_budget_rule
from driftmonitor.budget.judge import Judge
from driftmonitor.budget.special_days import FIRST, HOLIDAY, LAST, ORDINARY, kind_of, kinds_of
from driftmonitor.budget.windows import Windows
from driftmonitor.config.params import Monitor
from driftmonitor.config.public_holidays import public_holidays
from driftmonitor.facts.earlier_days import EarlierDays
from driftmonitor.pipeline.earlier_days import DaysInTurn, rule_of
from driftmonitor.words.judgements import say_judgement

DAYS = 300
HOLIDAYS = (20, 70, 150, 210, 260)


def date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("day", "of_germany", "of_bavaria"),
    [
        ("2026-12-25", HOLIDAY, HOLIDAY),
        ("2027-01-01", HOLIDAY, HOLIDAY),
        ("2027-01-06", ORDINARY, HOLIDAY),
        ("2026-12-01", FIRST, FIRST),
        ("2028-02-29", LAST, LAST),
        ("2027-02-28", LAST, LAST),
        ("2028-02-28", ORDINARY, ORDINARY),
        ("1900-12-25", ORDINARY, ORDINARY),  # the package knows no holidays of these years
        ("9999-12-25", ORDINARY, ORDINARY),
        ("9999-12-31", LAST, LAST),
        ("0001-01-01", FIRST, FIRST),
    ],
)
def test_a_day_is_special_by_its_date_and_the_country(day, of_germany, of_bavaria):
    assert [kind_of(place)(date(day)) for place in ("DE", "DE-BY")] == [of_germany, of_bavaria]
    assert kind_of("DE", current_days=7)(date(day)) == ORDINARY  # data of a week is of no single day


def test_a_monitor_that_runs_on_the_first_of_each_month_has_ordinary_days():
    monthly = [dt.date(2026 + i // 12, i % 12 + 1, 1) for i in range(30)]
    daily = [dt.date(2026, 4, 1) + dt.timedelta(n) for n in range(60)]

    assert set(kinds_of(monthly, "")) == {ORDINARY}
    assert kinds_of(daily, "DE").count(HOLIDAY) == 5


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("XX", r"no such country; did you mean [A-Z]{2}\?"),
        ("de", r"no such country; did you mean DE\?"),
        ("Germny", r"no such country; did you mean DE\?"),
        ("Absurdistan", r"no such country; use two letters, such as DE\."),
        ("DE-BX", r"no such part of DE; did you mean DE-[A-Z]{2}\?"),
        ("DE-Wales", r"no such part of DE; choose one of: BB, BE, BW, .*"),
        ("DE-", r"no such part of DE; choose one of: BB, BE, BW, .*"),
        ("MC-1", r"no parts of MC are known; use MC\."),
    ],
)
def test_an_unknown_place_is_refused_with_the_nearest_that_is_known(place, problem):
    with pytest.raises(DriftMonitorError) as caught:
        public_holidays(place)

    assert re.fullmatch(re.escape(f"holidays {place!r}: ") + problem, str(caught.value))


def test_windows_pass_over_special_days_but_not_over_days_without_a_run():
    days = np.array([0, 1, 2, 4, 5, 6, 7, 8, 9, 10])  # no run on day 3
    special = np.isin(days, [5, 7])

    windows = Windows(days, special=special)

    assert [[days[place] if place >= 0 else None for place in members] for members in windows.members[-3:]] == [
        [6, 4, None, 2, 1, 0], [8, 6, 4, None, 2, 1], [9, 8, 6, 4, None, 2]
    ]  # fmt: skip
    assert windows.members[6].tolist() == windows.members[7].tolist()  # a special day and the ordinary one after it
    assert Windows(days[:0], special=special[:0]).members.shape == (0, 6)


def story(holiday=6.0, last=0.0):
    """Return the signals of days of which five are holidays, and their kinds; the last day is one if `last` is not."""
    random = np.random.default_rng(3)
    values, kinds = random.normal(size=(DAYS, 6)), np.zeros(DAYS, dtype=int)
    kinds[[*HOLIDAYS]] = HOLIDAY
    values[[*HOLIDAYS], 0] = holiday * random.uniform(0.8, 1.1, len(HOLIDAYS))
    values[-1, 0] = last
    return values, kinds


def judge(values, kinds, kind):
    known = np.zeros(DAYS - 1, dtype=bool), np.full(DAYS - 1, "")
    past = anomaly.Candidates(values[:-1], np.arange(DAYS - 1), *known, kinds[:-1], kind)
    return anomaly.judge_day(values[-1], DAYS - 1, past, Terms(4))


def test_a_holiday_like_those_before_it_is_no_drift_day_and_one_further_off_is():
    alike, further, ordinary = (
        judge(*story(last=last), kind) for last, kind in ((6.5, HOLIDAY), (9.0, HOLIDAY), (6.5, ORDINARY))
    )

    assert [alike.drift, further.drift, ordinary.drift] == [False, True, True]
    assert alike.alike.tolist() == [70, 150, 210, 260]  # those of the time of the baseline
    assert len(alike.baseline_days) == 219 and not set(HOLIDAYS) & set(alike.baseline_days.tolist())
    assert alike.compared_scores[-4:].min() > ordinary.threshold


def test_holidays_do_not_hide_a_smaller_change_on_another_day():
    values, kinds = story(last=4.5)

    known, unknown = judge(values, kinds, ORDINARY), judge(values, np.zeros(DAYS, dtype=int), ORDINARY)

    assert (known.drift, unknown.drift) == (True, False)


def test_a_first_of_the_month_is_not_compared_with_holidays():
    values, kinds = story(last=6.5)

    assert judge(values, kinds, FIRST).drift
    assert judge(values, kinds, FIRST).alike.tolist() == []


def test_in_a_warm_up_a_holiday_is_known_from_the_second_on():
    random = np.random.default_rng(5)
    values, kinds = random.normal(0, 0.5, (120, 4)), np.zeros(120, dtype=int)
    kinds[[40, 80]], values[[40, 80], 1] = HOLIDAY, [14.0, 15.0]
    values[100, 1] = 15.0

    series = anomaly.judge_days(values, np.arange(120), Terms(4), kinds=kinds)

    assert np.flatnonzero(series.drift).tolist() == [40, 100]


def test_more_days_are_collected_so_that_the_baseline_is_full_without_special_ones():
    last, told = dt.date(2026, 6, 1), [(dt.date(2026, 6, 1) - dt.timedelta(n), "", False) for n in range(1, 500)]

    found = list(policy.newest_that_count(told, lambda day: day, last, 4, kind_of("DE")))

    assert len(found) == 219 + 42 + 6 + 13 + 26  # those of two weeks, and special ones
    assert found == told[: len(found)]


def test_the_setting_reaches_each_road_to_a_verdict_and_the_words_say_what_was_compared(tmp_path):
    monitor = Monitor("shop", tmp_path / "shop.yaml", {"holidays": "DE"})
    invented = World(columns=2, seed=1)
    calm = [invented.record(date("2026-10-05") + dt.timedelta(n)) for n in range(90)]
    shifted = {date("2026-12-25"): 2.0, date("2026-12-26"): 2.0, date("2027-01-01"): 2.0}
    records = [invented.record(each.run_date, shifted.get(each.run_date, 0.0)) for each in calm]

    turn = DaysInTurn(monitor, json.loads(json.dumps(rule_of(monitor))))
    of_runner = {record.run_date: turn.judge(record).judgement for record in records}
    plain = Judge(EarlierDays(rule="share"))
    without = {record.run_date: plain.judge(record).judgement for record in records}

    christmas, new_year = of_runner[date("2026-12-25")], of_runner[date("2027-01-01")]
    assert (christmas.special, christmas.special_days, christmas.alarm) == ("holiday", 0, True)
    assert "As a public holiday, it has no earlier one yet." in say_judgement(christmas)
    assert (without[date("2026-12-25")].special, without[date("2027-01-01")].special) == (None, "first")
    december = of_runner[date("2026-12-01")]
    assert "As the first day of a month, it is also compared with 1 earlier one." in say_judgement(december)
    assert new_year.special == "holiday"
    assert "Public holidays (DE) are compared with earlier ones." in say_budget_rule(4, None, "DE")
