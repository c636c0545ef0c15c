"""An analyst's review of past days corrects what people were told, and announces nothing that they were never told."""

import pytest

from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.history import open_history
from tests.samples import NOW, day
from tests.test_outbox import Recorder, deliver, record

DRIFT = (3, 4, 5, 6)


@pytest.fixture
def history(tmp_path):
    with open_history(tmp_path / "history.db") as opened:
        yield opened


def fill(history, **options):
    """Record ten days, of which four drift, and deliver the messages."""
    for number in range(10):
        record(history, number, "drift" if number in DRIFT else "healthy", **options)
    channel = Recorder()
    deliver(history, channel)
    return channel


@pytest.mark.parametrize("undone", [(3,), (4,), (3, 4), (4, 3), (3, 4, 5)])
def test_a_check_that_failed_is_not_reported_again_for_a_review_that_is_undone(history, undone):
    for number in range(7):
        record(history, number, "drift+check" if number in (3, 4, 5) else "healthy")
    channel = Recorder()
    deliver(history, channel)
    told = list(channel.told)

    for number in (*undone, *undone):
        label(history, number, "" if number in undone and is_labelled(history, number) else "dismissed")
    deliver(history, channel)

    assert "04:check_failed" in told and channel.told == told


def is_labelled(history, number):
    return any(run.run_date == day(number) and run.label for run in history.runs("pay"))


def label(history, number, label):
    history.label("pay", day(number), label, "why" if label else "", planner(title="Pay"), NOW)


def test_days_that_were_filled_in_silently_stay_silent_whatever_an_analyst_says_of_them(history):
    channel = fill(history, silent=True)
    reviews = [(9, "accepted"), (5, "accepted"), (4, "accepted"), (3, "accepted"), (5, "confirmed"), (5, ""), (4, "")]

    for number, said in [*reviews, (3, ""), (3, "dismissed"), (3, "confirmed")]:
        label(history, number, said)
    record(history, 10, "healthy")
    deliver(history, channel)

    assert channel.told == []
    record(history, 11, "drift")
    deliver(history, channel)
    assert channel.told == ["12:drift_started"]


def test_what_people_were_told_is_corrected_by_a_review_and_by_its_undoing(history):
    channel = fill(history)
    assert channel.told == ["04:drift_started", "08:drift_ended"]

    for number in reversed(DRIFT):
        label(history, number, "accepted")
    deliver(history, channel)
    assert channel.told[2:] == ["04:drift_started:1"]
    for number in DRIFT:
        label(history, number, "")
    deliver(history, channel)

    assert channel.told[3:] == ["04:drift_started:2"]
    label(history, 3, "dismissed")
    deliver(history, channel)
    assert channel.told[4:] == ["04:drift_started:3", "05:drift_started"]
