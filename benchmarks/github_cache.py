"""Measure a job that runs notebooks as GitHub's cache really holds its dependencies.

Usage: python -m benchmarks.github_cache

The order is that of drift_check.yml: the first job installs, compiles and packs the dependencies; another job unpacks
them beside a new checkout, whose files are younger. The second run of that job shows what it would cost at best.
"""

import resource
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHON = ".venv/bin/python"
COMPILE = f"{PYTHON} -m driftmonitor.pipeline.github.compiled"
EXECUTE = f"{PYTHON} runner.py execute --keep-going"


def main() -> None:
    """Print the CPU seconds of each step, without and with compiled dependencies."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache.tar"
        checkout = Path(folder) / "repository"  # the same place in every job, as on GitHub
        measure(clone(checkout), "install", "make .venv/ready")
        for step in ("without compiling", "with compiling"):
            if step == "with compiling":
                measure(checkout, "compile", COMPILE)
            run(checkout, f"tar --posix -cf {cache} .venv")
            run(checkout.parent, f"rm -rf {checkout}")
            time.sleep(1)  # the new files have a later time
            run(clone(checkout), f"tar -xf {cache}")
            measure(checkout, f"{step}: make", "make .venv/ready")
            run(checkout, f"cp -a .venv {folder}/as_cached")
            measure(checkout, f"{step}: execute", EXECUTE)
            measure(checkout, f"{step}: execute again", EXECUTE)
            run(checkout, f"rm -rf .venv && mv {folder}/as_cached .venv")


def clone(checkout: Path) -> Path:
    """Check out the current commit; return the folder."""
    run(ROOT, f"git clone -q . {checkout}")
    return checkout


def measure(folder: Path, what: str, command: str) -> None:
    """Run a command, and print its CPU and wall seconds with those of its children."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    run(folder, command)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{what}: {cpu:.1f} s CPU, {wall:.1f} s wall", flush=True)


def run(folder: Path, command: str) -> None:
    """Run a command of the shell in a folder."""
    subprocess.run(command, cwd=folder, shell=True, check=True, capture_output=True)


if __name__ == "__main__":
    main()
