"""The parent of a kernel, which ends with it all that the notebook has started, even what left its session. Linux only.

A kernel may read, trace and signal only itself and its children. Its keeper ends them as soon as the kernel ends, the
runner asks for it (SIGTERM) or ends itself, or a notebook starts processes without end.
Usage: python -m driftmonitor.pipeline.notebooks.keeper ARGUMENT..., as `kernels.py` starts it.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from driftmonitor.pipeline.notebooks import linux

MOST_PROCESSES = 1000  # of one notebook: far more than any needs, far fewer than a machine can run
TOO_MANY_PROCESSES = 86  # the exit code that reports it
CHECK_SECONDS = 0.25
AWAITED = {signal.SIGCHLD, signal.SIGTERM}
HELD_BACK = {*AWAITED, signal.SIGINT}


def keep_kernel(runner: int, start: Callable[[], None]) -> None:
    """Run `start`, which never returns, in a new child; wait for its end, and end with it all that it started."""
    linux.adopt_orphans()
    linux.die_with(runner, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, HELD_BACK)
    family = Family(alone=linux.isolate() and _cannot_signal(runner))
    keeper = os.getpid()
    kernel = os.fork()
    if kernel:
        code = _wait(kernel, family)
        family.end()
        os._exit(code)
    os.setsid()
    linux.die_with(keeper)
    linux.isolate()  # from its keeper too
    linux.offer_to_be_killed()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_BACK)
    start()


def _cannot_signal(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return False


def _wait(kernel: int, family: "Family") -> int:
    """Return the kernel's exit code, or why it must end now."""
    few = _count_threads() + MOST_PROCESSES
    while True:
        received = signal.sigtimedwait(AWAITED, CHECK_SECONDS)
        if received and received.si_signo == signal.SIGTERM:
            return 128 + signal.SIGKILL
        for pid, status in _collect():
            if pid == kernel:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
        if _count_threads() > few:
            size = family.count()
            if size > MOST_PROCESSES:
                return TOO_MANY_PROCESSES
            few = _count_threads() + max(MOST_PROCESSES - size, 100)


def _collect() -> Iterator[tuple[int, int]]:
    """Yield id and status of each child, adopted ones too, that has ended."""
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            yield pid, status


def _count_threads() -> int:
    """Return the number of threads on the whole machine, which takes much less time than to look for descendants."""
    return int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].partition("/")[2])


class Family:
    """This process's descendants; `alone` if it can signal no other process."""

    def __init__(self, alone: bool) -> None:
        self.alone = alone

    def members(self) -> list[int]:
        """Return the ids of the descendants, those not yet collected included."""
        children: dict[int, list[int]] = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has ended
                parent = int(path.read_bytes().rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(path.parent.name))
        found, waiting = [], [os.getpid()]
        while waiting:
            own = children.get(waiting.pop(), [])
            found += own
            waiting += own
        return found

    def count(self) -> int:
        """Return their number. They are stopped meanwhile: thousands would leave this process hardly any time."""
        self.send(signal.SIGSTOP)
        number = len(self.members())
        if number <= MOST_PROCESSES:
            self.send(signal.SIGCONT)
        return number

    def end(self) -> None:
        """End all of them; they may go on forking meanwhile."""
        self.send(signal.SIGKILL)
        while self.members():
            self.send(signal.SIGKILL)
            time.sleep(0.01)
            list(_collect())

    def send(self, number: signal.Signals) -> None:
        """Send them a signal, to all at once if possible, so that none can fork in between."""
        for pid in [-1] if self.alone else self.members():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def become_ipykernel(arguments: Sequence[str]) -> None:
    """Turn this process into an ipykernel with these arguments; it ends when its parent is no longer the same."""
    os.environ["JPY_PARENT_PID"] = f"{os.getppid()}"
    sys.argv = ["ipykernel_launcher", *arguments]
    from driftmonitor.pipeline.notebooks.bare_ipykernel import kernelapp

    kernelapp.launch_new_instance()


if __name__ == "__main__":
    keep_kernel(int(os.environ["JPY_PARENT_PID"]), lambda: become_ipykernel(sys.argv[1:]))
