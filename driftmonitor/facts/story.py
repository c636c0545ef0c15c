"""The story of an incident: what changed first and what followed, what else was seen, and what came before."""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from driftmonitor.facts.moves import Found, Move


class Note(NamedTuple):
    """What somebody wrote down for a day, such as a deployment."""

    date: dt.date
    text: str


@dataclass(frozen=True)
class Appearance:
    """What was unusual, had drifted or failed for the first time in an incident on one day.

    `groups`: columns of `moves` that go together in the reference, or moved with one that was there before.
    `against`: pairs that go together and moved in other directions. `are_apart`: whether all pairs hardly go together.
    `found`: data-quality issues that the seven runs before did not have.
    """

    date: dt.date
    moves: tuple[Move, ...]
    groups: tuple[tuple[str, ...], ...] = ()
    against: tuple[tuple[str, str], ...] = ()
    are_apart: bool = False
    found: tuple[Found, ...] = ()


@dataclass(frozen=True)
class NotesBefore:
    """The notes of the nearest day before an incident, or of its first day.

    `share`: of the days of the year before it, those that come as soon after a note; None if there is no other note.
    """

    date: dt.date
    texts: tuple[str, ...]
    days: int
    share: float | None


@dataclass(frozen=True)
class Alike:
    """An earlier incident with the same pattern; `label` and `reason` are an analyst's, "" without a review."""

    start: dt.date
    end: dt.date
    label: str
    reason: str
    similarity: float  # 0 to 1


@dataclass(frozen=True)
class Story:
    """What can be told of an incident, oldest first; empty where there is nothing to tell.

    `alike`: the first of `alike_count`, which are so many of the `compared` earlier incidents; the most similar ones
    first, of them those with a review.
    """

    appearances: tuple[Appearance, ...] = ()
    notes: NotesBefore | None = None
    alike: tuple[Alike, ...] = ()
    alike_count: int = 0
    compared: int = 0
