"""Limit the processor time of a piece of work: what turns Markdown and HTML into pages is quadratic in some inputs.

Time on the processor, not on the clock: a busy machine shows the same pages. Only in the main thread, and not on
Windows, which has no such timer; there is no limit elsewhere.
"""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from types import FrameType

AGAIN_SECONDS = 0.1  # the first may have come where it is caught, or in a destructor, which ignores it


class TooLong(BaseException):
    """The work has used its processor time."""


class _Limit:
    ends_at = inf  # of this process's time on the processor


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooLong in the block once it has used `seconds` of the processor, or the block around it has."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    outer, handler, hook = _Limit.ends_at, signal.signal(signal.SIGVTALRM, _check), sys.unraisablehook
    sys.unraisablehook = lambda ignored: None if ignored.exc_type is TooLong else hook(ignored)
    try:
        _arm(min(outer, time.process_time() + seconds))
        yield
    finally:
        _arm(outer)
        signal.signal(signal.SIGVTALRM, handler)
        sys.unraisablehook = hook


def _arm(ends_at: float) -> None:
    _Limit.ends_at = inf  # no signal raises between the two
    left = 0.0 if ends_at == inf else max(ends_at - time.process_time(), 0.001)
    signal.setitimer(signal.ITIMER_VIRTUAL, left, AGAIN_SECONDS if left else 0)
    _Limit.ends_at = ends_at


def _check(number: int, frame: FrameType | None) -> None:
    if time.process_time() >= _Limit.ends_at:
        raise TooLong
