"""A day whose data was not renewed, or is the reference itself, is healthy without having earned it, and says so."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.pipeline.history import open_history
from driftmonitor.words.repeated_data import with_repeated_data
from tests.jobs import Job

pytestmark = pytest.mark.xdist_group("repeated data")

PARAMS = """
source: files
reference: {folder}/reference.csv
current: {folder}/{{date}}.csv
monitor: {{alert: {{rule: RULE}}}}
"""
SAME = "source: files\nreference: {folder}/reference.csv\ncurrent: {folder}/reference.csv\n"
RENEWED = ("2026-11-21", "2026-11-23")


def write_days(folder):
    """Write four days, of which the second and the fourth were not renewed."""
    draw = np.random.default_rng(6)

    def table(rows):
        return pd.DataFrame({"amount": draw.lognormal(3, 1, rows).round(2), "plan": draw.choice(["a", "b", "c"], rows)})

    folder.mkdir(exist_ok=True)
    table(2000).to_csv(folder / "reference.csv", index=False)
    for day in RENEWED:
        days = table(400)
        for name in (day, f"2026-11-{int(day[-2:]) + 1}"):
            days.to_csv(folder / f"{name}.csv", index=False)


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Three days by numbers and the last one live, under both rules."""
    folder = tmp_path_factory.mktemp("stale")
    write_days(folder)
    job = Job(folder, share=PARAMS.replace("RULE", "share"), budget=PARAMS.replace("RULE", "budget"), same=SAME)
    filled = job.run(
        "backfill", "--from", "2026-11-21", "--to", "2026-11-23", "--pages", "none",
        "--monitor", "share", "--monitor", "budget",
    )  # fmt: skip
    assert filled.returncode == 0, filled.stderr
    return job, job.run()


@pytest.mark.parametrize("rule", ["share", "budget"])
def test_data_that_was_not_renewed_is_said_by_every_road(days, rule):
    job, done = days
    with open_history(job.state / "history.db") as history:
        kinds = {
            f"{run.run_date}": {issue.kind for issue in history.record_of(rule, run.run_date).quality}
            for run in history.runs(rule)
        }

    assert {day for day, found in kinds.items() if "repeated_data" in found} == {"2026-11-22", "2026-11-24"}
    words = "current: the same data as on 23 Nov 2026, in all columns; check whether it was renewed."
    assert [each.message for each in job.record(rule).quality if each.kind == "repeated_data"] == [words]
    assert done.stdout.count(f"data quality: {words[:-1]}") == 2
    page = (job.site / rule / "2026-11-24/index.html").read_text()
    assert "the same data as on" in page.replace("\u00a0", " ")


def test_a_day_that_is_compared_with_itself_says_so(days):
    job, done = days

    assert {each.kind for each in job.record("same").quality} == {"same_rows"}
    assert (
        "data quality: current: the same rows as the reference, so nothing can drift; name the day's data"
        in done.stdout
    )


def test_few_rows_of_one_yes_or_no_may_be_equal_by_chance():
    column = ColumnEvidence(name="paid", reference="r", rows=(900, 40), counts=(25, 15, 0))
    evidence = Evidence(rows=40, columns=(column,))
    many = Evidence(rows=400, columns=(column.model_copy(update={"counts": (40, 50, 60, 70, 80, 50, 50)}),))
    before = dt.date(2026, 11, 23)

    assert with_repeated_data((), evidence, (before, evidence)) == ()
    (found,) = with_repeated_data((), many, (before, many))
    assert (
        with_repeated_data((found,), many, (before, evidence)) == ()
    )  # and no longer, once the day before is run again
