"""Messages for the tests of channels and retraining."""

import dataclasses
import datetime as dt
from typing import Any

from driftmonitor.facts.record import ColumnScore, Finding, Rows, RunRecord
from driftmonitor.pipeline.alerts.messages import Message

DAY = dt.date(2026, 11, 24)
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)

# What a column may be called, each a trap of some service.
NASTY = [
    "@everyone",
    "<@&123>",
    "<!channel>",
    "[free](https://evil.example)",
    "https://evil.example/x",
    "www.evil.example",
    "#1",
    "GH-7",
    "</script><script>alert(1)</script>",
    "`code` *bold* _it_ ~~gone~~ ||spoiler||",
    "two\nlines\r\x1b[31m",
    "right\u202eto left",
    "\ud800 alone",
    "😀" * 200,
    "",
]


def make_score(name: str = "salary", **changes: Any) -> ColumnScore:
    """Return a drifted column's score."""
    score = ColumnScore(
        name=name, kind="numerical", status="drifted", method="ks", p_value=0.0, statistic=0.79, threshold=0.05,
        distance=0.79, effect={"mean_shift_sd": 2.5, "mean": [5.0, 7.5], "sd": [1.0, 1.0]},
    )  # fmt: skip
    return score.model_copy(update=changes)


def make_message(**changes: Any) -> Message:
    """Return a message that salary_shift started to drift: one column of four."""
    message = Message(
        event_id="salary_shift:2026-11-24:drift_started", kind="drift_started", monitor="salary_shift",
        title="salary_shift", run_date=DAY, since=DAY, state="drifting", share=0.25, threshold=0.1,
        columns=(make_score(),), column_count=4, quality=(), error=None,
        page_url="https://owner.github.io/drift/salary_shift/",
        notebook_url="https://owner.github.io/drift/salary_shift/2026-11-24/", picture=None, sent_at=NOON,
    )  # fmt: skip
    return dataclasses.replace(message, **changes)


def make_nasty(count: int = 300) -> Message:
    """Return a message with `count` drifted columns, whose names are traps or 10,000 characters long."""
    names = [*NASTY, *(f"{number}" + "<&@*\\" * 2000 for number in range(count - len(NASTY)))]
    columns = tuple(make_score(name) for name in names)
    shares = {"category": "@here " + "<!here>" * 1500, "shares": [0.1, 0.9]}
    columns = (*columns[:-1], make_score("city", kind="categorical", effect=shares))
    quality = tuple(Finding(kind="new_category", column=name, message=f"new: {name}") for name in names)
    return make_message(
        columns=columns, column_count=count, share=1.0, quality=quality, title="@everyone " + "x<" * 100,
        record=make_record(columns),
    )  # fmt: skip


def make_record(columns: tuple[ColumnScore, ...]) -> RunRecord:
    """Return the record of a drifted day."""
    rows = Rows(reference=1000, current=1000, reference_total=1000, current_total=1000)
    return RunRecord(
        monitor="salary_shift", run_date=DAY, status="drift", drift_share=1.0, threshold=0.1, drifted=True, rows=rows,
        columns=columns,
    )  # fmt: skip
