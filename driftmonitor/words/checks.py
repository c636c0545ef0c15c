"""The sentences about checks: what a number is, what it must be, and which ones fail."""

from collections.abc import Sequence

from driftmonitor.facts.checks import LONGEST_NAME, Check
from driftmonitor.facts.limits import parse_limit
from driftmonitor.formats import counted, number, one_line, say_day

NAMED = 3


def say_check(check: Check) -> str:
    """Return `AUC is 0.84, must be > 0.9`, without a full stop."""
    if check.words is not None:
        return one_line(check.words, 300)
    name = one_line(check.name, LONGEST_NAME)
    must = f", must be {check.must}" if check.must else ""
    if check.missing_since:
        return f"{name} has not been computed since {say_day(check.missing_since)}{must}"
    if check.value is None:
        return f"{name} is not known ({one_line(check.reason or 'no value', 200).rstrip('.')}){must}"
    return f"{name} is {say_value(check)}{must}{_say_rows(check)}"


def _say_rows(check: Check) -> str:
    return "" if check.rows is None else f" ({counted(check.rows, 'row')})"


def say_value(check: Check) -> str:
    """Return the number; with a limit that it breaks, in so many digits that the limit does not seem kept."""
    value = check.value
    if value is None:
        return "not known"
    in_percent = check.words is None and "%" in (check.must or "")
    if value == int(value) and abs(value) < 1e9 and not in_percent:
        return f"{int(value):,}"
    if check.words is not None:
        return f"{value:.3g}"
    if check.must is None:
        return number(value)
    shown, unit = (100 * value, "%") if in_percent else (value, "")
    return next(f"{text}{unit}" for digits in range(3, 18) if _shows(text := f"{shown:,.{digits}g}", check, in_percent))


def _shows(text: str, check: Check, in_percent: bool) -> bool:
    value = float(text.replace(",", "")) / (100 if in_percent else 1)
    return len(text) > 17 or parse_limit(check.must).holds(value) == check.holds


def say_standing(check: Check) -> str:
    """Return in a word or two how a check stands."""
    if check.missing_since:
        return "Not computed"
    if check.value is None and check.holds is None:
        return "Not known"
    if check.holds is None:
        return "Watched"
    return "Holds" if check.holds else "Fails"


def failing(checks: Sequence[Check]) -> list[Check]:
    """Return the checks that fail, in their order."""
    return [check for check in checks if check.fails]


def count_failing(checks: Sequence[Check]) -> str:
    """Return how many checks fail: `1 of 3 checks fails`, or `1 check fails` of a single one."""
    found, total = len(failing(checks)), len(checks)
    return say_count(found) if total == 1 else f"{found} of {total} checks {'fails' if found == 1 else 'fail'}"


def say_count(failing_checks: int) -> str:
    """Return how many checks fail, of any number: `1 check fails`."""
    return f"{counted(failing_checks, 'check')} {'fails' if failing_checks == 1 else 'fail'}"


def say_failing(checks: Sequence[Check]) -> str:
    """Return which checks fail: `1 of 3 checks fails: AUC is 0.84, must be > 0.9`; "" if none does."""
    found = failing(checks)
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    named = "; ".join(say_check(check) for check in found[:NAMED])
    return f"{count_failing(checks)}: {named}{more}" if found else ""


def say_unknown(checks: Sequence[Check]) -> str:
    """Return which checks have no value although they were computed; "" if none."""
    found = [say_check(check) for check in checks if check.value is None and not check.fails]
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"{'; '.join(found[:NAMED])}{more}" if found else ""
