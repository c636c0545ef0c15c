"""A run that is stopped, killed or cut off from a service loses nothing; the next run does the rest."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.notebooks.environment import clean_environment
from tests.jobs import DAY, ROOT, TINY, Job, folders, main
from tests.processes import wait_for

NEXT_DAY = "2026-11-25"


def left_behind(job: Job) -> list[str]:
    """Return what no run should leave beside its reports and its site."""
    reports = [path.name for path in (job.state / "reports/calm").iterdir() if not path.name.endswith(".lock")]
    beside = [path.name for path in job.folder.iterdir() if path.name.startswith("site")]
    return [name for name in [*reports, *beside] if name not in (DAY, NEXT_DAY, "site", "site.before", "site.lock")]


def children(process: int) -> list[int]:
    """Return the ids of a process's own processes."""
    found = []
    for each in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            found += map(int, each.read_text().split())
    return found


def alive(process: int) -> bool:
    """Return whether a process runs: one that only waits to be collected doesn't."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the latter if it ends between opening and reading
        return False


def start(job: Job, *arguments: str) -> subprocess.Popen:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(job.command(*arguments), cwd=ROOT, **pipes)


@pytest.mark.parametrize("seconds", [2.0, 4.0])
def test_a_killed_run_loses_nothing_and_the_next_one_heals(tiny, capsys, seconds):
    main(capsys, *folders(tiny))
    before = tiny.record("calm")

    process = subprocess.Popen(tiny.command("-p", "pause", "1"), cwd=ROOT, stdout=subprocess.DEVNULL)
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert tiny.record("calm").status == before.status == "healthy"
    assert (tiny.site / "index.html").is_file()
    assert main(capsys, *folders(tiny))[0] == 0
    assert left_behind(tiny) == []


HANG = """
import re, signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
open(output_dir + "/hangs", "w").close()
re.match("(a+)+$", "a" * 60 + "b")  # in C, holding the interpreter's lock
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("signal_number", "code"),
    [
        (signal.SIGINT, 130),
        pytest.param(signal.SIGTERM, 130, marks=pytest.mark.slow),
        (signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_a_stopped_run_ends_at_once_with_its_kernels(tiny, capsys, signal_number, code):
    notebook = tiny.folder.parent / "tiny.ipynb"
    main(capsys, *folders(tiny))
    before = tiny.record("calm")
    hang = HANG.strip().replace("\n", "\\n").replace('"', '\\"')
    first_line = TINY.strip().splitlines()[0]
    notebook.write_text(notebook.read_text().replace(first_line, hang))

    process = start(tiny)
    wait_for((tiny.state / f"reports/calm/.{DAY}.new/hangs").exists, seconds=60)
    kernels = children(process.pid)
    process.send_signal(signal_number)
    try:
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()

    assert process.returncode == code
    assert "Traceback" not in out + err
    assert (code < 0) or "error: stopped; finished work is kept" in err
    wait_for(lambda: not any(map(alive, kernels)), seconds=5)
    assert tiny.record("calm") == before
    assert code < 0 or left_behind(tiny) == []


STOPS = {
    "while a library works": """
def work(*_):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except KeyboardInterrupt:
        raise RuntimeError("Query interrupted") from None  # as DuckDB does
from driftmonitor.pipeline import first_monitor
first_monitor.start_monitor = work
runner.main(["init", "x.csv"])
""",
    "while modules are imported": "os.kill(os.getpid(), signal.SIGINT)",
}


@pytest.mark.parametrize("when", STOPS)
def test_any_command_that_is_stopped_ends_with_one_line_and_its_own_exit_code(when):
    begin = "import os, signal, runner\nfrom driftmonitor import stopping\nstopping.listen()\n"

    done = subprocess.run([sys.executable, "-c", begin + STOPS[when]], cwd=ROOT, capture_output=True, text=True)

    assert done.stderr == "error: stopped; finished work is kept. Run the command again to do the rest.\n"
    assert (done.stdout, done.returncode) == ("", 130)


def test_a_history_out_of_reach_is_exit_1_and_the_next_run_records_what_it_missed(tiny, capsys, monkeypatch):
    main(capsys, *folders(tiny, "execute"), "--date", "2026-11-23")  # and killed before the first day was recorded

    monkeypatch.setenv("DRIFT_DATABASE_URL", "postgresql://drift:hush@127.0.0.1:9/none")
    code, out, err = main(capsys, *folders(tiny, "-p", "share", "0.5"))
    monkeypatch.delenv("DRIFT_DATABASE_URL")

    assert code == 1
    assert "DRIFT    calm" in out
    assert err == (
        "error: DRIFT_DATABASE_URL: no server answers at this address; start it, or check the address. "
        "The reports are kept; the next run records them.\n"
    )
    code, out, _ = main(capsys, *folders(tiny), "--date", NEXT_DAY)
    assert code == 0
    assert "alert: calm: drift started on 24 Nov 2026" in out
    with open_history(tiny.state / "history.db") as history:
        statuses = [(f"{run.run_date}", run.status) for run in history.runs("calm")]
    assert statuses == [("2026-11-23", "healthy"), (DAY, "drift"), (NEXT_DAY, "healthy")]


def test_a_site_that_can_t_be_built_keeps_no_alert_back(tiny, capsys, monkeypatch):
    from driftmonitor import DriftMonitorError
    from driftmonitor.pipeline import pages

    def refuse(*_):
        raise DriftMonitorError("site: cannot be written (No space left on device); mend that.")

    monkeypatch.setattr(pages, "publish", refuse)
    code, out, err = main(capsys, *folders(tiny, "-p", "share", "0.5"))

    assert code == 1
    assert "alert: calm: drift started" in out
    assert err == "error: site: cannot be written (No space left on device); mend that.\n"


def test_a_report_that_can_t_be_written_or_read_fails_one_monitor_and_not_the_others(tiny, capsys):
    text = (tiny.folder / "params/calm.yaml").read_text()
    (tiny.folder / "params/blocked.yaml").write_text(text)
    (tiny.state / "reports").mkdir(parents=True)
    (tiny.state / "reports/blocked").write_text("a file where a folder should be")

    code, out, _ = main(capsys, *folders(tiny))

    assert code == 1
    assert "FAILED   blocked: " in out
    assert "healthy  calm" in out
    (tiny.state / f"reports/calm/{DAY}/record.json").write_text('{"schema": 1,')
    assert main(capsys, *folders(tiny, "record"))[0] == 1
    with open_history(tiny.state / "history.db") as history:
        assert [run.status for run in history.runs("calm")] == ["healthy"]


@pytest.mark.parametrize("redirection", ["| head -n 1 | cat", ">&-", "> /dev/full"])
def test_the_work_goes_on_when_nobody_reads_the_console(tiny, redirection):
    command = " ".join(f"'{part}'" for part in tiny.command())
    done = subprocess.run(["bash", "-c", f"{command} {redirection}"], cwd=ROOT, capture_output=True, text=True)

    assert done.stderr == ""
    assert (tiny.site / "index.html").is_file()


@pytest.mark.skipif(os.name == "nt", reason="closes its streams by a POSIX shell")
def test_a_run_without_a_console_does_its_work(tiny):
    command = ["sh", "-c", '"$@" <&- >&- 2>&-', "sh", *map(str, tiny.command())]

    done = subprocess.run(command, cwd=ROOT, env=clean_environment(), timeout=600)

    assert done.returncode == 0
    assert tiny.record("calm").status == "healthy"
