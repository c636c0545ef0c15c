"""Both sides as the notebook holds them: plain pandas frames that may be edited, and what is known of all their rows.

A comparison works on a `Snapshot`, in which the counts in all rows of a sampled side are those that are still valid. So
an edit always counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.full_counts import FullCounts, Sample
from driftmonitor.analysis.sources.names import column_names, unique_names
from driftmonitor.facts.reading import Reading, SideRead
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, some_names

if TYPE_CHECKING:
    from driftmonitor.analysis.sources.request import Request


class Frames(Protocol):
    """Anything with both sides' rows."""

    @property
    def reference(self) -> pd.DataFrame:
        """The reference's rows."""

    @property
    def current(self) -> pd.DataFrame:
        """The current rows."""


@dataclass(frozen=True)
class Snapshot:
    """Both sides at one moment; later edits of the frames do not reach it.

    The totals say how many rows each side is a sample of. `full_counts` has, by side, what was counted in all rows of
    a sampled side and is still valid; `findings` name the edits that made the rest invalid. `as_read` names, by side,
    the columns of a sample whose values were not edited. `unreadable` counts, by side and column, values that are no
    missing ones but could not be read as what the others are. `reading` says what was read before any edit.
    """

    reference: pd.DataFrame
    current: pd.DataFrame
    reference_total: int
    current_total: int
    findings: tuple[Finding, ...] = ()
    full_counts: Mapping[str, FullCounts] = field(default_factory=dict)
    as_read: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unreadable: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    reading: Reading | None = None

    def snapshot(self) -> "Snapshot":
        """Return the snapshot itself, so that it is taken wherever `Data` is."""
        return self

    def sampled_from(self, side: str, name: str) -> int:
        """Return how many rows a column's values are a sample of: once they were edited, the rows that are here."""
        total: int = getattr(self, f"{side}_total")
        return total if name in self.as_read.get(side, ()) else len(getattr(self, side))


class Data:
    """The reference and the current rows: plain pandas frames, which may be edited in place or replaced.

    `data.current["age"] += 1` and `data.current = data.current.query("age > 18")` count in all that follows. Column
    names are made unique text whenever a side is asked for. `unread` are ignored columns that were not read, and
    `reading` says what was read before any edit. `reference_read` is one object for all days with the same reference.
    `request` is what was asked for, by which other days can be loaded.
    """

    def __init__(
        self,
        reference: pd.DataFrame,
        current: pd.DataFrame,
        reference_total: int,
        current_total: int,
        findings: tuple[Finding, ...] = (),
        full_counts: Mapping[str, FullCounts] | None = None,
        unread: frozenset[str] = frozenset(),
        unreadable: Mapping[str, Mapping[str, int]] | None = None,
        reading: Reading | None = None,
        reference_read: object = None,
        request: "Request | None" = None,
    ) -> None:
        self.reference, self.current = (frame.reset_index(drop=True) for frame in (reference, current))
        names, others = column_names(self.reference), column_names(self.current)
        self.current = self.current[[n for n in names if n in others] + [n for n in others if n not in names]]
        self.unread, self._findings, self._unreadable = unread, findings, unreadable or {}
        self.reading, self.reference_read, self.request = reading, reference_read, request
        totals, counts = {"reference": reference_total, "current": current_total}, full_counts or {}
        self._samples = {
            side: Sample(frame.copy(deep=False), totals[side], counts.get(side))
            for side, frame in self._sides().items()
            if len(frame) < totals[side]
        }

    @property
    def reference(self) -> pd.DataFrame:
        """What the model was trained on."""
        return _name_columns(self._reference)

    @reference.setter
    def reference(self, frame: pd.DataFrame) -> None:
        self._reference = _check_frame(frame, "reference")

    @property
    def current(self) -> pd.DataFrame:
        """What is compared with the reference."""
        return _name_columns(self._current)

    @current.setter
    def current(self, frame: pd.DataFrame) -> None:
        self._current = _check_frame(frame, "current")

    @property
    def reference_total(self) -> int:
        """How many rows the reference is a sample of."""
        return self.snapshot().reference_total

    @property
    def current_total(self) -> int:
        """How many rows the current side is a sample of."""
        return self.snapshot().current_total

    @property
    def full_counts(self) -> Mapping[str, FullCounts]:
        """What was counted in all rows of a sampled side and is still valid, by side."""
        return self.snapshot().full_counts

    def snapshot(self) -> Snapshot:
        """Return both sides as they are now, with the counts that are still valid."""
        frames = self._sides()
        edits = {side: sample.find_edits(frames[side]) for side, sample in self._samples.items()}
        samples = {side: sample for side, sample in self._samples.items() if not edits[side].of_rows}
        totals = {side: samples[side].total if side in samples else len(frame) for side, frame in frames.items()}
        findings = [
            finding for side, sample in self._samples.items()
            for finding in sample.describe(edits[side], side, len(frames[side]))
        ]  # fmt: skip
        as_read = {side: edits[side].as_read for side in samples}
        return Snapshot(
            reference=frames["reference"].copy(deep=False),
            current=frames["current"].copy(deep=False),
            reference_total=totals["reference"],
            current_total=totals["current"],
            findings=(*self._findings, *findings),
            full_counts={side: sample.counts.of(as_read[side]) for side, sample in samples.items() if sample.counts},
            as_read=as_read,
            unreadable=self._unreadable,
            reading=self.reading,
        )

    def summary(self) -> str:
        """Return how many rows and columns are compared, a line for each side, and which columns were not read."""
        now = self.snapshot()
        lines = [
            f"reference: {_describe_size(now.reference, now.reference_total)}{self._describe_rest('reference')}",
            f"current: {_describe_size(now.current, now.current_total)}{self._describe_rest('current')}",
        ]
        if self.unread:
            why = "ignored, and a side is sampled; raise max_rows to have their values"
            lines.append(f"not read: {some_names(sorted(self.unread))} ({why})")
        return "\n".join(lines)

    def _describe_rest(self, side: str) -> str:
        """Return how many rows are not in a side's window: `; 8,077 rows outside of the window, 3 without a time`."""
        read: SideRead | None = getattr(self.reading, side, None)
        rows = {"outside of the window": "outside", "without a time": "rows_without_time", "refused": "rows_refused"}
        words = [f"{counted(count, 'row')} {said}" for said, name in rows.items() if (count := getattr(read, name, 0))]
        return f"; {', '.join(words)}" if words else ""

    def _sides(self) -> dict[str, pd.DataFrame]:
        return {"reference": self.reference, "current": self.current}


def _check_frame(frame: pd.DataFrame, side: str) -> pd.DataFrame:
    """Return what is to be one side; refuse what is no table of pandas."""
    if not isinstance(frame, pd.DataFrame):
        raise DriftMonitorError(f"data.{side} is a {type(frame).__name__}; assign a pandas DataFrame.")
    return frame if _has_unique_names(frame) else frame.set_axis(unique_names(frame.columns), axis="columns")


def _name_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the same frame; names that repeat or are no text, as an edit in place can bring, are changed in it."""
    if not _has_unique_names(frame):
        frame.columns = pd.Index(unique_names(frame.columns))
    return frame


def _has_unique_names(frame: pd.DataFrame) -> bool:
    names = frame.columns
    return bool(names.inferred_type == "string" and names.is_unique and not names.hasnans)


def _describe_size(frame: pd.DataFrame, total: int) -> str:
    sampled = f" of {total:,}, the same ones every time" if total > len(frame) else ""
    return f"{len(frame):,} rows{sampled}, {frame.shape[1]} columns"
