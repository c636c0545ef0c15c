"""Draw the small plots of docs/performance.md: cost against rows, columns and monitors."""

from pathlib import Path

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt

OURS, PEER = "#0072B2", "#D55E00"


def draw(points: list[tuple[float, float, float]], across: str, peer: str, path: Path) -> None:
    """Draw the CPU seconds of drift-monitor and of the peer against `across`, both axes logarithmic."""
    places, ours, theirs = zip(*points, strict=True)
    figure, axes = plt.subplots(figsize=(4.2, 3), layout="constrained")
    axes.plot(places, ours, marker="o", color=OURS, label="drift-monitor")
    axes.plot(places, theirs, marker="s", color=PEER, linestyle="--", label=peer)
    axes.set(xlabel=across, ylabel="seconds of CPU", xscale="log", yscale="log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:,g}")
        axis.set_minor_formatter("")
    axes.grid(color="#d8dee4")
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
