"""A monitor's state, computed from its runs, and the messages that a recording causes."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.record import ColumnScore, Rows
from driftmonitor.pipeline.alerts.incidents import CLOSERS, OPENERS, Run
from driftmonitor.pipeline.alerts.introduction import introduce
from driftmonitor.pipeline.alerts.messages import to_message
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.alerts.recordings import Recording
from driftmonitor.pipeline.alerts.state import fold, overdue_days
from driftmonitor.pipeline.history.outbox_rows import state_of
from tests.samples import NOW, day, make_record

ANY_STATUS = st.sampled_from(["healthy", "drift", "failed", "data_missing", "check", "drift+check"])
ANY_SETTINGS = st.builds(
    AlertSettings,
    for_runs=st.sampled_from([1, 1, 2, 3]),
    clear_runs=st.sampled_from([1, 1, 2, 3]),
    remind_after_days=st.sampled_from([0, 2, 7]),
)
RECORDINGS = st.lists(st.tuples(st.integers(0, 8), ANY_STATUS, st.sampled_from([("a",), ("a", "b")])), max_size=20)


def runs(*statuses: str) -> list[Run]:
    """Return runs on days in a row; "drift a b" drifts in columns a and b, "" is a day without a run."""
    found = []
    for number, words in enumerate(statuses):
        if words:
            status, *columns = words.split()
            found.append(Run.of(make_record(number, status, tuple(columns) or ("salary",))))
    return found


def kinds(state) -> list[tuple[int, str]]:
    return [((event.run_date - day(0)).days, event.kind) for event in state.events]


class Desk:
    """Announcements and one channel, in memory: what the history does with a plan, without a database."""

    def __init__(self, rules: AlertSettings | None = None) -> None:
        self.rules = rules or AlertSettings()
        self.records, self.labels, self.announcements, self.told, self.sent, self.messages = {}, {}, {}, {}, [], []

    def record(self, number: int, status: str, columns=("salary",), silent: bool = False) -> "Desk":
        old = self.runs()
        self.records[day(number)] = make_record(number, status, columns)
        return self._plan(day(number), old, silent)

    def label(self, number: int, label: str) -> "Desk":
        """Label a day, if it has a run, as "dismissed", or as "" to withdraw that."""
        old = self.runs()
        self.labels[day(number)] = label
        return self._plan(day(number), old) if day(number) in self.records else self

    def runs(self) -> list[Run]:
        return [replace(Run.of(record), label=self.labels.get(date, "")) for date, record in self.records.items()]

    def _plan(self, run_date: dt.date, old: list[Run], silent: bool = False) -> "Desk":
        record, new = self.records[run_date], self.runs()
        plan = planner(self.rules, "Pay", silent)
        self.announcements |= plan(Recording(record, old, new, self._announcements(), self.records.get))
        again = plan(Recording(record, new, new, self._announcements(), self.records.get))
        assert again == {}  # once more changes nothing
        return self

    def _announcements(self) -> dict:
        return {key: replace(each, delivered=key in self.told) for key, each in self.announcements.items()}

    def deliver(self, most: int = 999) -> list[str]:
        """Send the first `most` pending messages; return what was sent, as "day kind"."""
        pending = [
            key for key, each in self.announcements.items()
            if state_of(each.holds, each.withheld, self.told.get(key)) == "due"
        ]  # fmt: skip
        sent = []
        for key in pending[:most]:
            message = self.message(key, key in self.told)
            prefix = "correction " if message.correction else ""
            sent.append(f"{(key[0] - day(0)).days} {prefix}{message.kind}")
            self.told[key] = self.announcements[key].holds
            self.messages.append(message)
        self.sent += sent
        return sent

    def message(self, key, messages_sent: int = 0):
        addresses = dict.fromkeys(("page_url", "notebook_url", "picture"))
        return to_message("pay", *key, messages_sent, self.announcements[key].payload, sent_at=NOW, **addresses)

    def state(self):
        return fold(self.runs(), self.rules)


@pytest.mark.parametrize(
    ("statuses", "name", "since", "events"),
    [
        ([], "no runs", None, []),
        (["healthy", "healthy"], "healthy", 0, []),
        (["healthy", "drift"], "drifting", 1, [(1, "drift_started")]),
        (["drift", "drift"], "drifting", 0, [(0, "drift_started")]),
        (["drift", "healthy"], "healthy", 1, [(0, "drift_started"), (1, "drift_ended")]),
        (["drift a", "drift a b", "drift b"], "drifting", 0, [(0, "drift_started"), (1, "drift_worsened")]),
        (["drift", "failed", "drift"], "drifting", 0, [(0, "drift_started"), (1, "run_failed"), (2, "run_recovered")]),
        (["healthy", "data_missing"], "healthy", 0, [(1, "data_missing")]),
        (
            ["check", "check", "failed", "healthy"],
            "healthy",
            0,
            [(0, "check_failed"), (2, "run_failed"), (3, "run_recovered"), (3, "check_recovered")],
        ),
        (
            ["drift+check", "drift", "check"],
            "healthy",
            2,
            [
                (0, "drift_started"),
                (0, "check_failed"),
                (1, "check_recovered"),
                (2, "drift_ended"),
                (2, "check_failed"),
            ],
        ),
        (["failed", "failed"], "no runs", None, [(0, "run_failed")]),
        (["failed", "", "healthy"], "healthy", 2, [(0, "run_failed"), (2, "run_recovered")]),
        (["data_missing", "failed", "data_missing"], "no runs", None, [(0, "data_missing"), (1, "run_failed")]),
    ],
)
def test_runs_add_up_to_a_state_and_events(statuses, name, since, events):
    state = fold(runs(*statuses))

    assert state.name == name
    assert state.since == (None if since is None else day(since))
    assert kinds(state) == events


def test_for_runs_and_clear_runs_wait_in_pending_and_recovering():
    rules = AlertSettings(for_runs=2, clear_runs=2)
    statuses = ["healthy", "drift", "drift", "healthy", "drift", "healthy", "failed", "healthy"]

    names = [fold(runs(*statuses[:count]), rules).name for count in range(1, 9)]

    assert names == [
        "healthy", "pending", "drifting", "recovering", "drifting", "recovering", "recovering", "healthy",
    ]  # fmt: skip
    incident = fold(runs(*statuses), rules).drift_incidents[0]
    assert (incident.start, incident.opened, incident.end) == (day(1), day(2), day(7))
    assert (incident.peak_share, incident.columns) == (0.5, ("salary",))


def test_accepting_the_data_of_days_leaves_their_failing_checks():
    days = runs("drift+check", "drift+check", "check")

    accepted, dismissed = (fold(replace(run, label=label) for run in days) for label in ("accepted", "dismissed"))

    assert (accepted.name, accepted.checks, accepted.checks_since) == ("healthy", ("AUC",), day(0))
    assert kinds(accepted) == [(0, "check_failed")]
    assert (dismissed.name, dismissed.checks, kinds(dismissed)) == ("healthy", (), [])


def test_under_the_budget_rule_a_reminder_waits_until_the_year_has_room_for_it():
    days = runs(*["drift"] * 400)

    found = fold(days, AlertSettings(rule="budget", false_alarms_per_year=4, remind_after_days=30))

    reminders = [(number, "drift_continues") for number in (183, 274, 394)]  # 2, 3 of 4 a year, and 120 days later
    assert kinds(found) == [(0, "drift_started"), *reminders]


def test_a_reminder_comes_every_so_many_days_and_never_with_zero():
    weeks = runs(*["drift"] * 16)

    assert kinds(fold(weeks)) == [(0, "drift_started"), (7, "drift_continues"), (14, "drift_continues")]
    assert kinds(fold(weeks, AlertSettings(remind_after_days=0))) == [(0, "drift_started")]


def test_a_monitor_that_goes_on_failing_says_so_again():
    state = fold(runs("healthy", *["failed"] * 9))

    assert kinds(state) == [(1, "run_failed"), (8, "run_failed")]
    assert state.failing == day(1)


def test_a_run_is_overdue_a_day_and_a_half_after_the_last():
    recorded = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
    last = Run("pay", dt.date(2026, 11, 24), "healthy", recorded_at=recorded)

    assert overdue_days(last, recorded + dt.timedelta(hours=35)) == 0
    assert overdue_days(last, recorded + dt.timedelta(hours=36)) == 1
    assert overdue_days(last, recorded + dt.timedelta(days=5)) == 5
    assert overdue_days(None, recorded) == 0


def test_no_run_is_overdue_on_past_data():
    recorded = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
    last = Run("pay", dt.date(2013, 1, 18), "healthy", recorded_at=recorded)

    assert overdue_days(last, recorded + dt.timedelta(days=100)) == 0


@given(RECORDINGS, ANY_SETTINGS, st.randoms())
@settings(max_examples=60, deadline=None)
def test_any_order_of_recording_gives_the_same_state(recordings, rules, random):
    last = {number: Run.of(make_record(number, status, columns)) for number, status, columns in recordings}
    shuffled = list(last.values())
    random.shuffle(shuffled)

    assert fold(shuffled, rules) == fold(last.values(), rules)


def test_the_first_alert_of_a_monitor_says_what_to_expect_of_its_rule():
    desk = Desk().record(0, "data_missing").record(1, "drift").record(2, "healthy").record(3, "drift")
    sent = desk.deliver()

    first = [key for key, said in zip(sent, desk.messages, strict=True) if "first alert" in " ".join(said.story)]
    assert first == ["1 drift_started"]
    rows = Rows(reference=1000, current=1000, reference_total=1000, current_total=1000)
    scores = (ColumnScore(name="a", kind="numerical", status="drifted", method="ks", p_value=0.001, threshold=0.05),)
    record = make_record(1, "drift").model_copy(update={"rows": rows, "columns": scores, "min_distance": 0.04})
    assert introduce(record, AlertSettings()) == (
        "This is the monitor's first alert. Expect about 18 false-alarm days a year if nothing changes; "
        "a shift of 0.17 SD in one column is detected on the first day (90% of the time)."
    )


def test_a_rerun_that_finds_no_drift_corrects_the_message_once():
    desk = Desk().record(0, "healthy").record(1, "drift")
    assert desk.deliver() == ["1 drift_started"]

    desk.record(1, "healthy")

    assert desk.deliver() == ["1 correction drift_ended"]
    assert desk.record(1, "healthy").deliver() == []
    assert desk.record(1, "drift").deliver() == ["1 correction drift_started"]


def test_an_end_that_nobody_needs_to_know_stays_untold_when_its_run_is_recorded_again():
    desk = Desk().record(0, "data_missing").record(2, "healthy").record(3, "failed").record(2, "failed")
    assert desk.deliver(2) == ["0 data_missing", "3 run_failed"]
    desk.record(1, "failed", silent=True).record(0, "healthy")

    desk.record(3, "healthy")  # and once more, which changes nothing

    assert "3 run_recovered" not in desk.deliver()


def test_a_rerun_before_delivery_cancels_the_message():
    desk = Desk().record(0, "drift").record(0, "healthy")

    assert desk.deliver() == []
    assert desk.record(0, "drift").deliver() == ["0 drift_started"]


def test_a_failed_run_that_succeeds_when_repeated_is_corrected():
    desk = Desk().record(0, "failed")
    assert desk.deliver() == ["0 run_failed"]

    assert desk.record(0, "healthy").deliver() == ["0 correction run_recovered"]


def test_a_repeated_run_that_fails_never_gives_the_all_clear():
    desk = Desk().record(0, "drift")
    desk.deliver()

    assert desk.record(0, "failed").deliver() == ["0 run_failed"]
    assert desk.record(0, "drift").deliver() == ["0 correction run_recovered"]


def test_columns_that_a_repeated_run_adds_are_reported():
    desk = Desk().record(0, "drift", ("a",))
    desk.deliver()

    assert desk.record(0, "drift", ("a", "b")).deliver() == ["0 drift_worsened"]
    assert desk.record(1, "drift", ("a", "b")).deliver() == []


def test_an_onset_that_moves_back_is_not_reported_again():
    desk = Desk().record(5, "drift")
    desk.deliver()

    assert desk.record(3, "drift").record(4, "drift").deliver() == []
    assert desk.state().since == day(3)


def test_a_drift_day_whose_run_came_late_is_reported_with_its_end():
    desk = Desk().record(0, "healthy").record(1, "failed").record(2, "healthy")
    assert desk.deliver() == ["1 run_failed", "2 run_recovered"]

    assert desk.record(1, "drift").deliver() == ["1 correction run_recovered", "1 drift_started", "2 drift_ended"]


def test_an_end_that_a_late_incident_takes_for_itself_is_reported_for_the_first_one_too():
    desk = Desk().record(0, "drift").record(3, "healthy").record(1, "healthy").record(2, "drift")

    assert desk.deliver() == ["0 drift_started", "3 drift_ended", "1 drift_ended", "2 drift_started"]


def test_pending_days_that_a_late_run_completes_are_reported():
    desk = Desk(AlertSettings(for_runs=2)).record(0, "failed").record(1, "drift")
    desk.deliver()

    assert desk.record(0, "drift").deliver() == ["0 correction run_recovered", "1 drift_started"]


def test_backfilled_days_are_silent_and_the_next_run_reports_drift_that_lasts():
    desk = Desk()
    for number, status in enumerate(["drift", "healthy", "failed", "drift", "drift"]):
        desk.record(number, status, silent=True)
    assert desk.deliver() == []

    assert desk.record(5, "drift").deliver() == ["5 drift_continues"]
    assert desk.record(6, "healthy").deliver() == ["6 drift_ended"]


def test_a_silent_backfill_still_corrects_earlier_messages():
    desk = Desk().record(1, "drift").record(2, "drift")
    desk.deliver()

    assert desk.record(1, "healthy", silent=True).deliver() == ["1 correction drift_ended", "2 drift_started"]


def test_a_silence_keeps_quiet_and_says_on_its_end_what_lasts():
    desk = Desk(AlertSettings(silence_until=day(3), silence_reason="migration"))
    desk.record(0, "healthy").record(1, "drift").record(2, "drift")
    assert desk.deliver() == []

    assert desk.record(3, "drift").deliver() == ["3 drift_continues"]
    assert desk.record(4, "drift").deliver() == []


def test_an_incident_within_a_silence_is_recorded_and_never_reported():
    desk = Desk(AlertSettings(silence_until=day(3)))
    desk.record(0, "drift").record(1, "healthy").record(3, "healthy")

    assert desk.deliver() == []
    assert set(desk.announcements) == {(day(0), "drift_started"), (day(1), "drift_ended")}


def test_a_change_of_settings_makes_no_news_of_the_past():
    desk = Desk(AlertSettings(for_runs=3))
    for number in range(4):
        desk.record(number, "drift" if number % 2 else "healthy")

    desk.rules = AlertSettings(for_runs=1)

    assert desk.record(4, "healthy").deliver() == []


def test_a_correction_knows_what_happened_to_which_day():
    repeated, dismissed, added = Desk(), Desk(), Desk(AlertSettings(for_runs=2))
    for desk in (repeated, dismissed):
        desk.record(0, "drift").deliver()
    added.record(1, "drift").record(2, "drift").deliver()

    repeated.record(0, "healthy").deliver()
    dismissed.label(0, "dismissed").deliver()
    dismissed.label(0, "").deliver()
    added.record(0, "healthy").deliver()
    added.label(1, "dismissed").deliver()

    assert [message.changed_by for message in repeated.messages] == [None, ("repeated", day(0))]
    assert [message.changed_by for message in dismissed.messages] == [
        None, ("dismissed", day(0)), ("restored", day(0)),
    ]  # fmt: skip
    assert [message.changed_by for message in added.messages] == [None, ("dismissed", day(1))]


def test_a_correction_of_a_later_day_names_the_day_that_was_added():
    desk = Desk(AlertSettings(for_runs=2)).record(0, "drift").record(2, "drift")
    desk.deliver()

    desk.record(1, "healthy").deliver()

    assert [(message.kind, message.run_date, message.changed_by) for message in desk.messages] == [
        ("drift_started", day(2), None), ("drift_ended", day(2), ("added", day(1))),
    ]  # fmt: skip


def test_a_message_carries_the_drifted_columns_the_most_moved_first():
    desk = Desk().record(0, "drift", ("salary", "clicks"))

    message = desk.message((day(0), "drift_started"))

    assert (message.event_id, message.title, message.state) == ("pay:2026-03-01:drift_started", "Pay", "drifting")
    assert [column.name for column in message.columns] == ["salary", "clicks"]
    assert (message.column_count, message.since, message.correction) == (3, day(0), False)
    assert message.share == pytest.approx(2 / 3)


@given(
    st.lists(st.tuples(st.integers(0, 8), ANY_STATUS, st.sampled_from([("a",), ("a", "b")]), st.integers(0, 3))),
    ANY_SETTINGS,
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_recorded_and_whenever_delivered_no_message_is_lost_or_stays_false(steps, rules):
    desk = Desk(rules)
    for number, status, columns, delivered in steps:
        desk.record(number, status, columns).deliver(delivered)
    desk.deliver()

    state = desk.state()
    believed = {key for key, holds in desk.told.items() if holds}
    assert not [key for key in believed if state.refutes(key)]
    assert not [key for key in set(desk.told) - believed if not state.refutes(key)]
    for incident in state.incidents:
        assert any(kind in OPENERS[incident.family] and incident.covers(run_date) for run_date, kind in believed)
        if incident.end:
            ends = [run_date for run_date, kind in believed if kind == CLOSERS[incident.family]]
            later = [s.opened for s in state.incidents if s.family == incident.family and s.opened > incident.opened]
            assert any(incident.end <= end < min(later, default=dt.date.max) for end in ends)
    for key in desk.told:
        first = f"{(key[0] - day(0)).days} {key[1]}"
        assert desk.sent.count(first) == 1


def implied(statuses: list[str], for_runs: int, clear_runs: int) -> list[str]:
    """Return what one run a day must make heard, without reminders; written down apart from the fold."""
    inside = failing = False
    streak, told = 0, []
    for number, status in enumerate(statuses):
        if status == "failed":
            told += [] if failing else [f"{number} run_failed"]
            failing = True
            continue
        told += [f"{number} run_recovered"] if failing else []
        failing = False
        streak = streak + 1 if status == ("healthy" if inside else "drift") else 0
        if streak >= (clear_runs if inside else for_runs):
            told.append(f"{number} drift_ended" if inside else f"{number} drift_started")
            inside, streak = not inside, 0
    return told


@given(
    st.lists(st.tuples(st.sampled_from(["healthy", "drift", "failed"]), st.integers(0, 3)), max_size=12),
    st.integers(1, 3),
    st.integers(1, 3),
)
@settings(max_examples=100, deadline=None)
def test_day_after_day_exactly_the_messages_that_the_runs_imply_are_sent_however_late(steps, for_runs, clear_runs):
    desk = Desk(AlertSettings(for_runs=for_runs, clear_runs=clear_runs, remind_after_days=0))
    for number, (status, delivered) in enumerate(steps):
        desk.record(number, status).deliver(delivered)
    desk.deliver()

    assert sorted(desk.sent) == sorted(implied([status for status, _ in steps], for_runs, clear_runs))


STEPS = st.one_of(
    st.tuples(st.just("record"), st.integers(0, 8), ANY_STATUS, st.booleans(), st.integers(0, 3)),
    st.tuples(
        st.just("label"), st.integers(0, 8), st.sampled_from(["dismissed", ""]), st.just(False), st.integers(0, 3)
    ),
)


@given(st.lists(STEPS, max_size=20), ANY_SETTINGS, st.one_of(st.none(), st.integers(0, 6)), st.randoms())
@settings(max_examples=150, deadline=None)
def test_with_backfills_silences_and_dismissals_no_message_stays_false_or_is_sent_twice(
    steps, rules, quiet_days, random
):
    desk = Desk(rules if quiet_days is None else rules.model_copy(update={"silence_until": day(quiet_days)}))
    for what, number, value, silent, delivered in steps:
        desk.record(number, value, silent=silent) if what == "record" else desk.label(number, value)
        desk.deliver(delivered)
    desk.deliver()
    shuffled = desk.runs()
    random.shuffle(shuffled)

    state = desk.state()
    assert fold(shuffled, desk.rules) == state
    believed = {key for key, holds in desk.told.items() if holds}
    assert not [key for key in believed if state.refutes(key)]
    assert not [key for key in set(desk.told) - believed if not state.refutes(key)]
    for run_date, kind in desk.told:
        assert desk.sent.count(f"{(run_date - day(0)).days} {kind}") == 1


@given(st.lists(st.tuples(ANY_STATUS, st.booleans()), max_size=9), ANY_SETTINGS, st.integers(0, 9))
@settings(max_examples=100, deadline=None)
def test_drift_that_lasts_beyond_a_backfill_or_a_silence_is_reported_by_the_next_run(steps, rules, quiet_days):
    desk = Desk(rules.model_copy(update={"silence_until": day(quiet_days)}))
    for number, (status, silent) in enumerate(steps):
        desk.record(number, status, silent=silent).deliver()

    desk.record(10, "drift").record(11, "drift").record(12, "drift").deliver()

    (incident,) = [incident for incident in desk.state().drift_incidents if incident.end is None]
    believed = {key for key, holds in desk.told.items() if holds}
    assert any(kind in OPENERS["drift"] and incident.covers(run_date) for run_date, kind in believed)
