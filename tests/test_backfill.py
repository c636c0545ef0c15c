"""A backfill compares past days by numbers, as their notebooks would, and runs these only for the days worth a page."""

import datetime as dt
import json
import re
import shutil
import signal
import subprocess
import time

import numpy as np
import pandas as pd
import pytest

from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.notebooks.notebook_file import computes_as_shipped
from tests.jobs import ROOT, Job

pytestmark = pytest.mark.xdist_group("backfill")  # the past is filled in once
FIRST, DAYS, REFERENCE_DAYS = dt.date(2013, 3, 1), 24, 20
SHIFT_FROM, WITHOUT = 22, (21,)  # the days that drift, and those without rows
TABLE = """
source: files
reference: {folder}/table.csv
time_column: at
reference_window: 2013-03-01/2013-03-20
timezone: Europe/Berlin
min_distance: 0.15
monitor: {{alert: {{rule: budget}}}}
"""
FILES = """
source: files
reference: {folder}/files/2013-03-0*.csv
current: "{folder}/files/{{date}}.csv"
max_rows: 100
sample_key: order
columns: {{order: ignore}}
drift_share: 0.5
"""
LAST_DAYS = [str(FIRST + dt.timedelta(number)) for number in range(REFERENCE_DAYS, DAYS)]


def rows(number):
    """Return a day's rows: numbers that may be missing, infinite or unreadable, categories that come and go, times."""
    dice, many = np.random.default_rng(number), 130 + 20 * (number % 3)
    amount = dice.lognormal(3 + 0.9 * (number >= SHIFT_FROM), 1, many).round(2).astype(str)
    amount[dice.random(many) < 0.05], amount[:1] = "", "inf"
    amount[1:2] = "n.b." if number % 5 == 0 else "1.5"
    times = pd.Timestamp(FIRST) + pd.Timedelta(days=number) + pd.to_timedelta(dice.integers(0, 86_400, many), "s")
    return pd.DataFrame({
        "at": times.strftime("%Y-%m-%d %H:%M:%S+01:00"), "order": [f"{number}-{i}" for i in range(many)],
        "amount": amount, "share": [f"{x:.3f}".replace(".", ",") for x in dice.random(many)],
        "stars": pd.Series(dice.integers(1, 6, many)).astype("Int64").mask(dice.random(many) < 0.1),
        "plan": dice.choice(["free", "pro", "NA", f"trial {number % 4}"], many), "vip": dice.random(many) < 0.3,
        "empty": "", "code": dice.integers(2**60, 2**61, many),
    })  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "files").mkdir()
    days = {number: rows(number) for number in range(DAYS) if number not in WITHOUT}
    pd.concat([*days.values(), rows(2).head(3).assign(at="")]).to_csv(folder / "table.csv", index=False, sep=";")
    for number, frame in days.items():
        frame.to_csv(folder / f"files/{FIRST + dt.timedelta(number)}.csv", index=False)
    return folder


def make_job(folder, data, **more):
    texts = {"table": TABLE, "files": FILES, **more}
    return Job(folder, **{name: text.replace("{folder}", str(data)) for name, text in texts.items()})


def fill(job, *more, days=LAST_DAYS):
    return job.run("backfill", "--from", days[0], "--to", days[-1], *more)


def recorded(job):
    """Return all records but for how long they took, and the days of the references."""
    with open_history(job.state / "history.db") as history:
        found = {
            (name, record.run_date): record.model_copy(update={"duration_seconds": None})
            for name in history.monitors() for record in history.records(name)
        }  # fmt: skip
        return found, {name: history.reference_days(name) for name in history.monitors()}


def find_differences(one, other, where=""):
    """Yield where two records differ, and what each says there."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in {*one, *other}:
            yield from find_differences(one.get(name), other.get(name), f"{where}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (each, its) in enumerate(zip(one, other, strict=True)):
            yield from find_differences(each, its, f"{where}[{number}]")
    elif one != other:
        yield where, (one, other)


@pytest.fixture(scope="module")
def by_numbers(data, tmp_path_factory):
    """A job whose past was filled in with the pages of its alerts, and what was printed."""
    job = make_job(tmp_path_factory.mktemp("numbers") / "job", data)
    return job, fill(job)


def test_the_days_that_alert_and_the_newest_get_a_page_and_all_get_a_record(by_numbers):
    job, done = by_numbers

    assert done.returncode == 1  # a day without data
    assert "healthy  files 2013-03-24: " in done.stdout
    assert "FAILED   files 2013-03-22: params/files.yaml: current: " in done.stdout
    assert re.search(r"^DRIFT    table 2013-03-23: \w+: .* (rose|fell) from ", done.stdout, re.MULTILINE)
    assert "comparing 4 days of table\n" in done.stdout
    assert "8 runs recorded, 4 days checked" in done.stdout
    pages = sorted(path.parent.name for path in job.site.glob("table/*/index.html"))
    assert pages == ["2013-03-23", "2013-03-24"]
    page = (job.site / "table/2013-03-23/index.html").read_text()
    assert "Anomaly score" in page and "no earlier days" not in page.lower()


@pytest.mark.slow
def test_notebooks_and_numbers_leave_the_same_history(by_numbers, data, tmp_path):
    job, _ = by_numbers
    other = make_job(tmp_path / "job", data)

    done = fill(other, "--pages", "all")

    assert (done.returncode, done.stderr) == (1, "")
    numbers, notebooks = recorded(job), recorded(other)
    assert sorted(numbers[0]) == sorted(notebooks[0])
    for key, record in notebooks[0].items():
        assert dict(find_differences(numbers[0][key].to_dict(), record.to_dict())) == {}, key
    assert numbers[1] == notebooks[1]


def test_a_second_backfill_tries_what_failed_again_makes_missing_pages_and_leaves_the_rest(by_numbers, data):
    job, _ = by_numbers
    before = recorded(job)[0]
    shutil.rmtree(job.state / "reports/table/2013-03-23")  # as if it was stopped before this page

    again = fill(job)

    assert "2 runs recorded, 4 days checked" in again.stdout
    assert recorded(job)[0] == before
    assert (job.state / "reports/table/2013-03-23/record.json").is_file()


def test_an_edited_notebook_runs_for_each_day(data, tmp_path):
    notebook = json.loads((ROOT / "notebooks/drift_report.ipynb").read_text())
    cell = next(cell for cell in notebook["cells"] if cell.get("id") == "questions")
    for text, same in (("# only a note", True), ("data.current = data.current.head(9)", False)):
        cell["source"] = text
        path = tmp_path / "edited.ipynb"
        path.write_text(json.dumps(notebook))
        assert computes_as_shipped(str(path)) is same
    job = Job(tmp_path / "job", edited=TABLE.replace("{folder}", str(data)) + f"  # {path}\n")
    params = job.folder / "params/edited.yaml"
    params.write_text(params.read_text().replace("monitor: {", f"monitor: {{notebook: {path}, "))

    done = fill(job, days=LAST_DAYS[-1:])

    assert "edited: " in done.stdout and " was edited, so it runs for each day" in done.stdout
    assert [*job.site.glob("edited/*/index.html")]


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_and_ends_with_the_same_history(by_numbers, data, tmp_path):
    job = make_job(tmp_path / "job", data)
    command = job.command("backfill", "--from", LAST_DAYS[0], "--to", LAST_DAYS[-1], "--pages", "none")
    for seconds in np.linspace(1.5, 3.5, 2):
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
    fill(job, "--pages", "none")

    assert recorded(job) == recorded(by_numbers[0])
    assert not (job.state / "backfill").exists()
