"""Which tables the arguments of `init` name: one or two, as files, globs, folders, addresses or queries."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.locations import DataMissing, find_files
from driftmonitor.analysis.starting.dated_names import DatedNames, find_dated, find_orders
from driftmonitor.config.data_settings import FORMATS, PACKED, file_format, fill_date, scheme_of
from driftmonitor.config.proposal import is_query
from driftmonitor.formats import counted, one_line

Choose = Callable[[str, Sequence[str], int], int]  # a question, its answers, and which is meant if nobody is asked

REFERENCE_NAME = re.compile(
    r"train|reference|(?<![a-z])ref(?![a-z])|baseline|history|before|(?<![a-z])old", re.IGNORECASE
)


@dataclass(frozen=True)
class Tables:
    """The tables to look at, by side; `written` is what a params file says instead, and `run_date` the day of that.

    `reference_days` are those of daily files that are the reference.
    """

    looked_at: Mapping[str, str]
    written: Mapping[str, str] = field(default_factory=dict)
    run_date: dt.date | None = None
    daily: DatedNames | None = None  # files of one table, each of a day that its name says
    reference_days: Sequence[dt.date] = ()
    question: str = ""

    @property
    def where(self) -> str:
        """The first table, for an error."""
        return one_line(self.looked_at["reference"], 200)

    @property
    def remedy(self) -> str:
        """What to give instead of one table that cannot be split."""
        files = [self.looked_at["reference"]]
        daily = None if is_query(files[0]) else find_dated(files)
        days = f", or the files of all days: '{one_line(daily.any_day, 200)}'" if daily else ""
        return f"name a second file: init REFERENCE CURRENT{days}"

    @property
    def are_two(self) -> bool:
        return len(self.looked_at) > 1


def name_tables(arguments: Sequence[str], choose: Choose) -> Tables:
    """Return one table or two; DriftMonitorError if it is not clear which."""
    given, arguments = arguments, [each if is_query(each) else _spread(each) for each in arguments]
    if len(arguments) == 1:
        return replace(_one(arguments[0]), question=_say_others(given[0], arguments[0]))
    if len(arguments) == 2:
        return _two(arguments, choose)
    if daily := find_dated(arguments):
        return Tables({"reference": daily.any_day}, daily=daily)
    for plain, others in ((arguments[0], arguments[1:]), (arguments[-1], arguments[:-1])):
        if daily := find_dated(others):
            return pair(plain, daily)
    raise DriftMonitorError(
        f"init was given {counted(len(arguments), 'file')}; name one table or two, or a glob in quotes."
    )


def _one(argument: str) -> Tables:
    files = [] if is_query(argument) else find_files("reference", argument)
    daily = find_dated(files) if len(files) > 1 else None
    return Tables({"reference": argument}, daily=daily if daily and len(daily.days) > 1 else None)


def _two(arguments: Sequence[str], choose: Choose) -> Tables:
    names = [one_line(PurePath(argument).name if not is_query(argument) else argument, 40) for argument in arguments]
    hinted = [bool(REFERENCE_NAME.search(name)) for name in names]
    days = [_newest_day(argument) for argument in arguments]
    later = bool(days[0] and days[1] and days[0] > days[1])
    default = 1 if (hinted == [False, True] or (days[0] and not days[1]) or later) else 0
    reference = choose("Which is the reference, the data that the model was trained on?", names, default)
    current = _find_daily(arguments[1 - reference], choose)
    question = ""
    if current is None and (orders := _find_orders(arguments[1 - reference])):
        fits = f"the day in the name of {names[1 - reference]} fits {' and '.join(orders)}"
        question = f"{fits}; write one as {{date:...}} in `current`"
    elif hinted[0] == hinted[1] and not any(days):
        question = f"{names[reference]} was given first, so it is the reference; swap the two if that is not so"
    found = pair(arguments[reference], current or arguments[1 - reference])
    return replace(found, question=question)


def _newest_day(argument: str) -> dt.date | None:
    dated = find_dated([argument]) if not is_query(argument) else None
    return dated.newest[0] if dated else None


def _find_daily(argument: str, choose: Choose) -> DatedNames | None:
    """Return the files of an argument with the days in their names, None if they have none; ask for the order."""
    files = [] if is_query(argument) else find_files("current", argument)
    if not (orders := _find_orders(*files)):
        return find_dated(files) if files else None
    chosen = choose(f"How is the day in {one_line(PurePath(files[0]).name)} written?", orders, -1)
    return find_dated(files, orders[chosen]) if chosen >= 0 else None


def _find_orders(*files: str) -> tuple[str, ...]:
    """Return the two formats that the day in the name of a single file fits."""
    return find_orders(files[0]) if len(files) == 1 and not is_query(files[0]) else ()


def pair(reference: str, current: str | DatedNames, reference_days: Sequence[dt.date] = ()) -> Tables:
    """Return two tables. Of daily files, the newest day is looked at, and {date} is written for it."""
    if isinstance(current, str):
        both = {"reference": reference, "current": current}
        return Tables(both, both)
    day, file = current.newest
    looked_at = file if len(current.of_day(day)) == 1 else fill_date(current.written, day)
    return Tables(
        {"reference": reference, "current": looked_at},
        {"reference": reference, "current": current.written},
        run_date=day,
        reference_days=reference_days,
    )


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


def _say_others(folder: str, glob: str) -> str:
    """Return that a folder has files of other kinds than those that are read, "" if it has none."""
    if folder == glob or scheme_of(folder):
        return ""
    files = [file.name for file in Path(folder).rglob("*") if file.is_file() and file_format(file.name)]
    others = sorted({_ending(name) for name in files if not glob.endswith(_ending(name))})
    return f"only {PurePath(glob).name} is read in {one_line(folder, 80)}, not {', '.join(others)}" if others else ""


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
