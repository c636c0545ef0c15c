"""The rules of other packages on the same scenarios and drifts, each run by its own package in its own environment.

A peer reads the days of one reference from a file. For each day, it returns which columns it flags and whether it finds
drift. The environments are made with pip in the folder of the results; the packages' versions are pinned here.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.budget12.drifts import DRIFTS, Drift
from benchmarks.budget12.worlds import CUTS, LEVELS, ROWS, add_by_day, categories, draw_rows
from driftmonitor.budget.policy import DAYS_A_YEAR

HERE = Path(__file__).parent
COLUMNS = 10
WORLDS = ("independent", "day", "weekend")


@dataclass(frozen=True)
class Peer:
    """One package: its rule's name in the table, what to install, and on how many days it is measured."""

    title: str
    install: tuple[str, ...]
    days: int = 40
    drift_days: int = 7
    references: int = 2


PEERS = {
    "evidently": Peer("Evidently, default", ("evidently==0.7.23", "pandas<3.1"), days=10, drift_days=1, references=1),
    "nannyml": Peer("NannyML, default", ("nannyml==0.13.1", "pandas<3", "statsmodels")),
    "alibi_detect": Peer("Alibi Detect, TabularDrift", ("alibi-detect==0.13.0",)),
    "frouros": Peer("Frouros, K-S p < 0.05, any column", ("frouros==0.9.0",)),
    "iyipada": Peer("iyipada, default", ("iyipada==0.1.0",)),
    "psiwatch": Peer("psiwatch, default", ("psiwatch==0.16.0", "numpy")),
    "popmon": Peer("popmon, red lights", ("popmon==1.4.12", "pandas<3")),
}


def measure(seed: int, folder: Path, quick: bool = False) -> Iterator[dict]:
    """Yield a line for each peer, scenario and reference, and for each drift."""
    for name, peer in PEERS.items():
        python = set_up(name, peer, folder)
        for ratio in (1, 10):
            for number in range(1 if quick else peer.references):
                for world in ("independent",) if quick else WORLDS:
                    yield from _measure_one(name, peer, python, world, ratio, [seed, number, ratio], folder)


def set_up(name: str, peer: Peer, folder: Path) -> Path:
    """Return the interpreter of the peer's environment; make the environment if it does not exist."""
    home = folder / "environments" / name
    python = home / "bin/python"
    if not (home / "ready").exists():
        print(f"Setting up {home}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *peer.install], check=True)
        (home / "ready").touch()
    return python


def _measure_one(name: str, peer: Peer, python: Path, world: str, ratio: int, seed: list[int], folder: Path):
    random = np.random.default_rng(seed)
    reference = draw_rows(ratio * ROWS, COLUMNS, 0, random)
    tables, spans = [_draw(world, peer.days, None, random)], {"": slice(0, peer.days)}
    for drift_name, drift in DRIFTS.items() if world == "independent" else ():
        start = sum(map(len, tables))
        tables.append(_draw(world, peer.drift_days, drift, random))
        spans[drift_name] = slice(start, start + peer.drift_days)
    started = time.monotonic()
    flags = ask(name, python, reference, np.concatenate(tables), folder)
    took = (time.monotonic() - started) / len(flags["alarm"])
    about = {"rule": name, "world": world, "columns": COLUMNS, "correlation": 0, "ratio": ratio, "seed": seed[1]}
    alarm, columns = np.array(flags["alarm"]), np.array(flags["columns"])
    usual = float(alarm[spans.pop("")].mean()) * DAYS_A_YEAR
    yield about | {"alert_days": [usual], "onsets": None, "days": peer.days, "seconds_a_day": took}
    for drift_name, span in spans.items():
        seen = np.flatnonzero(alarm[span])
        right = DRIFTS[drift_name].columns
        named = set(np.flatnonzero(columns[span][seen[0]])) if len(seen) else set()
        told = {"day": int(seen[0]) + 1 if len(seen) else None, "watched": peer.drift_days}
        yield (
            about
            | {"drift": drift_name, "false_columns": len(named - set(right)) if right and len(seen) else None}
            | told
        )


def ask(name: str, python: Path, reference: np.ndarray, days: np.ndarray, folder: Path) -> dict:
    """Return {"alarm": [day], "columns": [day][column]} for the days (days, rows, columns)."""
    given, answer = folder / f"{name}.npz", folder / f"{name}.json"
    np.savez(given, reference=_told(reference), days=_told(days), categories=categories(COLUMNS))
    subprocess.run([python, HERE / "peer_rules" / f"{name}.py", given, answer], check=True, stdout=subprocess.DEVNULL)
    return json.loads(answer.read_text())


def _told(rows: np.ndarray) -> np.ndarray:
    """Return the rows as a peer gets them: a category's levels as the numbers 0 to 3."""
    told = rows.astype(float)
    for column in categories(COLUMNS):
        told[..., column] = np.searchsorted(CUTS, rows[..., column])
    return told


def _draw(world: str, days: int, drift: Drift | None, random: np.random.Generator) -> np.ndarray:
    """Return the rows of days (days, rows, columns), with a drift from the first day on."""
    rows = np.array([draw_rows(ROWS, COLUMNS, 0, random) for _ in range(days)])
    add = add_by_day(world, days, COLUMNS, random)
    if drift is None:
        return rows + add[:, None, :].astype(np.float32)
    for column in drift.columns or range(COLUMNS):
        values = rows[:, :, column]
        values *= drift.scale
        values += np.array(drift.add[:days], dtype=np.float32)[:, None]
        hit = random.uniform(size=values.shape)
        values[hit < drift.sentinel] = -9
        values[hit < drift.missing] = np.nan
        if drift.category:
            values[(np.searchsorted(CUTS, values) != 1) & (hit < drift.category / (1 - LEVELS[1]))] = 0.5
    if drift.pair is not None:
        rows = rows @ _pair_root(drift.pair).T
    return rows + add[:, None, :].astype(np.float32)


def _pair_root(correlation: float) -> np.ndarray:
    matrix = np.eye(COLUMNS)
    matrix[0, 1] = matrix[1, 0] = correlation
    return np.linalg.cholesky(matrix).astype(np.float32)
