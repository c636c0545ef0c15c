"""Evidently is imported in part and drawn once; a version that lacks what this needs is used in the plain way."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from driftmonitor.lazy_packages import import_by_name

ROOT = Path(__file__).parents[1]
COMPARE = """
import sys
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import compare, method_names
from driftmonitor.analysis.sources import load_data
drift = {"salary": {"mean_shift": 2.5}}
data = load_data(source="simulate", reference="", current="", run_date="2026-11-24", drift=drift)
found = compare(data, infer_columns(data))
print(*method_names("numerical"), *method_names("categorical"), found.record("x", "2026-11-24").to_json())
"""
DRAW = "print(found.evidently_html)\n"
SAVE = """
from driftmonitor.analysis.drift import save_report
assert found.evidently_error is None
save_report(found, sys.argv[1])
"""
WITHOUT_THE_REST = "assert not {'evidently.ui', 'evidently.descriptors', 'nltk', 'sklearn'} & set(sys.modules)\n"
USE_THE_REST = """
from evidently.legacy.utils import data_drift_utils
assert data_drift_utils.roc_auc_score([0, 1, 1], [0.1, 0.5, 0.9]) == 1.0
assert data_drift_utils.SGDClassifier.__mro__ and data_drift_utils.SGDClassifier(alpha=3.0).alpha == 3.0

import evidently
from evidently.metrics import *
from evidently.legacy.metrics import RegressionQualityMetric

import pytest
assert evidently.descriptors.TextLength and evidently.ui and MeanValue and "guardrails" in dir(evidently)
assert isinstance(evidently.presets.DataDriftPreset(), evidently.core.container.MetricContainer)
"""


# A later Evidently and Plotly without the private names that are patched, and with another layout of the HTML.
RENAMED = """
import importlib.machinery as machinery, sys

NAMES = {
    "get_one_column_drift": "prepare_column", "generate_metrics": "make_metrics", "_str_to_dict_path_full": "_path_of",
    "get_drift_for_columns": "drift_of_columns", "rich_table_data": "long_table",
    "_registered_stat_tests": "_tests", "_impls": "_implementations", "_registered_stat_test_funcs": "_functions",
    "additional_graphs_": "more_graphs_",
}

class Renamed(machinery.SourceFileLoader):
    def get_code(self, name):
        if not name.startswith(("evidently.", "plotly.basedatatypes")):
            return super().get_code(name)
        source = self.get_source(name)
        for old, new in NAMES.items():
            source = source.replace(old, new)
        return compile(source, self.path, "exec")

loaders = (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES), (Renamed, machinery.SOURCE_SUFFIXES)
sys.path_hooks.insert(0, machinery.FileFinder.path_hook(*loaders))
sys.path_importer_cache.clear()
"""


def run(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_an_evidently_without_the_private_names_gives_the_same_scores_and_a_report(tmp_path):
    usual = run(COMPARE + SAVE, str(tmp_path / "m/usual"))
    renamed = run(RENAMED + COMPARE + SAVE, str(tmp_path / "m/renamed"))

    assert renamed == usual
    assert "report-data" in (tmp_path / "m/usual/evidently.html").read_text()
    page = (tmp_path / "m/renamed/evidently.html").read_text()
    assert "script-src 'sha256-" in page
    assert "more_graphs_metric_" in page
    assert all(f'"column_name": "{name}"' in page for name in ("age", "salary", "clicks", "plan"))


def test_packages_that_cannot_be_imported_in_part_are_imported_whole(tmp_path, monkeypatch):
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole/__init__.py").write_text("READY = 7\nfrom .part import value\n")
    (tmp_path / "whole/part.py").write_text("import sys\nvalue = sys.modules['whole'].__dict__['READY']\n")
    (tmp_path / "uses_whole.py").write_text("from whole import value\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert import_by_name("uses_whole", "whole").value == 7


@pytest.mark.slow
def test_evidently_in_part_gives_what_evidently_in_full_gives_and_the_rest_is_there_when_used():
    in_part = run(COMPARE + DRAW + WITHOUT_THE_REST + USE_THE_REST)
    in_full = run("import evidently, evidently.ui.service.demo_projects\n" + COMPARE + DRAW)

    assert "anderson" in in_part
    assert _without_chance(in_part) == _without_chance(in_full)


def _without_chance(text: str) -> str:
    """Return the report without ids, and without the order of colours, which its figures do not use."""
    text = re.sub(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", "", text)
    return re.sub(r'"colorway": \[[^]]*\]', "", text)
