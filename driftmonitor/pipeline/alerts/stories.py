"""Tell the story of an incident from a monitor's runs and dated notes. Pure: it is computed, and never stored."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import islice

from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.moves import DayMoves, Found, Move, Pair
from driftmonitor.facts.story import Alike, Appearance, Note, Story
from driftmonitor.pipeline.alerts.incidents import Incident, Run
from driftmonitor.pipeline.alerts.notes_before import find_notes
from driftmonitor.pipeline.alerts.state import fold
from driftmonitor.words.stories import FOUND

FIRST_RUNS = 3  # drift days of an incident that make its pattern
ALIKE = 0.75  # the least similarity of two patterns (Jaccard 1901)
RUNS_WITHOUT = 7  # an issue of data quality is new if so many runs before did not have it
MOST_ALIKE, MOST_COMPARED = 3, 50
MOST_CAUSES = 10  # that the budget rule names of a day; after so many, it is not known what follows
KINDS = {"unit": "level", "beside": "level", "range": "shape"}  # of changes that are as one in a pattern

Subject = tuple[tuple[str, ...], str | None, str | None]


class Stories:
    """The stories of a monitor's incidents."""

    def __init__(self, runs: Iterable[Run], settings: AlertSettings | None = None, notes: Sequence[Note] = ()) -> None:
        self.runs = sorted(runs, key=lambda run: run.run_date)
        self.settings, self.notes = settings or AlertSettings(), notes
        self.tell = lru_cache(maxsize=1000)(self._tell)

    def days_of(self, incident: Incident) -> dict[Subject, list[dt.date]]:
        """Return of everything that changed in an incident on which days it did, in the order of appearance."""
        days: dict[Subject, list[dt.date]] = {}
        for run in self._runs_of(incident):
            for move in _moves_of(run, incident.family):
                days.setdefault(subject_of(move), []).append(run.run_date)
        return {subject: list(dict.fromkeys(own)) for subject, own in days.items()}

    def _tell(self, incident: Incident) -> Story:
        """Return what changed first, what else was seen, and what came before."""
        earlier = self._list_earlier(incident)
        alike = sorted(self._find_alike(incident, earlier), key=lambda each: (-each.similarity, not each.label))
        return Story(
            appearances=tuple(self._appearances(incident)),
            notes=find_notes(self.notes, incident.start),
            alike=tuple(alike[:MOST_ALIKE]),
            alike_count=len(alike),
            compared=len(earlier),
        )

    @cached_property
    def _as_measured(self) -> tuple[Incident, ...]:
        """The incidents without reviews: a day that was dismissed is in one too."""
        return fold([replace(run, label="", reason="") for run in self.runs], self.settings).incidents

    @cached_property
    def _patterns(self) -> dict[Incident, frozenset]:
        return {}

    def _pattern(self, incident: Incident) -> frozenset:
        """Return the pattern of an incident without reviews."""
        if incident not in self._patterns:
            runs = self._runs_of(incident, as_measured=True)[:FIRST_RUNS]
            self._patterns[incident] = find_patterns([_moves_of(run, incident.family) for run in runs])[-1]
        return self._patterns[incident]

    def _runs_of(self, incident: Incident, as_measured: bool = False) -> list[Run]:
        """Return the runs that an incident is about; `as_measured`: without reviews."""
        ends = (incident.start, incident.end or dt.date.max)
        runs = self.runs[slice(*(bisect_left(self.runs, day, key=lambda run: run.run_date) for day in ends))]
        if incident.family == "check":
            return [run for run in runs if (run.failed_checks if as_measured else run.failing_checks)]
        wanted = {"drift": "drift", "failure": "failed"}[incident.family]
        return [run for run in runs if (run.status if as_measured else run.verdict) == wanted]

    def _appearances(self, incident: Incident) -> Iterator[Appearance]:
        seen: set[Subject] = set()
        for run in self._runs_of(incident):
            moves = _moves_of(run, incident.family)
            new = tuple(move for move in moves if subject_of(move) not in seen)
            seen.update(map(subject_of, moves))
            if new:
                yield self._appearance(run, new)
            if run.rule == "budget" and len(moves) >= MOST_CAUSES:
                return

    def _appearance(self, run: Run, new: tuple[Move, ...]) -> Appearance:
        day = run.moves or DayMoves()
        single = (move for move in new if len(move.columns) == 1 and move.segment is None)
        names = {name for move in single for name in move.columns}
        together, against = (
            tuple(pair for pair in pairs if names.intersection(pair)) for pairs in (day.together, day.against)
        )
        apart = [pair for pair in day.apart if names.issuperset(pair)]
        return Appearance(
            run.run_date,
            new,
            groups=_groups(together),
            against=against,
            are_apart=len(names) > 1 and len(apart) == len(names) * (len(names) - 1) // 2,
            found=self._find_new(run),
        )

    def _find_new(self, run: Run) -> tuple[Found, ...]:
        """Return the data-quality issues of a run that the last successful ones before did not have; none without any.

        An issue that comes by chance on a share f of days is new on f (1 - f)^7 of them, at most on 5%.
        """
        place = bisect_left(self.runs, run.run_date, key=lambda run: run.run_date)
        successful = (each.moves for each in reversed(self.runs[:place]) if each.status != "failed")
        before = list(islice(successful, RUNS_WITHOUT))
        if run.moves is None or not before or None in before:
            return ()
        known = {each for moves in before if moves for each in moves.found}
        return tuple(each for each in run.moves.found if each.kind in FOUND and each not in known)

    def _list_earlier(self, incident: Incident) -> list[Incident]:
        """Return the newest incidents with a pattern that were over when this one began, as measured, newest first."""
        earlier = [
            each for each in self._as_measured
            if each.family == incident.family and each.end is not None and each.end <= incident.start
        ]  # fmt: skip
        return [each for each in earlier[: -MOST_COMPARED - 1 : -1] if self._pattern(each)]

    def _find_alike(self, incident: Incident, earlier: Sequence[Incident]) -> Iterator[Alike]:
        patterns = find_patterns([_moves_of(run, incident.family) for run in self._runs_of(incident)[:FIRST_RUNS]])
        for each in earlier if any(patterns) else ():
            similarity = max(compare_patterns(pattern, self._pattern(each)) for pattern in patterns)
            if similarity >= ALIKE and each.end is not None:
                reviewed = (run for run in self._runs_of(each, as_measured=True) if run.label)
                label, reason = next(((run.label, run.reason) for run in reviewed), ("", ""))
                yield Alike(each.start, each.end, label, reason, round(similarity, 2))


def _moves_of(run: Run, family: str) -> tuple[Move, ...]:
    """Return what moved in a run: its changes and then columns without a known one, or its failed checks."""
    if family == "check":
        return tuple(Move(check=name, change="check") for name in run.failed_checks)
    if family == "failure":
        return ()
    moves = run.moves.moves if run.moves else ()
    named = {name for move in moves for name in move.columns}
    others = (name for name in run.drifted_columns if name not in named)
    return (*moves, *(Move(columns=(name,), change="") for name in others))


def subject_of(move: Move) -> Subject:
    """Return what moved: columns, the number of rows (no column), a check, or a segment."""
    return move.columns, move.check, move.segment


def _groups(pairs: Iterable[Pair]) -> tuple[tuple[str, ...], ...]:
    """Return the columns that pairs connect, in groups."""
    groups: list[list[str]] = []
    for pair in pairs:
        joined = [group for group in groups if not set(pair).isdisjoint(group)]
        groups = [group for group in groups if group not in joined]
        groups.append(list(dict.fromkeys([*(name for group in joined for name in group), *pair])))
    return tuple(map(tuple, groups))


def find_patterns(days: Sequence[tuple[Move, ...]]) -> list[frozenset[tuple]]:
    """Return an incident's pattern after its first day, its first two, and so on: what was told of it stays true.

    A pattern is the columns, kinds and directions of all changes. A change whose kind is not known is in none.
    """
    known = [
        {(*subject_of(move), KINDS.get(move.change, move.change), move.rose) for move in moves if move.change}
        for moves in days
    ]
    return [frozenset().union(*known[: number + 1]) for number in range(len(known))] or [frozenset()]


def compare_patterns(one: frozenset, other: frozenset) -> float:
    """Return how similar two patterns are, 0 to 1: the share of their changes that both have (Jaccard 1901)."""
    return len(one & other) / len(one | other) if one and other else 0.0
