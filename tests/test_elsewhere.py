"""The commands of docs/elsewhere.md do what it says, and the Containerfile's steps give a folder that runs."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import runner
from driftmonitor import stopping
from tests.servers import Answer, Recorder
from tests.workflow_actions import keep_compiled, make_ready
from tests.workflow_fixtures import messages
from tests.workflow_repository import make_repository

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/elsewhere.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("flock"), reason="flock is part of Linux")
def test_of_two_cron_jobs_at_once_one_runs_and_the_other_says_so(tmp_path):
    (line,) = blocks("crontab")
    command = line.split(maxsplit=5)[5]
    home = tmp_path
    clone = make_repository(home / "drift-monitor", {"hot": "drift"})
    keep_compiled(clone)
    make_ready(clone)
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}  # as cron sets it

    with Recorder(Answer(200, {"id": "1"})) as service:
        (home / "drift.env").write_text(f"export DISCORD_WEBHOOK='{service.url}/api/webhooks/1/discord-token'\n")
        both = [subprocess.Popen(["sh", "-c", command], env=environ, stdout=subprocess.PIPE) for _ in range(2)]
        mails = sorted(each.communicate()[0].decode() for each in both)

    log = (home / "drift.log").read_text()
    assert mails == ["", "drift-monitor: exit code 75, see ~/drift.log\n"], log
    assert log.count("DRIFT    hot") == 1
    assert len(messages(service)) == 1
    assert (clone / "site/hot/2026-11-24/index.html").exists()
    (export,) = re.findall(r"^\$ (.*runner.py export .*)$", PAGE, re.MULTILINE)
    subprocess.run(["sh", "-c", export], cwd=clone, env=environ, check=True)
    assert (home / "backup/runs.parquet").exists()


def test_the_page_names_options_and_exit_codes_that_the_runner_has():
    commands = [runner.cli, *runner.cli.commands.values()]
    known = {option for command in commands for parameter in command.params for option in parameter.opts}
    used = {word for line in re.findall(r"runner\.py(.*)", PAGE) for word in re.findall(r"--[a-z-]+", line)}
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE) if int(code) != 4]
    for block in blocks("python"):
        compile(block, "docs/elsewhere.md", "exec")

    assert used <= known
    assert {"--monitor", "--date", "--fail-on-drift"} <= used
    assert set(codes[-5:]) == {runner.RAN, runner.A_MONITOR_FAILED, runner.WRONG, runner.DRIFT, stopping.STOPPED}


@pytest.mark.skipif(sys.platform != "linux", reason="hadolint is installed on Linux only")
def test_the_containerfile_passes_hadolint():
    subprocess.run([Path(sys.executable).parent / "hadolint", ROOT / "Containerfile"], check=True)


def instructions(text):
    """Return a Containerfile's instructions, each with its argument in one line."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [tuple(line.split(" ", 1)) for line in joined.splitlines() if line]


# What would install packages or need rights that this test lacks notes its arguments.
NOTE = '#!/bin/sh\nprintf "%s\\n" "${0##*/} $*" >> "$NOTES"\n'


def test_the_steps_of_the_containerfile_give_a_folder_that_runs(tmp_path):
    steps = instructions((ROOT / "Containerfile").read_text())
    app, tools = tmp_path / "app", tmp_path / "tools"
    app.mkdir()
    tools.mkdir()
    for name in ("pip", "uv", "chown"):
        (tools / name).write_text(NOTE)
        (tools / name).chmod(0o755)
    (tools / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tools / "python").chmod(0o755)
    environ = {"PATH": f"{tools}:{os.environ['PATH']}", "NOTES": str(tmp_path / "notes"), "EXTRAS": "psycopg[binary]"}

    for instruction, argument in steps:
        if instruction == "COPY":
            *sources, target = argument.split()
            for source in (ROOT / source for source in sources):
                if source.is_dir():
                    shutil.copytree(source, app / target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy2(source, app / target)
        elif instruction == "RUN":
            if "compileall" in argument:
                keep_compiled(app)
            subprocess.run(["sh", "-e", "-c", argument], cwd=app, env=environ, check=True)

    said = dict(steps)
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", said["FROM"])
    assert said["WORKDIR"] == "/app"
    assert said["USER"].split(":")[0].isdigit() and not said["USER"].startswith("0")
    assert said["ENV"] == "HOME=/tmp"
    assert (tmp_path / "notes").read_text().splitlines() == [
        "pip install --no-cache-dir --require-hashes -r uv.txt",
        "uv pip install --system --no-cache --compile-bytecode --require-hashes -r requirements.txt",
        "uv pip install --system --no-cache --compile-bytecode -c requirements-dev.txt psycopg[binary]",
        "chown 1000:1000 state public",
    ]
    volumes = {path.removeprefix("/app/") for path in json.loads(said["VOLUME"])}
    assert volumes == {"params", "data", "notebooks", "state", "public"}
    assert all((app / volume).is_dir() for volume in volumes)
    _publish_without_runs(app, json.loads(said["ENTRYPOINT"]), environ)


def _publish_without_runs(app, entrypoint, environ):
    """Start the container's program as `docker run` does, with a command that reads params and builds the site."""
    (app / "params/orders.yaml").write_text("rows: 500\n")
    done = subprocess.run([*entrypoint, "publish"], cwd=app, env=environ, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert (app / "public/site/index.html").is_file()
    assert (app / "site").is_symlink()


def test_the_docker_commands_of_the_page_use_the_containerfiles_volumes():
    build, run = (shlex.split(line) for line in re.findall(r"^\$ (docker (?:.*\\\n)?.*)$", PAGE, re.MULTILINE))
    mounts = {run[i + 1].split(":")[1] for i, word in enumerate(run) if word == "-v"}

    assert build[:4] == ["docker", "build", "-f", "Containerfile"]
    assert mounts == set(json.loads(dict(instructions((ROOT / "Containerfile").read_text()))["VOLUME"]))
