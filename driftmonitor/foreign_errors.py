"""Decide how much of another library's error may be published. Its text often quotes values of rows.

The type of an error and the place in the code are always told. Its text is told only if it is known to be about code:
ours, of an import, a literal of the code that raised it, or made of published words and of those in `ABOUT_CODE`.
"""

import builtins
import os
import re
from itertools import chain
from pathlib import Path
from traceback import walk_tb
from types import CodeType

from driftmonitor import DriftMonitorError

ABOUT_IMPORTS = {"ImportError", "ModuleNotFoundError"}
SYNTAX = {"SyntaxError", "IndentationError", "TabError"}
IN_A_CELL = re.compile(r"\(\d+\.py, line \d+\)$")  # of text that the code itself compiles, the file is <string>
NOT_WORDS = re.compile(r"^\[Errno \d+\] | \(\S+\.py\)$")  # the second is the file that lacks an imported name
QUOTED = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"|`([^`\n]*)`")
WORD = re.compile(r"\w+")
FEWEST_WORDS = 3  # one or two of the words below may also be a value, such as "negative"
LIBRARIES = ("site-packages", str(Path(os.__file__).parent))
# The words of messages about code, such as "'DataFrame' object has no attribute 'salry'".
WORDS = """
a aggregate all an and any appear are argument arguments array arrays as assignment associated at attribute axis be
been before but by call callable can cannot choose circular clause column columns conda connection could data
database defined denied dependency depth did directory division does due duplicate empty enough error exceeded exist
exists expected failed file float for found from function given got group has have import in index initialized
install integer into invalid is it item items iterable key keys keyword label labels length likely list local match
maximum mean memory missing module modulo more most multiple must name named near negative no non none not number
numeric object of on one only open operand operator optional or out package partially permission pip positional
python range recursion refused relation required reset s schema select sequence shape should sleep slice string
subscriptable such supported syntax table takes than that the timed to too tuple type types unexpected unhashable
unpack unsupported use used values variable was watched were when where while with without you zero
"""
ABOUT_CODE = frozenset(WORDS.split())
TYPES = frozenset(dir(builtins)) | {
    "NoneType", "DataFrame", "Series", "Index", "RangeIndex", "Timestamp", "Data", "Comparison", "ndarray", "function",
    "module", "method", "float64", "float32", "int64", "datetime64",
}  # fmt: skip


def may_be_told(kind: str, text: str, published: str = "") -> bool:
    """Return whether an error's text can be shown, given its type's name and all that is `published` anyway."""
    if (kind in SYNTAX and IN_A_CELL.search(text)) or (kind, text) == ("SystemExit", "0"):
        return True
    if re.search(r"[^\W\d]", text) and _stands_in(text, published):
        return True
    quoted = [next(filter(None, match), "") for match in QUOTED.findall(text)]
    rest = WORD.findall(QUOTED.sub(" ", NOT_WORDS.sub("", text)))
    if rest and len(rest) < FEWEST_WORDS:
        return False
    return all(piece in TYPES or _stands_in(piece, published) for piece in quoted) and all(
        word.lower() in ABOUT_CODE or word in TYPES or (word.isalpha() and _stands_in(word, published)) for word in rest
    )


def is_of_an_import(kind: str, path: str) -> bool:
    """Return whether an error is of an import statement in a file; in a cell the name could come from the data."""
    return (
        kind in ABOUT_IMPORTS and path.endswith(".py") and not {"importlib", "ipykernel"} & set(re.split(r"\W|_", path))
    )


def describe_error(error: BaseException) -> str:
    """Return what may be published of an error, on one line: its type, and its text or its place."""
    kind, text = type(error).__name__, " ".join(str(error).split())
    if isinstance(error, DriftMonitorError) or not text:
        return text or kind
    codes = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    told = codes and (str(error) in _literals(codes[-1][0]) or is_of_an_import(kind, codes[-1][0].co_filename))
    if told or may_be_told(kind, text):
        return f"{kind}: {text}"
    return f"{kind}{_place(codes)}"


def _stands_in(piece: str, published: str) -> bool:
    return bool(piece) and bool(re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", published))


def _literals(code: CodeType) -> set[str]:
    return {value for value in code.co_consts if isinstance(value, str)}


def _place(codes: list[tuple[CodeType, int]]) -> str:
    """Return where an error was raised: in the last code that no library brought, if there is some."""
    own = [(code, line) for code, line in codes if not any(part in code.co_filename for part in LIBRARIES)]
    for code, line in chain(reversed(own), reversed(codes)):
        path = Path(code.co_filename)
        return f" in line {line} of {'a cell' if path.parent.name.startswith('ipykernel_') else path.name}"
    return ""
