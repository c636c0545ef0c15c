"""Keep GitHub's runner from taking printed data for its commands: `::name::` that begins a line, `##[name]` anywhere.

The name of a column, or a category, may be such a command. So on GitHub stdout and stderr, with all that libraries,
tracebacks and child processes print to them, pass a filter: this file, run as a process of its own. It puts a space
between the characters that make a command. A space can be seen. A zero-width character would not help, because the
runner compares texts by rules that ignore it; a similar character would make a name that cannot be searched for.
"""

import atexit
import codecs
import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence

# What the runner's comparisons ignore, as characters of a class: control and format characters.
IGNORED = (
    r"\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
HASHES = re.compile(rf"#([{IGNORED}]*)#(?=[{IGNORED}]*\[)")
COLONS = re.compile(rf":(?:[{IGNORED}]*:)+")
START = re.compile(rf"(?:\x1b\[[0-9;]*[A-Za-z]|[\s{IGNORED}])*{COLONS.pattern}")
LINE_END = re.compile(r"(?<=[\r\n])")  # the runner also ends a line at a lone carriage return
LONGEST_LINE = 100_000
WAIT_SECONDS = 5.0


def defuse(line: str) -> str:
    """Return a line that is no command, and the same line if it was none."""
    line = HASHES.sub(r"# \1#", line)
    commands = START.match(line) or len(COLONS.findall(line)) > 1
    return COLONS.sub(lambda colons: " ".join(re.sub("[^:]", "", colons[0])), line) if commands else line


def protect_output(environ: Mapping[str, str]) -> None:
    """On GitHub, send all that this process and its children print through the filter, until this process ends."""
    if environ.get("GITHUB_ACTIONS"):
        filters = [_put_filter_before(descriptor) for descriptor in (1, 2) if _is_open(descriptor)]
        atexit.register(_finish, os.getpid(), filters)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _put_filter_before(descriptor: int) -> subprocess.Popen:
    """Start the filter that prints to a descriptor, and let the descriptor lead to it."""
    source, target = os.pipe()
    # A session of its own, so that what is printed last is still shown when the run is stopped.
    process = subprocess.Popen(  # noqa: S603  a fixed command
        [sys.executable, "-I", "-S", __file__],
        stdin=source, stdout=descriptor, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    os.dup2(target, descriptor)
    os.close(source)
    os.close(target)
    return process


def _finish(owner: int, filters: Sequence[subprocess.Popen]) -> None:
    """Wait until everything is printed; a process left behind may still hold the output, and is not waited for."""
    if os.getpid() != owner:
        return
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # it may be closed
            stream.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    for process in filters:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(WAIT_SECONDS)


def pour(source: int, sink: int) -> None:
    """Copy lines from one descriptor to another, defused; when nobody reads them any more, read on and drop them."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    rest, read = "", True
    while read:
        piece = os.read(source, 65_536)
        read = bool(piece)
        *lines, rest = LINE_END.split(rest + decoder.decode(piece, final=not read))
        if len(rest) > LONGEST_LINE or not read:
            lines, rest = [*lines, rest, "\n" if read else ""], ""
        try:
            _write(sink, "".join(map(defuse, lines)).encode("utf-8", "surrogateescape"))
        except OSError:
            sink = os.open(os.devnull, os.O_WRONLY)


def _write(sink: int, content: bytes) -> None:
    while content:
        content = content[os.write(sink, content) :]


if __name__ == "__main__":
    pour(0, 1)
