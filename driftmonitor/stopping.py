"""Being asked to stop, with Ctrl-C or by SIGTERM as when GitHub cancels a job: one line, and exit code 130.

A library may turn the interrupt into an error of its own, as DuckDB does. So it is noted that a stop was asked for, and
any error after that is taken for it.
"""

import atexit
import os
import signal
import sys
from contextlib import suppress
from types import FrameType, TracebackType
from typing import NoReturn

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


def leave(code: int) -> NoReturn:
    """End this process with an exit code, at once: to free its memory one object at a time takes 0.1 s or more."""
    atexit._run_exitfuncs()
    with suppress(OSError):  # nobody reads any more: Python's usual end deals with that
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        os._exit(code)
    sys.exit(code)


def _interrupt(number: int, frame: FrameType | None) -> None:
    _Asked.yet = True
    raise KeyboardInterrupt


def _say_stopped(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not _Asked.yet:
        sys.__excepthook__(kind, error, trace)
        return
    os.write(2, f"error: {MESSAGE}\n".encode())
    os._exit(STOPPED)
