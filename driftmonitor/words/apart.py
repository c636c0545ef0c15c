"""The sentences about tails, the most frequent number, the other columns, the number of rows and checks."""

import math
from collections.abc import Callable

from driftmonitor.facts.checks import LONGEST_NAME
from driftmonitor.formats import number, numbers_apart, one_line, percent

PERCENTILES = {"above": "above the reference's 99th percentile", "below": "below the reference's 1st percentile"}
FURTHER = 1.5  # times as far out as usual, from which on it is worth naming


def say_tail(name: str, side: str, usual: tuple[float, float], today: tuple[float, float], window: int) -> str:
    """Return `amount: 3.1% of values are above the reference's 99th percentile (usually 1%), 46 times as far out`.

    Both are a share of rows, and how many times as far from the median these are as the percentile.
    """
    words = f"{percent(today[0])} of values{_over(window)} are {PERCENTILES[side]}{_usually(percent, usual[0])}"
    if today[0] > 0 and today[1] >= FURTHER * (1.0 if math.isnan(usual[1]) else usual[1]):
        words += f", {number(today[1])} times as far out{_usually(number, usual[1])}"
    return f"{one_line(name)}: {words}"


def say_repeats(name: str, usual: float, today: float, window: int) -> str:
    """Return `amount: one value fills 12% of rows (usually 3%)`."""
    return f"{one_line(name)}: one value fills {percent(today)} of rows{_over(window)}{_usually(percent, usual)}"


def say_beside(name: str, higher: bool, window: int) -> str:
    """Return `amount: its level is lower than the other columns suggest`."""
    side = "higher" if higher else "lower"
    return f"{one_line(name)}: its level{_over(window)} is {side} than the other columns suggest"


def say_rows(rows: int, times: float, window: int) -> str:
    """Return `480 rows, 52% fewer than usual on this day of the week`; `times` as many as usual."""
    change = f"{percent(1 - times)} fewer" if times < 1 else f"{percent(times - 1)} more"
    if times >= 2:
        change = f"{number(times)} times as many"
    compared = "as" if times >= 2 else "than"
    if window > 1:
        return f"rows of the last {window} days: {change} {compared} usual"
    return f"{rows:,} rows, {change} {compared} usual on this day of the week"


def say_check_change(name: str, rose: bool, usual: float | None, today: float, window: int) -> str:
    """Return `AUC fell from its usual 0.94 to 0.84`; if the figures do not show the change, that it is unusual."""
    average = f", the mean of {window} days" if window > 1 else ""
    if usual is None or usual == today or rose != (today > usual):
        return f"{one_line(name, LONGEST_NAME)} is unusual: {number(today)}{average}"
    before, after = numbers_apart(usual, today)
    return f"{one_line(name, LONGEST_NAME)} {'rose' if rose else 'fell'} from its usual {before} to {after}{average}"


def _over(window: int) -> str:
    return f" of the last {window} days" if window > 1 else ""


def _usually(say: Callable[[float], str], usual: float) -> str:
    return "" if math.isnan(usual) else f" (usually {say(usual)})"
