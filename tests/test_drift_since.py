"""Whether a drift harms is the same sentence everywhere: it depends on the day since which the drift lasts."""

import datetime as dt
import html
import json
import re

import nbformat
import numpy as np
import pytest

from driftmonitor.config.settings import AlertSettings
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.alerts.state import fold
from driftmonitor.pipeline.history import open_history
from driftmonitor.words.model import say_model
from tests.jobs import DAY, Job
from tests.test_model_days import draw

DAYS, DRIFTS_FROM = 12, 2
FIRST = dt.date.fromisoformat(DAY) - dt.timedelta(DAYS - 1)
SHOP = """
source: files
reference: "{folder}/reference.csv"
current: "{folder}/{{date}}.csv"
columns: {{order: ignore}}
score: score
label: fraud
labels: "{folder}/labels/*.csv"
key: order
label_delay_days: 1
monitor: {{alert: {{for_runs: 2}}}}
"""


@pytest.mark.parametrize(("days", "settings", "since"), [
    ("hhddd", {}, 2), ("hhd", {}, 2), ("hh", {}, None), ("hdhd", {"clear_runs": 2}, 1), ("hdhd", {}, 3),
    ("hd", {"for_runs": 2}, 1), ("hdd", {"for_runs": 3}, 1), ("hdf", {"for_runs": 2}, 1),
    ("hdh", {"for_runs": 2}, None),
])  # fmt: skip
def test_a_drift_lasts_since_the_first_of_the_days_that_open_its_incident(days, settings, since):
    status = {"h": "healthy", "d": "drift", "f": "failed"}
    runs = [Run("shop", FIRST + dt.timedelta(number), status[each]) for number, each in enumerate(days)]

    state = fold(runs, AlertSettings.model_validate(settings))

    assert state.drift_since == (None if since is None else FIRST + dt.timedelta(since))


def make_shop(folder) -> Job:
    """Return a shop with labels of all days but the last one; from the third day on, a harmless column drifts."""
    job = Job(folder, shop=SHOP)
    (folder / "labels").mkdir()
    noise = np.random.default_rng(0)
    draw(3000, 1).assign(noise=noise.normal(size=3000)).to_csv(folder / "reference.csv", index=False)
    for number in range(DAYS):
        day, frame = FIRST + dt.timedelta(number), draw(1000, 10 + number)
        rows = frame.drop(columns="fraud").assign(noise=noise.normal(2 * (number >= DRIFTS_FROM), 1, 1000))
        rows.to_csv(folder / f"{day}.csv", index=False)
        if number < DAYS - 1:
            frame[["order", "fraud"]].to_csv(folder / "labels" / f"{day}.csv", index=False)
    return job


def read_words(job) -> dict[str, str]:
    """Return the text of the last day's notebook, its page, the monitor's page and the API."""
    notebook = nbformat.read(job.state / "reports/shop" / DAY / "notebook.ipynb", 4)
    cell = next(cell for cell in notebook.cells if cell.get("id") == "performance" and cell.cell_type == "code")
    pages = {
        path: html.unescape(" ".join(re.sub(r"<[^>]+>", " ", (job.site / path / "index.html").read_text()).split()))
        for path in ("shop", f"shop/{DAY}")
    }
    api = json.loads((job.site / "api/shop.json").read_text())["model"]
    return {"notebook": cell.outputs[0].text, **pages, "api": api["words"]}


@pytest.mark.slow
def test_notebook_console_record_page_api_and_message_say_the_same_of_a_drift_live_and_backfilled(tmp_path):
    live, filled = make_shop(tmp_path / "live"), make_shop(tmp_path / "filled")
    days = ["--from", f"{FIRST}", "--to"]
    live.run("backfill", *days, f"{FIRST + dt.timedelta(DAYS - 2)}", "--pages", "none")

    ran = live.run()
    filled.run("backfill", *days, DAY)

    with open_history(live.state / "history.db") as one, open_history(filled.state / "history.db") as other:
        kept = [each.record_of("shop", dt.date.fromisoformat(DAY)) for each in (one, other)]
    assert kept[0].model == kept[1].model == live.record("shop").model == filled.record("shop").model
    assert kept[0].model.drift_since == FIRST + dt.timedelta(DRIFTS_FROM)
    said = say_model(kept[0])
    assert said.startswith("Harmless so far: the AUC is ") and " By the labels of 7 days up to 23 Nov 2026." in said
    told = {"live": read_words(live), "filled": read_words(filled), "ran": ran.stdout.splitlines()}
    found = {f"{road} {place}": said in text for road in ("live", "filled") for place, text in told[road].items()}
    assert found == dict.fromkeys(found, True)
    assert f"{'':9}model: {said}" in told["ran"]
    assert [said in line for line in told["ran"] if line.startswith("alert: shop: drift continues")] == [True]
