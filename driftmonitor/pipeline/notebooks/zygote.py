"""A process that imports what notebooks need, and forks a kernel from itself on request. Linux only.

It opens no file and starts no thread, so a fork behaves like a new process. A kernel has its own process group and
environment, and its parent is the runner, so the end of this process harms no kernel.
Usage: python -m driftmonitor.pipeline.notebooks.zygote SOCKET RUNNER MODULE..., as `forks.py` starts it.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
import time

PR_SET_PDEATHSIG = 1
LONGEST_WAIT_SECONDS = 10


def main(descriptor: int, runner: int, modules: list[str]) -> None:
    """Import `modules`, then answer each request, a line of JSON, with the new kernel's process id, or 0."""
    _die_with(runner)
    gc.disable()
    for module in modules:
        importlib.import_module(module)
    gc.freeze()  # garbage collection would write to, and so copy, the memory that kernels share
    gc.enable()
    with socket.socket(fileno=descriptor) as control, control.makefile("r", encoding="utf-8") as requests:
        while request := requests.readline():
            kernel = _fork(runner)
            if not kernel:
                break
            control.sendall(f"{kernel}\n".encode())
    if request:
        _become_kernel(runner, **json.loads(request))


def _die_with(parent: int) -> None:
    """End this process at once when its parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)


def _fork(runner: int) -> int:
    """Return the id of a new process that the runner inherits; 0 in that process."""
    reading_end, writing_end = os.pipe()
    between = os.fork()
    if between:
        os.close(writing_end)
        os.waitpid(between, 0)
        kernel = int(os.read(reading_end, 20))
        os.close(reading_end)
        return kernel
    os.setsid()
    kernel = os.fork()
    if kernel:
        os.setpgid(kernel, kernel)  # before its id is known: whoever kills it kills its group
        os.write(writing_end, f"{kernel}".encode())
        os._exit(0)
    os.close(reading_end)
    os.close(writing_end)
    return 0


def _become_kernel(runner: int, environment: dict[str, str], folder: str, arguments: list[str]) -> None:
    """Turn this process into an ipykernel with `arguments`, in `folder`."""
    last = time.monotonic() + LONGEST_WAIT_SECONDS
    while os.getppid() != runner and time.monotonic() < last:
        time.sleep(0.001)
    _die_with(runner)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # Python reseeds its generator in a fork, numpy does not
    sys.argv = ["ipykernel_launcher", *arguments]
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
