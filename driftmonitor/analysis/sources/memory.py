"""What a source remembers from one day of a monitor to the next, so that it reads everything once."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class Memory:
    """Remembers the last answer to each question, and what it was about. A new one remembers nothing.

    `days` are those that will be asked for, in order: the rows of the next ones are read together with those of one.
    """

    def __init__(self, days: Sequence[dt.date] = ()) -> None:
        self.days = tuple(days)
        self._answers: dict[str, tuple[object, Any]] = {}

    @property
    def is_for_many_days(self) -> bool:
        """Whether it pays to keep what is read."""
        return len(self.days) > 1

    def recall(self, question: str, about: object, answer: Callable[[], T]) -> T:
        """Return the answer to a question; `answer` is only called if it was last asked about something else."""
        known = self._answers.pop(question, None)
        if known is None or (known[0] is not about and known[0] != about):
            known = (about, answer())
        self._answers[question] = known
        found: T = known[1]
        return found
