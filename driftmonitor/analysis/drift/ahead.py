"""Use all CPUs for a large table: describe the next columns while one is tested.

numpy sorts and searches without Python's lock, so threads are enough and no column is copied.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

LARGE = 200_000  # rows a side, from which on threads gain more than they cost
T = TypeVar("T")
U = TypeVar("U")


def count_threads(rows: int) -> int:
    """Return how many columns of so many rows to describe at a time.

    That is one for each CPU of this process, or what OMP_NUM_THREADS says: the runner sets it to 1, because it runs
    several notebooks at a time.
    """
    if rows < LARGE:
        return 1
    named = os.environ.get("OMP_NUM_THREADS", "")
    return int(named) if named.isdecimal() and int(named) else os.cpu_count() or 1


def ahead(describe: Callable[[T], U], items: Iterable[T], threads: int) -> Iterator[U]:
    """Yield describe(item) for each item, in order. So many are described at a time, and no more are kept."""
    if threads == 1:
        yield from map(describe, items)
        return
    waiting: deque[Future[U]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for item in items:
            waiting.append(pool.submit(describe, item))
            if len(waiting) == threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
