"""Count what became of the tries of each attack, and keep the first few that went wrong."""

from dataclasses import dataclass, field

HEADINGS = ("tried", "survived", "lost", "doubled", "leaked")


@dataclass
class Tally:
    """Counts of one attack.

    `survived`: tries after which all other monitors had their verdict, page and message, in time, without a traceback.
    `lost`: verdicts, pages and messages that were due and never came, even when all was well again.
    `doubled`: messages that arrived twice; `in_window` of them because the sender was killed before it noted success.
    `leaked`: tries after which a secret or a row's value was found anywhere.
    """

    name: str
    tried: int = 0
    survived: int = 0
    lost: int = 0
    doubled: int = 0
    in_window: int = 0
    leaked: int = 0
    skipped: str = ""
    failures: list[str] = field(default_factory=list)

    def note(self, tries: int, problems: list[str], *, lost: int = 0, leaks: list[str] = ()) -> None:
        """Add tries that were made together: if one of the other monitors suffered, none of them counts as survived."""
        self.tried += tries
        self.survived += 0 if problems else tries
        self.lost += lost
        self.leaked += bool(leaks)
        self.failures += [*problems[:3], *leaks[:3]]

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return self.survived == self.tried and self.doubled == self.in_window and not (self.lost or self.leaked)

    def line(self) -> str:
        """Return the counts as a row of the table."""
        if self.skipped:
            return f"{self.name:34}skipped: {self.skipped}"
        counts = "".join(f"{getattr(self, heading):>10,}" for heading in HEADINGS)
        return f"{self.name:34}{counts}" + (f"  ({self.in_window} in the crash window)" if self.doubled else "")
