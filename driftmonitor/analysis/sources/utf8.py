"""Text as DuckDB reads it: UTF-8, and without comments, which DuckDB would also cut off in the middle of a line.

What is written in another way is written again as a temporary file, with the same numbers of lines.
"""

import codecs
import io
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

from ibis.backends.duckdb import Backend

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import transcripts
from driftmonitor.analysis.sources.streams import CHUNK, first_bytes, open_stream
from driftmonitor.config.read_settings import SideSettings

HEAD = 1 << 18  # bytes of a file in which its header ends
MARKS = {  # the longer ones first, because one begins with another
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8",
}  # fmt: skip
MARK = "\ufeff"


class Utf8(NamedTuple):
    """The path of a file that DuckDB can read, and the encoding that the text had."""

    path: str
    encoding: str


def as_utf8(backend: Backend, side: str, file: str, settings: SideSettings, comment: str = "") -> Utf8:
    """Return a file that DuckDB can read: this one, or one in its place. Lines that begin with `comment` are blank."""
    where, head = f"{side}: {file}", first_bytes(file, HEAD)
    marked = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
    encoding = codecs.lookup(marked or settings.encoding or "utf-8").name
    if encoding == "utf-8":
        _check(where, head)
        if not comment and not marked:  # DuckDB takes the mark of an array of JSON for a value
            return Utf8(file, encoding)
    path = transcripts.new_file(backend, file)
    with open_stream(file) as stream, path.open("w", encoding="utf-8", newline="") as target:
        texts = _decoded(where, stream, encoding)
        target.writelines(_without_comments(texts, comment) if comment else texts)
    return Utf8(str(path), encoding)


def _check(where: str, head: bytes) -> None:
    """Refuse what is not UTF-8 in the first lines; DuckDB looks at the others, but not at the header."""
    if likely := find_utf_16(head):
        raise DriftMonitorError(f"{where} has NUL characters, as UTF-16 has; set read.encoding to {likely}.")
    for text in _decoded(where, io.BytesIO(head), "utf-8", whole=False):
        if "\0" in text:
            raise DriftMonitorError(f"{where} has NUL characters, as a damaged file has; write it again.")


def find_utf_16(head: bytes) -> str:
    """Return which UTF-16 a file is in, "" if in none: it has a mark, or else one byte of each digit is NUL."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    nul = [head[at::2].count(0) for at in (0, 1)]
    if max(nul) <= 0.01 * len(head) or min(nul) > 0.1 * max(nul):
        return ""
    return "utf-16-be" if nul[0] > nul[1] else "utf-16-le"


def _decoded(where: str, stream: IO[bytes], encoding: str, whole: bool = True) -> Iterator[str]:
    """Yield the text of a file without its mark; DriftMonitorError names the first line that is not in the encoding."""
    decoder, lines, at_start = codecs.getincrementaldecoder(encoding)(), 1, True
    while True:
        chunk, state = stream.read(CHUNK), decoder.getstate()
        try:
            text = decoder.decode(chunk, final=whole and not chunk)
            text.encode()  # a few codecs let surrogates pass
        except UnicodeError:
            decoder.setstate(state)
            line = lines + _lines_before_error(decoder, chunk)
            remedy = ", for example to cp1252" if encoding == "utf-8" else " to another, or save the file as UTF-8"
            problem = f"is not {encoding.upper() if encoding == 'utf-8' else encoding} text"
            raise DriftMonitorError(f"{where}: line {line} {problem}; set read.encoding{remedy}.") from None
        lines += text.count("\n")
        yield text.removeprefix(MARK) if at_start else text
        at_start = at_start and not text
        if not chunk:
            return


def _lines_before_error(decoder: codecs.IncrementalDecoder, chunk: bytes) -> int:
    lines = 0
    try:
        for i in range(len(chunk)):
            text = decoder.decode(chunk[i : i + 1])
            text.encode()
            lines += text.count("\n")
    except UnicodeError:
        pass
    return lines


def _without_comments(texts: Iterable[str], comment: str) -> Iterator[str]:
    """Yield lines, blank where they begin with the sign; inside of quotes, a line is part of a value."""
    inside = False
    for line in _lines(texts):
        if not inside and line.startswith(comment):
            yield "\r\n" if line.endswith("\r\n") else "\n"
            continue
        inside ^= line.count('"') % 2 == 1
        yield line


def _lines(texts: Iterable[str]) -> Iterator[str]:
    rest = ""
    for text in texts:
        *lines, rest = (rest + text).split("\n")
        yield from (f"{line}\n" for line in lines)
    if rest:
        yield rest
