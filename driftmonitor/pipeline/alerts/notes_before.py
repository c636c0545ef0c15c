"""Find the dated notes before an incident, and how many days have one as near by chance."""

import datetime as dt
from collections.abc import Sequence

from driftmonitor.facts.story import Note, NotesBefore

NEAR_DAYS = 7  # between a note and an incident, whose signals add up as many days
COMMON = 0.1  # the share of days that come as soon after a note, above which it says nothing
SPAN_DAYS = 365  # before the incident, of which that share is
BEFORE_FIRST_DAYS = 30  # before the first note that belong to them: nobody knows since when notes are kept


def find_notes(notes: Sequence[Note], start: dt.date) -> NotesBefore | None:
    """Return the notes of the nearest day up to a first one; None without one, or if too many days come as soon."""
    near = [note for note in notes if 0 <= (start - note.date).days <= NEAR_DAYS]
    if not near:
        return None
    last = max(note.date for note in near)
    days = (start - last).days
    share = find_share([note.date for note in notes], start, days)
    texts = tuple(dict.fromkeys(note.text for note in near if note.date == last))
    if share > COMMON:
        return None
    is_only = not any(start - dt.timedelta(SPAN_DAYS) <= note.date < last for note in notes)
    return NotesBefore(last, texts, days, None if is_only else share)


def find_share(dates: Sequence[dt.date], start: dt.date, days: int) -> float:
    """Return of the days before `start` the share that comes at most so many days after one of the dates."""
    span = min(SPAN_DAYS, (start - min(dates)).days + BEFORE_FIRST_DAYS)
    end = start.toordinal()
    near = {date.toordinal() + lag for date in dates for lag in range(days + 1)}
    return sum(end - span <= day < end for day in near) / span
