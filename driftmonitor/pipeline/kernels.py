"""Jupyter kernels: the processes that run notebooks, in a clean environment, and ended whatever happens."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from driftmonitor import ROOT

# What a kernel needs of its surroundings. Everything else, secrets above all, stays outside.
KEPT_ENVIRONMENT = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|VIRTUAL_ENV|CONDA_PREFIX|LD_LIBRARY_PATH"
    r"|PYTHON(PATH|HOME|UTF8|HASHSEED|WARNINGS|NOUSERSITE)|XDG_\w+|JUPYTER_\w*(DIR|PATH)|MPLCONFIGDIR"
    r"|(OMP|OPENBLAS|MKL|NUMEXPR|ARROW)_\w+|SSL_CERT_\w+"
    r"|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|PROGRAMDATA|USERPROFILE|NUMBER_OF_PROCESSORS"
)
LONGEST_SOCKET = 90  # a socket's path may have about 100 characters, and Jupyter adds some
EARLY_IMPORT = "import driftmonitor.analysis.drift, driftmonitor.analysis.plots"
# PR_SET_PDEATHSIG: ipykernel looks for its parent itself, but can't while C code holds the interpreter's lock.
DIE_WITH_PARENT = f"__import__('ctypes').CDLL(None).prctl(1, {int(signal.SIGKILL)})" if sys.platform == "linux" else ""


def clean_environment(pass_env: tuple[str, ...] = (), environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment a kernel gets: what any program needs, and what the monitor names in `pass_env`."""
    kept = {name: value for name, value in environ.items() if KEPT_ENVIRONMENT.fullmatch(name.upper())}
    named = {name: environ[name] for name in pass_env if name in environ}
    return {**kept, **named, "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}


class Stopped(Exception):  # noqa: N818  nothing went wrong: the user stopped the run
    """The run was stopped from outside: what it was at must not be kept."""


@dataclass(eq=False)
class Kernel:
    """A started kernel, and whether its time ran out."""

    manager: AsyncKernelManager
    folder: Path  # its connection file, and the sockets it listens on
    timed_out: bool = False

    def time_out(self) -> None:
        """End the kernel because its time is up; called from the watchdog's thread."""
        self.timed_out = True
        self.kill()

    def kill(self) -> None:
        """End the kernel and its children at once."""
        process = self.manager.provisioner.process if self.manager.provisioner else None
        if process and process.poll() is None:
            if hasattr(os, "killpg"):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # jupyter_client starts it as the leader of its own group
            else:
                process.kill()


class _Running:
    """All kernels of this process, so that a Ctrl-C can end them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kernels: set[Kernel] = set()
        self.spare: list[Kernel] = []
        self.stopped = False


_RUNNING = _Running()


@contextmanager
def stopping() -> Iterator[None]:
    """End every kernel at once when the block is left by an exception, such as a Ctrl-C; none starts meanwhile."""
    _RUNNING.stopped = False
    try:
        yield
    except BaseException:
        with _RUNNING.lock:
            _RUNNING.stopped = True
            for kernel in _RUNNING.kernels:
                kernel.kill()
        raise


def stopped() -> bool:
    """Return whether the run was stopped from outside."""
    return _RUNNING.stopped


def check_going_on() -> None:
    """Raise Stopped if the run was stopped."""
    if stopped():
        raise Stopped


@contextmanager
def early_kernel() -> Iterator[None]:
    """Start a kernel now for the first notebook that can use it: it imports while the caller still reads and checks.

    Importing what the notebook needs is most of a run's time. A kernel that nobody took is ended.
    """
    spare = _start(clean_environment(), early_import=True)
    _RUNNING.spare.append(spare)
    try:
        yield
    finally:
        if spare in _RUNNING.spare:
            _RUNNING.spare.remove(spare)
            _end(spare)


@contextmanager
def running_kernel(pass_env: tuple[str, ...], early_import: bool, limit_seconds: float) -> Iterator[Kernel]:
    """Give a kernel in the repository's root with a clean environment; end it when done, or when its time is up.

    With `early_import` it imports what a notebook of ours needs before it is asked to. Raises Stopped.
    """
    check_going_on()
    kernel = _start_or_take(pass_env, early_import)
    watchdog = threading.Timer(limit_seconds, kernel.time_out)
    watchdog.daemon = True
    watchdog.start()
    try:
        check_going_on()
        yield kernel
    finally:
        watchdog.cancel()
        _end(kernel)


def _start_or_take(pass_env: tuple[str, ...], early_import: bool) -> Kernel:
    """Return the kernel that was started early, if it fits and is still there, or a new one."""
    if early_import and not pass_env:
        with suppress(IndexError):
            return _RUNNING.spare.pop()
    return _start(clean_environment(pass_env), early_import)


def _start(environment: dict[str, str], early_import: bool) -> Kernel:
    kernel = _make()
    lines = [line for line in (DIE_WITH_PARENT, EARLY_IMPORT if early_import else "") if line]
    arguments = ["--IPKernelApp.log_level=ERROR", *(f"--IPKernelApp.exec_lines={line}" for line in lines)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # the console's may be closed, and are ours
    run_sync(kernel.manager.start_kernel)(cwd=str(ROOT), env=environment, extra_arguments=arguments, **quiet)
    with _RUNNING.lock:
        _RUNNING.kernels.add(kernel)
    return kernel


def _make() -> Kernel:
    """Return a kernel, not started, that talks through files where the system can.

    Jupyter's free TCP ports may be taken by another process before the kernel has them: then both wait for ever.
    """
    folder = Path(tempfile.mkdtemp(prefix="drift-"))
    address = folder / "kernel.json"
    by_files = os.name == "posix" and len(str(address)) <= LONGEST_SOCKET
    manager = AsyncKernelManager(
        kernel_name="python3", connection_file=str(address), transport="ipc" if by_files else "tcp"
    )
    return Kernel(manager, folder)


def _end(kernel: Kernel) -> None:
    with _RUNNING.lock:
        _RUNNING.kernels.discard(kernel)
    run_sync(kernel.manager.shutdown_kernel)(now=True)
    shutil.rmtree(kernel.folder, ignore_errors=True)
