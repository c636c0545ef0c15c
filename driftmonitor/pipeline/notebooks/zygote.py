"""A process that imports what notebooks need, and forks a kernel from itself on request. Linux only.

It opens no file and starts no thread, so a fork behaves like a new process. A kernel has its own session, environment
and keeper, whose parent is the runner, so the end of this process harms no kernel. What a kernel is given is read after
the fork: the next one cannot find it in its memory.
Usage: python -m driftmonitor.pipeline.notebooks.zygote SOCKET RUNNER MODULE..., as `forks.py` starts it.
"""

import gc
import importlib
import json
import os
import socket
import sys
import time

from driftmonitor.pipeline.notebooks import linux
from driftmonitor.pipeline.notebooks.keeper import become_ipykernel, keep_kernel

LONGEST_WAIT_SECONDS = 10


def main(descriptor: int, runner: int, modules: list[str]) -> None:
    """Import `modules`, then answer each request, a file of JSON, with the process id of the new kernel's keeper."""
    linux.die_with(runner)
    gc.disable()
    for module in modules:
        importlib.import_module(module)
    gc.freeze()  # garbage collection would write to, and so copy, the memory that kernels share
    gc.enable()
    with socket.socket(fileno=descriptor) as control:
        while files := socket.recv_fds(control, 1, 1)[1]:
            keeper = _fork()
            if not keeper:
                break
            os.close(files[0])
            control.sendall(f"{keeper}\n".encode())
    if files:
        with os.fdopen(files[0]) as request:
            _start_kernel(runner, **json.load(request))


def _fork() -> int:
    """Return the id of a new process that the runner inherits; 0 in that process."""
    reading_end, writing_end = os.pipe()
    between = os.fork()
    if between:
        os.close(writing_end)
        os.waitpid(between, 0)
        keeper = int(os.read(reading_end, 20))
        os.close(reading_end)
        return keeper
    os.setsid()
    keeper = os.fork()
    if keeper:
        os.write(writing_end, f"{keeper}".encode())
        os._exit(0)
    os.close(reading_end)
    os.close(writing_end)
    return 0


def _start_kernel(runner: int, environment: dict[str, str], folder: str, arguments: list[str]) -> None:
    """Turn this process into the keeper of a kernel with `arguments`, in `folder`."""
    last = time.monotonic() + LONGEST_WAIT_SECONDS
    while os.getppid() != runner and time.monotonic() < last:
        time.sleep(0.001)

    def start() -> None:
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        os.chdir(folder)
        if numpy := sys.modules.get("numpy"):
            numpy.random.seed()  # Python reseeds its generator in a fork, numpy does not
        become_ipykernel(arguments)

    keep_kernel(runner, start)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
