"""Start Jupyter kernels, the processes that run notebooks, in a clean environment, and end them whatever happens."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from jupyter_core.paths import jupyter_path
from jupyter_core.utils import run_sync

from driftmonitor import ROOT
from driftmonitor.pipeline.notebooks import forks, linux
from driftmonitor.pipeline.notebooks.environment import clean_environment
from driftmonitor.pipeline.notebooks.keeper import TOO_MANY_PROCESSES

LONGEST_SOCKET = 90  # the path of a socket is limited to about 100 characters, and Jupyter adds some
LAUNCHER, KEEPER = "ipykernel_launcher", "driftmonitor.pipeline.notebooks.keeper"


Process = subprocess.Popen[bytes] | forks.Forked


class Stopped(Exception):  # noqa: N818  not an error: the user stopped the run
    """The run was stopped from outside; its unfinished report must not be kept."""


@dataclass(eq=False)
class Kernel:
    """A started kernel, and why it was ended early, if it was."""

    manager: AsyncKernelManager
    folder: Path  # its connection file, and the sockets it listens on
    timed_out: bool = False
    printed_too_much: bool = False

    def end_for_time(self) -> None:
        """End the kernel because its time is up; called from the watchdog's thread."""
        self.timed_out = True
        self.kill()

    def end_for_output(self) -> None:
        """End the kernel because it printed too much."""
        self.printed_too_much = True
        self.kill()

    @property
    def forked_too_much(self) -> bool:
        """Whether it was ended because the notebook started processes without end."""
        return self._process is not None and self._process.poll() == TOO_MANY_PROCESSES

    def kill(self) -> None:
        """End the kernel and all that it started."""
        if self._process:
            end_with_children(self._process)

    @property
    def _process(self) -> Process | None:
        provisioner = self.manager.provisioner
        return provisioner.process if isinstance(provisioner, LocalProvisioner) else None


class _Running:
    """The running kernels of this process, so that a Ctrl-C can end them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kernels: set[Kernel] = set()
        self.stopped = False


_RUNNING = _Running()


@contextmanager
def stoppable_threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Yield threads that run notebooks. If the block ends with an exception, such as a Ctrl-C, so do their kernels."""
    try:
        with ThreadPoolExecutor(count) as threads, _stopping():
            yield threads
    finally:
        _RUNNING.stopped = False  # no thread is left that has to see it


@contextmanager
def _stopping() -> Iterator[None]:
    """End every kernel at once if the block ends with an exception; no other one starts."""
    try:
        yield
    except BaseException:
        with _RUNNING.lock:
            _RUNNING.stopped = True
            forks.stop()
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
def running_kernel(pass_env: tuple[str, ...], may_fork: bool, limit_seconds: float) -> Iterator[Kernel]:
    """Yield a kernel in the repository's root with a clean environment; end it after the block, or when its time is up.

    With `may_fork` it is forked from the zygote, if there is one, with the imports done. Raises Stopped.
    """
    check_going_on()
    kernel = _start(clean_environment(pass_env), may_fork)
    watchdog = threading.Timer(limit_seconds, kernel.end_for_time)
    watchdog.daemon = True
    watchdog.start()
    try:
        check_going_on()
        yield kernel
    finally:
        watchdog.cancel()
        _end(kernel)


class Client(AsyncKernelClient):
    """Jupyter's connection to a kernel, closed with it: papermill does not close it, and its heartbeat would go on.

    Whether the kernel is alive is known from its process.
    """

    def _context_default(self) -> Any:
        return self.parent.context  # type: ignore[union-attr]  # its parent is the manager

    def start_channels(self, *channels: bool, **named: bool) -> None:
        """Connect to the kernel, without the heartbeat and its thread."""
        super().start_channels(*channels, **{**named, "hb": False})


class Provisioner(LocalProvisioner):
    """Jupyter's local provisioner, which starts a kernel. On Linux it has a keeper, and is forked if possible."""

    may_fork = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel that `cmd` names."""
        python, option, module, *arguments = cmd
        if not linux.POSSIBLE or [python, option, module] != [sys.executable, "-m", LAUNCHER]:
            return await super().launch_kernel(cmd, **kwargs)
        if self.may_fork:
            self.process = forks.fork(kwargs["env"], kwargs["cwd"], arguments)  # type: ignore[assignment]  # see Forked
        if self.process is None:
            await super().launch_kernel([python, option, KEEPER, *arguments], **kwargs)
        self.pgid = None  # signals are for the keeper alone
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all that it started."""
        if self.process:
            end_with_children(self.process)


def end_with_children(process: Process) -> None:
    """End a kernel's process and its descendants. Its keeper does so; without one, those that left it are missed."""
    if process.poll() is not None:
        return
    if linux.POSSIBLE:
        process.terminate()
    else:
        _kill_with_children(process)


def _kill_with_children(process: Process) -> None:
    """Kill a process and its descendants: the children of a keeper that is killed alone would go on."""
    import psutil  # type: ignore[import-untyped]

    with suppress(psutil.Error):
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for child in children:
            with suppress(psutil.Error):
                child.kill()
    process.kill()


def _start(environment: dict[str, str], may_fork: bool) -> Kernel:
    kernel = _make()
    manager = kernel.manager
    manager.provisioner = Provisioner(kernel_id="", kernel_spec=manager.kernel_spec, parent=manager)
    manager.provisioner.may_fork = may_fork
    # The history of inputs would be written to the user's home, with secrets of the data.
    arguments = ["--IPKernelApp.log_level=ERROR", "--HistoryManager.enabled=False"]
    run_sync(manager.start_kernel)(
        cwd=str(ROOT), env=environment, extra_arguments=arguments,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,  # the console's may be closed
    )  # fmt: skip
    with _RUNNING.lock:
        _RUNNING.kernels.add(kernel)
    return kernel


def _make() -> Kernel:
    """Return a kernel, not started, that communicates through files if the system can.

    Another process may take Jupyter's free TCP ports before the kernel does; then both would wait forever.
    """
    folder = Path(tempfile.mkdtemp(prefix="drift-"))
    address = folder / "kernel.json"
    by_files = os.name == "posix" and len(str(address)) <= LONGEST_SOCKET
    manager = AsyncKernelManager(
        kernel_name="python3",
        client_factory=Client,
        # Without the folders it would import IPython, to ask it for one more.
        kernel_spec_manager=KernelSpecManager(kernel_dirs=jupyter_path("kernels")),
        connection_file=str(address),
        transport="ipc" if by_files else "tcp",
    )
    return Kernel(manager, folder)


def _end(kernel: Kernel) -> None:
    with _RUNNING.lock:
        _RUNNING.kernels.discard(kernel)
    process = kernel._process
    run_sync(kernel.manager.shutdown_kernel)(now=True)
    if process and process.poll() is None:
        _kill_with_children(process)  # its keeper could not end it in time: a process of it waits for the disk, say
        process.wait()
    shutil.rmtree(kernel.folder, ignore_errors=True)
