"""Measure what drift-monitor costs, compared with its peers, and print a table.

Usage: python -m benchmarks.cost [--quick] [--only NAME] [--plots FOLDER]

Only the ratios within one run are meaningful. `--quick` checks in half a minute that everything works; its numbers mean
nothing. To measure something else, write a module with `measure(quick)` that yields rows, and name it in FIGURES.
"""

import argparse
from pathlib import Path

from benchmarks.cost import comparison, monitors
from benchmarks.cost.measure import describe_machine

FIGURES = {
    "monitors": monitors.measure,
    "past": monitors.measure_past,
    "comparison": comparison.measure,
    "long": comparison.measure_long,
}
CURVES = {
    "monitors": (monitors.curve, "monitors", "as many plain scripts"),
    "rows": (comparison.rows_curve, "rows a side, of 10 columns", "Evidently's preset"),
    "columns": (comparison.columns_curve, "columns, of 10,000 rows a side", "Evidently's preset"),
}
HEADINGS = ["what", "drift-monitor", "peer", "which peer", "ratio", "at most"]


def main() -> None:
    """Read the command line, print each row of the Markdown table as soon as it is measured, and draw the plots."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, to check that it works")
    parser.add_argument("--only", choices=[*FIGURES, "plots"], help="only this part")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw cost against rows, columns and monitors")
    given = parser.parse_args()
    print(describe_machine(), "\n")
    print(f"| {' | '.join(HEADINGS)} |\n|{'---|' * len(HEADINGS)}")
    for name, measure in FIGURES.items():
        if given.only in (None, name):
            for row in measure(given.quick):
                print(f"| {' | '.join(row.cells())} |", flush=True)
    if given.plots:
        from benchmarks.cost import plots

        given.plots.mkdir(parents=True, exist_ok=True)
        for name, (curve, across, peer) in CURVES.items():
            plots.draw(curve(given.quick), across, peer, given.plots / f"cost_{name}.svg")


if __name__ == "__main__":
    main()
