"""Only those parts of Evidently are imported that are used; it is faster, and nothing else changes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMPARE = """
import sys
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import compare, method_names
from driftmonitor.analysis.sources import load_data
drift = {"salary": {"mean_shift": 2.5}}
data = load_data(source="simulate", reference="", current="", run_date="2026-11-24", drift=drift)
found = compare(data, infer_columns(data))
print(*method_names("numerical"), *method_names("categorical"))
print(found.record("x", "2026-11-24").to_json(), found.evidently_html)
"""
WITHOUT_THE_REST = "assert not {'evidently.ui', 'evidently.descriptors', 'nltk'} & set(sys.modules)\n"
USE_THE_REST = """
import evidently
from evidently.metrics import *
from evidently.legacy.metrics import RegressionQualityMetric

import pytest
assert evidently.descriptors.TextLength and evidently.ui and MeanValue and "guardrails" in dir(evidently)
assert isinstance(evidently.presets.DataDriftPreset(), evidently.core.container.MetricContainer)
"""


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_evidently_in_part_gives_what_evidently_in_full_gives_and_the_rest_is_there_when_used():
    in_part = run(COMPARE + WITHOUT_THE_REST + USE_THE_REST)
    in_full = run("import evidently, evidently.ui.service.demo_projects\n" + COMPARE)

    assert "anderson" in in_part
    assert _without_chance(in_part) == _without_chance(in_full)


def _without_chance(text: str) -> str:
    """Return the report without ids, and without the order of colours, which its figures do not use."""
    text = re.sub(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", "", text)
    return re.sub(r'"colorway": \[[^]]*\]', "", text)
