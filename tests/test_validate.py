"""`validate` tries every column that a params file names, and reads no more than it needs."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis import without_notebook
from driftmonitor.analysis.first_look import look
from driftmonitor.config.params import read_monitor
from driftmonitor.pipeline.notebooks.notebook_file import effective_parameters, notebook_parameters
from tests.jobs import DAY, ROOT, Job, folders, main

FILES = "source: files\nreference: DATA/reference.csv\ncurrent: DATA/{date}.csv\n"
TABLE = "source: files\nreference: DATA/all.parquet\ntime_column: day\nreference_window: 2026-10-01/2026-10-31\n"


def orders(seed, rows=200):
    random = np.random.default_rng(seed)
    return pd.DataFrame({
        "order_id": 3 + 7 * np.arange(rows), "amount": random.normal(50, 9, rows).round(2),
        "plan": random.choice(["free", "pro"], rows), "score": random.random(rows).round(3),
        "churned": random.integers(0, 2, rows),
    })  # fmt: skip


def write_days(folder, *days):
    orders(0, 400).to_csv(folder / "reference.csv", index=False)
    for seed, day in enumerate(days, start=1):
        orders(seed).to_csv(folder / f"{day}.csv", index=False)


def write_table(folder, first="2026-10-01", last=DAY):
    days = pd.date_range(first, last)
    frame = orders(1, 10 * len(days)).assign(day=days.repeat(10))
    frame.to_parquet(folder / "all.parquet")


def validate(capsys, data, text):
    """Return the exit code, the problems and the notes of a params file, and its path; DATA is the folder `data`."""
    job = Job(data / f"job-{len([*data.glob('job-*')])}")
    path = job.folder / "params/shop.yaml"
    path.write_text(text.replace("DATA", str(data)))
    code, out, err = main(capsys, *folders(job, "validate"))
    problems = [line.removeprefix(f"error: {path}: ") for line in err.splitlines()]
    return code, problems, [line.strip() for line in out.splitlines()[1:]], path


MISTAKES = {
    "columns: {amuont: ignore}": "columns.amuont: no such column; did you mean amount?",
    "columns: {' amount': ignore}": "columns.␣amount: no such column; did you mean amount?",
    "thresholds: {amuont: 0.01}": "thresholds.amuont: no such column in the reference; did you mean amount?",
    "thresholds: {amount: 5}": "thresholds.amount is 5.0; ks needs a p-value between 0 and 1.",
    "methods: {amuont: ks}": "methods.amuont: no such watched column; did you mean amount?",
    "methods: {amount: kss}": "methods.amount: there is no method 'kss'; did you mean ks?",
    "num_method: kss": "num_method: there is no method 'kss'; did you mean ks?",
    "sample_key: order": "sample_key: order: no such column in the reference; did you mean order_id?",
    "sample_key: amount": "reference: sample_key 'amount' is float64, which engines write differently; name a column",
    "checks: {mean(amuont): '> 1'}": "checks.mean(amuont): no such column; did you mean amount?",
    "segments: [plam]": "segments: plam: no such column in the reference; did you mean plan?",
    "segments: [{big: amuont > 1}]": "segments.big: no such column: amuont; did you mean amount?",
    "columns: {plan: numerical}": "columns.plan is named numerical, and of its values 100% in reference and 100% in ",
    "read: {delimiter: ;}": "reference: DATA/reference.csv seems to have 5 columns with ',' between them; set read.",
    "source: sql\nreference: select 1": "current: not valid SQL near /; fix the query.",
    "source: sql\nreference: selct 1": "reference: not valid SQL near selct; fix the query.",
    "source: simulate\nreference: ''\ncurrent: ''\ndraw: [salry]": "draw: salry: no such column in the reference; did",
    "score: scor\nlabel: churned": "score: scor: no such column in reference; did you mean score?",
    "score: score\nlabel: churned\nweights: {amuont: 1}": "weights: amuont: no such column in reference; did you mean ",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_name_that_is_not_in_the_data_is_told_before_the_run_that_it_fails(tmp_path, capsys, mistake):
    write_days(tmp_path, DAY)

    lines = {line.split(":")[0]: line for line in [*FILES.splitlines(), *mistake.splitlines()]}

    code, problems, _, path = validate(capsys, tmp_path, "\n".join(lines.values()))

    assert (code, len(problems)) == (2, 1)
    assert problems[0].startswith(MISTAKES[mistake].replace("DATA", str(tmp_path)))
    monitor = read_monitor(path, notebook_parameters)
    if "draw" in mistake:
        return  # the notebook alone draws
    with pytest.raises(DriftMonitorError):
        without_notebook.Days("shop", effective_parameters(monitor), ()).compare(dt.date.fromisoformat(DAY))


def test_each_name_is_told_in_one_line_of_its_own(tmp_path, capsys):
    write_days(tmp_path, DAY)

    code, problems, _, _ = validate(
        capsys, tmp_path, f"{FILES}columns: {{a: ignore}}\nthresholds: {{b: 0.1}}\ndraw: [c]\n"
    )

    assert code == 2
    assert [problem.split(";")[0] for problem in problems] == [
        "columns.a: no such column",
        "thresholds.b: no such column in the reference",
        "draw: c: no such column in the reference",
    ]


def test_what_is_named_without_effect_is_said_and_no_error(tmp_path, capsys):
    write_days(tmp_path, DAY)
    text = f"{FILES}read: {{columns: {{amuont: {{decimal: ','}}}}}}\nscore: score\nlabel: churned\nkey: order\n"

    code, _, notes, _ = validate(capsys, tmp_path, text)

    assert code == 0
    assert "read.columns.amuont: no such column, so it has no effect; did you mean amount?" in notes
    assert "key: order: no such column, so it has no effect; did you mean order_id?" in notes


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("", ""),
        ("columns: {day: ignore, plan: categorical}\nread: {encoding: cp1252}", ""),
        ("time_column: dya", "time_column: dya: no such column in the reference; did you mean day?"),
        ("time_column: amount", "reference: time_column 'amount' is a number, not a time; name a column of dates"),
        ("reference_window: 2013-10-01/2013-10-31", "reference: no rows from 2013-10-01 to 2013-10-31 (day, UTC); the"),
    ],
)
def test_the_time_column_and_the_window_are_tried(tmp_path, capsys, change, message):
    write_table(tmp_path)
    lines = {line.split(":")[0]: line for line in (TABLE + change).splitlines()}

    code, problems, _, _ = validate(capsys, tmp_path, "\n".join(lines.values()))

    assert code == (2 if message else 0)
    assert [problem[: len(message)] for problem in problems] == ([message] if message else [])


@pytest.mark.parametrize("text", [FILES, TABLE], ids=["a file a day", "one table"])
def test_without_data_of_the_day_the_newest_day_is_tried_and_named(tmp_path, capsys, text):
    write_days(tmp_path, "2026-11-19", "2026-11-21")
    write_table(tmp_path, last="2026-11-21")

    wrong = validate(capsys, tmp_path, f"{text}checks: {{mean(plan): '> 1'}}\n")
    right = validate(capsys, tmp_path, f"{text}checks: {{rows: '> 1'}}\n")

    assert wrong[:2] == (2, ["checks.mean(plan): the column has no numbers; use missing or distinct."])
    note = "2026-11-24 has no data yet, so the newest day with data was tried: 2026-11-21."
    assert right[:3] == (0, [], [note])


def test_a_name_in_a_later_file_or_in_that_of_a_folder_is_there(tmp_path, capsys):
    for month, country in (("10", "DE"), ("11", "FR")):
        folder = tmp_path / f"country={country}"
        folder.mkdir()
        frame = orders(1).assign(at=pd.Timestamp(f"2026-{month}-24"))
        (frame.rename(columns={"plan": "tariff"}) if month == "11" else frame).to_parquet(folder / "part.parquet")
    table = TABLE.replace("all.parquet", "*/*.parquet").replace("day", "at")

    found = validate(capsys, tmp_path, f"{table}columns: {{tariff: ignore, country: categorical}}\n")

    assert found[:3] == (0, [], [])


def test_rows_are_not_read_for_names_alone(tmp_path, capsys, monkeypatch):
    write_days(tmp_path, DAY)
    monkeypatch.setattr(without_notebook, "load", None)

    codes = [validate(capsys, tmp_path, f"{FILES}draw: [{name}]\n")[0] for name in ("plan", "plam")]

    assert codes == [0, 2]


def test_data_on_a_network_is_asked_for_names_alone_and_a_note_says_if_it_is_not_there(tmp_path, capsys):
    query = "source: sql\nreference: SELECT * FROM a\ncurrent: SELECT * FROM b\n"
    engine = f"{query}connection: postgres://u:${{PW}}@127.0.0.1:1/d\nmonitor: {{pass_env: [PW]}}\n"

    unnamed, named = (validate(capsys, tmp_path, f"{engine}{more}") for more in ("", "draw: [plan]\n"))

    assert (unnamed[0], unnamed[2], named[0]) == (0, [], 0)
    assert named[2][0].startswith("The data was not tried: connection: ${PW} is not set; set PW in the environment")


def test_a_method_or_picture_of_a_column_that_is_not_compared_is_told(tmp_path, capsys):
    write_days(tmp_path, DAY)
    ignored = "columns: {amount: ignore}\n"

    drawn = validate(capsys, tmp_path, f"{FILES}{ignored}draw: [amount]\n")
    tested = validate(capsys, tmp_path, f"{FILES}{ignored}methods: {{amount: ks}}\n")

    reason = "the column is not compared (ignored, as named); remove it."
    assert drawn[:2] == (2, [f"draw: amount: {reason}"])
    assert tested[:2] == (2, [f"methods.amount: {reason}"])


def test_a_notebook_with_code_of_its_own_may_add_columns_so_that_names_are_said_and_not_refused(tmp_path, capsys):
    write_days(tmp_path, DAY)
    notebook = tmp_path / "own.ipynb"
    text = (ROOT / "notebooks/drift_report.ipynb").read_text()
    notebook.write_text(text.replace("print(data.summary())", "data.reference['ratio'] = 1"))

    found = validate(capsys, tmp_path, f"{FILES}draw: [ratio]\nmonitor: {{notebook: {notebook}}}\n")

    assert found[:2] == (0, [])
    assert found[2][0] == "A run fails unless the notebook's own code prevents it:"
    assert found[2][1].startswith("draw: ratio: no such column in the reference; choose one of: order_id, amount, plan")


def test_files_that_are_not_there_are_named_with_the_way_to_write_a_day(tmp_path, capsys):
    write_days(tmp_path)

    fixed = validate(capsys, tmp_path, FILES.replace("{date}", "{day}"))
    daily = validate(capsys, tmp_path, FILES.replace("{date}", "nowhere/{date}"))

    where = f"current: {tmp_path}"
    assert fixed[2] == [f"{where}/{{day}}.csv: no such file yet; a run needs it. Only {{date}} becomes the run date."]
    assert daily[2] == [
        f"{where}/nowhere/{{date}}.csv: no file for 2026-11-24 or any day of the year before; check the path, or "
        "wait for the data."
    ]


def test_a_check_of_an_ignored_column_of_a_sampled_side_is_tried_on_all_rows(tmp_path, capsys):
    write_days(tmp_path, DAY)
    sampled = f"{FILES}max_rows: 50\ncolumns: {{amount: ignore}}\n"

    found = validate(capsys, tmp_path, f"{sampled}checks: {{mean(amount): '> 1'}}\n")

    assert found[:3] == (0, [], [])


def test_an_ignored_column_that_a_model_or_segments_need_is_said(tmp_path, capsys):
    write_days(tmp_path, DAY)

    found = validate(capsys, tmp_path, f"{FILES}segments: [plan]\ncolumns: {{plan: ignore}}\n")

    assert found[0] == 0
    assert "segments: plan: the column is ignored, so a side of more than max_rows rows lacks it; remove it from c" in (
        " ".join(found[2])
    )


@pytest.mark.parametrize("name", ["healthy", "salary_shift", "slow_ramp", "weather"])
def test_a_first_look_is_enough_for_the_shipped_monitors(name):
    monitor = read_monitor(ROOT / f"params/{name}.yaml", notebook_parameters)

    assert look(effective_parameters(monitor), dt.date.fromisoformat(DAY)) == []
