"""A category that few rows have is a value of these rows: it is counted, and its name is told nowhere."""

import random

import pytest

from tests.jobs import Job

PARAMS = """
source: files
reference: {folder}/before.csv
current: {folder}/today.csv
monitor: {{alert: {{rule: %s}}}}
"""
SURNAMES = ["Quibble", "Zarrow", "Vexley"]


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """A day on which names, each of a few rows, have changed, and one row has a city that nobody had before."""
    job = Job(tmp_path_factory.mktemp("job"), share=PARAMS % "share", budget=PARAMS % "budget")
    draw = random.Random(1)
    for side, name in (("before", SURNAMES[0]), ("today", SURNAMES[1])):
        rows = [f"{name} {draw.randint(1, 150)},{draw.choice(['Paris', 'Rome'])}" for _ in range(600)]
        rows[7] = f"{name} 1,{SURNAMES[2] if side == 'today' else 'Rome'}"
        (job.folder / f"{side}.csv").write_text("\n".join(["name,city", *rows]))
    done = job.run("run")
    assert done.returncode == 0, done.stderr
    job.said = done.stdout + done.stderr
    return job


def test_a_rare_category_is_told_by_no_page_record_or_line(job):
    records = [job.record(name).model_dump_json() for name in ("share", "budget")]
    files = [path.read_bytes() for folder in (job.site, job.state) for path in folder.rglob("*") if path.is_file()]

    told = [text.encode() for text in (job.said, *records)] + files

    assert not [text[:80] for text in told if any(name.encode() in text for name in SURNAMES)]
    assert any(b"Paris" in text for text in files)  # a common one is


def test_a_rare_category_is_counted(job):
    for name in ("share", "budget"):
        messages = [finding.message for finding in job.record(name).quality]
        assert "city: 1 new category in 0.2% of current rows, of too few rows to name it." in messages


def test_an_alert_on_rare_categories_says_that_they_are_rare(job):
    (score,) = (score for score in job.record("share").columns if score.name == "name")

    assert (score.status, "category" in score.effect) == ("drifted", False)
    assert "name" in job.said
