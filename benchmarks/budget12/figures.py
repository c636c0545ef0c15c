"""Three figures of the benchmark: false-alarm days, detection rates, and false alarms from year to year."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image

from benchmarks.budget12.drifts import DRIFTS
from benchmarks.budget12.worlds import WORLDS

mpl.use("Agg")
import matplotlib.pyplot as plt

COLOURS = {"budget": "#0072b2", "share": "#d55e00"}
NAMES = {"budget": "budget rule, 4 a year", "share": "share rule"}
STYLE = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "figure.constrained_layout.use": True}


def draw_rates(quiet: list[dict], path: Path) -> None:
    """Draw each reference's false-alarm days a year in each scenario, with 10 columns, for both rules."""
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(7, 3.4))
        worlds = [world for world in WORLDS if any(x["world"] == world for x in quiet)]
        for place, world in enumerate(worlds):
            for rule, nudge in (("budget", -0.15), ("share", 0.15)):
                which = [x for x in quiet if (x["world"], x["rule"], x["columns"]) == (world, rule, 10)]
                found = [np.mean(x["alert_days"]) for x in which]
                heights = place + nudge + np.linspace(-0.1, 0.1, len(found))
                axes.plot(found, heights, "o", color=COLOURS[rule], ms=4, alpha=0.6, mew=0)
        for rule, colour in COLOURS.items():
            axes.plot([], [], "o", ms=4, color=colour, label=NAMES[rule])
        axes.axvline(4, color="#555555", lw=0.8, ls="--")
        axes.set_xscale("log")
        axes.set_xlim(1, 365)
        axes.set_xticks([1, 2, 4, 10, 30, 100, 365], ["1", "2", "4", "10", "30", "100", "365"])
        axes.minorticks_off()
        axes.set_yticks(range(len(worlds)), [WORLDS[world] for world in worlds])
        axes.invert_yaxis()
        axes.set_xlabel("false-alarm days a year (one dot for each reference; 10 columns)")
        figure.legend(frameon=False, loc="outside upper center", ncols=2)
        save(figure, path)


def draw_recall(drifts: list[dict], path: Path) -> None:
    """Draw how soon each rule detects each drift on independent days."""
    with mpl.rc_context(STYLE):
        figure, panels = plt.subplots(3, 4, figsize=(7.5, 5), sharex=True, sharey=True)
        days = np.arange(1, 31)
        for (name, drift), axes in zip(DRIFTS.items(), panels.flat, strict=True):
            for rule, colour in COLOURS.items():
                which = [
                    x["day"] or 99 for x in drifts if (x["rule"], x["world"], x["drift"]) == (rule, "independent", name)
                ]
                if which:
                    seen = [(np.array(which) <= day).mean() for day in days]
                    axes.step(days, seen, where="mid", color=colour, label=NAMES[rule])
            axes.set_title(drift.title, fontsize=8)
            axes.set_ylim(0, 1.03)
        panels[0, 0].legend(frameon=False, fontsize=7, loc="lower right")
        figure.supxlabel("days since the drift started", fontsize=9)
        figure.supylabel("detection rate", fontsize=9)
        save(figure, path)


def draw_years(quiet: list[dict], path: Path) -> None:
    """Draw the mean number of false alarms in each year after the warm-up."""
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(7, 2.8))
        longest = max(len(x["onsets"] or ()) for x in quiet)
        for number, (world, words) in enumerate(WORLDS.items()):
            which = [
                x["onsets"]
                for x in quiet
                if (x["rule"], x["world"]) == ("budget", world) and x["onsets"] and len(x["onsets"]) == longest
            ]
            if which:
                told = np.mean(which, axis=0)
                axes.plot(range(1, longest + 1), told, "o-", ms=3, lw=1, color=f"C{number}", label=words)
        axes.axhline(4, color="#555555", lw=0.8, ls="--")
        axes.set_ylim(0, 6)
        axes.set_xticks(range(1, longest + 1))
        axes.set_xlabel("year after the warm-up, if nobody reviews a drift day")
        axes.set_ylabel("false alarms")
        axes.legend(frameon=False, fontsize=7, ncols=3, loc="upper center")
        save(figure, path)


def save(figure: plt.Figure, path: Path) -> None:
    """Save a figure in 64 colours, which takes a third of the bytes."""
    figure.savefig(path, dpi=110)
    plt.close(figure)
    Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)
