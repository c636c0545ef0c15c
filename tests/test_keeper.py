"""A notebook reads and signals no process but its own, and nothing that it has started outlives its run."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from driftmonitor.pipeline.notebooks import forks, linux
from driftmonitor.pipeline.notebooks.environment import clean_environment
from driftmonitor.pipeline.notebooks.kernels import stoppable_threads
from driftmonitor.pipeline.notebooks.run_notebook import execute
from tests.processes import wait_for
from tests.test_execute import DAY, RECORD
from tests.test_forks import MODULES, ROOT, write_monitor
from tests.test_interrupted import alive

pytestmark = pytest.mark.skipif(not linux.POSSIBLE, reason="keepers are on Linux alone")
SECRET = "hush-5521"
blocks_signals = pytest.mark.skipif(
    linux._syscall(linux.LANDLOCK_CREATE_RULESET, None, 0, 1) < linux.SINCE_SCOPES, reason="Landlock before Linux 6.12"
)

# A runner of its own, whose environment holds a secret from its first moment on.
RUNNER = """
import datetime, sys
from pathlib import Path
from driftmonitor.config.params import Monitor
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.pipeline.notebooks import forks, linux
from driftmonitor.pipeline.notebooks.run_notebook import execute
notebook, reports, timeout, *modules = sys.argv[1:]
linux.hide_from_others()
with forks.forking(modules):
    settings = MonitorSettings(notebook=notebook, timeout_seconds=int(timeout))
    record = execute(Monitor("x", Path("x.yaml"), {}, settings), datetime.date(2026, 11, 24), Path(reports))
print(record.status, record.error)
"""

CURIOUS = """
import ctypes, os, subprocess
from pathlib import Path

def look(name, read):
    try:
        found = read()
    except OSError:
        found = b""
    if b"hush-5521" in found:
        raise SystemError(f"{name} gives the secret away")

ptrace = ctypes.CDLL(None).ptrace
for folder in Path("/proc").glob("[0-9]*"):
    if int(folder.name) != os.getpid():
        for name in ("environ", "auxv", "root/proc/self/environ"):
            look(f"{folder}/{name}", (folder / name).read_bytes)
        if int(folder.name) in ANCESTORS and ptrace(0x4206, int(folder.name), 0, 0) == 0:
            raise SystemError("an ancestor can be traced")
for pid in ANCESTORS:
    try:
        open(f"/proc/{pid}/mem", "rb").close()
        raise SystemError(f"the memory of {pid} can be read")
    except PermissionError:
        pass
for command in (["ps", "eaxww"], ["sudo", "-n", "cat", f"/proc/{ANCESTORS[1]}/environ"],
                ["unshare", "-Ur", "cat", f"/proc/{ANCESTORS[1]}/environ"],
                ["setsid", "sh", "-c", "cat /proc/[0-9]*/environ"]):
    look(command[0], lambda: subprocess.run(command, capture_output=True).stdout)
"""
ANCESTORS = """
def parent(pid):
    return int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1])

ANCESTORS = [os.getppid(), parent(os.getppid())]  # the keeper and the runner
"""


def start_runner(folder: Path, *cells: str, timeout: int = 60, fork: bool = False) -> subprocess.Popen:
    notebook = write_monitor(folder, "x", *cells).settings.notebook
    command = [
        sys.executable,
        "-c",
        RUNNER,
        notebook,
        str(folder / "reports"),
        f"{timeout}",
        *(MODULES if fork else ()),
    ]
    environment = clean_environment() | {"DISCORD_WEBHOOK": SECRET}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("fork", [False, True])
def test_a_notebook_reads_no_secret_of_any_process(tmp_path, fork):
    runner = start_runner(tmp_path, f"import os{ANCESTORS}", CURIOUS, RECORD, fork=fork)

    assert runner.communicate(timeout=120)[0] == "healthy None\n"


def test_what_one_notebook_may_read_is_not_in_the_memory_that_the_next_one_is_forked_with(tmp_path, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_TOKEN", f"{SECRET[:4]}-of-the-first")
    seek = (
        "import re; word = b'hush-' + b'of-the-first'; found = 0\n"
        "with open('/proc/self/maps') as maps, open('/proc/self/mem', 'rb', 0) as memory:\n"
        "    for first, last in re.findall('^([0-9a-f]+)-([0-9a-f]+) rw', maps.read(), re.M):\n"
        "        memory.seek(int(first, 16)); found += memory.read(int(last, 16) - int(first, 16)).count(word)\n"
        "assert found < 3, found"  # its own copies of the word
    )

    with forks.forking(MODULES), stoppable_threads(1):
        for name, pass_env, cell in [("first", ("WAREHOUSE_TOKEN",), ""), ("second", (), seek)]:
            record = execute(write_monitor(tmp_path, name, cell, RECORD, pass_env=pass_env), DAY, tmp_path / "reports")
            assert (record.status, record.error) == ("healthy", None)


LEAVERS = """
import os, subprocess, time
pids = open(PIDS, "a", buffering=1)

def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for descriptor in range(3):
                os.close(descriptor)
            pids.write(f"{os.getpid()}\\n")
            time.sleep(7654)
        os._exit(0)

daemon()
leavers = (["setsid", "sleep", "7654"], ["nohup", "sleep", "7654"], ["sh", "-c", "setsid sh -c 'sleep 7654 & echo'"])
for command in leavers:
    pids.write(f"{subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid}\\n")
time.sleep(0.5)
"""


def left(folder: Path) -> list[int]:
    pids = folder / "pids"
    return [int(line) for line in pids.read_text().split() if alive(int(line))] if pids.exists() else []


def started(folder: Path) -> bool:
    return (folder / "pids").exists() and len((folder / "pids").read_text().split()) == 4


@pytest.mark.parametrize("fork", [False, True])
@pytest.mark.parametrize(
    ("end", "said"),
    [
        (RECORD, "healthy None"),
        ("1 / 0", "failed ZeroDivisionError: division by zero"),
        (
            "os.kill(os.getpid(), 9)",
            "failed the notebook's kernel died (killed, out of memory, or a crash in a library)",
        ),
        ("time.sleep(600)", "failed stopped after 5 s; raise monitor.timeout_seconds or lower max_rows"),
    ],
)
def test_nothing_that_a_notebook_started_outlives_it(tmp_path, end, said, fork):
    timeout = 5 if "sleep" in end else 60
    runner = start_runner(tmp_path, f"PIDS = {str(tmp_path / 'pids')!r}{LEAVERS}", end, timeout=timeout, fork=fork)

    assert runner.communicate(timeout=120)[0] == f"{said}\n"
    assert started(tmp_path)
    assert left(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_that_a_notebook_started_outlives_the_runner(tmp_path, number):
    runner = start_runner(tmp_path, f"PIDS = {str(tmp_path / 'pids')!r}{LEAVERS}", "time.sleep(600)", fork=True)
    wait_for(lambda: started(tmp_path), seconds=60)
    assert len(left(tmp_path)) >= 3

    runner.send_signal(number)
    runner.communicate()

    wait_for(lambda: left(tmp_path) == [])


@blocks_signals
def test_a_notebook_that_signals_whatever_it_can_ends_only_itself(tmp_path):
    cell = (
        "import signal\n"
        "for pid in [*ANCESTORS, 1]:\n"
        "    try:\n"
        "        os.kill(pid, signal.SIGKILL)\n"
        "    except PermissionError:\n"
        "        pass\n"
        "try:\n"
        "    os.kill(-1, signal.SIGKILL)  # there is none but itself\n"
        "except (PermissionError, ProcessLookupError):\n"
        "    pass\n"
    )
    runner = start_runner(tmp_path, f"import os{ANCESTORS}", cell, RECORD, fork=True)

    assert runner.communicate(timeout=120)[0] == "healthy None\n"


@pytest.mark.slow
@pytest.mark.xdist_group("processes without end")  # one such notebook is enough for a machine
@pytest.mark.parametrize(
    "cell",
    [
        "import subprocess; subprocess.run('while :; do setsid sleep 7655 & done', shell=True)",
        "import os, time; end = time.time() + 5\nwhile time.time() < end: os.fork() or os.setsid()\ntime.sleep(60)",
    ],
)
def test_a_notebook_that_starts_processes_without_end_is_stopped(tmp_path, cell):
    runner = start_runner(tmp_path, cell, RECORD, fork=True)

    said = runner.communicate(timeout=120)[0]

    assert said == "failed stopped after starting over 1,000 processes; start fewer\n"
    assert subprocess.run(["pgrep", "-f", "^sleep 7655"], capture_output=True).returncode == 1


def test_moving_files_and_waiting_for_children_work_in_a_kernel_and_memory_costs_it_first(tmp_path):
    cell = (
        "import os, subprocess; from pathlib import Path\n"
        f"here = Path({str(tmp_path)!r}); (here / 'a').mkdir(); (here / 'b').mkdir(); (here / 'a/f').write_text('x')\n"
        "os.rename(here / 'a/f', here / 'b/f'); os.link(here / 'b/f', here / 'a/g')\n"
        "process = subprocess.Popen(['sleep', '60']); process.terminate()\n"
        "assert process.wait() == -15\n"
        "assert Path('/proc/self/oom_score_adj').read_text().strip() == '500'\n"
    )
    runner = start_runner(tmp_path, cell, RECORD)

    assert runner.communicate(timeout=120)[0] == "healthy None\n"


def can_read_parent(before: str) -> bool:
    """Return whether a child of a process that runs `before` with a secret reads its environment, as nobody's user."""
    code = f"""
import os, sys
from driftmonitor.pipeline.notebooks import linux
{before}
if os.fork() == 0:
    AS_CHILD
    try:
        os._exit(b"{SECRET}" not in open(f"/proc/{{os.getppid()}}/environ", "rb").read())
    except PermissionError:
        os._exit(1)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""
    as_child = "linux._drop_rights_to_read()" if "drop" in before else "pass"
    environment = clean_environment() | {"DISCORD_WEBHOOK": SECRET}
    command = [sys.executable, "-c", code.replace("AS_CHILD", as_child)]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode == 0


AS_NOBODY = "os.setuid(65534) if os.getuid() == 0 else None; linux._prctl(linux.PR_SET_DUMPABLE, 1)"


@pytest.mark.parametrize(
    ("before", "readable"),
    [
        (AS_NOBODY, True),
        (f"{AS_NOBODY}; linux.hide_from_others()", False),
        pytest.param("'drop'", False, marks=pytest.mark.skipif(os.getuid() != 0, reason="of root")),
    ],
)
def test_without_landlock_a_hidden_process_is_not_read_either(before, readable):
    assert can_read_parent(before) is readable


def test_elsewhere_what_a_notebook_started_is_ended_too_unless_it_left_it(tmp_path, monkeypatch):
    monkeypatch.setattr(linux, "POSSIBLE", False)
    cell = (
        f"import os, subprocess, time; pids = open({str(tmp_path / 'pids')!r}, 'w', buffering=1)\n"
        "pids.write(f\"{subprocess.Popen(['setsid', '--fork', 'true']).wait()}\\n{os.getpid()}\\n\")\n"
        "pids.write(f\"{subprocess.Popen(['sleep', '7654'], start_new_session=True).pid}\\n\"); time.sleep(600)"
    )

    record = execute(write_monitor(tmp_path, "x", cell, timeout_seconds=6), DAY, tmp_path / "reports")

    assert (record.status, record.error_kind) == ("failed", "timeout")
    assert len((tmp_path / "pids").read_text().split()) == 3
    wait_for(lambda: [pid for pid in left(tmp_path) if pid] == [])
