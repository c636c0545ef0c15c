"""Fork kernels from one process that has imported what they need: the runner's side of `zygote.py`.

Imports take most of a notebook's time. If the system cannot fork, or the process is gone, kernels start as usual.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from driftmonitor import ROOT
from driftmonitor.pipeline.notebooks import linux
from driftmonitor.pipeline.notebooks.environment import clean_environment

LONGEST_WAIT_SECONDS = 120  # for the imports, on a busy machine
POSSIBLE = linux.POSSIBLE  # macOS can fork too, but its libraries do not survive it


class Zygote:
    """The process that forks kernels; it starts its imports when it is created."""

    def __init__(self, modules: Sequence[str]) -> None:
        self.lock = threading.Lock()
        self.control, theirs = socket.socketpair()
        self.control.settimeout(LONGEST_WAIT_SECONDS)
        command = [
            sys.executable,
            "-m",
            "driftmonitor.pipeline.notebooks.zygote",
            str(theirs.fileno()),
            str(os.getpid()),
            *modules,
        ]
        self.process = subprocess.Popen(  # noqa: S603  a fixed command
            command,
            cwd=ROOT,
            env=clean_environment(),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is only for the runner
        )
        theirs.close()
        self.answers = self.control.makefile("r", encoding="utf-8")

    def fork(self, environment: dict[str, str], folder: str, arguments: Sequence[str]) -> "Forked | None":
        """Return a new kernel's process, once the imports are done; None if the zygote has ended."""
        request = {"environment": environment, "folder": folder, "arguments": list(arguments)}
        with self.lock, suppress(OSError, ValueError), os.fdopen(os.memfd_create(""), "w+") as file:
            json.dump(request, file)
            file.seek(0)
            socket.send_fds(self.control, [b"1"], [file.fileno()])
            return Forked(int(self.answers.readline()))
        return None

    def close(self) -> None:
        """End the process; its kernels go on, because the runner is their parent."""
        with suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)
        self.process.kill()
        self.process.wait()
        self.answers.close()
        self.control.close()


class Forked:
    """The keeper of a forked kernel, with the part of subprocess.Popen that Jupyter uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.lock = threading.Lock()

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        return self._collect(os.WNOHANG)

    def wait(self) -> int | None:
        """Wait until it ends, and return the exit code."""
        return self._collect(0)

    def _collect(self, options: int) -> int | None:
        with self.lock:
            if self.returncode is None:
                try:
                    pid, status = os.waitpid(self.pid, options)
                except ChildProcessError:
                    pid, status = self.pid, int(signal.SIGKILL)  # it ended before the runner was its parent
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal if it is still running."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Request that it ends."""
        self.send_signal(signal.SIGTERM)


_zygotes: list[Zygote] = []  # at most one


@contextmanager
def forking(modules: Sequence[str]) -> Iterator[None]:
    """Let a zygote import `modules` while the caller reads and checks, and fork the kernels of this block from it."""
    if not modules or _zygotes or not POSSIBLE or not linux.adopt_orphans():
        yield
        return
    _zygotes.append(Zygote(modules))
    try:
        yield
    finally:
        _zygotes.pop().close()
        linux.adopt_orphans(False)


def stop() -> None:
    """End the zygote, so that no kernel waits for its imports."""
    for zygote in _zygotes:
        zygote.process.kill()


def fork(environment: dict[str, str], folder: str, arguments: Sequence[str]) -> Forked | None:
    """Return the process of a kernel forked with these, or None without a zygote."""
    return _zygotes[0].fork(environment, folder, arguments) if _zygotes else None
