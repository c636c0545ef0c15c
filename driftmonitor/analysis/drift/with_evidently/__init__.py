"""Evidently: its tests, and its report of the scores. Nothing outside this folder imports it."""

import os

from driftmonitor.analysis.quick_imports import unhindered
from driftmonitor.lazy_packages import import_by_name

os.environ["DO_NOT_TRACK"] = "1"  # before the import, which would send telemetry

# Everything that these packages offer (classifiers, language models, a server) costs half of the time and the memory.
with unhindered():
    import_by_name(
        f"{__name__}.names",
        "evidently",
        "evidently.metrics",
        "evidently.presets",
        "evidently.tests",
        "evidently.legacy.features",
        "evidently.legacy.metrics",
        "evidently.legacy.tests",
        later="sklearn",  # for drift of texts and the importance of columns, which nobody asks for
    )
