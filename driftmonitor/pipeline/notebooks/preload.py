"""Guess from the params files what a run's notebooks will import, before anything is read or checked."""

import re

from driftmonitor import ROOT
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.pipeline.job import Job
from driftmonitor.regular_files import read_file

# What each kernel imports on start, and what the shipped notebook imports.
KERNEL = [
    "driftmonitor.pipeline.notebooks.bare_ipykernel",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
]
NOTEBOOK = [
    "driftmonitor.lazy_packages.short_docstrings",  # before others import SciPy and Matplotlib
    "driftmonitor.analysis.quick_scipy",
    "driftmonitor.analysis.drift",
    "driftmonitor.analysis.plots",
    "driftmonitor.analysis.checks.of_params",
    "driftmonitor.notebook",
]
ALWAYS = [*KERNEL, *NOTEBOOK]
READS = re.compile(rb"^source:\s*[\"']?(files|sql)", re.MULTILINE)
# What reading needs, without DuckDB: its import starts a thread, which a fork would lack.
TO_READ = ["ibis.expr.types", "ibis.backends.sql.compilers.duckdb", "pyarrow.dataset"]
# Compares a small table once, which loads what libraries import late. It takes as long as it saves in four runs.
FIRST_COMPARISON, WORTH_FROM_RUNS = "driftmonitor.analysis.preload", 5


def early_imports(job: Job, days: int = 1) -> list[str]:
    """Return the modules to import early; none without the shipped notebook, or if a cluster runs the notebooks."""
    if job.scheduler:
        return []
    paths = [path for path in job.params_dir.glob("*.y*ml") if not job.only or path.stem in job.only]
    try:
        shipped = b"driftmonitor.analysis" in read_file(ROOT / MonitorSettings().notebook)
        texts = [text for path in paths if shipped and b"notebook:" not in (text := read_file(path))]
    except OSError:
        return []  # the checks that follow report it
    if not texts:
        return []
    reading = TO_READ if any(map(READS.search, texts)) else []
    return [*ALWAYS, *reading, *([FIRST_COMPARISON] if days * len(texts) >= WORTH_FROM_RUNS else [])]
