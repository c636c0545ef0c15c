"""Import what the jobs of a day import, so that the dependencies are compiled before GitHub caches them.

uv installs source files alone, and the cache is saved by a job that runs no notebook. Without this, every job compiles
again what it imports, which takes longer than the comparison.
Usage: python -m driftmonitor.pipeline.github.compiled
"""

import importlib

from driftmonitor.pipeline.notebooks.preload import ALWAYS, FIRST_COMPARISON, TO_READ

WHOLE = "scipy.stats"  # before its parts, because a notebook may use any of it
LATE = [
    "driftmonitor.pipeline.stages.deliver",
    "driftmonitor.pipeline.stages.publish",
    "duckdb",
    "ibis.backends.duckdb",
    "ipywidgets",
    "nbconvert.exporters.templateexporter",
    "nbconvert.filters",
    "nbformat",
    "papermill",
    "papermill.engines",
    "sqlalchemy.dialects.sqlite",
]


def main() -> None:
    """Import them all."""
    for name in [WHOLE, *ALWAYS, *TO_READ, FIRST_COMPARISON, *LATE]:
        importlib.import_module(name)


if __name__ == "__main__":
    main()
