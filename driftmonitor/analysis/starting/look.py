"""Look at the tables, and find the column of times. What is seen decides how they are read, and they are read again."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.date_types import DATES
from driftmonitor.analysis.sources.layout import LayoutError
from driftmonitor.analysis.sources.overview import Overview, open_overview
from driftmonitor.analysis.sources.rows import text
from driftmonitor.analysis.starting.date_parts import can_query, find_made, write_query
from driftmonitor.analysis.starting.facts import Facts, collect
from driftmonitor.analysis.starting.missing_words import find_signs
from driftmonitor.analysis.starting.tables import Choose, Tables
from driftmonitor.config.proposal import is_query
from driftmonitor.formats import one_line, some_names

TIME_NAME = re.compile(r"date|time|day|month|(^|_)ts($|_)|_at$|timestamp|period|when", re.IGNORECASE)
BORN = re.compile(r"birth|born|dob", re.IGNORECASE)
MOST_MISSING = 0.05  # of the rows, that a time column may lack
FORMATS = (
    "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y.%m.%d", "%Y%m%d", "%Y-%m", "%Y/%m", "%Y-%m-%d %H",
    "%b %d %Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %Y", "%B %Y", "%b-%Y",
)  # fmt: skip
GIVEN = ("read", "time_column", "timezone", "reference_window")  # parameters that decide what is seen
KNOBS = ("min_distance", "drift_share", "p_threshold")  # those that are only written down


class Look:
    """What was seen in the tables; the settings of `read` grow while looking."""

    def __init__(self, tables: Tables, given: Mapping[str, Any], choose: Choose) -> None:
        if other := next((name for name in given if name not in (*GIVEN, *KNOBS)), ""):
            known = ", ".join((*GIVEN, *KNOBS))
            raise DriftMonitorError(f"-p {other}: init takes {known}; set {other} in the file it writes.")
        self.locations, self.given, self.choose = tables.looked_at, dict(given), choose
        self.others: Sequence[str] = ()
        self.read: dict[str, Any] = deepcopy(given.get("read") or {})
        self.layout: list[str] = []
        self.stands_in: dict[str, list[Any]] = {}
        self._open(str(given.get("time_column") or ""))
        if signs := find_signs(self.overview, self.columns):
            self.stands_in = signs
            self._set({name: {"missing": found} for name, found in signs.items()})
            self._open(str(given.get("time_column") or ""))

    @property
    def knobs(self) -> dict[str, Any]:
        """The given parameters that are only written down."""
        return {name: value for name, value in self.given.items() if name in KNOBS}

    def _open(self, time_column: str = "") -> None:
        self.overview: Overview = self._read_tables(time_column)
        self.columns: list[Facts] = collect(self.overview)
        if not any(facts.rows for facts in self.columns):
            raise DriftMonitorError(f"{one_line(self.locations['reference'], 200)} has no rows; name another file.")

    def _read_tables(self, time_column: str) -> Overview:
        """Return all rows; where a file's layout has to be described, the settings that do so are added to `read`."""
        while True:
            try:
                return open_overview(self.locations, self.read, time_column)
            except LayoutError as error:
                own = self.read if len(self.locations) == 1 else self.read.setdefault(error.side, {})
                if set(error.settings) & set(own):
                    raise
                own.update(error.settings)
                self.layout.append(f"{error.problem}, so {error.set}")

    def _set(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        columns = dict(self.read.get("columns") or {})
        for name, more in settings.items():
            columns[name] = {**more, **columns.get(name, {})}
        self.read["columns"] = columns

    def make_date(self) -> Facts | None:
        """Return a column of times that is made of year, month and the like by a query, None if there are none."""
        location = self.locations["reference"]
        made = None if is_query(location) or not can_query(location) else find_made(self.columns)
        if made is None:
            return None
        before, said = self.columns, self.read
        self.read = {name: value for name, value in said.items() if name == "columns"}
        self._query(write_query(location, made, before, said))
        if self._lost(before, "is_number"):  # DuckDB knows only points
            said = {**said, "decimal": ","}
            self._query(write_query(location, made, before, said))
        if codes := self._lost(before, "is_text"):
            self._query(write_query(location, made, before, said, codes))
        self.layout.append(f"{self.columns[-1].name} is made of {some_names(made.names)} by the query in `reference`")
        if lost := self._lost(before, "is_number"):
            self.layout.append(f"{some_names(lost)}: read as text by the query; cast it there to a number")
        return self.columns[-1]

    def _lost(self, before: Sequence[Facts], what: str) -> list[str]:
        """Return which columns were numbers or text before, and are not now."""
        pairs = zip(before, self.columns, strict=False)
        return [old.name for old, new in pairs if getattr(old, what) and not getattr(new, what)]

    def _query(self, query: str) -> None:
        self.locations = {"reference": query}
        self._open()

    def facts(self, name: str) -> Facts:
        return next(facts for facts in self.columns if facts.name == name)

    def find_time(self, today: dt.date) -> Facts | None:
        """Return the column of times that windows are cut by, None if there is none."""
        if name := self.given.get("time_column"):
            if name not in self.overview.names or not self.facts(name).is_time:
                raise DriftMonitorError(f"time_column {name!r} is no column of dates or times; name another with -p.")
            return self.facts(name)
        found = self._candidates(today) or self._ask_order() or self._other_formats() or self._short_dates()
        if not found:
            return None
        chosen = 0
        if len(found) > 1:
            names = [one_line(facts.name) for facts in found]
            chosen = self.choose("Which column says when a row happened?", names, 0)
        self.others = [facts.name for facts in found if facts is not found[chosen]]
        return found[chosen]

    def _candidates(self, today: dt.date) -> list[Facts]:
        """Return the columns of times that most rows have, the likeliest first."""
        times = [
            facts for facts in self.columns
            if facts.is_time and facts.low is not None and facts.distinct > 1 and facts.missing <= MOST_MISSING
        ]  # fmt: skip
        return sorted(times, key=lambda each: (
            bool(BORN.search(each.name)), each.high.date() > today, each.missing > 0, not TIME_NAME.search(each.name)
        ))  # fmt: skip

    def _ask_order(self) -> list[Facts]:
        """Ask in which order day and month are written, if a column of dates fits two orders."""
        for name, remark in self.overview.remarks.items():
            orders = [written for written in DATES if written in remark]
            if len(orders) < 2:
                continue
            chosen = self.choose(f"How are the dates in {one_line(name)} written?", orders, -1)
            if chosen < 0:
                settings = f"'{{date_format: \"{orders[0]}\"}}'"
                raise DriftMonitorError(
                    f"{one_line(name)} has dates that fit {' and '.join(orders)}; say which with -p read {settings}."
                )
            self._set({name: {"date_format": orders[chosen]}})
            self._open()
            return [self.facts(name)]
        return []

    def _other_formats(self) -> list[Facts]:
        """Return a column of times in a format that is not recognised without being told."""
        for facts in self.columns:
            if facts.values and not facts.fractions and TIME_NAME.search(facts.name):
                value = f"CAST({facts.column} AS VARCHAR)"
                fits = ", ".join(
                    f"count(*) FILTER (year(TRY_STRPTIME({value}, {text(form)})) BETWEEN 1900 AND 2200)"
                    for form in FORMATS
                )
                counts = self.overview.ask(f"SELECT {fits} FROM all_rows")[0]  # noqa: S608
                fitting = [form for form, count in zip(FORMATS, counts, strict=True) if count == facts.values]
                if len(fitting) == 1:
                    self._set({facts.name: {"date_format": fitting[0]}})
                    self._open()
                    return [self.facts(facts.name)]
        return []

    def _short_dates(self) -> list[Facts]:
        """Return a column of dates with years of two digits, which are read so only in the time column."""
        for facts in self.columns:
            if facts.is_text and facts.values and TIME_NAME.search(facts.name):
                self._open(facts.name)  # DriftMonitorError if its dates fit two orders
                if self.facts(facts.name).is_time:
                    return [self.facts(facts.name)]
        return []
