"""Kernels forked from one process that has imported what they need: the runner's side of `zygote.py`.

Importing is most of a notebook's time. Where the system can't, or the process is gone, kernels start as they always do.
"""

import ctypes
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
from driftmonitor.pipeline.notebooks.environment import clean_environment

PR_SET_CHILD_SUBREAPER = 36
LONGEST_WAIT_SECONDS = 120  # for the imports, on a machine with other things to do
POSSIBLE = sys.platform == "linux"  # macOS forks too, but its own libraries don't survive it


class Zygote:
    """The process that forks kernels, at work on its imports as soon as it is made."""

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
        self.process = subprocess.Popen(  # noqa: S603  our own module
            command,
            cwd=ROOT,
            env=clean_environment(),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is the runner's
        )
        theirs.close()
        self.answers = self.control.makefile("r", encoding="utf-8")

    def fork(self, environment: dict[str, str], folder: str, arguments: Sequence[str]) -> "Forked | None":
        """Return a new kernel's process, once the imports are done; None if there can be none any more."""
        request = {"environment": environment, "folder": folder, "arguments": list(arguments)}
        with self.lock, suppress(OSError, ValueError):
            self.control.sendall(json.dumps(request).encode() + b"\n")
            return Forked(int(self.answers.readline()))
        return None

    def close(self) -> None:
        """End the process; its kernels are the runner's."""
        with suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)
        self.process.kill()
        self.process.wait()
        self.answers.close()
        self.control.close()


class Forked:
    """A forked kernel's process, with what Jupyter asks of a subprocess.Popen."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.lock = threading.Lock()

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        return self._collect(os.WNOHANG)

    def wait(self) -> int | None:
        """Wait for its end, and return the exit code."""
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
        """Send a signal if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


_zygotes: list[Zygote] = []  # at most one


@contextmanager
def forking(modules: Sequence[str]) -> Iterator[None]:
    """Have a zygote import `modules` from now on, while the caller still reads and checks, and fork kernels from it."""
    if not modules or _zygotes or not POSSIBLE or ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1):
        yield
        return
    _zygotes.append(Zygote(modules))
    try:
        yield
    finally:
        _zygotes.pop().close()
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0)


def stop() -> None:
    """End the zygote, so that nobody waits for its imports any more."""
    for zygote in _zygotes:
        zygote.process.kill()


def fork(environment: dict[str, str], folder: str, arguments: Sequence[str]) -> Forked | None:
    """Return the process of a kernel forked with these; None where there is no zygote."""
    return _zygotes[0].fork(environment, folder, arguments) if _zygotes else None
