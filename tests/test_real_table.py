"""A realistic table through the whole job: its numbers, Evidently's page, a browser, sizes."""

import functools
import json
import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.browsers import serve
from tests.jobs import DAY, Job

HOSTILE = "</script><script>alert(1)</script>"
NAMES = [
    HOSTILE,
    "@everyone",
    "../../x",
    "🦊",
    "two\nlines",
    "{{ 7*7 }}{% raw %}",
    "$\\frac{1}{0}$",
    "**b** [x](javascript:1)",
]
UNTESTED = ["moment", "day", "empty", "changed", "gone"]
PARAMS = """
source: files
reference: {folder}/reference.parquet
current: {folder}/current.parquet
draw: [empty, arrow]
monitor: {{title: "<img src=x onerror=alert(2)> {{{{7*7}}}}"}}
"""


def table(rows: int, shift: float, seed: int) -> pd.DataFrame:
    """Return 30 columns of awkward types and names; with a `shift` all that can be tested have drifted."""
    rng = np.random.default_rng(seed)
    count = rng.poisson(40 + 20 * shift, rows)
    normal = functools.partial(rng.normal, shift, 1, rows)
    more, fewer = 0.5 + shift / 3, 0.5 - shift / 3
    moved = int(200 * shift)
    infinite = normal()
    infinite[:7], infinite[7:9] = np.inf, -np.inf
    columns = {
        "nullable": pd.array(np.where(rng.random(rows) < 0.1 + shift / 5, None, count), "Int64"),
        "arrow": pd.Series(normal(), dtype="double[pyarrow]"),
        "arrow_text": pd.Series(rng.choice(["a", "b"], rows, p=[more, fewer]), dtype="string[pyarrow]"),
        "unsigned": rng.integers(moved, moved + 900, rows).astype(np.uint64) + np.uint64(2**40),
        "decimal": [Decimal(f"{value:.2f}") for value in normal()],
        "yes_or_no": rng.random(rows) < more,
        "perhaps": pd.array(np.where(rng.random(rows) < 0.2, None, rng.random(rows) < more), "boolean"),
        "level": pd.Categorical(rng.choice(["u", "v", "w"], rows, p=[more, fewer / 2, fewer / 2])),
        "single": rng.normal(shift, 1, rows).astype(np.float32),
        "duration": pd.to_timedelta(rng.integers(moved, 1000 + moved, rows), unit="s"),
        "infinite": infinite,
        "far": 1e17 + rng.integers(moved // 20, moved // 20 + 20, rows) * 16.0,
        "tiny": normal() * 1e-200,
        "huge": normal() * 1e200,
        "counts": rng.poisson(3 + 2 * shift, rows),
        "lists": [[1, 2] if here else [3] for here in rng.random(rows) < more],
        "moment": pd.date_range("2026-01-01", periods=rows, freq="min", tz="Europe/Berlin"),
        "day": [date(2026, 1, 1) + timedelta(days=int(number)) for number in rng.integers(0, 99, rows)],
        "empty": np.full(rows, np.nan),
        "changed": [f"x{number}" for number in range(rows)] if shift else np.arange(0.5, rows),
        "values": rng.choice([HOSTILE, "@everyone", "🦊", "two\nlines"], rows, p=[more, *[fewer / 3] * 3]),
        **{name: normal() for name in NAMES},
    }  # fmt: skip
    return pd.DataFrame(columns | ({} if shift else {"gone": normal()}) | ({"new": normal()} if shift else {}))


pytestmark = pytest.mark.xdist_group("real table")  # its run is made once


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    folder = tmp_path_factory.mktemp("table")
    frames = table(1100, 0.0, 1), table(900, 1.0, 2)
    for name, frame in zip(("reference", "current"), frames, strict=True):
        frame.to_parquet(folder / f"{name}.parquet")
    job = Job(folder, table=PARAMS)
    done = job.run()
    assert (done.returncode, done.stderr) == (0, "")
    return job, frames, job.record("table"), done.stdout


def numbers(series: pd.Series) -> np.ndarray:
    """Return what can be compared of a column of numbers, by other means than the product's."""
    if series.dtype.kind == "m":
        series = series.dt.total_seconds()
    values = np.array([float(value) for value in series.astype(object) if not pd.isna(value)])
    return values[np.isfinite(values)]


def levels(series: pd.Series) -> pd.Series:
    return pd.Series(
        [
            value
            if isinstance(value, str)
            else json.dumps([*map(int, value)], separators=(",", ":"))
            if isinstance(value, list | np.ndarray)
            else str(value)
            for value in series.astype(object)
            if isinstance(value, list | np.ndarray) or not pd.isna(value)
        ]
    )


def test_every_watched_column_is_scored_or_named_as_not_testable(job):
    _, (reference, _), record, said = job

    assert [score.name for score in record.columns] == list(reference)
    assert len(record.columns) == 30
    assert [score.name for score in record.columns if score.status == "not_testable"] == UNTESTED
    assert all(score.reason for score in record.columns if score.status == "not_testable")
    assert {score.name for score in record.columns if score.status == "drifted"} == set(reference) - set(UNTESTED)
    assert record.drift_share == 25 / 30
    assert record.rows.model_dump() == {
        "reference": 1100,
        "current": 900,
        "reference_total": 1100,
        "current_total": 900,
    }
    found = {(finding.kind, finding.column) for finding in record.quality}
    assert {("missing_column", "gone"), ("new_column", "new"), ("type_changed", "changed"), ("infinite", "infinite"),
            ("missing_values", "nullable")} <= found  # fmt: skip
    assert "Traceback" not in said and len(said.splitlines()) < 12


def test_every_number_in_the_record_is_scipys(job):
    _, (reference, current), record, _ = job

    tested = [score for score in record.columns if score.status != "not_testable"]
    for score in tested:
        take = numbers if score.kind == "numerical" else levels
        before, after = take(reference[score.name]), take(current[score.name])
        if score.kind == "numerical":
            expected = stats.ks_2samp(before, after)
            distance = expected.statistic
            exact = [[Fraction(value) for value in side] for side in (before, after)]
            first, second = (sum(side) / len(side) for side in exact)
            spread = sum((value - first) ** 2 for value in exact[0]) / (len(before) - 1)
            squared = (second - first) ** 2 / spread
            assert score.effect["mean_shift_sd"] == pytest.approx(float(squared) ** 0.5, rel=1e-9), score.name
        else:
            counts = pd.DataFrame({"before": before.value_counts(), "after": after.value_counts()}).fillna(0)
            expected = stats.chi2_contingency(counts.to_numpy().T, correction=False)
            change = counts["after"] / len(after) - counts["before"] / len(before)
            distance = change.abs().sum() / 2
            assert score.effect["share_change"] == pytest.approx(change[score.effect["category"]], abs=1e-12)
            assert abs(score.effect["share_change"]) == pytest.approx(change.abs().max(), abs=1e-12)
        assert score.p_value == pytest.approx(expected.pvalue, rel=1e-9), score.name
        assert score.statistic == pytest.approx(expected.statistic, rel=1e-9), score.name
        assert score.distance == pytest.approx(distance, abs=1e-12), score.name
        assert score.missing_share.reference == pytest.approx(1 - len(before) / 1100, abs=1e-12)
        assert score.missing_share.current == pytest.approx(1 - len(after) / 900, abs=1e-12)
    worst = max(score.p_value for score in tested)
    assert max(score.adjusted_p_value for score in tested) == pytest.approx(worst, rel=1e-9)  # Holm's last step is by 1
    least = min(score.p_value for score in tested)
    assert min(score.adjusted_p_value for score in tested) == pytest.approx(25 * least, rel=1e-9)


def test_the_missing_share_is_tested_as_two_proportions(job):
    _, (reference, current), record, _ = job
    jumps = {finding.column: finding.p_value for finding in record.quality if finding.kind == "missing_values"}

    counts = [(frame["nullable"].isna().sum(), frame["nullable"].notna().sum()) for frame in (reference, current)]
    pooled = (counts[0][0] + counts[1][0]) / 2000
    z = (counts[1][0] / 900 - counts[0][0] / 1100) / np.sqrt(pooled * (1 - pooled) * (1 / 900 + 1 / 1100))

    assert jumps["nullable"] == pytest.approx(
        29 * 2 * stats.norm.sf(abs(z)), rel=1e-6
    )  # Holm over the 29 on both sides


def test_evidently_s_page_says_the_same_of_each_column(job):
    work, _, record, _ = job
    page = (work.site / f"table/{DAY}/evidently.html").read_text()
    data = json.loads(re.search(r'id="report-data">(.*?)</script>', page, re.DOTALL)[1])

    rows = [found for found in _dicts(data["dashboard"]) if "stattest_name" in found]
    shown = sorted((row["data_drift"], round(row["drift_score"], 6)) for row in rows)

    words = {"drifted": "Detected", "not_testable": "Not testable"}
    assert shown == sorted((words[score.status], round(score.p_value or 0.0, 6) if score.p_value is not None else 1.0)
                           for score in record.columns)  # fmt: skip
    assert "Drift is detected for 83.333% of columns (25 out of 30)." in page


def _dicts(node):
    if isinstance(node, dict):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _dicts(item)


def test_thirty_drifted_columns_weigh_less_than_0_9_mb(job):
    work, _, _, _ = job
    day = work.site / f"table/{DAY}"

    sizes = {path.name: path.stat().st_size for path in day.rglob("*") if path.is_file()}

    assert sum(name.startswith("picture-") for name in sizes) == 21  # the overview and max_figures; no origin is named
    assert sum(sizes.values()) <= 900_000
    assert sum(size for name, size in sizes.items() if name == "index.html" or name.startswith("picture-")) <= 530_000


def test_nothing_of_the_data_runs_and_no_request_leaves(job, browser):
    work, _, _, _ = job
    pages = ("index.html", "table/index.html", f"table/{DAY}/index.html", f"table/{DAY}/evidently.html")

    with serve(work.site) as here:
        wrong = [each for page in pages for each in _visit(browser, here, page)]

    assert wrong == []


def _visit(browser, here: str, page: str) -> list[str]:
    """Open a page; return the requests that left, the errors, the dialogs, the broken pictures."""
    tab, wrong = browser.new_page(), []
    tab.on("console", lambda message: message.type == "error" and wrong.append(f"{page}: {message.text}"))
    tab.on("pageerror", lambda error: wrong.append(f"{page}: {error}"))
    tab.on("dialog", lambda dialog: (wrong.append(f"{page}: {dialog.message}"), dialog.dismiss()))

    def route(request):
        inside = request.request.url.startswith((here, "data:", "blob:"))
        if not inside:
            wrong.append(request.request.url)
        (request.continue_ if inside else request.abort)()

    tab.route("**/*", route)
    tab.goto(here + page, wait_until="networkidle")
    broken = "[...document.images].filter(image => !image.naturalWidth).map(image => image.src)"
    return wrong + tab.evaluate(broken)
