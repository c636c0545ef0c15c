"""Run a program that may hang, ask or print without end: it gets no terminal, and is ended with all that it started.

The program has a session of its own, so it and its children can be ended as one group and cannot ask on the terminal.
Threads read what it prints, because a child that it leaves behind may hold its output open for ever.
"""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST_BYTES = 1_000_000_000
MOST_BYTES_OF_ERRORS = 100_000
POLITE_SECONDS = 2.0  # to remove its lock files
REST_SECONDS = 1.0  # to print what it has left to say, once it has ended


class OutOfTime(Exception):  # noqa: N818  it reads as a sentence
    """The program was ended because its time was up."""


class TooMuchOutput(Exception):  # noqa: N818
    """The program was ended because it printed more than is read."""


@dataclass(frozen=True)
class Ended:
    """A program that ended: its exit code, and what it printed."""

    code: int
    output: bytes
    errors: bytes


def run(
    command: Sequence[str],
    environ: Mapping[str, str],
    seconds: float,
    sent: bytes = b"",
    most_bytes: int = MOST_BYTES,
    folder: Path | None = None,
) -> Ended:
    """Run a program on the input `sent` and return how it ended; raise OutOfTime or TooMuchOutput if it was stopped.

    It runs in `folder`, by default the current one. Raises FileNotFoundError if there is no such program.
    """
    process = subprocess.Popen(  # noqa: S603  no shell reads the command
        command, env=dict(environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, cwd=folder,
    )  # fmt: skip
    assert process.stdin and process.stdout and process.stderr  # noqa: S101  for mypy
    output = _Output(process.stdout, most_bytes, lambda: _end(process))
    errors = _Output(process.stderr, MOST_BYTES_OF_ERRORS)
    threading.Thread(target=_feed, args=(process.stdin, sent), daemon=True).start()
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise OutOfTime from None
    finally:
        _end(process)
    kept = output.content(), errors.content()
    if output.overflowed:
        raise TooMuchOutput
    return Ended(code, *kept)


def read_lines(
    command: Sequence[str], environ: Mapping[str, str], seconds: float, sent: bytes, folder: Path
) -> Generator[bytes, None, None]:
    """Run a program on the input `sent`, and yield the lines that it prints as they come.

    It is ended if it takes more than `seconds` for a line, or when no more lines are wanted.
    """
    process = subprocess.Popen(  # noqa: S603  no shell reads the command
        command, env=dict(environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True, cwd=folder,
    )  # fmt: skip
    assert process.stdin and process.stdout  # noqa: S101  for mypy
    threading.Thread(target=_feed, args=(process.stdin, sent), daemon=True).start()
    try:
        while (line := _read_line(process, process.stdout, seconds)).endswith(b"\n"):
            yield line
    finally:
        _end(process)
        process.stdout.close()


def _read_line(process: subprocess.Popen[bytes], stream: IO[bytes], seconds: float) -> bytes:
    """Return the next line of a program's output; end the program if that takes too long."""
    limit = threading.Timer(seconds, _end, [process])
    limit.daemon = True  # or a stop would wait for it
    limit.start()
    try:
        return stream.readline()
    finally:
        limit.cancel()


class _Output:
    """One stream of a program, of which the first `most_bytes` are kept."""

    def __init__(self, stream: IO[bytes], most_bytes: int, on_overflow: Callable[[], None] = lambda: None) -> None:
        self.overflowed = False
        self._stream, self._most_bytes, self._on_overflow = stream, most_bytes, on_overflow
        self._pieces: list[bytes] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        left = self._most_bytes
        with self._stream:
            while piece := os.read(self._stream.fileno(), 65_536):
                if len(piece) > left and not self.overflowed:
                    self.overflowed = True
                    self._on_overflow()
                self._pieces.append(piece[:left])
                left -= len(piece[:left])

    def content(self) -> bytes:
        """Return what was kept; wait a little for what the program printed last."""
        self._thread.join(REST_SECONDS)
        return b"".join(self._pieces)


def _feed(stream: IO[bytes], sent: bytes) -> None:
    with contextlib.suppress(OSError), stream:
        stream.write(sent)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and its children, first politely."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(POLITE_SECONDS)
    _signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a program and its children, or to the program alone where there are no groups."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
