"""Measure the index of many monitors: its height on a phone and on a desktop, and its weight.

Usage: .venv/bin/python -m benchmarks.attention [--monitors 20 50 200] [--days 90] [--columns 8] [--keep FOLDER]

The history is that of benchmarks/site.py. Heights are in pixels at widths of 390 and 1440, without and with the filter
for drift; "gzip" is what a reader's browser receives. Needs Chromium at /usr/bin/chromium.
"""

import argparse
import datetime as dt
import gzip
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.site import LAST_DAY, fill, publish
from driftmonitor.pipeline.history import open_history

WIDTHS = {390: 844, 1440: 900}


def build(root: Path, monitors: int, days: int, columns: int) -> Path:
    """Build a site of so many monitors, and return its folder."""
    names = [f"monitor_{i:02}" for i in range(monitors)]
    dates = [LAST_DAY - dt.timedelta(back) for back in range(days - 1, -1, -1)]
    (root / "state/reports").mkdir(parents=True)
    with open_history(root / "state/history.db") as history:
        fill(history, root / "state", names, dates, columns, reports=0)
        publish(history, root, names)
    return root / "site"


def measure(browser: Any, site: Path) -> None:
    """Print the heights and the weight of a site's index."""
    page = site / "index.html"
    print(f"  {len(gzip.compress(page.read_bytes())):,} bytes gzip")
    for width, height in WIDTHS.items():
        tab = browser.new_page(viewport={"width": width, "height": height})
        for query in ("", "?state=drift"):
            tab.goto(f"{page.as_uri()}{query}")
            pixels = tab.evaluate("document.documentElement.scrollHeight")
            print(f"  {width} px wide{' ' + query:14}: {pixels:,} px, {pixels / height:.1f} screens")
        tab.close()


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--monitors", type=int, nargs="+", default=[20, 50, 200])
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--keep", type=Path, help="an empty folder in which to keep the sites")
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for monitors in given.monitors:
            print(f"{monitors} monitors")
            measure(browser, build((given.keep or Path(scratch)) / f"{monitors}", monitors, given.days, given.columns))


if __name__ == "__main__":
    main()
