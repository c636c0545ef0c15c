"""A run is recorded with those of the earlier ones that count. People are told what they would be by all of them."""

import random
from contextlib import suppress

import pytest
import sqlalchemy as sa

from driftmonitor import DriftMonitorError
from driftmonitor.config.settings import AlertSettings
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.history import open_history, rows, store, tables
from tests.samples import NOW, day, make_record

STATUSES = ["healthy"] * 7 + ["drift"] * 2 + ["failed"]


def tell(history, dice):
    """Queue the messages that are due, and send some of them."""
    history.outbox.queue_new_events(["console"], NOW, 10_000, lambda *_: True)
    while dice.random() < 0.8 and (leased := history.outbox.lease(["console"], NOW, 60)):
        history.outbox.mark_sent(leased, None, NOW)


def live(folder, seed, days):
    """Record a random monitor: days in a row, some of them again, reviews and messages; return all that was decided."""
    dice = random.Random(seed)
    rules = AlertSettings(
        for_runs=dice.choice([1, 1, 2]), clear_runs=dice.choice([1, 2, 3]), remind_after_days=dice.choice([0, 3]),
        silence_until=dice.choice([None, day(days // 2)]),
    )  # fmt: skip
    with open_history(folder / "history.db") as history:
        for number in range(days):
            again = dice.random() < 0.15
            record = make_record(dice.randrange(number + 1) if again else number, dice.choice(STATUSES))
            plan = planner(rules, "Pay", silent=dice.random() < 0.1)
            history.record(record, plan, NOW)
            if dice.random() < 0.1:
                label = dice.choice(["dismissed", "confirmed", ""])
                with suppress(DriftMonitorError):  # there is no such run, or it failed
                    history.label("pay", day(dice.randrange(number + 1)), label, "", plan, NOW)
            tell(history, dice)
        with history._database.reading() as connection:
            return [connection.execute(sa.select(table)).all() for table in (tables.events, tables.outbox)]


def compare(tmp_path, monkeypatch, seed, days):
    few = live(tmp_path / f"few{seed}", seed, days)
    with monkeypatch.context() as patch:
        patch.setattr(
            store, "read_runs_that_count", lambda connection, monitor, *_: rows.read_runs(connection, monitor)
        )
        assert few == live(tmp_path / f"all{seed}", seed, days)
    return len(few[0])


def test_a_run_is_announced_as_if_all_earlier_runs_were_read(tmp_path, monkeypatch):
    assert sum(compare(tmp_path, monkeypatch, seed, 30) for seed in range(3)) > 15


@pytest.mark.slow
def test_in_random_histories_a_run_is_announced_as_if_all_earlier_runs_were_read(tmp_path, monkeypatch):
    for seed in range(100, 104):
        compare(tmp_path, monkeypatch, seed, 60)


def test_of_a_quiet_year_few_runs_are_read(tmp_path):
    with open_history(tmp_path / "history.db") as history:
        statuses = ["healthy"] * 50 + ["drift"] + ["healthy"] * 49
        for number, status in enumerate(statuses):
            history.record(make_record(number, status), None, NOW)
        with history._database.reading() as connection:
            read = rows.read_runs_that_count(connection, "pay", day(100), 2)

    days = {(run.run_date - day(0)).days: run.status for run in read}
    assert days == {49: "healthy", 50: "drift", 51: "healthy", 52: "healthy", 99: "healthy"}
