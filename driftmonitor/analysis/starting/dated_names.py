"""Find the day in the names of files, however it is written there, and write `{date:...}` in its place."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from driftmonitor.config.data_settings import ISO, PLACE

# The order of formats decides where several fit; of two orders of day and month, the one that gives the shorter time.
FORMATS = (
    ISO, "%Y%m%d", "%Y_%m_%d", "%Y.%m.%d", "year=%Y/month=%m/day=%d", "%Y/%m/%d", "%Y-%m/%d", "%d-%m-%Y", "%m-%d-%Y",
    "%d_%m_%Y", "%m_%d_%Y", "%d.%m.%Y", "%d-%b-%Y", "%d%b%Y", "%d%m%Y", "%y%m%d",
)  # fmt: skip
ORDERS = (("%d-%m-%Y", "%m-%d-%Y"), ("%d_%m_%Y", "%m_%d_%Y"))
PARTS = {
    "%Y": r"(?:19|20)\d\d",
    "%y": r"(?:1[5-9]|2\d|3[0-5])",
    "%m": r"(?:0[1-9]|1[0-2])",
    "%d": r"(?:0[1-9]|[12]\d|3[01])",
    "%b": r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
}
SIGNS = {"%Y": "????", "%y": "??", "%m": "??", "%d": "??", "%b": "???"}
TIME = r"(?:\d{2}|\d{4}|\d{6})"  # after a day without signs between its parts
FOLDERS = ("%Y-%m", "%Y_%m", "%Y%m", "%Y", "%m", "year=%Y", "month=%m")  # above a file whose own name has the day
DIGITS = re.compile(r"(\d+)")
CLOCK = re.compile(r"(?<=\})[-_T]?\d{2}[-:_.h]?\d{2}(?:[-:_.m]?\d{2})?(?:Z|UTC)?(?!\d)")


@dataclass(frozen=True)
class DatedNames:
    """Files of one table, each of a day that its name says; `written` has {date} in the place of the day."""

    written: str
    files: tuple[tuple[dt.date, str], ...]  # in the order of their days

    @property
    def newest(self) -> tuple[dt.date, str]:
        return self.files[-1]

    @cached_property
    def days(self) -> list[dt.date]:
        return sorted({day for day, _ in self.files})

    @property
    def any_day(self) -> str:
        """A glob of the files of all days."""
        return PLACE.sub(lambda place: re.sub(r"%\w", lambda part: SIGNS[part[0]], place[1] or ISO), self.written)

    def of_month(self, month: dt.date, days: str = "??") -> str:
        """Return a glob of the files of a month, or of some days in it: `0?` are those from 1 to 9."""
        return PLACE.sub(lambda place: month.strftime((place[1] or ISO).replace("%d", days)), self.written)

    def of_day(self, day: dt.date) -> list[str]:
        return [file for each, file in self.files if each == day]


def find_dated(files: Sequence[str], given: str = "") -> DatedNames | None:
    """Return the files with the days in their names; None if not all have one, or they differ by something else.

    `given` is the format, if it is known.
    """
    found = {form: days for form in ((given,) if given else FORMATS) if (days := _days_in(files, form))}
    form = next(iter(found), "")
    for orders in ORDERS:
        if form in orders and set(orders) <= set(found):
            if len(files) == 1:
                return None  # which is the day cannot be known
            form = min(orders, key=lambda each: max(found[each]) - min(found[each]))
    written = {_write(file, day, form) for file, day in zip(files, found.get(form, ()), strict=False)}
    if not (name := _open(written)):
        return None
    name = CLOCK.sub("*", name) if len(files) == 1 else name
    return DatedNames(name, tuple(sorted(zip(found[form], files, strict=True))))


def find_orders(file: str) -> tuple[str, ...]:
    """Return the two formats that the day in a file's name fits, with day and month swapped; none if it is clear."""
    return next((orders for orders in ORDERS if all(_days_in([file], form) for form in orders)), ())


def _days_in(files: Iterable[str], form: str) -> list[dt.date]:
    """Return the day in the name of each file; none if one has no day or several."""
    days = []
    for file in files:
        own = {_parse(text, form) for text in _pattern(form).findall(file)}
        if len(own) != 1 or None in own:
            return []
        days += [day for day in own if day]
    return days


def _parse(text: str, form: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return None


def _pattern(form: str) -> re.Pattern[str]:
    pattern = re.sub(r"%\w", lambda part: PARTS[part[0]], re.escape(form).replace("\\%", "%"))
    packed = re.fullmatch(r"(%\w)+", form)
    end = rf"(?={TIME}(?!\d)|(?!\d))" if packed else r"(?!\d)"
    return re.compile(rf"(?<!\d){pattern}{end}", re.IGNORECASE if "%b" in form else 0)


def _write(file: str, day: dt.date, form: str) -> str:
    """Return a file's path with placeholders for the day, and for the month and the year in its folders."""
    *folders, name = _pattern(form).sub(_place(form), file).split("/")
    shown, seen_year = [], False
    for folder in folders:
        own = next((each for each in FOLDERS if folder == day.strftime(each) and (seen_year or "%Y" in each)), "")
        seen_year = seen_year or bool(own)
        shown.append(_place(own) if own else folder)
    return "/".join([*shown, name])


def _place(form: str) -> str:
    if "=" in form:  # of Hive's folders
        return re.sub(r"%\w", lambda part: f"{{date:{part[0]}}}", form)
    return "{date}" if form == ISO else f"{{date:{form}}}"


def _open(written: Collection[str]) -> str:
    """Return what all paths are, with * for the digits by which they differ; "" if they differ by something else."""
    parts = [DIGITS.split(name) for name in written]
    if len({tuple(part[i] for i in range(0, len(part), 2)) for part in parts}) != 1:
        return ""
    return "".join(each[0] if len({*each}) == 1 else "*" for each in zip(*parts, strict=True))
