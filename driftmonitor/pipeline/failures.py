"""One damaged file or row costs one monitor or page: this is the one place where such an error is caught, and told."""

from collections.abc import Callable
from typing import TypeVar

from driftmonitor import DriftMonitorError, OutsideError
from driftmonitor.regular_files import Unreadable

Made = TypeVar("Made")


class Failures:
    """What failed alone while the rest went on, one line each: where, why, and what to do."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def attempt(self, where: str, make: Callable[[], Made], instead: Callable[[str], Made]) -> Made:
        """Return `make()`; if it fails, note why, and return `instead(why)`.

        A history that went away and a folder that cannot be written concern everything: these errors are raised.
        """
        try:
            return make()
        except OutsideError:
            raise
        except Exception as error:  # a record, a notebook and a row can hold anything
            if isinstance(error, OSError) and not isinstance(error, Unreadable):
                raise
            why = say_why(where, error)
        self.lines.append(why)
        return instead(why)


def say_why(where: str, error: Exception) -> str:
    """Return why something failed: where, what is wrong, what to do. It quotes no value."""
    if isinstance(error, DriftMonitorError):
        return f"{where}: {error}"
    return f"{where}: has a value that cannot be used ({type(error).__name__}); run that day again."
