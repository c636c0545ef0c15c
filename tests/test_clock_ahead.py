"""A clock that was ahead once, or a date typed wrong, silences no monitor and shortens no history."""

import datetime as dt

import pytest

from driftmonitor.config.settings import RetrainSettings
from driftmonitor.pipeline.alerts import delivery
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.alerts.state import overdue_days
from driftmonitor.pipeline.channels import Unavailable
from driftmonitor.pipeline.clock import latest_day
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.history.merge import merge_files
from driftmonitor.pipeline.retention import prune
from tests.page_samples import healthy_record
from tests.samples import NOW, day, make_record
from tests.test_outbox import Clock, Recorder, deliver, deliver_for_weeks, record

AHEAD = NOW.replace(year=2030)
IN_2030 = make_record((AHEAD - NOW).days, "drift")


def at(moment: dt.datetime) -> Clock:
    clock = Clock()
    clock.time = moment
    return clock


def test_a_lease_of_a_clock_that_was_ahead_holds_up_no_message(place):
    channel = Recorder()
    with open_history(place) as history:
        record(history, 0, "drift")
        history.outbox.queue_new_events(["recorder"], AHEAD, 9999, lambda *_: True)
        history.outbox.lease(["recorder"], AHEAD, delivery.LEASE_SECONDS)

        deliver(history, channel)

    assert channel.told == ["01:drift_started"]


def test_a_retry_that_a_clock_ahead_put_off_takes_place(place):
    channel, clock = Recorder(Unavailable("down", 9000.0)), at(AHEAD)
    with open_history(place) as history:
        record(history, 0, "drift", now=AHEAD)
        deliver(history, channel, clock=clock)
        record(history, 1, "healthy", now=AHEAD)

        deliver(history, channel)

    assert channel.told == ["01:drift_started", "02:drift_ended"]


@pytest.mark.parametrize("hours_ahead", [0.5, 3, 20, 24, 400, 24 * 365])
def test_a_message_that_was_never_tried_waits_for_no_clock(history, hours_ahead):
    channel, later = Recorder(), NOW + dt.timedelta(hours=hours_ahead)
    record(history, 0, "drift", now=later)
    history.outbox.queue_new_events(["recorder"], later, 2, lambda *_: True)

    assert len(deliver(history, channel).sent) == 1


def test_a_clock_that_differs_by_minutes_takes_over_no_lease(history):
    record(history, 0, "drift")
    slightly_ahead = NOW + dt.timedelta(minutes=5)
    history.outbox.queue_new_events(["recorder"], slightly_ahead, 2, lambda *_: True)
    history.outbox.lease(["recorder"], slightly_ahead, delivery.LEASE_SECONDS)

    assert history.outbox.lease(["recorder"], NOW, delivery.LEASE_SECONDS) is None


def test_a_message_that_a_clock_ahead_created_is_given_up_at_last(history):
    channel, clock = Recorder(*[Unavailable("500", 25.0)] * 10_000), Clock()
    record(history, 0, "drift", now=AHEAD)
    history.outbox.queue_new_events(["recorder"], AHEAD, 2, lambda *_: True)

    assert "given up after" in deliver_for_weeks(history, channel, clock).refused[0].reason


def test_a_clock_that_is_set_back_during_a_delivery_does_not_prolong_it(history):
    channel, clock = Recorder(*[Unavailable("down")] * 100), at(AHEAD)
    record(history, 0, "drift", now=AHEAD)

    def send(message, environ, receipt=None):
        clock.time = NOW
        return Recorder.send(channel, message, environ, receipt)

    channel.send = send
    report = deliver(history, channel, clock=clock)

    assert len(report.retry_later) == 1
    assert clock.time - NOW <= dt.timedelta(seconds=delivery.LIMIT_SECONDS)


@pytest.fixture
def history(tmp_path):
    with open_history(tmp_path / "history.db") as opened:
        yield opened


@pytest.fixture
def after_2030(place):
    """A history in which a clock that was ahead recorded a drift day of 2030 and told people; now it is March 2026."""
    with open_history(place, until=latest_day(AHEAD)) as ahead:
        ahead.record(IN_2030, planner(title="Pay"), AHEAD)
        told = Recorder(name="aws_lambda", purpose="retrain")
        retrain = {"pay": RetrainSettings(aws_lambda="retrain", cooldown_days=7)}
        deliver(ahead, Recorder(), told, clock=at(AHEAD), context=delivery.Context(retrain=retrain))
        assert len(told.messages) == 1
    with open_history(place, until=latest_day(NOW)) as opened:
        yield opened


def test_a_run_of_2030_withholds_no_alert_and_is_no_monitor_s_newest(after_2030):
    channel = Recorder()
    for number, status in enumerate(["drift", "healthy", "drift"]):
        after_2030.record(make_record(number - 2, status), planner(title="Pay"), NOW)

    deliver(after_2030, channel)

    assert [message.kind for message in channel.messages] == ["drift_started", "drift_ended", "drift_started"]
    assert not any(message.changed_by for message in channel.messages)
    assert [run.run_date for run in after_2030.runs("pay")] == [day(-2), day(-1), day(0)]
    assert {score.run_date.year for score in after_2030.scores(day(-9))} == {2026}
    assert {told.run_date.year for told in after_2030.messages("pay")} == {2026}
    assert after_2030.recorded_days() == {"pay": {day(-2), day(-1), day(0), IN_2030.run_date}}


def test_a_retraining_of_2030_starts_no_cooldown(after_2030):
    channel = Recorder(name="aws_lambda", purpose="retrain")
    retrain = {"pay": RetrainSettings(aws_lambda="retrain", cooldown_days=7)}
    after_2030.record(make_record(0, "drift"), planner(), NOW)

    deliver(after_2030, Recorder(), channel, context=delivery.Context(retrain=retrain))

    assert [message.run_date for message in channel.messages] == [day(0)]


def test_a_message_about_2030_that_was_not_sent_waits_and_holds_up_no_other(place):
    channel = Recorder()
    with open_history(place, until=latest_day(AHEAD)) as ahead:
        ahead.record(IN_2030, planner(), AHEAD)
    with open_history(place, until=latest_day(NOW)) as history:
        history.record(make_record(0, "drift"), planner(), NOW)
        deliver(history, channel)

    assert [message.run_date for message in channel.messages] == [day(0)]


def test_a_run_recorded_for_a_day_to_come_causes_no_message(place):
    channel = Recorder()
    with open_history(place, until=latest_day(NOW)) as history:
        history.record(IN_2030, planner(), NOW)
        deliver(history, channel)
        assert history.has_run("pay", IN_2030.run_date)
    with open_history(place, until=latest_day(AHEAD)) as history:
        deliver(history, channel, clock=at(AHEAD))
        assert [run.status for run in history.runs("pay")] == ["drift"]

    assert channel.messages == []


def test_reports_are_not_removed_because_a_run_of_2030_makes_them_look_old(world):
    world.run(healthy_record(), replace_day(healthy_record(), dt.date(2030, 1, 1)))
    world.history.close()
    world.history = open_history(world.root / "state/history.db", until=dt.date(2026, 11, 25))

    assert prune(world.history, world.reports, {"salary": 2}) == []


def replace_day(record, run_date):
    return record.model_copy(update={"run_date": run_date})


def test_a_run_recorded_by_a_clock_ahead_is_overdue_when_the_next_one_is_missing(place):
    with open_history(place, until=latest_day(NOW)) as history:
        history.record(make_record(-9, "healthy"), None, AHEAD)
        (run,) = history.runs("pay")

    assert f"{run.recorded_at:%F %T}" == "2026-02-20 23:59:59"
    assert overdue_days(run, NOW) == 8


def test_of_two_recordings_that_of_the_clock_ahead_is_not_the_later_one(tmp_path):
    for name, status, moment in [("ours", "drift", AHEAD), ("theirs", "healthy", NOW)]:
        with open_history(tmp_path / name / "history.db") as history:
            history.record(make_record(0, status), None, moment)

    merge_files(tmp_path / "ours/history.db", tmp_path / "theirs/history.db", NOW + dt.timedelta(days=1))

    with open_history(tmp_path / "ours/history.db") as history:
        assert [run.status for run in history.runs("pay")] == ["healthy"]


@pytest.mark.parametrize(
    ("now", "latest"), [("2026-03-01T09:59", "2026-03-01"), ("2026-03-01T10:00", "2026-03-02")]
)  # Kiritimati is 14 hours ahead of UTC
def test_a_day_has_come_where_it_begins_first(now, latest):
    assert f"{latest_day(dt.datetime.fromisoformat(now + '+00:00'))}" == latest
