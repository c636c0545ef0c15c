"""Compare many days of one monitor, in a process of its own: it is asked once, and answers with a line for each day.

Asked with `judged`, the judgement of each day, it says where the changes of these days come from.
"""

import datetime as dt
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.quick_imports import unhindered

with unhindered():
    from driftmonitor.analysis.without_notebook import Days
    from driftmonitor.facts.earlier_days import ReferenceDays
    from driftmonitor.facts.judgement import Judgement
    from driftmonitor.facts.model import ModelDay
    from driftmonitor.foreign_errors import describe_error


def main() -> None:
    """Answer what was asked for on standard input."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    asked = json.load(sys.stdin)
    named = [dt.date.fromisoformat(day) for day in asked["days"]]
    known = asked["known"] and ReferenceDays.model_validate(asked["known"])
    model_days = [ModelDay.model_validate(day) for day in asked.get("model", ())]
    days = Days(asked["monitor"], asked["parameters"], named, known, model_days)
    judged = asked.get("judged")
    for day in named:
        answer = _compare(days, day) if judged is None else _explain(days, day, judged[f"{day}"])
        print(json.dumps(answer), file=answers, flush=True)


def _compare(days: Days, day: dt.date) -> Mapping[str, Any]:
    """Return a day's record, with the days of its reference if they are new, or the error that a user can fix.

    Of any other error only the kind is told, because its text may quote the data.
    """
    known = days.reference_days
    try:
        record = days.compare(day)
    except DriftMonitorError as error:
        return {"day": f"{day}", "error": type(error).__name__, "text": str(error)}
    except Exception as error:
        return {"day": f"{day}", "error": type(error).__name__}
    found = days.reference_days
    new = found.model_dump(mode="json") if found and found is not known else None
    return {"day": f"{day}", "record": record.to_dict(), "reference_days": new}


def _explain(days: Days, day: dt.date, judgement: Any) -> Mapping[str, Any]:
    """Return where the changes of a drift day come from, or why that cannot be told any more."""
    try:
        found = days.explain(day, judgement and Judgement.model_validate(judgement))
    except Exception as error:
        return {"day": f"{day}", "where": [], "unknown": describe_error(error)}
    return {"day": f"{day}", "where": [each.model_dump(mode="json") for each in found]}


if __name__ == "__main__":
    main()
