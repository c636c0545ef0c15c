"""Tables of a monitor's first 233 days."""

from collections.abc import Sequence

import numpy as np

from benchmarks.budget12.drifts import DRIFTS
from benchmarks.budget12.early import DRIFTS_SEEN, SPANS, STARTS
from benchmarks.budget12.rules import BUDGET, WARM_UP
from benchmarks.budget12.worlds import EARLY_WORLDS, WORLDS
from driftmonitor.budget.policy import DAYS_A_YEAR

RULES = {"budget": "budget rule, 4 a year", "chance": "p-value only"}
DAYS = {"30": "days 1–30", "90": "31–90", "rest": f"91–{WARM_UP}"}


def rates_table(lines: Sequence[dict]) -> list[list[str]]:
    """Return the head and rows of the false alarms without drift: 10 columns by span, others in total."""
    widths = sorted({line["columns"] for line in lines})
    middle = 10 if 10 in widths else widths[0]
    others = [width for width in widths if width != middle]
    head = ["rule", "scenario", *DAYS.values(), "total (95th percentile)", "false-alarm days"]
    rows = [[*head, *(f"{width} columns, total" for width in others)]]
    length = {name: span.stop - span.start for name, span in SPANS.items()}
    shares = [f"{BUDGET * days / DAYS_A_YEAR:.2f}" for days in length.values()]
    whole = f"{BUDGET * WARM_UP / DAYS_A_YEAR:.2f}"
    rows.append(["the budget for these days", "", *shares, whole, "", *("" for _ in others)])
    for rule, title in RULES.items():
        for world, words in EARLY_WORLDS.items():
            of = {
                width: [x for x in lines if (x["early"], x["world"], x["columns"]) == (rule, world, width)]
                for width in widths
            }
            begun = np.array([list(x["begun"].values()) for x in of[middle]])
            total = begun.sum(axis=1)
            told = [f"{mean:.2f}" for mean in begun.mean(axis=0)]
            whole = f"{total.mean():.2f} ({np.percentile(total, 95):.0f})"
            days = f"{np.mean([x['alert'] for x in of[middle]]):.1f}"
            rest = [f"{np.mean([sum(x['begun'].values()) for x in of[width]]):.2f}" for width in others]
            rows.append([title, words, *told, whole, days, *rest])
    return rows


def seen_table(lines: Sequence[dict]) -> list[list[str]]:
    """Return the head and rows of the detection rates on day 1 / within 7 days, for drifts that start early."""
    beside = f"{WORLDS['independent']}, {RULES['chance']}"
    rows = [["drift", "starts after", *WORLDS.values(), beside]]
    for name in DRIFTS_SEEN:
        for start in STARTS:
            cells = []
            for rule, world in [*(("budget", world) for world in WORLDS), ("chance", "independent")]:
                key = (rule, world, name, start)
                alarms = [x["alarm"] for x in lines if (x["early"], x["world"], x["what"], x["begins"]) == key]
                found = np.array(alarms)
                cells.append(f"{found[:, 0].mean():.2f} / {found.any(axis=1).mean():.2f}" if alarms else "")
            rows.append([DRIFTS[name].title, f"{start} days", *cells])
    return rows
