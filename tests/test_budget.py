"""The budget rule from end to end: two hundred healthy days, then drift that is judged, sent, dismissed and shown."""

import datetime as dt
import functools
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import judge_with
from driftmonitor.analysis.drift.reference_days import reference_days
from driftmonitor.analysis.sources import Data
from driftmonitor.budget.judge import judge_record
from driftmonitor.config.params import Monitor
from driftmonitor.config.settings import AlertSettings, MonitorSettings
from driftmonitor.facts.earlier_days import EarlierDays, read_earlier_days
from driftmonitor.facts.evidence import even_counts
from driftmonitor.facts.record import parse, read_notebook, read_report
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.earlier_days import earlier_days_of, judge_anew
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.notebooks.kernels import clean_environment
from driftmonitor.regular_files import Folder
from driftmonitor.words.verdicts import say_verdict
from tests.jobs import DAY, ROOT, Job, main
from tests.pools import as_past, compare_day, compare_frames, day_of, orders, ordinary_days, reference
from tests.samples import NOW
from tests.schemas import problems

DAYS = 258
LATER = DAYS + 8  # the strange day is in no week of it
BUDGET = AlertSettings.model_validate({"rule": "budget"})
SHOP_MONITOR = Monitor("shop", Path("params/shop.yaml"), settings=MonitorSettings(alert=BUDGET))
SHOP = """
source: files
reference: {folder}/training.parquet
current: {folder}/orders-{{date}}.parquet
monitor:
  title: Shop
  alert: {{rule: budget}}
"""

pytestmark = pytest.mark.xdist_group("budget")  # its days are judged once


@functools.cache
def records():
    return ordinary_days(DAYS)


@functools.cache
def past(rule="budget"):
    return EarlierDays(rule=rule, days=tuple(map(as_past, records())))


def judged(frame, known=None, number=DAYS):
    return judge_record(compare_day(frame).record("shop", day_of(number)), known or past())


def day(number=DAYS, **changes):
    return orders(np.random.default_rng(number), 500, **changes)


def test_with_the_budget_an_incident_lasts_until_seven_ordinary_runs():
    settings = [AlertSettings.model_validate({"rule": "budget", **given}) for given in ({}, {"clear_runs": 2})]

    assert [each.clear_runs for each in (AlertSettings(), *settings)] == [1, 7, 2]
    assert BUDGET.false_alarms_per_year == 4


def test_an_ordinary_day_is_healthy_and_says_how_many_were_less_unusual():
    record = judged(day())

    assert (record.status, record.judgement.mode, record.judgement.pool_days) == ("healthy", "pool", 219)
    assert record.judgement.causes == ()
    assert say_verdict(record).startswith(
        f"Healthy: more unusual than {219 - record.judgement.rank} of its 219 baseline days; an alert needs all of them"
    )


def test_the_first_days_which_are_in_no_window_of_a_week_cause_no_warning():
    with np.errstate(invalid="raise", divide="raise"):
        for number in range(60, 90):
            judge_record(records()[number], EarlierDays(rule="budget", days=past().days[:number]))


def test_an_unusual_day_is_a_drift_day_and_names_the_column_the_kind_and_the_size():
    record = judged(day(amount=0.5))

    assert record.status == "drift"
    assert record.judgement.strangeness > record.judgement.limit
    cause = record.judgement.causes[0]
    assert (cause.columns, cause.signal, cause.window, cause.change) == (("amount",), "level", 1, "level")
    assert "more unusual than any of its 219 baseline days" in say_verdict(record)
    assert re.fullmatch(r"amount: median rose from its usual (49|50)\S* to 5[3-6]\S* \(reference \S+\)", cause.words)
    assert [score.name for score in record.drifted_columns] == ["amount"]


def test_what_the_share_rule_says_stays_in_the_record():
    frame = day(amount=0.5)
    alone, record = compare_day(frame).record("shop", day_of(DAYS)), judged(frame)
    shared = judged(frame, past("share"))

    assert (record.drift_share, record.drifted, record.columns) == (alone.drift_share, alone.drifted, alone.columns)
    assert shared.status == alone.status
    assert shared.judgement.alarm
    assert parse(json.loads(record.to_json()), "here") == record


def test_a_changed_correlation_and_new_missing_values_are_named_though_no_column_drifts():
    pair = judged(day(correlation=0.0))
    empty = judged(day().assign(weight=lambda x: x.weight.where(np.random.default_rng(1).random(len(x)) > 0.05)))

    assert [(cause.columns, cause.change) for cause in pair.judgement.causes] == [(("amount", "weight"), "correlation")]
    assert "the correlation between amount and weight fell from its usual 0." in pair.judgement.causes[0].words
    assert [(cause.columns, cause.change) for cause in empty.judgement.causes] == [(("weight",), "missing")]
    assert re.fullmatch(
        r"weight: missing values rose from their usual 0% to \S+% of rows", empty.judgement.causes[0].words
    )


def test_a_small_shift_is_seen_by_the_week():
    known = past()
    for number in range(DAYS, DAYS + 7):
        record = judged(day(number, amount=0.2), known, number)
        known = EarlierDays(rule="budget", days=(*known.days, as_past(record)))

    cause = record.judgement.causes[0]
    assert (cause.columns, cause.change, cause.window > 1) == (("amount",), "level", True)
    said = rf"daily median rose from its usual \S+ to \S+, the mean of {cause.window} days"
    assert re.fullmatch(rf"amount: {said} \(reference \S+\)", cause.words)


def test_a_single_missing_value_after_months_without_is_no_alarm():
    frame = day()
    frame.loc[3, "weight"] = None

    assert judged(frame).status == "healthy"


def test_until_the_pool_is_full_only_a_clear_change_alarms():
    young = EarlierDays(rule="budget", days=past().days[:40])

    ordinary, strange = judged(day(40), young, 40), judged(day(40, amount=0.5), young, 40)

    assert (ordinary.status, strange.status) == ("healthy", "drift")
    assert (ordinary.judgement.mode, strange.judgement.limit) == ("early", None)
    assert "Warm-up: 31 of 219 baseline days collected; until then only large changes raise" in say_verdict(ordinary)
    words = "Drift: more unusual than any baseline day so far; by chance alone, "
    assert say_verdict(strange).startswith(words)
    assert strange.judgement.causes[0].columns == ("amount",)
    assert judged(day(0, amount=1.0), EarlierDays(rule="budget"), 0).status == "drift"


def test_a_dated_references_days_are_baseline_days_each_left_out_in_turn():
    days = [orders(np.random.default_rng(i), 200).assign(at=pd.Timestamp(day_of(i))) for i in range(240)]
    known, today = (
        pd.concat(days),
        orders(np.random.default_rng(999), 200, amount=0.5).assign(at=pd.Timestamp(day_of(250))),
    )
    data = Data(known, today, len(known), len(today))
    columns = infer_columns(data, {}, "at")
    comparison = compare_frames(data, columns)

    lent = reference_days(data, columns, comparison.evidence, "at", day_of(250))
    past = EarlierDays(rule="budget", reference=lent)
    found = judge_with(comparison, past, day_of(250))

    assert len(lent.days) == 240
    assert np.sum([day.evidence.columns[0].counts for day in lent.days], axis=0).tolist() == even_counts(len(known))
    assert (found.judgement.mode, found.judgement.pool_days) == ("pool", 219)
    assert found.unusual_columns == ["amount"]
    assert [s for _, s in found.baseline_days] == pytest.approx([1.8] * 219, abs=2.5)
    few = compare_frames(Data(known, today.head(50), len(known), 50), columns)
    assert judge_with(few, past, day_of(250)).judgement.pool_days == 0


LABELS = {
    "0/1 numbers": lambda values: values,
    "0/1 numbers that may be missing": lambda values: values.astype("Int64").mask(values.index % 50 == 0),
    "0/1 numbers with gaps": lambda values: values.astype(float).mask(values.index % 50 == 0),
    "booleans": lambda values: values.astype(bool),
    "booleans that may be missing": lambda values: values.astype("boolean").mask(values.index % 50 == 0),
    "text": lambda values: values.map({0: "no", 1: "yes"}),
    "categories": lambda values: values.map({0: "no", 1: "yes"}).astype("category"),
    "objects": lambda values: values.astype(object).mask(values.index % 50 == 0),
}


@pytest.mark.parametrize("kind", LABELS)
def test_a_dated_reference_gives_its_days_whatever_holds_a_label(kind):
    days = [orders(np.random.default_rng(i), 200).assign(at=pd.Timestamp(day_of(i))) for i in range(8)]
    known, today = pd.concat(days, ignore_index=True), orders(np.random.default_rng(9), 200)
    sides = [side.assign(label=LABELS[kind](pd.Series(np.arange(len(side)) % 4 // 3))) for side in (known, today)]
    data = Data(sides[0], sides[1].assign(at=pd.Timestamp(day_of(20))), len(known), 200)
    columns = infer_columns(data, {}, "at")

    lent = reference_days(data, columns, compare_frames(data, columns).evidence, "at", day_of(20))

    counts = [next(each for each in day.evidence.columns if each.name == "label") for day in lent.days]
    assert len(counts) == 8
    missing = len(known) // 50 if "missing" in kind or "gaps" in kind or kind == "objects" else 0
    assert sum(each.missing[2] for each in counts) == missing
    assert np.sum([each.counts for each in counts], axis=0)[:2].sum() == len(known) - missing


def test_days_with_another_reference_are_not_compared():
    other = compare_day(day())
    evidence = other.evidence.model_copy(
        update={"columns": tuple(c.model_copy(update={"reference": "another"}) for c in other.evidence.columns)}
    )
    record = judge_record(other.record("shop", day_of(DAYS)).model_copy(update={"evidence": evidence}), past())

    assert (record.judgement.mode, record.judgement.pool_days) == ("early", 0)


def test_a_column_that_appears_or_vanishes_leaves_the_others_comparable():
    fewer = judged(day().drop(columns="weight"))

    assert fewer.judgement.pool_days == 219
    assert fewer.judgement.mode == "pool"


def test_the_past_holds_what_the_pool_needs_and_the_same_judgement_comes_of_it(place):
    with open_history(place) as history:
        for record in records():
            history.record(record, None, NOW)
        told = earlier_days_of(history, SHOP_MONITOR, day_of(DAYS))
        history.label("shop", day_of(100), "confirmed", "a real one", planner(BUDGET), NOW)
        labelled = EarlierDays.model_validate(earlier_days_of(history, SHOP_MONITOR, day_of(DAYS)))

    known = EarlierDays.model_validate(told)
    assert told["rule"] == "budget"
    assert len(json.dumps(told)) < 300_000
    assert judged(day(), known).judgement == judged(day()).judgement
    assert next(day for day in labelled.days if day.date == day_of(100)).label == "confirmed"


@pytest.mark.parametrize("text", ["", "{", '{"days": 3}', "[]"])
def test_a_file_that_is_no_past_is_one_clear_line(tmp_path, text):
    path = tmp_path / "past.json"
    path.write_text(text)

    with pytest.raises(DriftMonitorError, match=r"past: .*past\.json: not a file of earlier days; use one that"):
        read_earlier_days(path)
    with pytest.raises(DriftMonitorError, match="cannot be read: No such file"):
        read_earlier_days(tmp_path / "none.json")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A monitor with the budget and 242 days of history, then one strange and one ordinary day, by real notebooks."""
    folder = tmp_path_factory.mktemp("budget")
    job = Job(folder, shop=SHOP)
    reference().to_parquet(folder / "training.parquet")
    for number, shift in ((DAYS, 0.6), (LATER, 0.0)):
        day(number, amount=shift).to_parquet(folder / f"orders-{day_of(number)}.parquet")
    with open_history(job.state / "history.db") as history:
        for record in records():
            history.record(record, None, NOW)
    return job, [run(job, number).stdout for number in (DAYS, LATER)]


def run(job, number, *arguments):
    """Run the command line for a day by its number."""
    command = [f"{day_of(number)}" if part == DAY else part for part in job.command(*arguments)]
    return subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=True)


def test_two_real_runs_one_alarms_and_names_the_column_one_does_not(shop):
    job, said = shop

    assert "DRIFT    shop: more unusual than any of its 219 baseline days" in said[0]
    assert "amount: median rose from its usual " in said[0]
    assert "alert: Shop (shop): " in said[0]
    assert "healthy  shop: " in said[1]
    record = read_report(Folder(job.state / f"reports/shop/{day_of(DAYS)}"))
    assert (record.status, record.judgement.columns) == ("drift", ("amount",))
    page = (job.site / f"shop/{day_of(DAYS)}/index.html").read_text()
    assert "Today is more unusual than any of its 219 baseline days" in page
    assert "recovering" in job.run("status").stdout
    files, wrong = problems(job.site)
    assert files >= 4 and wrong == []


def test_plain_papermill_with_the_same_past_gives_the_same_record(shop, tmp_path):
    job, _ = shop
    date = f"{day_of(LATER)}"
    report, out = job.state / "reports/shop" / date, tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", "notebooks/drift_report.ipynb", out, "-f"]
    options = [job.folder / "params/shop.yaml", "-p", "run_date", date, "-p", "monitor_name", "shop"]
    options += ["-p", "past", report / "past.json", "-p", "output_dir", tmp_path / "a/b/c"]
    subprocess.run([*map(str, command + options)], cwd=ROOT, env=clean_environment(), check=True, capture_output=True)

    record = read_notebook(nbformat.read(out, as_version=4))
    assert record.model_copy(update={"duration_seconds": None}) == read_report(Folder(report)).model_copy(
        update={"duration_seconds": None}
    )


def test_days_judged_anew_by_the_same_days_keep_their_judgement_and_lose_it_with_their_baseline(shop):
    job, _ = shop
    with open_history(job.state / "history.db") as history:
        records = list(history.records_before("shop", dt.date.max))

    assert judge_anew(SHOP_MONITOR, records[2][0], None, records) == []
    changed = judge_anew(SHOP_MONITOR, records[2][0], None, [*records[:3], *records[60:]])
    assert [record.run_date for record in changed] == [day for day, *_ in records[2::-1]]
    assert all(record.judgement.pool_days < 219 for record in changed)


def test_a_dismissed_day_counts_as_healthy_is_corrected_shown_and_can_be_taken_back(shop, capsys):
    job, _ = shop
    folders = ["--params", job.folder / "params", "--state", job.state, "--site", job.site]
    when = ["--date", f"{day_of(DAYS)}", "--monitor", "shop"]

    code, out, _ = main(capsys, "dismiss", *folders, *when, "--reason", "a sale")
    again = main(capsys, "dismiss", *folders, *when, "--reason", "a sale")[1]
    alert = main(capsys, "alert", *folders)[1]
    main(capsys, "publish", *folders)

    assert (code, out) == (0, f"shop: {day_of(DAYS)} is now dismissed: a sale\n")
    assert again == f"shop: {day_of(DAYS)} is already dismissed: a sale\n"
    assert "alert: Correction: Shop (shop): " in alert
    assert "Dismissed by an analyst (a sale)." in alert
    assert "dismissed: a sale" in (job.site / "shop/index.html").read_text()
    assert "Dismissed by an analyst" in (job.site / f"shop/{day_of(DAYS)}/index.html").read_text()
    assert "healthy" in main(capsys, "status", *folders, *when)[1]

    assert "no longer dismissed" in main(capsys, "dismiss", *folders, *when, "--undo")[1]
    assert "nothing to undo" in main(capsys, "confirm", *folders, *when, "--undo")[1]
    assert "alert: Correction: Shop (shop): " in main(capsys, "alert", *folders)[1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            ["--date", "2020-01-01", "--monitor", "shop", "--reason", "x"],
            "shop: no run of 2020-01-01; choose a date",
        ),
        (["--date", "2026-01-05", "--monitor", "shap", "--reason", "x"], "no such monitor; did you mean shop?"),
        (["--date", "2026-01-05", "--monitor", "shop"], "--reason: missing"),
        (["--date", "2026-01-05", "--reason", "x"], "a review needs exactly one; name it"),
    ],
)
def test_a_label_for_what_isn_t_there_is_one_clear_line(shop, capsys, given, message):
    job, _ = shop
    folders = ["--params", job.folder / "params", "--state", job.state, "--site", job.site]

    code, out, err = main(capsys, "confirm", *folders, *given)

    assert (code, out) == (2, "")
    assert message in err


def test_a_damaged_past_costs_a_note_and_the_day_is_judged_when_it_is_recorded(shop, tmp_path):
    job, _ = shop
    number = LATER + 8
    day(number, amount=0.6).to_parquet(job.folder / f"orders-{day_of(number)}.parquet")
    (tmp_path / "shop.json").write_text('{"rule": "budget", "da')
    report = job.state / f"reports/shop/{day_of(number)}"

    run(job, number, "execute", "--pasts", str(tmp_path))
    alone = read_report(Folder(report))
    recorded = run(job, number, "record")
    run(job, number, "publish")

    why = "past: past.json: not a file of earlier days; use one that the runner wrote, or none."
    assert alone.judgement is None
    assert [note.message for note in alone.quality if note.kind == "past"] == [
        f"{why} The day was compared without earlier days."
    ]
    assert "DRIFT    shop: more unusual than any of its 219 baseline days" in recorded.stdout
    assert read_report(Folder(report)).judgement.columns == ("amount",)
    assert "not a file of earlier days; use one" in (job.site / f"shop/{day_of(number)}/index.html").read_text()
