"""Say which days are compared, how many rows they have, and when a run is drift."""

from driftmonitor.analysis.starting.windows import YEAR, Windows
from driftmonitor.facts.judgement import FALSE_ALARMS_PER_YEAR
from driftmonitor.formats import counted


def explain_length(chosen: Windows) -> str:
    """Return how many rows a run compares."""
    rows = f"about {counted(max(round(chosen.a_day), 1), 'row')} a day"
    if chosen.a_day < 1:
        rows = f"about {counted(round(chosen.a_day * YEAR), 'row')} a year"
    last = "the newest day has" if chosen.current_days == 1 else f"the newest {chosen.current_days:,} days have"
    return f"{rows}; {last} {chosen.current_rows:,}"


def explain_left_out(chosen: Windows) -> str:
    """Return why the newest day is not the run date, "" if it is."""
    days, rows = chosen.left_out
    if not days:
        return ""
    if days == 1:
        return f"the newest day has only {counted(rows, 'row')}, so the day before is taken"
    return (
        f"the newest {days:,} days have only {counted(rows, 'row')}, under half of the usual, so those before are taken"
    )


def explain_few(chosen: Windows) -> str:
    """Return that a run has too few rows to test a column, "" if it has enough."""
    if not chosen.are_few:
        return ""
    return f"{counted(chosen.current_rows, 'current row')} can test no column; wait for more data, or add earlier days"


def explain_rule(chosen: Windows) -> str:
    """Return when a run alerts."""
    other = "earlier days" if chosen.current_days == 1 else f"earlier periods of {chosen.current_days:,} days"
    return f"when a run is more unusual than {other}; expect about {FALSE_ALARMS_PER_YEAR} false alarms a year"
