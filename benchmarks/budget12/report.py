"""Make the tables and figures of the docs from results.jsonl."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from benchmarks.budget12 import early_report, figures
from benchmarks.budget12.drifts import DRIFTS
from benchmarks.budget12.peers import PEERS
from benchmarks.budget12.rules import WARM_UP
from benchmarks.budget12.worlds import WORLDS
from driftmonitor.budget.policy import DAYS_A_YEAR

RULES = {"budget": "budget rule, 4 a year", "share": "share rule"}
NEVER = 31  # days: the delay of a drift that was not detected in 30


def write(results: Path, folder: Path) -> str:
    """Write the tables to table.md in the folder, draw the figures next to it, and return the tables."""
    lines = [json.loads(line) for line in results.read_text().splitlines() if line.endswith("}")]
    quiet = [line for line in lines if "alert_days" in line]
    drifts = [line for line in lines if "drift" in line]
    told = "\n\n".join([*write_years(quiet, drifts, folder), *early_tables(lines)])
    (folder / "table.md").write_text(told + "\n")
    return told


def write_years(quiet: list[dict], drifts: list[dict], folder: Path) -> list[str]:
    """Return the tables of the years after the warm-up, if they were simulated; draw their figures."""
    if not quiet:
        return []
    figures.draw_rates(quiet, folder / "false_alarms.png")
    figures.draw_recall(drifts, folder / "recall.png")
    figures.draw_years(quiet, folder / "years.png")
    return [
        "**False alarms a year: mean (95th percentile across references)**",
        quiet_table(quiet, "onsets"),
        "**False-alarm days a year, in the same form**",
        quiet_table(quiet, "alert_days"),
        *(["**False-alarm days a year, 10 columns, other packages**", peers_table(quiet)] * has_peers(quiet)),
        "**Budget rule, 10 columns: detection rate on day 1 / within 7 / 30 days, by scenario**",
        worlds_table(drifts),
        "**Independent days, 10 columns: the budget rule in detail**",
        detail_table(drifts, "budget"),
        "**Independent days, 10 columns: detection rate on day 1 / within 7 days, by rule**",
        rules_table(drifts),
    ]


def early_tables(lines: list[dict]) -> list[str]:
    """Return the tables of the warm-up, if it was simulated."""
    begun, seen = ([line for line in lines if key in line] for key in ("begun", "begins"))
    if not begun:
        return []
    first, *rows = early_report.rates_table(begun)
    told = [f"**False alarms in a monitor's first {WARM_UP} days**", table(first, rows)]
    first, *rows = early_report.seen_table(seen)
    return [*told, "**Drifts that start early, 10 columns: detection rate on day 1 / within 7**", table(first, rows)]


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def has_peers(quiet: list[dict]) -> bool:
    return any(line["rule"] in PEERS for line in quiet)


def means(lines: Iterable[dict], key: str) -> np.ndarray:
    """Return each reference's mean over its years."""
    return np.array([np.mean(line[key]) for line in lines])


def quiet_table(quiet: list[dict], key: str) -> str:
    widths = sorted({line["columns"] for line in quiet})
    rows = []
    for rule, title in RULES.items():
        for world, words in WORLDS.items():
            cells = []
            for width in widths:
                which = [x for x in quiet if (x["rule"], x["world"], x["columns"]) == (rule, world, width)]
                found = means(which, key)
                cells.append(f"{found.mean():.1f} ({np.percentile(found, 95):.1f})" if len(found) else "")
            if any(cells):
                rows.append([title, words, *cells])
    return table(["rule", "scenario", *(f"{width} columns" for width in widths)], rows)


def peers_table(quiet: list[dict]) -> str:
    titles = RULES | {name: peer.title for name, peer in PEERS.items()}
    cases = [(world, ratio) for world in ("independent", "day", "weekend") for ratio in (1, 10)]
    rows = []
    for rule, title in titles.items():
        cells, days = [], set()
        for world, ratio in cases:
            which = [
                x
                for x in quiet
                if (x["rule"], x["world"], x["columns"], x["correlation"], x["ratio"]) == (rule, world, 10, 0, ratio)
            ]
            days |= {x.get("days", DAYS_A_YEAR * len(x["alert_days"])) * len(which) for x in which}
            cells.append(f"{means(which, 'alert_days').mean():.0f}" if which else "")
        rows.append([title, *cells, f"{max(days, default=0):,}"])
    heads = [f"{WORLDS[world]}, reference × {ratio}" for world, ratio in cases]
    return table(["rule", *heads, "days simulated"], rows)


def recalls(lines: list[dict]) -> Callable[[int], float]:
    days = np.array([line["day"] or NEVER for line in lines])
    return lambda within: float((days <= within).mean())


def worlds_table(drifts: list[dict]) -> str:
    rows = []
    for name, drift in DRIFTS.items():
        cells = []
        for world in WORLDS:
            which = [x for x in drifts if (x["rule"], x["world"], x["drift"]) == ("budget", world, name)]
            seen = recalls(which) if which else None
            cells.append(f"{seen(1):.2f} / {seen(7):.2f} / {seen(30):.2f}" if seen else "")
        rows.append([drift.title, *cells])
    return table(["drift", *WORLDS.values()], rows)


def mean_of(lines: list[dict], key: str) -> str:
    known = [line[key] for line in lines if line.get(key) is not None]
    return f"{np.mean(known):.2f}" if known else "–"


def detail_table(drifts: list[dict], rule: str) -> str:
    rows = []
    for name, drift in DRIFTS.items():
        which = [x for x in drifts if (x["rule"], x["world"], x["drift"]) == (rule, "independent", name)]
        if not which:
            continue
        seen, days = recalls(which), np.array([x["day"] or NEVER for x in which])
        named = [mean_of(which, key) for key in ("column_first", "kind_right", "false_columns")]
        recall = [f"{seen(within):.2f}" for within in (1, 7, 30)]
        rows.append([drift.title, *recall, f"{days.mean():.1f}", *named, f"{len(which)}"])
    quality = ["true column first", "correct kind", "false columns"]
    return table(["drift", "day 1", "7 days", "30 days", "delay, days", *quality, "trials"], rows)


def rules_table(drifts: list[dict]) -> str:
    titles = RULES | {name: peer.title for name, peer in PEERS.items()}
    told = [rule for rule in titles if any(x["rule"] == rule for x in drifts)]
    rows = []
    for name, drift in DRIFTS.items():
        cells = []
        for rule in told:
            which = [x for x in drifts if (x["rule"], x["world"], x["drift"]) == (rule, "independent", name)]
            week = which and min(x.get("watched", 30) for x in which) >= 7
            cells.append(f"{recalls(which)(1):.2f}" + (f" / {recalls(which)(7):.2f}" if week else "") if which else "")
        rows.append([drift.title, *cells])
    return table(["drift", *(titles[rule] for rule in told)], rows)
