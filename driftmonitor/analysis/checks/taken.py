"""The numbers that this run of a notebook watches: `check(...)` adds one, from any cell."""

import math
from typing import Any

import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.facts.checks import LONGEST_NAME, MODEL_CHECK, MOST_CHECKS, Check
from driftmonitor.facts.limits import read_limit
from driftmonitor.facts.record import OF_THE_RUN, emit_scrap
from driftmonitor.formats import one_line
from driftmonitor.words.checks import say_check, say_standing

_taken: dict[str, Check] = {}  # of this process, which runs one notebook


def check(name: str, value: Any, *, must: str = "", rows: int | None = None) -> None:
    """Watch a number: it is part of the record, the history, the pages and the alerts.

    With `must`, such as "> 0.9", "== 0" or ">= 0.2 and < 0.4", that limit decides. Without one, the number is judged by
    its own earlier values, inside the false-alarm budget of `rule: budget`. `rows`: how many rows it was computed from;
    days with more of them weigh more. The same name is the same series on all days. The last call with a name counts.
    A missing value or NaN is "not known", which is neither good nor bad. DriftMonitorError if `value` is no number,
    `must` is no limit, or the name is empty or longer than 120 characters, and from the 301st name on.
    """
    name = _check_name(name)
    if name not in _taken and len(_taken) >= MOST_CHECKS:
        raise DriftMonitorError(f"check {one_line(name)}: there are {MOST_CHECKS} checks already; combine some.")
    made = make_check(name, _to_number(name, value), must=must, rows=rows)
    _taken[name] = made
    emit_scrap(name, made.value, f"{say_standing(made)}: {say_check(made)}")


def taken() -> tuple[Check, ...]:
    """Return the checks of this run, in the order of their first calls."""
    return tuple(_taken.values())


def forget_all() -> None:
    """Forget the checks: a notebook begins anew."""
    _taken.clear()


def add(made: Check) -> None:
    """Add a check that was computed elsewhere."""
    _taken[made.name] = made


def make_check(
    name: str, value: float, *, must: str = "", rows: int | None = None, from_params: bool | None = None
) -> Check:
    """Return a check; a value that is NaN or infinite is not known. DriftMonitorError for an invalid limit."""
    holds, reason = None, None
    if must:
        try:
            limit = read_limit(must)
        except ValueError as error:
            raise DriftMonitorError(f"check {one_line(name)}: must is {error}.") from None
        holds = limit.holds(value) if math.isfinite(value) else None  # a ratio over no rows is neither good nor bad
    if not math.isfinite(value):
        reason = "no value" if math.isnan(value) else "infinite"
    known = {"value": value} if reason is None else {"reason": reason}
    return Check(
        name=name, must=must or None, holds=holds, rows=_check_rows(name, rows), from_params=from_params, **known
    )


def _check_name(name: Any) -> str:
    plain = one_line(name, LONGEST_NAME + 1) if isinstance(name, str) and name.strip() else ""
    if not plain:
        raise DriftMonitorError('check: the name must be text that is not empty, as in check("AUC", auc).')
    if plain in (*OF_THE_RUN, MODEL_CHECK):
        raise DriftMonitorError(f"check {plain}: this name has another meaning; choose another.")
    if len(name) > LONGEST_NAME:
        raise DriftMonitorError(
            f"check {one_line(name)}: the name has {len(name):,} characters; use at most {LONGEST_NAME}."
        )
    return plain


def _check_rows(name: str, rows: Any) -> int | None:
    if rows is None:
        return None
    try:
        number = int(rows)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if number < 0 or isinstance(rows, str):
        raise DriftMonitorError(f"check {one_line(name)}: rows must be a number of rows, such as len(data.current).")
    return number


def _to_number(name: str, value: Any) -> float:
    """Return a value as a float, NaN if it is missing."""
    if isinstance(value, (pd.Series, pd.DataFrame, list, tuple, dict, str, bytes)) or getattr(value, "size", 1) != 1:
        raise _no_number(name, value)
    try:
        one = value.item() if hasattr(value, "item") else value
        return float("nan") if one is None or pd.isna(one) else float(one)
    except (TypeError, ValueError, OverflowError):
        raise _no_number(name, value) from None


def _no_number(name: str, value: Any) -> DriftMonitorError:
    kind = type(value).__name__
    return DriftMonitorError(f"check {one_line(name)}: the value is a {kind}, not one number; give one number.")
