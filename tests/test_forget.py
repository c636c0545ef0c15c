"""Forgotten runs are gone from history, reports, site and state branch, and what people were told is corrected."""

import datetime as dt
import json
import os
import pty
import subprocess
from dataclasses import replace

import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.config.settings import AlertSettings
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.alerts.withdrawals import plan_withdrawals
from driftmonitor.pipeline.channels import discord, github_issue, payload, slack, teams, text
from driftmonitor.pipeline.clock import latest_day
from driftmonitor.pipeline.github.state import StateBranch
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.history.merge import merge_files
from tests.jobs import DAY, ROOT, folders, main
from tests.message_samples import DAY as DAY_OF_MESSAGE
from tests.message_samples import make_message
from tests.processes import run_and_kill, run_together, some_time
from tests.samples import NOW, day, make_record
from tests.test_outbox import Clock, Recorder, deliver
from tests.test_state import clone_of, days, found, origin, put
from tests.work import forget_days

__all__ = ["origin"]
pytestmark = [pytest.mark.xdist_group("kernels of test_forget"), pytest.mark.usefixtures("quick_kernels")]
DAYS = [f"2026-11-{number}" for number in range(20, 25)]


def forget(capsys, job, *arguments):
    return main(capsys, *folders(job, "forget")[:-2], "--monitor", "calm", *arguments)


def run(capsys, job, **shares):
    """Run days of November; return what was printed."""
    dated = {f"2026-11-{name[1:]}": share for name, share in shares.items()}
    return "".join(
        main(capsys, *folders(job)[:-2], "--date", date, "-p", "share", f"{share}")[1] for date, share in dated.items()
    )


def send(capsys, job):
    lines = main(capsys, *folders(job, "alert"))[1].splitlines()
    return [line.removeprefix("alert: ") for line in lines if line.startswith("alert: ")]


def history_of(job):
    return open_history(job.state / "history.db")


def run_dates(job):
    with history_of(job) as history:
        return [f"{run.run_date}" for run in history.runs("calm")]


def test_a_day_is_gone_everywhere_and_its_drift_is_corrected_once(tiny, capsys):
    run(capsys, tiny, d22=0, d23=0, d24=0.5)

    code, out, _ = forget(capsys, tiny, "--date", DAY, "--yes")

    assert code == 0
    assert out.splitlines()[:3] == [
        "calm: 1 run of 2026-11-24 (1 drift) will be removed, with 1 report",
        "calm: with 0 reviews and 0 pending messages; already sent: 1 message",
        "calm: 1 run forgotten; 1 correction will be sent by the next run, or by `python runner.py alert`",
    ]
    assert send(capsys, tiny) == ["Correction: calm: the drift reported for 24 Nov 2026 is withdrawn."]
    assert send(capsys, tiny) == []
    with history_of(tiny) as history:
        assert [f"{run.run_date}" for run in history.runs("calm")] == DAYS[2:4]
        assert history.messages("calm") == []
        assert sorted(history.frame()["run_date"].astype(str)) == DAYS[2:4]
    files = [path for folder in tiny.folder.iterdir() for path in folder.rglob("*")]
    assert not [path for path in files if DAY in path.name and not path.name.endswith(".lock")]
    assert f'"run_date": "{DAY}"' not in (tiny.site / "api/calm.json").read_text()
    assert forget(capsys, tiny, "--date", DAY, "--yes")[:2] == (
        0, f"calm: has no runs of these days\ncalm: 0 runs forgotten\nPage: {tiny.site}/index.html\n",
    )  # fmt: skip
    assert "DRIFT    calm" in run(capsys, tiny, d24=0.5)
    assert run_dates(tiny) == DAYS[2:]


def test_a_pending_message_of_a_forgotten_day_is_dropped(tiny, capsys):
    run(capsys, tiny, d23=0)
    main(capsys, *folders(tiny, "execute"), "-p", "share", "0.5")
    main(capsys, *folders(tiny, "record"))

    assert "1 pending message; already sent: 0 messages" in forget(capsys, tiny, "--date", DAY, "--yes")[1]
    assert send(capsys, tiny) == []


def test_a_report_that_a_kill_left_of_a_forgotten_day_is_not_recorded_again(tiny, capsys):
    run(capsys, tiny, d22=0, d23=0.5)
    report = tiny.state / "reports/calm/2026-11-23"
    kept = (report / "record.json").read_bytes()
    forget(capsys, tiny, "--date", "2026-11-23", "--yes")
    report.mkdir()
    (report / "record.json").write_bytes(kept)

    run(capsys, tiny, d24=0)
    assert run_dates(tiny) == ["2026-11-22", "2026-11-24"]

    forget(capsys, tiny, "--date", "2026-11-23", "--yes")
    assert not report.exists()


def test_a_monitor_is_forgotten_whole_even_without_its_params_file(tiny, capsys):
    run(capsys, tiny, d22=0.5, d23=0, d24=0.5)
    (tiny.state / "reports/calm/calibration.json").write_text("{}")
    other = (tiny.folder / "params/calm.yaml").read_text()
    (tiny.folder / "params/other.yaml").write_text(other)
    (tiny.folder / "params/calm.yaml").unlink()

    code, out, _ = forget(capsys, tiny, "--yes")

    assert code == 0
    assert (
        "calm: 3 runs from 2026-11-22 to 2026-11-24 (1 healthy, 2 drift) will be removed, with 3 reports, its " in out
    )
    assert send(capsys, tiny) == ["Correction: calm: the drift reported for 24 Nov 2026 is withdrawn."]
    assert not (tiny.state / "reports/calm").exists()
    assert not (tiny.site / "calm").exists()
    assert run_dates(tiny) == []


def test_without_yes_and_a_terminal_nothing_is_removed(tiny, capsys):
    run(capsys, tiny, d24=0)

    code, out, err = forget(capsys, tiny, "--date", DAY)

    assert (code, err) == (2, "error: nothing was removed; add --yes to remove this.\n")
    assert out.startswith("calm: 1 run of 2026-11-24 (1 healthy) will be removed")
    assert run_dates(tiny) == [DAY]


def test_on_a_terminal_it_asks(tiny, capsys):
    run(capsys, tiny, d24=0)

    for answer, left in ((b"n\n", [DAY]), (b"\n", [DAY]), (b"y\n", [])):
        ours, theirs = pty.openpty()
        command = [*tiny.command("forget")[:-2], "--monitor", "calm", "--date", DAY]
        process = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.write(ours, answer)

        assert b"Remove this? It cannot be undone. [y/N]: " in process.communicate(timeout=60)[0]
        assert run_dates(tiny) == left


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--from", "2026-11-24", "--to", "2026-11-23"], "--from 2026-11-24 is after --to 2026-11-23; swap them."),
        (["--from", "2026-11-24"], "--from and --to belong together; give both, or --date for one day."),
        (
            ["--date", DAY, "--from", DAY, "--to", DAY],
            "--date: cannot be used with --from and --to; choose one of them.",
        ),
        (["--date", "yesterday"], "--date 'yesterday' is not a date; write it as 2026-01-31."),
        (["--monitor", "other"], "--monitor: forget needs exactly one; name it, such as --monitor orders."),
    ],
)
def test_an_unclear_request_is_one_line(tiny, capsys, arguments, line):
    assert forget(capsys, tiny, *arguments) == (2, "", f"error: {line}\n")


def test_an_unknown_monitor_is_one_line_and_removes_nothing(tiny, capsys):
    run(capsys, tiny, d24=0)

    for name in ("clam", "../calm", "", "calm/2026-11-24", "x" * 300, "@everyone"):
        code, out, err = main(capsys, *folders(tiny, "forget")[:-2], "--yes", "--monitor", name)

        assert (name, code, out, err.count("\n")) == (name, 2, "", 1)
        assert run_dates(tiny) == [DAY]
        assert (tiny.state / "reports/calm" / DAY).is_dir()


def forget_in(history, *numbers, judge=lambda left: [], lasting_only=False):
    def plan(forgetting):
        return plan_withdrawals(forgetting, AlertSettings(), "Pay", latest_day(NOW + dt.timedelta(99)), lasting_only)

    return history.forget("pay", {day(number) for number in numbers}, judge, plan, NOW + dt.timedelta(days=1))


def told(history, *statuses, gone, **options):
    """Record days and tell people, forget some of them, tell again; return what is told then."""
    channel, clock = Recorder(), Clock()
    for number, status in enumerate(statuses):
        history.record(make_record(number, status), planner(title="Pay"), NOW)
        deliver(history, channel, clock=clock)
    before = len(channel.messages)
    forget_in(history, *gone, **options)
    deliver(history, channel, clock=clock)
    return [text.headline(message) for message in channel.messages[before:]]


SHARE = "1 of 2 columns drifted (50%, threshold 10%)"


@pytest.mark.parametrize(
    ("statuses", "gone", "lines"),
    [
        (["drift"], [0], ["Correction: Pay (pay): the drift reported for 1 Mar 2026 is withdrawn."]),
        (["drift", "healthy"], [0, 1], ["Correction: Pay (pay): the drift reported for 1 Mar 2026 is withdrawn."]),
        (["healthy", "drift", "drift"], [1], [
            "Correction: Pay (pay): the drift reported for 2 Mar 2026 is withdrawn.",
            f"Pay (pay): drift started on 3 Mar 2026: {SHARE}.",
        ]),
        (["drift", "drift"], [1], []),
        (["drift", "healthy"], [1], ["Correction: Pay (pay): the end of drift reported for 2 Mar 2026 is withdrawn."]),
        (["drift", "healthy", "healthy"], [1], []),
        (["healthy", "healthy"], [0], []),
        (["failed"], [0], ["Correction: Pay (pay): the failed run reported for 1 Mar 2026 is withdrawn."]),
        (["failed", "healthy"], [1], [
            "Correction: Pay (pay): the recovery reported for 2 Mar 2026 is withdrawn."]),
        (["drift", "healthy", "drift", "healthy"], [0, 1, 2, 3], [
            "Correction: Pay (pay): the drift reported for 1 Mar 2026 is withdrawn.",
            "Correction: Pay (pay): the drift reported for 3 Mar 2026 is withdrawn.",
        ]),
    ],
)  # fmt: skip
def test_what_people_were_told_is_corrected_once_for_each_incident(place, statuses, gone, lines):
    with open_history(place) as history:
        assert told(history, *statuses, gone=gone) == lines
        assert [run.run_date for run in history.runs("pay")] == [
            day(number) for number in range(len(statuses)) if number not in gone
        ]


@pytest.mark.parametrize("build", [discord.build, slack.build, teams.build, github_issue.body, payload.describe])
def test_every_channel_says_that_a_message_is_withdrawn(build):
    message = make_message(
        kind="drift_ended", since=None, share=None, threshold=None, columns=(), column_count=0, notebook_url=None,
        correction=True, changed_by=("forgotten", DAY_OF_MESSAGE), state="healthy",
    )  # fmt: skip

    said = json.dumps(build(message), default=str)

    assert "withdrawn" in said or "was removed" in said
    assert "None" not in said


def test_if_all_goes_only_what_lasts_is_corrected(place):
    with open_history(place) as history:
        assert told(history, "drift", "healthy", "drift", gone=[0, 1, 2], lasting_only=True) == [
            "Correction: Pay (pay): the drift reported for 3 Mar 2026 is withdrawn."
        ]


def test_later_days_are_judged_anew_and_what_was_said_about_them_is_corrected(place):
    with open_history(place) as history:
        lines = told(history, "healthy", "drift", gone=[0], judge=lambda left: [make_record(1, "healthy")])

        assert lines == [
            "Correction: Pay (pay): no drift on 2 Mar 2026 after all. 0 of 2 columns drifted (0%, threshold 10%)."
        ]
        assert [run.status for run in history.runs("pay")] == ["healthy"]


def test_a_forgotten_day_can_be_recorded_again(place):
    channel, clock = Recorder(), Clock()
    with open_history(place) as history:
        assert len(told(history, "healthy", "drift", gone=[1])) == 1
        history.record(make_record(1, "drift"), planner(title="Pay"), NOW + dt.timedelta(days=2))
        assert [run.status for run in history.runs("pay")] == ["healthy", "drift"]
        deliver(history, channel, clock=clock)
        assert [message.kind for message in channel.messages] == ["drift_started"]


def test_nothing_of_a_forgotten_day_is_left_in_the_file(tmp_path):
    with open_history(tmp_path / "history.db") as history:
        history.record(make_record(0, "drift", columns=("Erika Mustermann",)), planner(), NOW)
        history.label("pay", day(0), "confirmed", "Erika M. again", planner(), NOW)
        deliver(history, Recorder())
        forget_in(history, 0)

    assert b"Erika" not in (tmp_path / "history.db").read_bytes()


def test_what_is_left_of_a_forgotten_run_goes_after_a_month_unless_a_correction_waits(place):
    later = NOW + dt.timedelta(days=32)
    with open_history(place) as history:
        told(history, "drift", "healthy", gone=[0])
        forget_in(history, 1)
        history.remove_old_tombs(NOW + dt.timedelta(days=20))
        assert history.forgotten_days() == {"pay": {day(0), day(1)}}
        history.remove_old_tombs(later)
        assert history.forgotten_days() == {}

        history.record(make_record(2, "drift"), planner(), NOW)
        deliver(history, Recorder())
        forget_in(history, 2)
        history.remove_old_tombs(later)
        assert history.forgotten_days() == {"pay": {day(2)}}


def test_two_at_once_and_a_kill_at_any_moment_leave_all_or_nothing(place):
    with open_history(place) as history:
        for number in range(40):
            history.record(make_record(number, "drift" if number % 2 else "healthy"), planner(), NOW)
    for _ in range(6):
        run_and_kill(forget_days, place, list(range(30)), after_seconds=some_time(0.5))
        with open_history(place) as history:
            assert len(history.runs("pay")) in (10, 40)

    assert run_together(forget_days, [(place, list(range(30)))] * 2) == [0, 0]
    with open_history(place) as history:
        assert [run.run_date for run in history.runs("pay")] == [day(number) for number in range(30, 40)]
        assert {score.run_date for score in history.scores(day(0))} == {day(number) for number in range(30, 40)}


def test_a_day_recorded_meanwhile_is_judged_by_it(place):
    """The verdicts are computed before the transaction, and again if the history has changed by then."""
    seen = []

    def judge(left):
        seen.append(len(left))
        if len(seen) == 1:
            with open_history(place) as other:
                other.record(make_record(5, "healthy"), planner(), NOW)
        return []

    with open_history(place) as history:
        history.record(make_record(0, "healthy"), planner(), NOW)
        forget_in(history, 0, judge=judge)

    assert seen == [0, 1]


D = dt.date(2026, 11, 23)


def save_all(branch):
    def forgotten():
        with open_history(branch.state_dir / "history.db") as history:
            return history.forgotten_days()

    return branch.save(lambda: days(branch.state_dir), forgotten=forgotten)


def forget_on(branch: StateBranch, monitor: str, *gone: dt.date) -> None:
    def plan(forgetting):
        return plan_withdrawals(forgetting, AlertSettings(), monitor, D + dt.timedelta(days=9))

    with open_history(branch.state_dir / "history.db") as history:
        history.forget(monitor, set(gone), lambda left: [], plan, dt.datetime(2026, 11, 25, tzinfo=dt.UTC))


def test_the_state_branch_accepts_the_loss_of_forgotten_days_alone(origin):
    branch = clone_of(origin, "a")
    for number in range(3):
        put(branch.state_dir, found("m", D + dt.timedelta(number)))
    save_all(branch)
    forget_on(branch, "m", D)

    assert save_all(branch)
    assert clone_of(origin, "b").recorded() == {"m": {D + dt.timedelta(1), D + dt.timedelta(2)}}
    with pytest.raises(DriftMonitorError, match="has 1 run of m that this history lacks, from 2026-11-25 on"):
        branch.save(lambda: {"m": {D + dt.timedelta(1)}}, forgotten=lambda: {"m": {D}})


@pytest.mark.parametrize("forgets", ["first", "last"])
def test_a_racing_run_does_not_bring_a_forgotten_day_back(origin, forgets):
    one, other = clone_of(origin, "a"), clone_of(origin, "b")
    put(one.state_dir, found("m", D, 0.5), plan=planner())
    save_all(one)
    other.load()
    forget_on(one, "m", D)
    put(other.state_dir, found("n", D))
    for branch in (one, other) if forgets == "first" else (other, one):
        save_all(branch)

    third = clone_of(origin, "c")
    third.load()
    assert days(third.state_dir) == {"n": {D}}
    assert not (third.state_dir / "reports/m" / f"{D}").exists()
    with open_history(third.state_dir / "history.db") as history:
        assert history.outbox.pending() == []


def test_with_the_history_in_a_database_a_merge_brings_no_forgotten_report_back(origin):
    here, other = (replace(clone_of(origin, name), history_elsewhere=True) for name in "ab")
    next_day = D + dt.timedelta(1)
    for number in (D, next_day):
        put(here.state_dir, found("m", number))
    here.save(lambda: {"m": {D, next_day}})
    other.load()
    put(other.state_dir, found("n", D))
    other.save(lambda: {"m": {D, next_day}, "n": {D}})

    here.save(lambda: {"m": {next_day}, "n": {D}}, forgotten=lambda: {"m": {D}})

    third = clone_of(origin, "c")
    third.load()
    assert third.recorded() == {"m": {next_day}, "n": {D}}
    assert sorted(path.parent.name for path in third.state_dir.glob("reports/m/*/record.json")) == [f"{next_day}"]


def test_the_only_monitor_can_be_forgotten_on_the_branch(origin):
    branch = clone_of(origin, "a")
    put(branch.state_dir, found("m", D))
    save_all(branch)
    forget_on(branch, "m", D)
    (branch.state_dir / f"reports/m/{D}/record.json").unlink()
    (branch.state_dir / f"reports/m/{D}").rmdir()

    assert save_all(branch)
    assert clone_of(origin, "b").recorded() == {}


def test_a_message_sent_while_another_machine_forgot_its_day_is_corrected_after_the_merge(tmp_path):
    channel = Recorder()
    for name in ("ours", "theirs"):
        with open_history(tmp_path / name / "history.db") as history:
            history.record(make_record(0, "drift"), planner(title="Pay"), NOW)
    with open_history(tmp_path / "theirs/history.db") as history:
        deliver(history, channel)
    with open_history(tmp_path / "ours/history.db") as history:
        forget_in(history, 0)

    merge_files(tmp_path / "ours/history.db", tmp_path / "theirs/history.db")

    with open_history(tmp_path / "ours/history.db") as history:
        deliver(history, channel)
        assert history.runs("pay") == []
    assert [text.headline(message) for message in channel.messages[1:]] == [
        "Correction: Pay (pay): the drift reported for 1 Mar 2026 is withdrawn."
    ]
