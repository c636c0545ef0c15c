"""Measure the time and memory of a command, and format rows of the table."""

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of a command and all its processes, and their peak memory together, in MB."""

    cpu: float
    wall: float
    memory: float = 0.0


@dataclass(frozen=True)
class Row:
    """One line of the table. `target` is the highest allowed ratio of `ours` to `peer`, or `ours` without a peer."""

    what: str
    ours: float
    peer: float | None
    peer_name: str
    target: float | None
    unit: str = "s CPU"

    def cells(self) -> list[str]:
        """Return the row as text: what, ours, peer, ratio, target."""
        peer = "" if self.peer is None else f"{self.peer:.2f} {self.unit}"
        ratio = "" if self.peer is None else f"{self.ours / self.peer:.2f}x"
        limit = "x" if self.peer is not None else f" {self.unit}"
        target = "" if self.target is None else f"{self.target:g}{limit}"
        return [self.what, f"{self.ours:.2f} {self.unit}", peer, self.peer_name, ratio, target]


def run(command: Sequence[str], memory: bool = False) -> Cost:
    """Run a command in the repository's root and return its cost; exit if the command fails."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(list(command), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    with _watching(process.pid) if memory else _nothing() as most:
        _, said = process.communicate()
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit {process.returncode}: {said[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, time.monotonic() - started, most[0])


@contextmanager
def _nothing() -> Iterator[list[float]]:
    yield [0.0]


@contextmanager
def _watching(process: int) -> Iterator[list[float]]:
    """Yield the peak memory, in MB, of a process and its descendants while the block runs. Linux only."""
    most, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            most[0] = max(most[0], sum(map(_memory, _family(process))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def _family(process: int) -> Iterator[int]:
    """Yield a process and its descendants."""
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                yield from _family(int(child))
        except OSError:  # it has just ended
            continue


def _memory(process: int) -> float:
    """Return a process's memory in MB; memory shared by n processes counts 1/n for each (PSS)."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("Pss:")), 0.0)


def describe_machine() -> str:
    """Describe this machine in one line."""
    model = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if "model name" in line), "unknown CPU"
    )
    memory = next((int(line.split()[1]) // 1_000_000 for line in _lines("/proc/meminfo") if "MemTotal" in line), 0)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        f"{os.cpu_count()} CPUs ({model}), {memory} GB, Python {sys.version.split()[0]}, load {load:.1f} at the start"
    )


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
