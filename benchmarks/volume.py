"""Measure loading two 30-day windows of a large Parquet table, compared with DuckDB alone and with pandas reading all.

Usage: .venv/bin/python benchmarks/volume.py [--rows 50_000_000] [--rounds 2] [--quick] [--folder FOLDER]

The table has 20 columns and covers a year; 100,000 rows of each window are loaded. The rows are simulated, and the same
every time. Each contender runs in a process of its own, one after another; the best of the rounds is shown. pandas
reads a table of `--pandas-rows` rows, because 50 million rows (3 GB on disk) would take 15 GB of memory. --quick makes
one million rows.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
PART_ROWS = 1_000_000
WINDOWS = (("2025-03-01", "2025-03-30"), ("2025-06-01", "2025-06-30"))

OURS = """
import sys; sys.path.insert(0, {root!r})
from driftmonitor.analysis.sources import load_data
data = load_data({source}, current="", time_column="moment", reference_window="2025-03-01/2025-03-30",
                 current_days=30, run_date="2025-06-30", max_rows=100_000)
assert 0 < len(data.reference) <= 100_000 and 0 < len(data.current) <= 100_000, data.summary()
"""
DUCKDB = """
import duckdb, math
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
names = {names!r}
texts, numbers = [n for n in names if n[0] == "k"], [n for n in names if n[0] in "xm" and n != "moment"]
for first, last in {windows!r}:
    window = f"moment >= DATE '{{first}}' AND moment < DATE '{{last}}' + 1"
    rows = f"FROM read_parquet('{files}') WHERE {{window}}"
    total = connection.execute(f"SELECT count(*) {{rows}}").fetchone()[0]
    {sample}
    assert len(frame) == min(100_000, total)
"""
HASH = """
    place = "hash(0, filename, file_row_number)"
    share = min(1, 100_000 / total * (1 + 5 / math.sqrt(100_000)))
    under = f"{place} < {int(share * (2**64 - 1))}::UBIGINT"
    frame = connection.execute(f"SELECT * {rows} AND {under} ORDER BY {place} LIMIT 100_000").df()
"""
COUNTS = """
    asked = ", ".join(f"count({n}) FILTER (isfinite({n}))" if n in numbers else f"count({n})" for n in names)
    connection.execute(f"SELECT {asked} {rows}").fetchall()
    for name in texts:
        connection.execute(f"SELECT {name}, count(*) {rows} GROUP BY 1").df()
"""
RESERVOIR = """
    frame = connection.execute(f"SELECT * FROM (SELECT * {rows}) USING SAMPLE reservoir(100_000) REPEATABLE (0)").df()
"""
PANDAS = """
import pandas as pd
frame = pd.read_parquet({folder!r})
for first, last in {windows!r}:
    days = frame["moment"].between(pd.Timestamp(first), pd.Timestamp(last) + pd.Timedelta(days=1), inclusive="left")
    window = frame[days]
    sample = window.sample(min(100_000, len(window)), random_state=0)
    sample.count(), [window[name].value_counts() for name in frame if name[0] == "k"]
"""


@dataclass(frozen=True)
class Cost:
    """What a process took: CPU and wall time in seconds, peak memory in MB."""

    cpu: float
    wall: float
    memory: float


def made_table(folder: Path, rows: int) -> str:
    """Return the glob of the table; make the table if it does not exist."""
    if not any(folder.glob("part-*.parquet")):
        folder.mkdir(parents=True, exist_ok=True)
        make_table(folder, rows)
    return f"{folder}/part-*.parquet"


def make_table(folder: Path, rows: int) -> None:
    """Write the table in files of at most a million rows."""
    connection = duckdb.connect()
    connection.execute("SET memory_limit = '1GB'")
    connection.execute("SET enable_progress_bar = false")
    share = "(hash(i, {0}) / 18446744073709551616.0)"
    normal = "sqrt(-2 * ln(1 - " + share + ")) * cos(2 * pi() * {1})"
    numbers = [f"CAST(10 * {normal.format(n, share.format(n + 100))} + {n} AS FLOAT) AS x{n}" for n in range(10)]
    wholes = [f"CAST({share.format(n + 200)} * {10 ** (n + 2)} AS INTEGER) AS n{n}" for n in range(4)]
    texts = [f"chr(97 + CAST(floor(8 * {share.format(n + 300)} ** 2) AS INTEGER)) AS k{n}" for n in range(3)]
    gaps = f"CASE WHEN {share.format(400)} > 0.05 THEN CAST({share.format(401)} AS FLOAT) END AS m0"
    for start in range(0, rows, PART_ROWS):
        moment = f"TIMESTAMP '2025-01-01' + INTERVAL (i * {365.0 * 86_400 / rows}) SECOND AS moment"
        columns = ", ".join(["i AS id", moment, *numbers, *wholes, *texts, gaps])
        stop = min(start + PART_ROWS, rows)
        place = folder / f"part-{start // PART_ROWS:03}.parquet"
        connection.execute(f"COPY (SELECT {columns} FROM range({start}, {stop}) t(i)) TO '{place}'")


def measure(program: str) -> Cost:
    """Run a Python program in a process of its own and return its cost."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed:\n{program}")
    return Cost(used.ru_utime + used.ru_stime, time.monotonic() - started, used.ru_maxrss / 1024)


def contenders(files: str) -> dict[str, str]:
    """Return the programs to measure by name, drift-monitor first."""
    ours = {"root": str(ROOT)}
    query = f"SELECT * FROM read_parquet('{files}')"
    names = [name for name, *_ in duckdb.execute(f"DESCRIBE {query}").fetchall()]
    alone = {"windows": WINDOWS, "files": files, "names": names}
    return {
        "drift-monitor, files": OURS.format(source=f"source='files', reference={files!r}", **ours),
        "drift-monitor, files, sample_key": OURS.format(
            source=f"source='files', reference={files!r}, sample_key='id'", **ours
        ),
        "drift-monitor, sql": OURS.format(source=f"source='sql', reference={query!r}", **ours),
        "DuckDB: the same rows": DUCKDB.format(sample=HASH, **alone),
        "DuckDB: the same rows and counts": DUCKDB.format(sample=HASH + COUNTS, **alone),
        "DuckDB: USING SAMPLE": DUCKDB.format(sample=RESERVOIR, **alone),
    }


def sample(program: str, rows: int) -> str:
    """Return the program with this sample size."""
    return program.replace("100_000", str(rows))


def best(programs: dict[str, str], rounds: int) -> dict[str, Cost]:
    """Return the lowest cost of each program over all rounds."""
    found: dict[str, list[Cost]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            found[name].append(measure(program))
    return {
        name: Cost(min(c.cpu for c in costs), min(c.wall for c in costs), max(c.memory for c in costs))
        for name, costs in found.items()
    }


def show(title: str, costs: dict[str, Cost]) -> None:
    """Print a table; the ratios refer to its first line."""
    first = next(iter(costs.values()))
    print(f"\n| {title} | CPU s | wall s | peak MB | first line's CPU to this |\n|---|---|---|---|---|")
    for name, cost in costs.items():
        print(f"| {name} | {cost.cpu:.1f} | {cost.wall:.1f} | {cost.memory:,.0f} | {first.cpu / cost.cpu:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000_000)
    parser.add_argument("--pandas-rows", type=int, default=5_000_000)
    parser.add_argument("--sampled", type=int, default=100_000, help="rows to load from each window")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="a million rows, once, to check that it works")
    parser.add_argument("--folder", type=Path, help="folder of the table; it is made there if missing, and kept")
    options = parser.parse_args()
    if options.quick:
        options.rows, options.pandas_rows, options.rounds, options.sampled = 1_000_000, 1_000_000, 1, 10_000
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        files = made_table(folder, options.rows)
        programs = {name: sample(program, options.sampled) for name, program in contenders(files).items()}
        show(f"{options.rows:,} x 20, two windows of 30 days", best(programs, options.rounds))
        small = made_table(folder / "small", options.pandas_rows)
        programs = {
            "drift-monitor, files": contenders(small)["drift-monitor, files"],
            "pandas, the whole table read": PANDAS.format(folder=str(folder / "small"), windows=WINDOWS),
        }
        programs = {name: sample(program, options.sampled) for name, program in programs.items()}
        show(f"{options.pandas_rows:,} x 20, two windows of 30 days", best(programs, options.rounds))


if __name__ == "__main__":
    main()
