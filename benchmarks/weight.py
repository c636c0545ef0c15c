"""Measure the size of a run's pages: with three and thirty columns, of which a few or all have drifted.

Usage: .venv/bin/python benchmarks/weight.py

Half of the columns are numbers and half are categories, with 5,000 rows a side. The targets are 0.3 MB for three
columns and 0.8 MB for thirty, both for what a reader loads and for what a run adds to the site.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
ROWS = 5000
PARAMS = "source: files\nreference: {folder}/{name}-0.parquet\ncurrent: {folder}/{name}-1.parquet\n"


def table(columns: int, drifted: int, seed: int) -> pd.DataFrame:
    """Return a table; with a `seed` above 0, the first `drifted` columns drift."""
    rng = np.random.default_rng(seed)
    made = {}
    for number in range(columns):
        moved = 1.0 if seed and number < drifted else 0.0
        shares = [0.4 - moved / 5, 0.3, 0.2, 0.1 + moved / 5]
        numbers, levels = rng.normal(moved, 1, ROWS), rng.choice(["north", "east", "south", "west"], ROWS, p=shares)
        made[f"column_{number:02}"] = levels if number % 2 else numbers
    return pd.DataFrame(made)


def weigh(day: Path, assets: Path) -> tuple[int, int]:
    """Return the bytes that a reader loads for a run page, and those that the run adds to the site."""
    loaded = [day / "index.html", *day.glob("picture-*"), *assets.glob("*.css"), *assets.glob("favicon*")]
    return tuple(sum(path.stat().st_size for path in files) for files in (loaded, day.iterdir()))


def main() -> None:
    sizes = {f"of{columns}-drifted{some}": (columns, some) for columns, some in ((3, 1), (3, 3), (30, 3), (30, 30))}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "params").mkdir()
        for monitor, size in sizes.items():
            for seed in (0, 1):
                table(*size, seed).to_parquet(folder / f"{monitor}-{seed}.parquet")
            (folder / f"params/{monitor}.yaml").write_text(PARAMS.format(folder=folder, name=monitor))
        places = ["--params", f"{folder}/params", "--state", f"{folder}/state", "--site", f"{folder}/site"]
        subprocess.run([sys.executable, "runner.py", *places], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        for monitor, (columns, some) in sizes.items():
            day = next(path for path in (folder / "site" / monitor).iterdir() if path.is_dir())
            page, added = (size / 1e6 for size in weigh(day, folder / "site/assets"))
            print(f"{columns:2} columns, {some:2} drifted: run page {page:.3f} MB, added by a run {added:.3f} MB")


if __name__ == "__main__":
    main()
