"""Describe a signal of a segment: which segment changed, and the change in words."""

from dataclasses import replace

import numpy as np

from driftmonitor.budget.column_signals import Signal
from driftmonitor.budget.segments import SegmentDays
from driftmonitor.budget.usual import UsualDays
from driftmonitor.budget.usual_pairs import has_enough
from driftmonitor.facts.judgement import ChangeKind
from driftmonitor.words.figures import Figure
from driftmonitor.words.segments import name_segment, say_gone, say_in_segment, say_new, say_share

ALIKE = 0.8  # of the z of a signal


def find_moved(number: int, days: UsualDays) -> int:
    """Return the signal, of the same column, segmentation and window, whose segment itself moved furthest from usual.

    If one of two segments moves, the other moves as far against it. Only signals about as unusual are considered.
    """
    signals, z = days.daily.signals, np.nan_to_num(days.verdict.z, nan=-np.inf)
    if signals[number].kind != "segment":
        return number
    alike = [
        i
        for i, each in enumerate(signals)
        if z[i] >= ALIKE * z[number] and each == replace(signals[number], level=each.level)
    ]
    return max(alike, key=lambda i: _own_move(i, days), default=number)


def _own_move(number: int, days: UsualDays) -> float:
    """Return how far a segment's mean ridit is from usual, in standard errors."""
    exceeds, rows = _pairs(days, number, segmentation_of(days, days.daily.signals[number]))
    return float(abs(exceeds.current - exceeds.before) * rows**0.5)


def _moved(days: UsualDays, number: int) -> float:
    """Return how far a signal is from its baseline mean, in standard errors."""
    return float(days.verdict.values[number] - days.verdict.centre[number])


def segmentation_of(days: UsualDays, signal: Signal) -> SegmentDays:
    """Return the segmentation that a signal is of."""
    return next(each for each in days.table.segments.values() if each.today.name == signal.segment)


def describe(days: UsualDays, number: int) -> dict[str, str]:
    """Return what changed in a signal of a segment, the segment, and the change in words, as fields of a Cause."""
    segments = segmentation_of(days, days.daily.signals[number])
    segment = name_segment(segments.today, days.daily.signals[number].level or 0)
    change, words = _describe(days, number, segments, segment)
    return {"change": change, "segment": segment, "words": words}


def _describe(days: UsualDays, number: int, segments: SegmentDays, segment: str) -> tuple[ChangeKind, str]:
    signal = days.daily.signals[number]
    if signal.kind == "segment":
        return "segment", _say_level(days, number, segments, segment)
    share = _share(days, number, segments)
    if signal.kind == "new":
        return "segment_new", say_new(segments.today.name, segments.today.new, share)
    if share.current == 0:
        return "segment_gone", say_gone(segment, share, signal.window)
    if share.rose != (_moved(days, number) > 0):
        share = Figure(share.name, share.current, share.current, share.current)  # which says only that it is unusual
    return "segment_share", say_share(segment, share, signal.window)


def _say_level(days: UsualDays, number: int, segments: SegmentDays, segment: str) -> str:
    (name,), window = days.daily.signals[number].columns, days.daily.signals[number].window
    exceeds, _ = _pairs(days, number, segments)
    higher = exceeds.rose if exceeds.rose == (_moved(days, number) > 0) else None
    return say_in_segment(segment, name, days.table.columns[name].categorical, higher, exceeds, window)


def _pairs(days: UsualDays, number: int, segments: SegmentDays) -> tuple[Figure, float]:
    """Return how often a value in the segment is larger than one of the reference there, and the window's rows."""
    signal, baseline, window = days.daily.signals[number], days.baseline(number), days.window(number)
    column, place = segments.columns.index(signal.columns[0]), signal.level or 0
    sums, rows = segments.sums[:, column, place], segments.rows[:, place]
    now, usual = (0.5 + float(np.nansum(sums[own]) / max(rows[own].sum(), 1)) for own in (window, baseline))
    return Figure("pairs", now, usual if has_enough(baseline) else None, 0.5), float(rows[window].sum())


def _window_rows(days: UsualDays, number: int, segments: SegmentDays) -> np.ndarray:
    """Return the rows of each segment over the window of a signal."""
    rows: np.ndarray = segments.rows[days.window(number)].sum(axis=0)
    return rows


def _share(days: UsualDays, number: int, segments: SegmentDays) -> Figure:
    """Return the share of a segment's rows, or of those with a new value."""
    place, baseline = days.daily.signals[number].level or 0, days.baseline(number)
    now, before = _window_rows(days, number, segments), segments.rows[baseline].sum(axis=0)
    usual = float(before[place] / max(before.sum(), 1)) if has_enough(baseline) else None
    reference = np.array([*segments.today.reference_rows, 0])
    return Figure("share", float(now[place] / max(now.sum(), 1)), usual, float(reference[place] / reference.sum()))
