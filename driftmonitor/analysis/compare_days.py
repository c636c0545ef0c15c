"""Compare many days of one monitor, in a process of its own: it is asked once, and answers with a line for each day."""

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
    from driftmonitor.facts.model import ModelDay


def main() -> None:
    """Answer what was asked for on standard input."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    asked = json.load(sys.stdin)
    named = [dt.date.fromisoformat(day) for day in asked["days"]]
    known = asked["known"] and ReferenceDays.model_validate(asked["known"])
    model_days = [ModelDay.model_validate(day) for day in asked.get("model", ())]
    days = Days(asked["monitor"], asked["parameters"], named, known, model_days)
    for day in named:
        print(json.dumps(_compare(days, day)), file=answers, flush=True)


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


if __name__ == "__main__":
    main()
