"""Compute again, from the rows themselves, what a sentence of an alert says; nothing of the budget rule is used."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.true_words.alarms import Alarm
from driftmonitor.analysis.drift.reference_bins import choose_edges
from driftmonitor.analysis.drift.tails import Tails
from driftmonitor.analysis.usable import least_common
from driftmonitor.analysis.values import to_text
from driftmonitor.facts.judgement import Cause
from driftmonitor.words.causes import RARE_LEVEL

UNMOVED = 1e-3  # of a true value: what moves by less did not move, and the rows alone say how they differ
NUMBER = r"(-?[\d,.]+(?:e[+-]\d+)?%?|<0\.1%|less than 0\.1%)"
MOVED = re.compile(
    rf"(?P<what>.+?) (?P<verb>rose|fell) from (?P<whose>its usual|their usual|the reference's) {NUMBER} to {NUMBER}"
    rf"(?: of rows)?(?:(?:, the mean of| over the last) (\d) days)?(?: \(reference {NUMBER}\))?"
)
UNIT = re.compile(
    rf"(?P<what>.+?) is {NUMBER}(?:, the mean of (\d) days)?, (?:1/{NUMBER} of|{NUMBER} times) "
    rf"(?P<whose>its usual|the reference's) {NUMBER} \(perhaps another unit(?:; reference {NUMBER})?\)"
)
PAIRS = re.compile(
    rf"values (?P<verb>rose|fell)(?: over the last (\d) days)?; they exceed "
    rf"(?P<whose>usual ones|the reference's) in about {NUMBER} of pairs \(ties count half\)"
)
RANKS = re.compile(
    r"values rank (?P<where>further from|nearer to) the reference's median(?P<usual> than usual)?"
    r"(?: over the last (\d) days)?"
)
TAIL = re.compile(
    rf"{NUMBER} of values(?: of the last (\d) days)? are (?P<side>above|below) the reference's (?:99th|1st) percentile"
    rf"(?: \(usually {NUMBER}\))?(?:, \S+ times as far out(?: \(usually \S+\))?)?"
)
REPEATS = re.compile(rf"one value fills {NUMBER} of rows(?: of the last (\d) days)?(?: \(usually {NUMBER}\))?")
SHAPE = re.compile(
    r"its distribution changed shape(?: over the last (\d) days)? \(K-S distance about ([\d.]+) from the reference"
    r"(?:, usually ([\d.]+))?\)"
)
VERB = re.compile(r"\b(rose|fell)\b")


@dataclass(frozen=True)
class Finding:
    """What is wrong with one sentence, if anything; `directed` if it says rose or fell."""

    words: str
    directed: bool
    wrong_direction: str = ""
    wrong_size: str = ""
    sized: bool = False


def check(alarm: Alarm, cause: Cause) -> Finding:
    """Return what is wrong with a cause's sentence, from the rows that were drawn."""
    if not cause.columns:  # the number of rows
        return Finding(cause.words, False)
    words = cause.words if cause.change == "correlation" else cause.words.removeprefix(f"{cause.columns[0]}: ")
    for pattern, checked in (
        (MOVED, _moved), (UNIT, _unit), (PAIRS, _pairs), (RANKS, _ranks), (TAIL, _tail), (REPEATS, _repeats),
        (SHAPE, _shape),
    ):  # fmt: skip
        match = pattern.fullmatch(words)
        if match:
            return checked(alarm, cause, match)
    return Finding(cause.words, bool(VERB.search(words)), *_without_size(alarm, cause, words))


def _without_size(alarm: Alarm, cause: Cause, words: str) -> tuple[str, str]:
    """Return whether a bare direction, which only correlations have, is wrong; whether a sentence is not known."""
    match = re.fullmatch(r"the correlation between (.+) and (.+) (rose|fell)", words)
    if match:
        now, usual, _ = _figures(alarm, cause, "the correlation", "its usual", 1)
        return "" if (now > usual) == (match[3] == "rose") else f"{usual} to {now}", ""
    return "", "" if words.removesuffix(f" over the last {cause.window} days").endswith(" unusual") else "not known"


def _moved(alarm: Alarm, cause: Cause, match: re.Match[str]) -> Finding:
    what, whose, (before, after, window, reference) = match["what"], match["whose"], match.groups()[3:]
    now, usual, known = _figures(alarm, cause, what, whose, int(window or 1))
    rose = match["verb"] == "rose"
    wrong = "" if (now > usual) == rose else f"{usual:.6g} to {now:.6g}"
    figure = what.removeprefix("daily ")
    true_now, true_usual = (state.truth(cause.columns[0], figure) for state in (alarm.now, alarm.usual))
    moved = not np.isclose(true_now, true_usual, rtol=UNMOVED)
    if whose != "the reference's" and moved and (true_now > true_usual if not rose else true_now < true_usual):
        wrong = wrong or f"in truth {true_usual:.6g} to {true_now:.6g}"
    told = [(before, usual), (after, now), *([(reference, known)] if reference else [])]
    width = _width(alarm, cause.columns[0], what)
    size = "; ".join(f"{text} is {true:.6g}" for text, true in told if not _is(text, true, width))
    return Finding(cause.words, True, wrong, size, sized=True)


def _unit(alarm: Alarm, cause: Cause, match: re.Match[str]) -> Finding:
    what, whose = match["what"], match["whose"]
    _, after, window, part, times, _, before, reference = match.groups()
    now, usual, known = _figures(alarm, cause, what, whose, int(window or 1))
    ratio = usual / now if part else now / usual
    told = [(before, usual), (after, now), (part or times, ratio), *([(reference, known)] if reference else [])]
    size = "; ".join(f"{text} is {true:.6g}" for text, true in told if not _is(text, true, abs(true)))
    return Finding(cause.words, True, "" if ratio > 1 else "the other way", size, sized=True)


def _pairs(alarm: Alarm, cause: Cause, match: re.Match[str]) -> Finding:
    name, window, share = cause.columns[0], int(match[2] or 1), match[4]
    before = [alarm.reference] if match["whose"] == "the reference's" else alarm.baseline
    others, now = _values(before, name), _values(alarm.window(window), name)
    ordered = np.sort(others)
    below, up_to = (np.searchsorted(ordered, now, side=side) for side in ("left", "right"))
    true = float((below + up_to).mean() / 2 / len(ordered))
    wrong = "" if (true > 0.5) == (match["verb"] == "rose") else f"{true:.4f} of pairs"
    return Finding(
        cause.words,
        True,
        wrong,
        "" if abs(float(share.rstrip("%")) / 100 - true) < 0.007 else f"{share} is {true:.4f}",
        sized=True,
    )


def _tail(alarm: Alarm, cause: Cause, match: re.Match[str]) -> Finding:
    high, low = Tails(np.sort(_values([alarm.reference], cause.columns[0]))).limits
    if match["side"] == "above":
        return _shares(alarm, cause, match, lambda values: float((values > high).mean()))
    return _shares(alarm, cause, match, lambda values: float((values < low).mean()))


def _repeats(alarm: Alarm, cause: Cause, match: re.Match[str]) -> Finding:
    return _shares(alarm, cause, match, lambda values: float(pd.Series(values).value_counts(normalize=True).max()))


def _shares(alarm: Alarm, cause: Cause, match: re.Match[str], share: Callable[[np.ndarray], float]) -> Finding:
    """Return whether a share of the values over a window, and the median of the baseline days', are what is told."""
    days = [_values([rows], cause.columns[0]) for rows in alarm.window(int(match[2] or 1))]
    now = float(np.average([share(day) for day in days], weights=[len(day) for day in days]))
    usual = float(np.median([share(_values([rows], cause.columns[0])) for rows in alarm.baseline] or [np.nan]))
    told = [(match[1], now), *([(match.groups()[-1], usual)] if match.groups()[-1] else [])]
    size = "; ".join(f"{text} is {true:.4f}" for text, true in told if not _is(text, true, 1))
    return Finding(cause.words, False, "", size, sized=True)


def _ranks(alarm: Alarm, cause: Cause, match: re.Match[str]) -> Finding:
    name, window = cause.columns[0], int(match[3] or 1)
    ordered = np.sort(_values([alarm.reference], name))
    sides = alarm.window(window), alarm.baseline if match["usual"] else [alarm.reference]
    now, before = (_rank_distance(ordered, _values(rows, name)) for rows in sides)
    wrong = "" if (now > before) == (match["where"] == "further from") else f"{before:.4f} to {now:.4f}"
    return Finding(cause.words, True, wrong)


def _rank_distance(ordered: np.ndarray, values: np.ndarray) -> float:
    """Return the mean squared distance of the values' ranks in the reference from its middle."""
    below, up_to = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    return float((((below + up_to) / 2 / len(ordered) - 0.5) ** 2).mean())


def _shape(alarm: Alarm, cause: Cause, match: re.Match[str]) -> Finding:
    name, window = cause.columns[0], int(match[1] or 1)
    true = stats.ks_2samp(_values([alarm.reference], name), _values(alarm.window(window), name)).statistic
    return Finding(cause.words, False, "", "" if abs(float(match[2]) - true) < 0.026 else f"{true:.4f}", sized=True)


def _figures(alarm: Alarm, cause: Cause, what: str, whose: str, window: int) -> tuple[float, float, float]:
    """Return a figure over the window, what it is compared with (`whose` says what), and that of the reference."""
    names = cause.columns
    if what.removeprefix("daily ") in ("median", "interquartile range"):
        figure = _median if what.endswith("median") else _interquartile_range
        days = [_values([rows], names[0]) for rows in alarm.window(window)]
        now = float(np.average([figure(day) for day in days], weights=[len(day) for day in days]))
        usual = float(np.median([figure(_values([rows], names[0])) for rows in alarm.baseline] or [np.nan]))
        known = figure(_values([alarm.reference], names[0]))
    elif what.startswith("the correlation"):
        now, known = (_correlation(rows, names) for rows in (alarm.days[alarm.today], alarm.reference))
        usual = float(np.nanmedian([_correlation(rows, names) for rows in alarm.baseline] or [np.nan]))
    elif what.startswith("the share of values in one range"):
        now, usual, known = _range_shares(alarm, names[0], whose, window)
    elif what == RARE_LEVEL:
        now, usual, known = _rare_shares(alarm, names[0], whose, window)
    else:
        now, usual, known = (
            float(np.mean(_matches(rows, names[0], what)))
            for rows in (alarm.window(window), alarm.baseline or [alarm.reference], [alarm.reference])
        )
    return now, known if whose == "the reference's" else usual, known


def _range_shares(alarm: Alarm, name: str, whose: str, window: int) -> tuple[float, float, float]:
    """Return the shares of the bin that changed most, by the arcsines of their roots."""
    edges = choose_edges(np.sort(_values([alarm.reference], name)))
    sides = (
        alarm.window(window),
        [alarm.reference] if whose == "the reference's" else alarm.baseline,
        [alarm.reference],
    )
    counts = [np.bincount(np.searchsorted(edges, _values(rows, name)), minlength=len(edges) + 1) for rows in sides]
    angles = [np.arcsin(np.sqrt((each + 0.375) / (each.sum() + 0.75))) for each in counts]
    most = int(np.argmax(np.abs(angles[0] - angles[1])))
    now, usual, known = (each / each.sum() for each in counts)
    return float(now[most]), float(usual[most]), float(known[most])


def _rare_shares(alarm: Alarm, name: str, whose: str, window: int) -> tuple[float, float, float]:
    """Return the shares of the level that changed most, by the arcsines of their roots, of those with too few rows."""
    today, reference = (
        pd.Series(to_text(rows[name].dropna())).value_counts() for rows in (alarm.days[alarm.today], alarm.reference)
    )
    common = {level for rows in (today, reference) for level in rows.index[rows >= least_common(int(rows.sum()))]}
    rare = [level for level in reference.index[:10] if level not in common]
    shares = np.array(
        [
            [np.mean(_matches(rows, name, level)) for level in rare]
            for rows in (alarm.window(window), alarm.baseline or [alarm.reference], [alarm.reference])
        ]
    )
    angles = np.arcsin(np.sqrt(shares))
    now, usual, known = shares[:, np.argmax(np.abs(angles[0] - angles[2 if whose == "the reference's" else 1]))]
    return float(now), float(usual), float(known)


def _matches(rows: Sequence[pd.DataFrame], name: str, what: str) -> np.ndarray:
    values = pd.concat(rows)[name]
    if what == "missing values":
        return values.isna().to_numpy()
    words = to_text(values.dropna())
    if what == "rarer or new categories":
        frequent = pd.Series(to_text(rows[0][name])).value_counts()
        return words == "crypto" if name == "plan" else ~np.isin(words, list(frequent.index[:10]))
    return words == what.strip('"')


def _values(rows: Sequence[pd.DataFrame], name: str) -> np.ndarray:
    return pd.concat(rows)[name].dropna().to_numpy()


def _median(values: np.ndarray) -> float:
    return float(np.median(values))


def _interquartile_range(values: np.ndarray) -> float:
    low, high = np.percentile(values, [25, 75])
    return float(high - low)


def _correlation(rows: pd.DataFrame, names: tuple[str, ...]) -> float:
    return float(stats.spearmanr(rows[list(names)].dropna()).statistic)


def _width(alarm: Alarm, name: str, what: str) -> float:
    """Return the scale on which a figure may be rounded beyond the digits that are shown."""
    if what.removeprefix("daily ") in ("median", "interquartile range"):
        return _interquartile_range(_values([alarm.days[alarm.today]], name))
    return 100.0 if what.startswith("the correlation") else 1.0


def _is(text: str, true: float, width: float) -> bool:
    """Return whether a number as it is shown is the true one, to the digits shown and a ten-thousandth of the width."""
    if text in ("<0.1%", "less than 0.1%"):
        return 0 < true < 0.0005
    shown, scale = (float(text.rstrip("%").replace(",", "")), 100 if text.endswith("%") else 1)
    digits = re.sub(r"e.*", "", text.rstrip("%").replace(",", ""))
    exponent = int(text.partition("e")[2] or 0) if "e" in text else 0
    last = 10.0 ** (exponent - len(digits.partition(".")[2]))
    return abs(shown - true * scale) <= 0.51 * last + 1e-4 * width
