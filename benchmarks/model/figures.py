"""A figure that was asked for, beside what was found."""

from dataclasses import dataclass

HEAD = "| figure | asked | found | trials |\n|---|---|---|---|"


@dataclass(frozen=True)
class Figure:
    """What was measured, what is asked of it, and in how many trials it was measured."""

    name: str
    asked: str
    found: str
    trials: str

    def __str__(self) -> str:
        return f"| {self.name} | {self.asked} | {self.found} | {self.trials} |"


def share(hits: float, trials: int) -> str:
    """Return a share in percent."""
    return f"{100 * hits / trials:.0f}%" if trials else "–"
