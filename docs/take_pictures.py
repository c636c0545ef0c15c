"""Take the README's pictures of the pages, light and dark, from eight weeks of the shipped monitors.

`.venv/bin/python docs/take_pictures.py --state FOLDER` runs these weeks and keeps them in FOLDER, which takes about ten
minutes. If they are already there, they are used. It needs Chromium.
"""

import argparse
import functools
import http.server
import io
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
DAYS = ("2026-10-01", "2026-11-24")
INDEX = {"width": 1200, "height": 840}  # pixels; GitHub shows a README about 830 wide
TREND = {"width": 960, "height": 700}
MONITOR, COLUMN = "slow_ramp", "clicks"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Do not log requests."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder for the history and reports of these weeks")
    state = parser.parse_args().state.resolve()
    with tempfile.TemporaryDirectory() as folder:
        days = ["--from", DAYS[0], "--to", DAYS[1]]
        run = [sys.executable, "runner.py", "backfill", *days, "--state", str(state), "--site", folder]
        subprocess.run(run, cwd=ROOT, check=True)  # noqa: S603
        take_pictures(folder)


def take_pictures(site: str) -> None:
    """Write docs/page.png, docs/trend.png, docs/column.png and their dark versions."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme, suffix in (("light", ""), ("dark", "-dark")):
            tab = browser.new_page(viewport=INDEX, color_scheme=scheme)
            tab.goto(f"{address}/index.html")
            save(tab.screenshot(), f"page{suffix}.png")
            tab.set_viewport_size(TREND)
            tab.goto(f"{address}/{MONITOR}/index.html")
            save(tab.locator(".trend").screenshot(), f"trend{suffix}.png")
            tab.goto(f"{address}/{MONITOR}/columns/{COLUMN}/index.html")
            save(tab.locator(".trend").screenshot(), f"column{suffix}.png")
        browser.close()


def save(picture: bytes, name: str) -> None:
    """Write a picture to docs/ as an optimised PNG with all its colours."""
    Image.open(io.BytesIO(picture)).convert("RGB").save(ROOT / "docs" / name, optimize=True)


if __name__ == "__main__":
    main()
