"""Which tables the arguments of `init` name: one or two, as files, globs, folders, addresses or queries."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.locations import FORMATS, PACKED, DataMissing, file_format, find_files, scheme_of
from driftmonitor.config.proposal import is_query
from driftmonitor.formats import counted, one_line

Choose = Callable[[str, Sequence[str], int], int]  # a question, its answers, and which is meant if nobody is asked

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ANY_DAY = "????-??-??"
REFERENCE_NAME = re.compile(
    r"train|reference|(?<![a-z])ref(?![a-z])|baseline|history|before|(?<![a-z])old", re.IGNORECASE
)


@dataclass(frozen=True)
class Tables:
    """The tables to look at, by side; `written` is what a params file says instead, and `run_date` the day of that."""

    looked_at: Mapping[str, str]
    written: Mapping[str, str] = field(default_factory=dict)
    run_date: dt.date | None = None
    daily: Sequence[str] = ()  # files of one table, each of a day that its name says
    question: str = ""

    @property
    def where(self) -> str:
        """The first table, for an error."""
        return one_line(self.looked_at["reference"], 200)

    @property
    def are_two(self) -> bool:
        return len(self.looked_at) > 1


def name_tables(arguments: Sequence[str], choose: Choose) -> Tables:
    """Return one table or two; DriftMonitorError if it is not clear which."""
    arguments = [argument if is_query(argument) else _spread(argument) for argument in arguments]
    if len(arguments) == 1:
        return _one(arguments[0])
    if len(arguments) == 2:
        return _two(arguments, choose)
    groups: dict[str, list[str]] = {}
    for argument in arguments:
        groups.setdefault(DAY.sub("{date}", argument), []).append(argument)
    if len(groups) == 1:
        return _one(next(iter(groups)).replace("{date}", ANY_DAY))
    if len(groups) == 2 and (plain := [files[0] for files in groups.values() if len(files) == 1]):
        newest = max(max(files) for files in groups.values() if len(files) > 1)
        return _dated(plain[0], newest)
    raise DriftMonitorError(
        f"init was given {counted(len(arguments), 'file')}; name one table or two, or a glob in quotes."
    )


def _one(argument: str) -> Tables:
    files = [] if is_query(argument) else find_files("reference", argument)
    is_daily = len(files) > 1 and all(len(DAY.findall(file)) == 1 for file in files)
    return Tables({"reference": argument}, daily=sorted(files, key=_day_of) if is_daily else ())


def _day_of(file: str) -> str:
    return DAY.findall(file)[-1]


def split_daily(files: Sequence[str]) -> Tables:
    """Return two tables of the files of one: the first month, or the first day, and the day of the newest file."""
    first, last = files[0], files[-1]
    month, newest = _day_of(first)[:7], _day_of(last)
    reference = first.replace(_day_of(first), f"{month}-??") if month != newest[:7] else first
    return _dated(reference, last)


def _two(arguments: Sequence[str], choose: Choose) -> Tables:
    names = [one_line(PurePath(argument).name if not is_query(argument) else argument, 40) for argument in arguments]
    hinted = [bool(REFERENCE_NAME.search(name)) for name in names]
    days = [DAY.findall(name) for name in names]
    default = 1 if (hinted == [False, True] or (days[0] and not days[1]) or (all(days) and days[0] > days[1])) else 0
    reference = choose("Which is the reference, the data that the model was trained on?", names, default)
    question = ""
    if hinted[0] == hinted[1] and not any(days):
        question = f"{names[reference]} was given first, so it is the reference; swap the two if that is not so"
    found = _dated(arguments[reference], arguments[1 - reference])
    return Tables(found.looked_at, found.written, found.run_date, question=question)


def _dated(reference: str, current: str) -> Tables:
    """Return two tables; the current one has {date} for the day in its name."""
    looked_at = {"reference": reference, "current": current}
    days = set() if is_query(current) else set(DAY.findall(current))
    try:
        run_date = dt.date.fromisoformat(days.pop()) if len(days) == 1 else None
    except ValueError:
        run_date = None
    written = {**looked_at, "current": DAY.sub("{date}", current) if run_date else current}
    return Tables(looked_at, written, run_date)


def _spread(argument: str) -> str:
    """Return the glob of a folder's files, and anything else as it is."""
    if scheme_of(argument):
        return _spread_address(argument) if argument.endswith("/") else argument
    folder = Path(argument)
    if not folder.is_dir():
        return argument
    endings = Counter(_ending(file.name) for file in folder.rglob("*") if file.is_file() and file_format(file.name))
    if not endings:
        raise DriftMonitorError(f"{argument} has no file of a known kind ({', '.join(FORMATS)}); name another folder.")
    ending = endings.most_common(1)[0][0]
    deeper = "" if any(_ending(file.name) == ending for file in folder.glob("*")) else "**/"
    return f"{argument.rstrip('/')}/{deeper}*{ending}"


def _ending(name: str) -> str:
    parts = PurePath(name).suffixes
    return "".join(parts[-2:] if parts and parts[-1].lower() in PACKED else parts[-1:])


def _spread_address(argument: str) -> str:
    for ending in FORMATS:
        for glob in (f"{argument}*{ending}", f"{argument}**/*{ending}"):
            try:
                find_files("current", glob)
            except DataMissing:
                continue
            return glob
    raise DriftMonitorError(f"{one_line(argument, 200)} has no file of a known kind; name files, such as *.parquet.")
