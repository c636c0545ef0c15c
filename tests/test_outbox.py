"""Each pending message reaches each channel once and in order, however often channels and processes fail."""

import datetime as dt
import random
from collections import Counter

import pytest

from driftmonitor.config.settings import RetrainSettings
from driftmonitor.pipeline.alerts import delivery
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.channels import Refused, Unavailable
from driftmonitor.pipeline.history import open_history
from tests import work
from tests.processes import run_and_kill, run_together, some_time
from tests.samples import NOW, day, make_record


class Clock:
    """A clock that sleeping turns."""

    def __init__(self) -> None:
        self.time, self.slept = NOW, []

    def now(self) -> dt.datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += dt.timedelta(seconds=seconds)

    def jitter(self) -> float:
        return 1.0


class Recorder:
    """A channel that notes what it is given; `answers` are raised one after the other, None accepts."""

    def __init__(self, *answers, name: str = "recorder", purpose: str = "alert", on: bool = True) -> None:
        self.NAME, self.PURPOSE, self.on = name, purpose, on
        self.answers, self.messages, self.receipts = list(answers), [], []

    def configured(self, environ) -> bool:
        return self.on

    def send(self, message, environ, receipt=None):
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.messages.append(message)
        self.receipts.append(receipt)
        return f"receipt-{len(self.messages)}"

    @property
    def told(self) -> list[str]:
        return [message.event_id.removeprefix("pay:2026-03-") for message in self.messages]


def deliver(history, *channels, clock=None, context=None, **options) -> delivery.DeliveryReport:
    return delivery.deliver(history, channels, context or delivery.Context(), clock or Clock(), **options)


def deliver_for_weeks(history, channel, clock) -> delivery.DeliveryReport:
    """Deliver once a day until a message is given up; return that delivery's report, or the last one."""
    report = delivery.DeliveryReport()
    for _ in range(40):
        report = report if report.refused else deliver(history, channel, clock=clock)
        clock.sleep(86_400)
    return report


@pytest.fixture
def history(tmp_path):
    with open_history(tmp_path / "history.db") as opened:
        yield opened


def record(history, number: int, status: str, monitor: str = "pay", now=NOW, **options) -> None:
    history.record(make_record(number, status, monitor=monitor), planner(title="Pay", **options), now)


def test_what_is_due_is_sent_once_in_order(place):
    channel, clock = Recorder(), Clock()
    with open_history(place) as history:
        for number, status in enumerate(["drift", "failed", "healthy"]):
            record(history, number, status)

        report = deliver(history, channel, clock=clock)

        assert channel.told == ["01:drift_started", "02:run_failed", "03:run_recovered", "03:drift_ended"]
        assert (len(report.sent), report.retry_later, report.refused) == (4, [], [])
        assert deliver(history, channel, clock=clock) == delivery.DeliveryReport()


def test_a_message_carries_links_picture_record_and_title(history, tmp_path):
    picture = tmp_path / "reports" / "pay" / "2026-03-01" / "shift.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"png")
    channel = Recorder()
    record(history, 0, "drift")

    deliver(history, channel, context=delivery.Context(site_url="https://x.org/d/", reports_dir=tmp_path / "reports"))

    message = channel.messages[0]
    assert message.page_url == "https://x.org/d/pay/"
    assert message.notebook_url == "https://x.org/d/pay/2026-03-01/"
    assert (message.picture, message.title) == (b"png", "Pay")
    assert message.record == make_record(0, "drift")


def test_a_busy_channel_is_tried_again_when_it_says(history):
    channel, clock = Recorder(Unavailable("429", 1.5), Unavailable("500")), Clock()
    record(history, 0, "drift")

    report = deliver(history, channel, clock=clock)

    assert channel.told == ["01:drift_started"]
    assert clock.slept == pytest.approx([1.6, 2.0])
    assert len(report.sent) == 1


def test_a_wait_beyond_the_budget_is_left_to_the_next_run(history):
    channel, clock = Recorder(Unavailable("429", 600.0)), Clock()
    record(history, 0, "drift")

    report = deliver(history, channel, clock=clock)
    assert [(late.event, late.reason) for late in report.retry_later] == [("drift_started", "429")]
    assert clock.slept == []

    assert deliver(history, channel, clock=clock).sent == []
    clock.sleep(601)
    assert len(deliver(history, channel, clock=clock).sent) == 1


def test_five_failures_and_then_success_within_one_delivery(history):
    channel = Recorder(*[Unavailable("500")] * 5)
    record(history, 0, "drift")

    assert len(deliver(history, channel).sent) == 1


def test_a_channel_that_never_answers_keeps_to_the_budget_and_stays_due(history):
    channel, clock = Recorder(*[Unavailable("down")] * 100), Clock()
    record(history, 0, "drift")

    report = deliver(history, channel, clock=clock, limit_seconds=30)

    assert clock.time - NOW <= dt.timedelta(seconds=30)
    assert len(report.retry_later) == 1
    assert history.messages("pay")[0].last_error == "down"


def test_a_refused_message_is_dead_and_does_not_stop_the_next(history):
    channel = Recorder(Refused("404: the webhook is gone"))
    record(history, 0, "drift")
    record(history, 1, "healthy")

    report = deliver(history, channel)

    assert [(gone.event, gone.reason) for gone in report.refused] == [("drift_started", "404: the webhook is gone")]
    assert channel.told == ["02:drift_ended"]
    assert [told.state for told in history.messages("pay")] == ["dead", "sent"]
    assert deliver(history, channel).refused == []


def test_messages_are_sent_in_order_even_if_the_first_has_to_wait(history):
    channel, clock = Recorder(Unavailable("busy", 700.0)), Clock()
    record(history, 0, "drift")
    deliver(history, channel, clock=clock)
    record(history, 1, "healthy")

    assert deliver(history, channel, clock=clock).sent == []
    clock.sleep(700.2)
    deliver(history, channel, clock=clock)
    assert channel.told == ["01:drift_started", "02:drift_ended"]


def test_one_channel_down_does_not_hold_up_another(history):
    good, bad = Recorder(name="good"), Recorder(*[Unavailable("down", 900.0)] * 9, name="bad")
    record(history, 0, "drift")

    report = deliver(history, good, bad)

    assert good.told == ["01:drift_started"]
    assert [late.channel for late in report.retry_later] == ["bad"]


def test_a_bug_in_one_channel_does_not_hold_up_another_and_shows_no_secret(history):
    good, bad = Recorder(name="good"), Recorder(*[KeyError("https://host/secret")] * 99, name="bad")
    record(history, 0, "drift")

    report = deliver(history, bad, good)

    assert good.told == ["01:drift_started"]
    assert report.retry_later[0].reason == "bad: KeyError, a bug in this channel"


def test_a_correction_goes_once_to_channels_that_got_the_message_with_its_receipt(history):
    heard, missed = Recorder(name="heard"), Recorder(Unavailable("down", 900.0), name="missed")
    clock = Clock()
    record(history, 0, "drift")
    deliver(history, heard, missed, clock=clock)

    record(history, 0, "healthy")
    clock.sleep(1000)
    deliver(history, heard, missed, clock=clock)
    deliver(history, heard, missed, clock=clock)

    assert heard.told == ["01:drift_started", "01:drift_started:1"]
    assert (heard.messages[1].kind, heard.messages[1].correction) == ("drift_ended", True)
    assert heard.receipts == [None, "receipt-1"]
    assert missed.told == []


def test_the_end_of_an_incident_goes_with_the_receipt_of_its_last_message(history):
    channel = Recorder()
    for number, status in enumerate(["drift", "failed", "healthy", "drift"]):
        record(history, number, status)

    deliver(history, channel)

    assert dict(zip(channel.told, channel.receipts, strict=True)) == {
        "01:drift_started": None,
        "02:run_failed": None,
        "03:run_recovered": "receipt-2",
        "03:drift_ended": "receipt-1",
        "04:drift_started": None,
    }


def test_a_partial_receipt_is_given_to_the_next_attempt(history):
    channel = Recorder(Unavailable("half", 0.0, receipt="1,2"))
    record(history, 0, "drift")

    deliver(history, channel)

    assert channel.receipts == ["1,2"]


def test_a_verdict_turned_while_it_is_being_sent_is_corrected(history):
    channel, clock = Recorder(), Clock()
    record(history, 0, "drift")

    def send(message, environ, receipt=None):
        if not message.correction:
            record(history, 0, "healthy")
        return Recorder.send(channel, message, environ, receipt)

    channel.send = send
    deliver(history, channel, clock=clock)

    assert channel.told == ["01:drift_started", "01:drift_started:1"]


def test_without_a_channel_messages_are_printed_once_and_not_sent_later(history):
    late = Recorder()
    record(history, 0, "drift")

    report = deliver(history, Recorder(on=False))
    assert [message.kind for message in report.printed] == ["drift_started"]
    assert deliver(history).printed == []

    assert deliver(history, late).sent == []
    record(history, 1, "healthy")
    assert [sent.event for sent in deliver(history, late).sent] == ["drift_ended"]


def test_a_channel_used_for_the_first_time_is_not_flooded_with_old_news(history):
    clock = Clock()
    record(history, 0, "drift")
    record(history, 1, "healthy", now=NOW + dt.timedelta(days=9))
    clock.sleep(9.5 * 86_400)

    assert [sent.event for sent in deliver(history, Recorder(), clock=clock).sent] == ["drift_ended"]


def test_what_waits_for_a_channel_that_is_gone_is_said(history):
    channel = Recorder(Unavailable("down", 900.0))
    record(history, 0, "drift")
    deliver(history, channel)
    channel.on = False

    report = deliver(history, channel)

    assert [(waits.channel, waits.event) for waits in report.unconfigured] == [("recorder", "drift_started")]


def test_a_message_nobody_takes_for_weeks_is_given_up(history):
    channel, clock = Recorder(*[Unavailable("500", 25.0)] * 10_000), Clock()
    record(history, 0, "drift")

    assert "given up after" in deliver_for_weeks(history, channel, clock).refused[0].reason


def test_retraining_is_set_off_for_its_monitor_once_in_its_cooldown(history):
    channel = Recorder(name="aws_lambda", purpose="retrain")
    context = delivery.Context(retrain={"pay": RetrainSettings(aws_lambda="retrain", cooldown_days=7)})
    for number, status in enumerate(["drift", "healthy", "drift", "healthy"]):
        record(history, number, status)
    record(history, 0, "drift", monitor="clicks")
    first = deliver(history, Recorder(), channel, context=context)
    record(history, 0, "healthy")
    record(history, 9, "drift")

    deliver(history, Recorder(), channel, context=context)

    why = "in cooldown: the last retraining was for 1 Mar 2026; the next can start on 8 Mar 2026"
    assert channel.told == ["01:drift_started", "10:drift_started"]
    assert first.skipped == [delivery.Outcome("aws_lambda", "pay", day(2), "drift_started", why)]
    states = {told.run_date: told.state for told in history.messages("pay") if told.channel == "aws_lambda"}
    assert states == {day(0): "sent", day(2): "skipped", day(9): "sent"}
    assert channel.messages[0].retrain.aws_lambda == "retrain"


def test_a_retraining_that_was_cancelled_and_holds_again_keeps_to_the_cooldown(history):
    channel, clock = Recorder(Unavailable("down", 900.0), name="aws_lambda", purpose="retrain"), Clock()
    context = delivery.Context(retrain={"pay": RetrainSettings(aws_lambda="retrain", cooldown_days=7)})

    for number, status in [(0, "drift"), (0, "healthy"), (4, "drift"), (3, "healthy"), (0, "drift")]:
        record(history, number, status, now=clock.now())
        deliver(history, Recorder(), channel, clock=clock, context=context)
        clock.sleep(1000)

    assert channel.told == ["05:drift_started"]
    assert [told.state for told in history.messages("pay") if told.channel == "aws_lambda"] == ["skipped", "sent"]
    assert deliver(history, Recorder(), channel, clock=clock, context=context) == delivery.DeliveryReport()


def test_a_lease_keeps_others_away_until_it_runs_out(place):
    clock = Clock()
    with open_history(place) as history, open_history(place) as other:
        record(history, 0, "drift")
        history.outbox.queue_new_events(["recorder"], clock.now(), 2, lambda *_: True)
        first = history.outbox.lease(["recorder"], clock.now(), 50)

        assert other.outbox.lease(["recorder"], clock.now(), 50) is None
        clock.sleep(51)
        second = other.outbox.lease(["recorder"], clock.now(), 50)
        assert second.messages_sent == first.messages_sent == 0
        history.outbox.mark_failed(first, "too late", clock.now())
        other.outbox.mark_sent(second, None, clock.now())
        assert [told.state for told in other.messages("pay")] == ["sent"]


def test_a_verdict_turned_after_its_sender_died_is_corrected(history):
    clock, channel = Clock(), Recorder()
    record(history, 0, "drift")
    history.outbox.queue_new_events(["recorder"], clock.now(), 2, lambda *_: True)
    history.outbox.lease(["recorder"], clock.now(), 50)
    record(history, 0, "healthy")

    deliver(history, channel, clock=clock)

    assert channel.told == ["01:drift_started:1"]


def test_eight_processes_record_and_deliver_at_once_and_nothing_is_lost_or_doubled(place, tmp_path):
    told = tmp_path / "told"
    work.record_days(str(place), [0], "healthy", "setup")
    monitors = [f"m{number}" for number in range(4)]
    recorders = [(work.record_alternating_for, (str(place), name)) for name in monitors]
    deliverers = [(work.deliver_in_real_time, (str(place), str(told)))] * 4

    exits = run_together(work.call, recorders + deliverers)
    work.deliver_in_real_time(str(place), str(told))

    assert exits == [0] * 8
    counts = Counter(work.lines(told))
    assert set(counts.values()) == {1}
    assert len(counts) == 4 * 12


@pytest.mark.slow
def test_deliveries_killed_at_any_moment_lose_nothing_and_repeat_only_in_the_crash_window(place, tmp_path):
    told, killed, minutes = tmp_path / "told", 0, 0
    work.record_alternating(str(place), list(range(30)), str(tmp_path / "recorded"))
    while len(set(work.lines(told))) < 30 and minutes < 60:
        minutes += 1
        args = (str(place), str(told), minutes)
        killed += run_and_kill(work.deliver_to_file, *args, after_seconds=0.05 + some_time(0.4))
    work.deliver_to_file(str(place), str(told), minutes + 1)

    counts = Counter(work.lines(told))
    assert len(counts) == 30
    assert killed > 0
    assert sum(counts.values()) - 30 <= killed


@pytest.mark.slow
def test_random_days_reruns_and_failing_channels_leave_every_channel_with_the_truth(place):
    chance = random.Random(3)
    clock = Clock()
    channels = [Flaky(chance, "one"), Flaky(chance, "two")]
    with open_history(place) as history:
        for _ in range(100):
            clock.sleep(chance.random() * 90)
            record(
                history, chance.randrange(12), chance.choice(["healthy", "drift", "drift", "failed"]), now=clock.now()
            )
            if chance.random() < 0.5:
                deliver(history, *channels, clock=clock, limit_seconds=chance.choice([1, 30]))
        for channel in channels:
            channel.failing = 0.0
        clock.sleep(3600)
        report = deliver(history, *channels, clock=clock, limit_seconds=600)

        assert report.retry_later == report.refused == []
        for channel in channels:
            assert max(Counter(message.event_id for message in channel.messages).values()) == 1
            heard = {}
            for message in channel.messages:
                heard[message.run_date, message.event_id.split(":")[2]] = message.kind == message.event_id.split(":")[2]
            rows = [told for told in history.messages("pay") if told.channel == channel.NAME]
            believed = {key for key, holds in heard.items() if holds}
            assert believed == {(told.run_date, told.event) for told in rows if told.holds and told.state == "sent"}
            assert {told.state for told in rows} <= {"sent", "cancelled"}
            assert not [told for told in rows if told.holds and not told.mute and told.state != "sent"]


class Flaky(Recorder):
    """A channel that fails now and then, at random."""

    def __init__(self, chance: random.Random, name: str) -> None:
        super().__init__(name=name)
        self.chance, self.failing = chance, 0.4

    def send(self, message, environ, receipt=None):
        if self.chance.random() < self.failing:
            raise Unavailable("busy", self.chance.choice([None, 0.5, 20.0, 3600.0]))
        return super().send(message, environ, receipt)


def test_nothing_is_sent_without_time(history):
    record(history, 0, "drift")

    report = deliver(history, Recorder(), limit_seconds=0)

    assert (report.sent, [late.run_date for late in report.retry_later]) == ([], [day(0)])
