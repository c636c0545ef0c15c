"""Start real processes for the tests: several at once, and some that are killed at any moment."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

# Children start from a process that has imported everything but opened nothing.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.work", "alembic.command", "alembic.config", "psycopg"])


def run_together(work: Callable, arguments: list[tuple]) -> list[int | None]:
    """Run `work(*arguments)` in one process each, all at once; return their exit codes."""
    processes = [CONTEXT.Process(target=work, args=each) for each in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]


def run_and_kill(work: Callable, *arguments: Any, after_seconds: float) -> bool:
    """Run `work` and kill it -9 after a while; return whether it was still running."""
    process = CONTEXT.Process(target=work, args=arguments)
    process.start()
    process.join(after_seconds)
    alive = process.is_alive()
    if alive:
        os.kill(process.pid, signal.SIGKILL)
    process.join(60)
    return alive


def some_time(most_seconds: float) -> float:
    return random.random() * most_seconds


def wait_for(met: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until `met()`."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
