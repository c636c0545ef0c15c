"""Being asked to stop, with Ctrl-C or by SIGTERM as when GitHub cancels a job: one line, and exit code 130.

A library may turn the interrupt into an error of its own, as DuckDB does. So it is noted that a stop was asked for, and
any error after that is taken for it.
"""

import os
import signal
import sys
from types import FrameType, TracebackType

STOPPED = 130  # exit code
MESSAGE = "stopped; finished work is kept. Run the command again to do the rest."


class _Asked:
    yet = False


def listen() -> None:
    """Note from now on that a stop is asked for; an error that nobody catches after that is one line."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    sys.excepthook = _say_stopped


def was_asked() -> bool:
    """Return whether the command is being stopped."""
    return _Asked.yet


def _interrupt(number: int, frame: FrameType | None) -> None:
    _Asked.yet = True
    raise KeyboardInterrupt


def _say_stopped(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not _Asked.yet:
        sys.__excepthook__(kind, error, trace)
        return
    os.write(2, f"error: {MESSAGE}\n".encode())
    os._exit(STOPPED)
