"""What a run's notebooks will import, guessed from a glance at its params files before anything is read or checked."""

import re

from driftmonitor import ROOT
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.pipeline.job import Job

# The debugger is never used, but each kernel imports it when it starts.
ALWAYS = ["ipykernel.kernelapp", "ipykernel.debugger", "driftmonitor.analysis.drift", "driftmonitor.analysis.plots"]
READS = re.compile(rb"^source:\s*[\"']?(files|sql)", re.MULTILINE)
# What reading needs but DuckDB, which starts a thread when it is imported: no fork may miss one.
TO_READ = ["ibis.expr.types", "ibis.backends.sql.compilers.duckdb", "pyarrow.dataset"]
REHEARSAL, WORTH_A_REHEARSAL = "driftmonitor.analysis.preload", 5  # it takes as long as it saves in four runs


def early_imports(job: Job, days: int = 1) -> list[str]:
    """Return modules to import early; none where no notebook is the shipped one, or where others run them."""
    if job.scheduler:
        return []
    paths = [path for path in job.params_dir.glob("*.y*ml") if not job.only or path.stem in job.only]
    try:
        shipped = b"driftmonitor.analysis" in (ROOT / MonitorSettings().notebook).read_bytes()
        texts = [text for path in paths if shipped and b"notebook:" not in (text := path.read_bytes())]
    except OSError:
        return []  # the checks that follow say what is wrong
    if not texts:
        return []
    reading = TO_READ if any(map(READS.search, texts)) else []
    return [*ALWAYS, *reading, *([REHEARSAL] if days * len(texts) >= WORTH_A_REHEARSAL else [])]
