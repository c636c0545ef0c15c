"""The sentences of an incident's story: what changed first, with what, near which note, and as when before."""

from collections.abc import Iterator

from driftmonitor.facts.moves import Found, Move
from driftmonitor.facts.story import Alike, Appearance, NotesBefore, Story
from driftmonitor.formats import counted, one_line, percent, say_day

NAMED = 3  # of columns, of days and of notes; the others are counted
NAME_LENGTH, TEXT_LENGTH = 40, 120
IN_MESSAGE = 2  # sentences
VERBS = {
    "level": "level", "spread": "spread", "missing": "share of missing values", "rows": "number of rows",
    "tail": "share of extreme values", "repeats": "share of the most frequent value",
    "beside": "level beside the other columns", "correlation": "correlation", "dependence": "dependence",
    "check": "value", "segment": "level there", "segment_share": "share of rows", "segment_new": "share of rows",
    "segment_gone": "share of rows",
}  # fmt: skip
WITHOUT = {
    "shape": "shape changed", "category": "shares of categories changed", "unit": "unit may have changed",
    "range": "share of one range changed",
}  # fmt: skip
KINDS = {"missing": "missing values", "unit": "another unit", "repeats": "one value repeated"}
FOUND = {
    "missing_values": "another share of missing values", "new_category": "a new category",
    "duplicate_rows": "duplicate rows", "duplicate_key": "a repeated key", "reading_changed": "read in another way",
    "new_column": "a new column", "missing_column": "a missing column", "type_changed": "another type",
    "constant": "a single value", "infinite": "infinite values", "unreadable": "values that are not readable",
    "refused": "lines that are no rows", "few_days": "days without rows", "old_data": "old data",
    "repeated_data": "the data of an earlier day", "grown_data": "all rows of the day before",
    "reference_changed": "another reference",
    "rows_changed": "another number of rows", "same_rows": "the rows of the reference",
    "overlap": "rows of the reference",
}  # fmt: skip
ALIKE = {"dismissed": "dismissed", "confirmed": "confirmed as real", "accepted": "accepted"}


def say_story(story: Story) -> list[str]:
    """Return all that is known, in sentences."""
    return [*_say_before(story), *_say_order(story), *_say_together(story), *_say_found(story)]


def say_shortly(story: Story) -> list[str]:
    """Return the sentences of a message: what followed, an earlier incident and a note, as there is room for two."""
    return [*_say_order(story), *_say_before(story)][:IN_MESSAGE]


def _say_before(story: Story) -> Iterator[str]:
    if story.alike:
        yield say_alike(story.alike[0], story)
    if story.notes:
        yield say_notes(story.notes)


def say_alike(alike: Alike, story: Story) -> str:
    """Return `As on 3 Mar 2026 (the same columns and directions, 2 of 7 earlier incidents), dismissed: a sale.`"""
    review = f", {ALIKE.get(alike.label, alike.label)}: {one_line(alike.reason, TEXT_LENGTH)}" if alike.label else ""
    same = "the same" if alike.similarity == 1 else "mostly the same"
    of_all = f", {story.alike_count} of {story.compared} earlier incidents" if story.compared > 1 else ""
    words = f"As on {say_day(alike.start)} ({same} columns and directions{of_all}){review}"
    return words if words.endswith((".", "…", "!", "?")) else f"{words}."


def say_notes(notes: NotesBefore) -> str:
    """Return `2 days after "checkout 4.2 deployed" (1 Mar 2026); by chance, 3% of days come as soon after an event.`"""
    texts = _list([f'"{one_line(text, TEXT_LENGTH)}"' for text in notes.texts])
    when = f"{counted(notes.days, 'day')} after" if notes.days else "On the day of"
    chance = "" if notes.share is None else f"; by chance, {percent(notes.share)} of days come as soon after an event"
    return f"{when} {texts} ({say_day(notes.date)}){chance}."


def _say_order(story: Story) -> Iterator[str]:
    if len(story.appearances) > 1:
        shown = [say_appearance(each) for each in story.appearances[:NAMED]]
        more = len(story.appearances) - len(shown)
        others = f"; more on {counted(more, 'later day')}" if more else ""
        yield f"{'; '.join(shown)}{others}."


def say_appearance(appearance: Appearance) -> str:
    """Return `amount and country since 3 Mar 2026`."""
    return f"{say_moves(appearance)} since {say_day(appearance.date)}"


def say_moves(appearance: Appearance) -> str:
    """Return what was new on one day: `amount (another unit), fee, plan and 2 more`."""
    return _list(list(map(name_move, appearance.moves)))


def name_move(move: Move) -> str:
    """Return what moved: `amount`, `fee (missing values)`, `how amount and fee go together`, `the number of rows`."""
    if move.check is not None:
        return one_line(move.check, NAME_LENGTH)
    if move.segment is not None:
        columns = move.columns if move.change in ("", "segment") else ()
        return " in ".join(one_line(name, NAME_LENGTH) for name in (*columns, move.segment))
    if len(move.columns) > 1:
        return f"how {_list([one_line(name, NAME_LENGTH) for name in move.columns])} go together"
    names = one_line(move.columns[0], NAME_LENGTH) if move.columns else "the number of rows"
    return f"{names} ({KINDS[move.change]})" if move.change in KINDS else names


def say_direction(move: Move) -> str:
    """Return how something moved, as far as its kind and direction say: `level rose`, `shape changed`; "" without."""
    what = VERBS.get(move.change)
    if what is None or move.rose is None:
        return WITHOUT.get(move.change, f"{what} changed" if what and move.change != "check" else "")
    return f"{what} {'rose' if move.rose else 'fell'}"


def _say_together(story: Story) -> Iterator[str]:
    for appearance in story.appearances[:NAMED]:
        yield from say_together(appearance)


def say_together(appearance: Appearance) -> Iterator[str]:
    """Yield whether the columns of one day may have one cause, as far as the reference shows how they go together."""
    for group in appearance.groups[:NAMED]:
        where = "both" if len(group) == 2 else "all of them"
        names = _list([one_line(name, NAME_LENGTH) for name in group])
        yield f"In the reference {names} go together: one change can show in {where}."
    for first, second in (tuple(one_line(name, NAME_LENGTH) for name in pair) for pair in appearance.against[:1]):
        yield f"In the reference {first} and {second} go together, but they did not move so: more than one change."
    if appearance.are_apart:
        plain = (move for move in appearance.moves if len(move.columns) == 1 and move.segment is None)
        names = _list([one_line(name, NAME_LENGTH) for move in plain for name in move.columns])
        yield f"In the reference {names} hardly go together: none of them explains another."


def _say_found(story: Story) -> Iterator[str]:
    for appearance in story.appearances[:NAMED]:
        if appearance.found:
            yield f"Also new on {say_day(appearance.date)}: {say_found(appearance)}."


def say_found(appearance: Appearance) -> str:
    """Return the data-quality issues that one day brought: `a new category (country), duplicate rows`."""
    return _list(list(map(_name_found, appearance.found)))


def _name_found(found: Found) -> str:
    words = FOUND.get(found.kind, found.kind.replace("_", " "))
    return f"{words} ({one_line(found.column, NAME_LENGTH)})" if found.column is not None else words


def _list(names: list[str]) -> str:
    shown = names if len(names) <= NAMED + 1 else names[:NAMED]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
