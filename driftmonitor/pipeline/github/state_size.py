"""How large the state is, and when that will be a problem: GitHub advises less than 1 GB for a repository."""

from collections.abc import Mapping, Sequence
from pathlib import Path

ADVISED_BYTES = 1_000_000_000
WARN_FROM = ADVISED_BYTES // 2
SMALLER = "lower monitor.keep_reports_days, or move the history to PostgreSQL (docs/github.md)"


def measure(state_dir: Path, names: Sequence[str]) -> dict[str, int]:
    """Return the bytes of the history and of the reports among the named files of the state folder."""
    sizes = {"history": 0, "reports": 0}
    for name in names:
        sizes["reports" if name.startswith("reports/") else "history"] += (state_dir / name).lstat().st_size
    return sizes


def warning(sizes: Mapping[str, int]) -> str:
    """Return a sentence if the state is becoming too large, or ""."""
    total = sum(sizes.values())
    if total < WARN_FROM:
        return ""
    parts = " and ".join(f"{say_bytes(size)} of {name}" for name, size in sizes.items())
    return f"the state has {parts}; GitHub advises less than {say_bytes(ADVISED_BYTES)}; {SMALLER}."


def say_bytes(size: int) -> str:
    """Return a size in words: `0.3 MB`, `45 MB`, `1.2 GB`."""
    if size >= 999_500_000:
        return f"{size / 1e9:.3g} GB"
    return f"{size / 1e6:.0f} MB" if size >= 9_950_000 else f"{size / 1e6:.1f} MB"
