"""A silent remote, a helper that asks, a repository that names programs: git ends, asks nobody, runs none of them."""

import itertools
import os
import re
import subprocess
import time
import uuid
from pathlib import Path

import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import processes
from driftmonitor.pipeline.github import git, git_command
from driftmonitor.pipeline.github.git import Clone
from driftmonitor.pipeline.github.git_command import Silent
from tests.processes import wait_for
from tests.servers import Answer, Hang, Port, Recorder

SILENT = (
    r"git {verb}: stopped after \d s without a result, {outcome}; check the network and the remote, and run again\."
)
UNCHANGED = "nothing was changed"


def run_git(*arguments):
    return subprocess.run(["git", *map(str, arguments)], check=True, capture_output=True).stdout


@pytest.fixture
def hasty(monkeypatch):
    """Short limits, for remotes that never answer."""
    monkeypatch.setattr(git, "ASK_SECONDS", 0.5)
    monkeypatch.setattr(git_command, "TOTAL_SECONDS", 2.0)


@pytest.fixture
def origin(tmp_path):
    """A repository with one commit."""
    run_git("init", "-q", "-b", "main", tmp_path / "origin")
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    run_git("-C", tmp_path / "origin", "config", "uploadpack.allowAnySHA1InWant", "true")
    run_git("-C", tmp_path / "origin", *who, "commit", "-q", "--allow-empty", "-m", "Begin")
    return tmp_path / "origin"


@pytest.fixture
def clone(tmp_path, origin):
    """Give what makes a clone with a remote at an address, and an environment that marks its processes."""
    run_git("clone", "-q", origin, tmp_path / "clone")

    def make(address, **environ):
        run_git("-C", tmp_path / "clone", "remote", "set-url", "origin", address)
        home = {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
        return Clone(tmp_path / "clone", {**home, "MARK": uuid.uuid4().hex, **environ})

    return make


def processes_of(clone):
    """Return the processes that carry the clone's mark in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if clone.environ["MARK"].encode() in (path / "environ").read_bytes():
                found.append((path / "cmdline").read_bytes())
        except OSError:  # it has ended, or is another user's
            continue
    return found


def advertise(origin, over_http=False):
    """Return what a server of `origin` says first."""
    refs = run_git("upload-pack", "--advertise-refs", origin)
    return b"001e# service=git-upload-pack\n0000" + refs if over_http else refs


def one_byte_after_the_other(heard):
    yield from itertools.chain([b"fff0"], itertools.repeat(b"0"))  # a packet of that length


def refs_without_end(heard):
    line = b"0040%040d refs/heads/%08d\n"
    for n in range(1, 100_000_000):
        yield b"".join(line % (k, k) for k in range(n * 100, n * 100 + 100))


REMOTES = {
    "git says nothing": lambda: Port(lambda heard: []),
    "git drips": lambda: Port(one_byte_after_the_other, pause_seconds=0.1),
    "http says nothing": lambda: Recorder(Hang()),
    "http drips": lambda: Recorder(Answer(200, b"0" * 1000, pause_seconds=0.1)),
    "http drips its headers": lambda: Recorder(Answer(200, b"0" * 1000, pause_seconds=0.1, slow_headers=True)),
}


def address_of(server):
    return f"git://{server.address}/x.git" if isinstance(server, Port) else f"{server.url}/x.git"


@pytest.mark.parametrize("remote", REMOTES)
def test_a_silent_remote_is_asked_three_times_and_left(hasty, clone, remote):
    with REMOTES[remote]() as server:
        made = clone(address_of(server))
        began = time.monotonic()
        with pytest.raises(Silent, match=SILENT.format(verb="ls-remote", outcome=UNCHANGED)):
            made.tips()

        assert 1.4 < time.monotonic() - began < 5
        assert len(server.heard if isinstance(server, Port) else server.requests) == 3
        wait_for(lambda: not processes_of(made))


def test_a_remote_that_is_silent_once_does_not_stop_the_run(hasty, clone, origin):
    answers = iter([[], [advertise(origin)]])

    with Port(lambda heard: next(answers)) as server:
        tips = clone(address_of(server)).tips()

    assert list(tips) == ["main"]


def test_a_remote_that_falls_silent_after_its_greeting_is_left(hasty, clone, origin):
    with Port(lambda heard: [advertise(origin)]) as server:
        made = clone(address_of(server))
        assert list(made.tips()) == ["main"]
        with pytest.raises(Silent, match=SILENT.format(verb="fetch", outcome=UNCHANGED)):
            made.fetch("1" * 40)

        wait_for(lambda: not processes_of(made))


def test_over_http_too_and_all_commands_share_one_limit(hasty, clone, origin):
    refs = Answer(200, advertise(origin, True), {"Content-Type": "application/x-git-upload-pack-advertisement"})
    with Recorder(lambda request: refs if request.method == "GET" else Hang()) as server:
        made = clone(address_of(server))
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(Silent, match="git fetch: stopped after"):
                made.fetch("1" * 40)

        assert time.monotonic() - began < 7


def test_a_push_that_is_stopped_says_that_it_may_have_been_done(hasty, clone, origin):
    with Port(lambda heard: [run_git("receive-pack", "--http-backend-info-refs", origin)]) as server:
        made = clone(address_of(server))
        with pytest.raises(Silent, match=SILENT.format(verb="push", outcome="the branch may have changed")):
            made.push(made.read("rev-parse", "HEAD"), "drift-state", None)


def test_a_list_of_branches_without_end_is_left(monkeypatch, clone):
    monkeypatch.setattr(git, "SHORT_BYTES", 100_000)
    first = b"0084" + b"1" * 40 + b" refs/heads/a\0" + b" " * 73 + b"\n"
    with Port(lambda heard: itertools.chain([first], refs_without_end(heard))) as server:
        made = clone(address_of(server))
        with pytest.raises(DriftMonitorError, match="git ls-remote: "):
            made.tips()


def test_nobody_is_asked_for_a_password(clone):
    with Recorder(Answer(401, b"", {"WWW-Authenticate": 'Basic realm="x"'})) as server:
        made = clone(address_of(server), SSH_ASKPASS="/bin/false", GIT_ASKPASS="/bin/false", DISPLAY=":0")
        with pytest.raises(DriftMonitorError, match="set GITHUB_TOKEN"):
            made.tips()


def test_a_helper_that_waits_for_an_answer_is_ended_with_its_children(hasty, clone):
    with Recorder(Answer(401, b"", {"WWW-Authenticate": 'Basic realm="x"'})) as server:
        made = clone(address_of(server))
        made.run("config", "credential.helper", "!sh -c 'trap : TERM; sleep 60 & sleep 60; sleep 60'")
        with pytest.raises(Silent):
            made.tips()

    wait_for(lambda: not processes_of(made))


@pytest.mark.parametrize("own", [False, True])
def test_ssh_cannot_ask_and_the_user_s_own_ssh_is_kept(hasty, clone, tmp_path, own):
    ssh = tmp_path / "bin/ssh"
    ssh.parent.mkdir()
    ssh.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\necho Password: > /dev/tty\nread answer < /dev/tty || exit 1\n'
    )
    ssh.chmod(0o755)
    made = clone("ssh://git@127.0.0.1/x.git", PATH=f"{tmp_path}/bin:{os.environ['PATH']}")
    if own:
        run_git("-C", made.root, "config", "core.sshCommand", "ssh -i own")

    with pytest.raises(DriftMonitorError, match="git ls-remote: failed"):
        made.tips()

    assert ("-i own" if own else "-oBatchMode=yes") in (tmp_path / "asked").read_text()


def test_a_repository_s_hooks_monitor_and_filters_do_not_run(clone, origin, tmp_path):
    made = clone(origin)
    hook = tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\necho $0 >> {tmp_path}/ran\ncat\n")
    hook.chmod(0o755)
    for name in ("pre-push", "reference-transaction", "post-index-change", "post-checkout"):
        (made.root / f".git/hooks/{name}").symlink_to(hook)
    for key in ("core.fsmonitor", "filter.own.clean", "filter.own.smudge", "filter.own.process", "core.askPass"):
        run_git("-C", made.root, "config", key, hook)
    run_git("-C", made.root, "config", "filter.own.required", "true")
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / ".gitattributes").write_text("* filter=own\n")
    (folder / "history.db").write_bytes(b"\x00one\r\n")

    tree = made.write_tree(folder, [".gitattributes", "history.db"], [])
    commit = made.commit(tree, "State")
    assert made.push(commit, "drift-state", None)
    made.fetch(commit)
    (tmp_path / "out").mkdir()
    made.check_out(commit, tmp_path / "out")

    assert (tmp_path / "out/history.db").read_bytes() == b"\x00one\r\n"
    assert not (tmp_path / "ran").exists()


def test_the_token_goes_to_github_alone_also_if_that_names_another_address(clone):
    with Recorder(Answer(404)) as other:
        moved = Answer(302, b"", {"Location": f"{other.url}/x.git/info/refs?service=git-upload-pack"})
        with Recorder(moved) as server:
            token = {"GITHUB_TOKEN": "t", "GITHUB_SERVER_URL": f"{server.url}/"}
            with pytest.raises(DriftMonitorError, match="the repository moved; set its new address"):
                clone(f"{server.url}/x.git", **token).tips()
            with pytest.raises(DriftMonitorError):
                clone(f"{other.url}/x.git", **token).tips()

    assert server.requests[0].headers["authorization"] == "basic eC1hY2Nlc3MtdG9rZW46dA=="
    assert [request.headers.get("authorization") for request in other.requests] == [None]


def test_a_program_that_leaves_a_child_behind_with_its_output_does_not_hold_us():
    began = time.monotonic()
    ended = processes.run(["sh", "-c", "setsid sleep 5 & echo out; echo err >&2; exit 3"], os.environ, 4)

    assert (ended.code, ended.output, ended.errors) == (3, b"out\n", b"err\n")
    assert time.monotonic() - began < 4


def test_a_program_that_does_not_read_its_input_or_prints_errors_without_end_is_no_trouble():
    sent = b"x" * 1_000_000
    assert processes.run(["true"], os.environ, 5, sent).code == 0
    assert processes.run(["wc", "-c"], os.environ, 5, sent).output.strip() == b"1000000"
    with pytest.raises(processes.OutOfTime):
        processes.run(["sh", "-c", "yes >&2"], os.environ, 0.5)
    with pytest.raises(processes.TooMuchOutput):
        processes.run(["yes"], os.environ, 5, most_bytes=1000)


def test_the_workflows_jobs_leave_room_for_git():
    text = (Path(__file__).parents[1] / ".github/workflows/drift_check.yml").read_text()
    minutes = dict(re.findall(r"^  (\w+):\n(?:    .*\n)*?    timeout-minutes: (\d+)", text, re.MULTILINE))
    commands = {"plan": 1, "publish": 3, "alert": 2}  # load, save and readme are a clone each

    assert all(int(minutes[job]) * 60 > n * git_command.TOTAL_SECONDS + 600 for job, n in commands.items())
