"""Nothing that is printed on GitHub is a command of its runner, whoever prints it, and all of it can be read."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from driftmonitor.pipeline.changes import dry_runs
from driftmonitor.pipeline.github import log, outputs

ROOT = Path(__file__).parents[1]
WORDS = {"add-mask", "error", "warning", "notice", "debug", "group", "endgroup", "echo", "set-output", "save-state",
         "set-env", "add-path", "add-matcher", "remove-matcher", "stop-commands"}  # fmt: skip
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\x00\x1b"


def commands(printed: str) -> list[str]:
    """Return the commands in a text, by the rules of ActionCommand.cs in github.com/actions/runner.

    Characters that its comparisons ignore are left out here first, which finds more commands than it does.
    """
    found = []
    for line in re.split(r"[\r\n]", re.sub(rf"[{UNSEEN}]", "", printed)):
        rest = line.lstrip().partition("::")[2]
        names = [rest.split("::")[0].split(" ")[0]] if line.lstrip().startswith("::") and "::" in rest else []
        names += re.findall(r"##\[([^\] ]+)[^\]]*\]", line)
        found += [name for name in names if name in WORDS]
    return found


COMMANDS = [
    "##[add-mask]true", "the plan ##[group]basic has it", "::error::no", "   ::add-mask::e", "\t::error file=a.py::x",
    "###[error]x", "\u00a0\u3000::warning::x", "\u2028::warning::x", "fine\r::stop-commands::t", "fine\n##[error]x",
    "\u200b::error::x", "#\u200b#[error]x", "#\u00ad#\u2060[error]x", ":\u200b:error::x", "\x00::error::x",
    "##[add-mask]##[add-mask]x", "::set-output name=due::true", "::add-matcher::x.json",
]  # fmt: skip


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_in_the_data_is_printed_as_none(text):
    assert commands(text)
    assert commands(filtered(text)) == []
    assert re.sub(rf"[ {UNSEEN}]", "", filtered(text)) == re.sub(rf"[ {UNSEEN}]", "", text)


@pytest.mark.parametrize(
    "text",
    ["std::vector", "http://[::1]:8080/x", "# a heading", "issue #1 [open]", "## heading", "a: b", "10:30", "ü ✓ [x]",
     "\x1b[33mDRIFT\x1b[0m shop: 1 of 2", "", "\r\n", "C# [x]", "\udc80"],
)  # fmt: skip
def test_what_is_no_command_is_printed_as_it_is(text):
    assert filtered(text) == text


def test_the_space_can_be_seen():
    assert filtered("plan: ##[add-mask]true") == "plan: # #[add-mask]true"
    assert filtered("::error::the plan") == ": :error: :the plan"
    assert filtered("\x1b[31m::error::x") == "\x1b[31m: :error: :x"


@given(st.lists(st.sampled_from([*"##[]::\r e", *UNSEEN, "error", "add-mask", "\x1c", "\u3000"])).map("".join))
@example("\x1c" * 50_000)
@example("#\u200b" * 30_000)
@example(":\u200b" * 30_000)
@example("\x1b[" * 30_000)
def test_no_text_commands_the_runner(text):
    assert commands("\r".join(map(log.defuse, text.split("\r")))) == []


def filtered(text: str) -> str:
    sent = text.encode("utf-8", "surrogateescape")
    done = subprocess.run([sys.executable, "-I", "-S", log.__file__], input=sent, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def run(script: str, **environ: str) -> subprocess.CompletedProcess:
    begin = "import os, sys\nfrom driftmonitor.pipeline.github.log import protect_output\nprotect_output(os.environ)\n"
    environment = os.environ | {"GITHUB_ACTIONS": "true", "PYTHONPATH": str(ROOT)} | environ
    return subprocess.run(
        [sys.executable, "-c", begin + script], env=environment, capture_output=True, text=True, errors="replace"
    )


EVERYBODY = """
import atexit, click, logging, subprocess, threading, warnings
from tqdm import tqdm
print("1 ::error::print")
print("::", end="", flush=True); print("error::2 in pieces", flush=True)
sys.stdout.write("#"); sys.stdout.flush(); sys.stdout.write("#[error]3 in pieces\\n")
click.echo("##[error]4 click")
os.write(1, b"::error::5 by the system\\n\\xff::error::6 not UTF-8\\n")
warnings.warn("##[error]7 a warning")
logging.getLogger("urllib3").error("##[error]8 a library's log")
for _ in tqdm([1], desc="::error::9 progress"): pass
subprocess.run(["sh", "-c", "echo '::error::10 a child'; echo '::error::11 a child' >&2"])
threading.Thread(target=lambda: 1 / 0, name="##[error]12 a thread").start()
atexit.register(lambda: print("::error::13 when it ends"))
subprocess.run([sys.executable, "-c", "import ctypes; ctypes.string_at(0)", "x"])
raise SystemError("\\n::error::14 a traceback ##[error]")
"""


def test_whoever_prints_nothing_is_a_command_and_everything_is_there():
    done = run(EVERYBODY)

    printed = done.stdout + done.stderr
    assert done.returncode == 1
    assert commands(printed) == []
    assert [n for n in range(1, 15) if not re.search(rf"\b{n} ", printed)] == []
    assert "ZeroDivisionError" in done.stderr


def test_elsewhere_nothing_is_changed():
    assert run('print("::error::x ##[error]")', GITHUB_ACTIONS="").stdout == "::error::x ##[error]\n"


def test_a_reader_that_leaves_does_not_stop_the_run(tmp_path):
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -c "$0" | head -1; echo "${{PIPESTATUS[0]}}"',
         f"import os\nfrom driftmonitor.pipeline.github.log import protect_output\nprotect_output(os.environ)\n"
         f"for n in range(200_000): print('line', n)\nopen('{tmp_path}/done', 'w')"],
        env=os.environ | {"GITHUB_ACTIONS": "true", "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip

    assert done.stdout.splitlines() == ["line 0", "0"]
    assert (tmp_path / "done").exists()


def test_a_line_without_an_end_is_printed():
    done = run("os.write(1, b'x' * 1_000_000 + b'##[error]x')")

    assert done.stdout.count("x") == 1_000_001
    assert commands(done.stdout) == []


def test_what_is_printed_last_is_there_when_the_run_is_stopped(tmp_path):
    script = "import time\nprint('##[error]begun', flush=True)\ntry: time.sleep(30)\nfinally: print('ended')"
    begin = "import os, signal\nfrom driftmonitor.pipeline.github.log import protect_output\n"
    begin += "protect_output(os.environ)\n"
    begin += "signal.signal(signal.SIGTERM, signal.default_int_handler)\n"
    environ = os.environ | {"GITHUB_ACTIONS": "true", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", begin + script], env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    first = process.stdout.readline()
    os.killpg(process.pid, signal.SIGTERM)

    assert first + process.communicate(timeout=10)[0] == "# #[error]begun\nended\n"


def test_a_process_that_is_left_behind_does_not_hold_the_run(tmp_path):
    script = (
        "import os, subprocess\nfrom driftmonitor.pipeline.github import log\nlog.WAIT_SECONDS = 0.5\n"
        "log.protect_output(os.environ)\nprint('##[error]x')\nsubprocess.Popen(['sleep', '9'])"
    )
    environ = os.environ | {"GITHUB_ACTIONS": "true", "PYTHONPATH": str(ROOT)}
    with (tmp_path / "printed").open("w+") as printed:
        process = subprocess.Popen([sys.executable, "-c", script], env=environ, stdout=printed, start_new_session=True)
        try:
            assert process.wait(6) == 0
            assert (tmp_path / "printed").read_text() == "# #[error]x\n"
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_the_command_line_prints_no_command(tmp_path):
    (tmp_path / "calm.yaml").write_text('monitor: {title: "##[add-mask]true"}\n')
    command = [sys.executable, "runner.py", "validate", "--params", tmp_path]
    environ = os.environ | {"GITHUB_ACTIONS": "true"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    wrong = subprocess.run([*command, "--date", "::error::x"], cwd=ROOT, env=environ, capture_output=True, text=True)

    assert ": ok: # #[add-mask]true, run by" in done.stdout, done.stderr
    assert wrong.stderr == "error: --date ': :error: :x' is not a date; write it as 2026-01-31.\n"
    assert wrong.returncode == 2


NASTY = [
    "a\nb=c",
    "a\r\nb=c",
    "x<<EOF",
    "EOF",
    "x\u2028b=c\x85d",
    "##[add-mask]x",
    "::error::x",
    "\x1b[0m",
    "ü",
    "=",
    "",
]


def read_as_github_does(text: str) -> dict[str, str]:
    """Return the outputs that GitHub's runner reads, by FileCommandManager.cs in github.com/actions/runner."""
    found, lines = {}, text.split("\n")
    while lines:
        line = lines.pop(0)
        equals, start = line.find("="), line.find("<<")
        if equals >= 0 and (start < 0 or equals < start):
            name, value = line.split("=", 1)
            found[name] = value
        elif start >= 0:
            name, end = line.split("<<", 1)
            found[name] = "\n".join(lines[: lines.index(end)])
            lines = lines[lines.index(end) + 1 :]
        elif line:
            raise ValueError(line)
    return found


@pytest.mark.parametrize("value", NASTY)
def test_a_step_s_output_is_one_value_whatever_it_contains(tmp_path, value):
    path = tmp_path / "output"
    outputs.write({"arguments": value, "due": True}, {"GITHUB_OUTPUT": str(path)})

    read = read_as_github_does(path.read_bytes().decode())
    assert {name: json.loads(text) for name, text in read.items()} == {"arguments": value, "due": True}


def test_the_plan_reaches_the_other_jobs_as_it_was_given_and_is_no_command_in_the_log(tmp_path):
    (tmp_path / "calm.yaml").write_text("rows: 500\n")
    given = {"reference": "x\n::error::x ##[add-mask]x <<EOF", "rows": 50}
    command = ["plan", "--params", tmp_path, "--date", "2026-11-24", "--parameters", json.dumps(given)]
    environ = os.environ | {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(tmp_path / "output")}
    done = subprocess.run(
        [sys.executable, "runner.py", *command], cwd=ROOT, env=environ, capture_output=True, text=True
    )

    read = read_as_github_does((tmp_path / "output").read_text())
    arguments = json.loads(read["arguments"]).split("\n")
    assert done.returncode == 0, done.stderr
    assert arguments[4:] == ["-p", "reference", json.dumps(given["reference"]), "-p", "rows", "50"]
    assert commands(done.stdout) == []


def test_nothing_else_writes_to_the_files_of_github_s_runner():
    files = re.compile(r"GITHUB_(OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)")
    users = [path for path in ROOT.glob("driftmonitor/**/*.py") if files.search(path.read_text(encoding="utf-8"))]

    assert sorted(path.name for path in users) == ["dry_runs.py", "outputs.py", "step_summary.py"]
    assert not {"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} - set(dry_runs.LEFT_OUT)  # it hands them to nobody
