"""A params file is read as it was meant, or refused in one line: where, what, and what to do."""

from pathlib import Path

import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import load_monitors
from driftmonitor.config.yaml_text import read_yaml
from driftmonitor.pipeline.notebooks.notebook_file import notebook_parameters

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def shipped():
    parameters = notebook_parameters("notebooks/drift_report.ipynb")
    return lambda notebook: parameters


def load(folder, text, shipped, overrides=None, name="checkout.yaml"):
    (folder / name).write_text(text, encoding="utf-8")
    return load_monitors(folder, shipped, overrides=overrides)


def test_every_shipped_params_file_is_valid(shipped):
    monitors = load_monitors(ROOT / "params", shipped)

    assert {"healthy", "rain", "salary_shift", "slow_ramp", "weather"} <= {monitor.name for monitor in monitors}


def test_a_full_file_becomes_a_monitor(tmp_path, shipped):
    text = """
source: files
reference: data/reference.parquet
current: data/{date}.csv
reference_window: 2013-01-01/2013-02-28
columns: {age: numerical, id: ignore}
drift_share: 0.2
drift: {salary: {mean_shift: 2.5, ramp_days: 30}}
monitor:
  title: Checkout
  alert: {for_runs: 2}
  keep_reports_days: 30
"""
    (monitor,) = load(tmp_path, text, shipped, overrides={"seed": 7, "drift_share": 1})

    assert (monitor.name, monitor.title, monitor.settings.alert.for_runs) == ("checkout", "Checkout", 2)
    assert monitor.parameters["reference_window"] == "2013-01-01/2013-02-28"
    assert (monitor.parameters["seed"], monitor.parameters["drift_share"]) == (7, 1)
    assert "monitor" not in monitor.parameters


@pytest.mark.parametrize("name", ["Orders.YAML", "orders.yml.txt", "orders.Yaml"])
def test_a_file_whose_ending_is_not_read_is_refused(tmp_path, shipped, name):
    (tmp_path / "good.yaml").write_text("rows: 10")
    (tmp_path / name).write_text("rows: 10")
    (tmp_path / "README.md").write_text("what is here")

    with pytest.raises(DriftMonitorError) as refused:
        load_monitors(tmp_path, shipped)

    plain = f"{name.split('.')[0]}.yaml"
    assert str(refused.value) == f"{tmp_path / name}: only .yaml and .yml are read; rename the file to {plain}."
    assert [monitor.name for monitor in load_monitors(tmp_path, shipped, keep_going=True) if not monitor.problem] == [
        "good"
    ]


def test_a_file_in_a_folder_of_the_params_is_refused(tmp_path, shipped):
    (tmp_path / "good.yaml").write_text("rows: 10")
    (tmp_path / "sales").mkdir()
    (tmp_path / "sales/orders.yaml").write_text("rows: 10")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints/good-checkpoint.yaml").write_text("rows: 10")

    with pytest.raises(DriftMonitorError) as refused:
        load_monitors(tmp_path, shipped)

    moved = tmp_path / "orders.yaml"
    assert str(refused.value) == (
        f"{tmp_path}/sales/orders.yaml: folders in {tmp_path} are not read; move the file to {moved}."
    )
    assert [each.name for each in load_monitors(tmp_path, shipped, only=["good"])] == ["good"]


def test_a_name_in_another_unicode_form_is_that_of_the_column(tmp_path, shipped):
    (monitor,) = load(tmp_path, 'columns: {"cafe\u0301": ignore}\nchecks: {"mean(cafe\u0301)": "> 0"}', shipped)

    assert monitor.parameters["columns"] == {"caf\u00e9": "ignore"}
    assert [*monitor.parameters["checks"]] == ["mean(caf\u00e9)"]


def test_dates_and_odd_names_in_yaml_stay_text(tmp_path, shipped):
    (monitor,) = load(tmp_path, 'reference: 2026-01-01\ncolumns: {"on": ignore, "2026-01-01": ignore}', shipped)

    assert monitor.parameters["reference"] == "2026-01-01"
    assert monitor.parameters["columns"] == {"on": "ignore", "2026-01-01": "ignore"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n- b", "checkout.yaml: is ['a', 'b'] (a list); give `name: value` lines."),
        ("just text", "checkout.yaml: is 'just text' (text); give `name: value` lines."),
        ("sourc: files", "checkout.yaml: sourc: no such parameter in the notebook; did you mean source?"),
        ("source: file", "checkout.yaml: source is 'file' (text); use 'files', 'simulate' or 'sql'."),
        ("rows: many", "checkout.yaml: rows is 'many' (text); give a whole number."),
        ("rows: 1.5", "checkout.yaml: rows is 1.5; give a whole number."),
        ("rows: true", "checkout.yaml: rows is true; give a whole number."),
        ("rows: 3", "checkout.yaml: rows is 3; use 10 or more."),
        ("drift_share: 10", "checkout.yaml: drift_share is 10; use 1 or less."),
        ("drift_share: .nan", "checkout.yaml: drift_share is nan; give a finite number."),
        ("p_threshold: 0", "checkout.yaml: p_threshold is 0; use more than 0."),
        ("reference: 7", "checkout.yaml: reference is 7; give text."),
        ("reference:", "checkout.yaml: reference is empty; give text."),
        ("columns: [a]", "checkout.yaml: columns is ['a'] (a list); give a mapping ({name: value})."),
        (
            "columns: {a: number}",
            "checkout.yaml: columns.a is 'number' (text); use 'numerical', 'categorical' or 'ignore'.",
        ),
        ("drift: {salary: {mean_shfit: 1}}", "drift.salary.mean_shfit: no such key; did you mean mean_shift?"),
        ("drift: {incom: {mean_shift: 1}}", "drift.incom: no such column; choose one of: age, clicks, plan, salary."),
        ("drift: {plan: {shares: {gold: 1}}}", "checkout.yaml: drift.plan.shares.gold: no such category; choose"),
        ("drift: {age: {correlation: {salry: 0.2}}}", "drift.age.correlation.salry: no such other column; did you mea"),
        ("drift: {salary: 3}", "checkout.yaml: drift.salary is 3; give a mapping ({name: value})."),
        ("run_date: 2026-01-01", "checkout.yaml: run_date is set by the runner (--date); remove it."),
        ("seed: 1\nrows: 20\nseed: 2", "line 3: invalid YAML: the key 'seed' is on line 1 already; remove one."),
        ("columns: {a: ignore, a: numerical}", "line 1: invalid YAML: the key 'a' is on this line already; remove"),
        ("seed: 1\non: 1", "checkout.yaml: line 2: invalid YAML: the key on means true in YAML; put it in quotes."),
        ("1: x", "checkout.yaml: line 1: invalid YAML: the key 1 is not text; put it in quotes."),
        ("rows: 0100", "line 1: invalid YAML: 0100 means 64 in YAML; write a number without leading zeros or colons"),
        ("draw: [1:30]", "line 1: invalid YAML: 1:30 means 90 in YAML; write a number without leading zeros or"),
        ("seed: 1\ntimezone: a\0b", "checkout.yaml: line 2: invalid YAML: it has control characters; remove them."),
        ("rows: 1e3", "checkout.yaml: rows is '1e3' (text); write 1000, without quotes."),
        ("seed: 08", "checkout.yaml: seed is '08' (text); write 8, without quotes."),
        ("p_threshold: 0,05", "checkout.yaml: p_threshold is '0,05' (text); write 0.05, without quotes."),
        ("drift_share: 10%", "checkout.yaml: drift_share is '10%' (text); write 0.1, without quotes."),
        ("max_rows: 10,000", "checkout.yaml: max_rows is '10,000' (text); give a whole number."),
        ("rows: '12.5'", "checkout.yaml: rows is '12.5' (text); give a whole number."),
        ("monitor: {timeout_seconds: '60'}", "monitor.timeout_seconds is '60' (text); write 60, without quotes."),
        ("thresholds: {age: -1}", "checkout.yaml: thresholds.age is -1; use more than 0."),
        ("read: {date_format: DD/MM/YYYY}", "date_format is 'DD/MM/YYYY' (text); use directives of strptime, such as"),
        ("checks: {missing(a): '> 150%'}", "a limit that no number keeps, because the number is from 0 to 1; change"),
        (
            "checks: {rows: '< 0'}",
            "checks.rows: '< 0' is a limit that no number keeps, because the number is 0 or more",
        ),
        ("draw: [*]", "checkout.yaml: line 1: invalid YAML: a text begins with * or &; put it in quotes."),
        ("monitor: {retrain: {webhook: 'https://x.org/T0KEN'}}", "retrain.webhook is an address; give true or false."),
        ("rows: [a, 'https://x.org/T0KEN']", "checkout.yaml: rows is a list with an address; give a whole number."),
        ("monitor: {pass_env: [PG PASSWORD]}", "pass_env.0 is 'PG PASSWORD' (text); give the name of an environment"),
        ("read: {delimiter: '||'}", "checkout.yaml: read.delimiter is '||' (text); use 1 character."),
        ("a: [1", "checkout.yaml: line 1: invalid YAML:"),
        ("a: &x [1]\nb: *x", "aliases (*) are not allowed"),
        ("a: !!python/object/apply:os.system [true]", "invalid YAML: tags (!) are not allowed; remove it."),
        ("thresholds: {age: .inf}", "checkout.yaml: thresholds.age is inf; give a finite number."),
        ("max_figures: -1", "checkout.yaml: max_figures is -1; use 0 or more."),
        ("holidays: D", "checkout.yaml: holidays 'D': no such country; did you mean "),
        ("holidays: DE-Wales", "checkout.yaml: holidays 'DE-Wales': no such part of DE; choose one of: BB, BE, BW, "),
        ("holidays: NO", 'checkout.yaml: holidays is false; for Norway, write "NO" in quotes, and "" for none.'),
        ("holidays: [DE]", "checkout.yaml: holidays is ['DE'] (a list); give text."),
        ("holidays: 49", "checkout.yaml: holidays is 49; give text."),
        ("draw: [1]", "checkout.yaml: draw.0 is 1; give text."),
        ("monitor: 3", "checkout.yaml: monitor is 3; give `name: value` lines under it."),
        ("monitor: {titel: x}", "checkout.yaml: monitor.titel: no such key; did you mean title?"),
        ("monitor: {group: 7}", "checkout.yaml: monitor.group is 7; give text."),
        ("monitor: {group: [a, b]}", "checkout.yaml: monitor.group is ['a', 'b'] (a list); give text."),
        ("monitor: {group: }", "checkout.yaml: monitor.group is empty; give text."),
        ("monitor: {group: yes}", "checkout.yaml: monitor.group is true; give text."),
        ("monitor: {owner: {name: x}}", "checkout.yaml: monitor.owner is {'name': 'x'} (a mapping); give text."),
        ('monitor: {owner: "a\\nb"}', "monitor.owner is 'a\\nb' (text); give one line without invisible characters."),
        ('monitor: {group: "a\\u202eb"}', "monitor.group is 'a\\u202eb' (text); give one line without invisible"),
        ('monitor: {owner: "a\\0b"}', "monitor.owner is 'a\\x00b' (text); give one line without invisible"),
        (f"monitor: {{group: {'g' * 10_000}}}", "gggg... (text); use at most 60 characters."),
        (f"monitor: {{owner: {'o' * 101}}}", "oooo... (text); use at most 100 characters."),
        ("monitor: {alert: {for_runs: 0}}", "checkout.yaml: monitor.alert.for_runs is 0; use 1 or more."),
        (
            "monitor: {alert: {rule: budget, false_alarms_per_year: 0}}",
            "checkout.yaml: monitor.alert.false_alarms_per_year is 0; use 0.5 or more.",
        ),
        ("monitor: {alert: {false_alarms_per_year: 2}}", "; add rule: budget, or remove false_alarms_per_year, which"),
        (
            "monitor: {alert: {rule: shar}}",
            "checkout.yaml: monitor.alert.rule is 'shar' (text); use 'share' or 'budget'",
        ),
        ("monitor: {alert: {remind: 1}}", "monitor.alert.remind: no such key; did you mean remind_after_days?"),
        ("monitor: {keep_reports_days: soon}", "keep_reports_days is 'soon' (text); give a whole number."),
        (
            "monitor: {segments: [plan]}",
            "monitor.segments is a parameter of the notebook; put it at the top level of the file.",
        ),
        ("alert: {rule: budget}", 'checkout.yaml: alert is a setting of the runner; put it under "monitor:".'),
        ("rule: budget", 'checkout.yaml: rule is a setting of the runner; put it under "alert:" in "monitor:".'),
        ("'a\\nb': 1", "no such parameter in the notebook"),
    ],
)
def test_a_mistake_is_refused_with_its_place_value_and_remedy(tmp_path, shipped, text, message):
    with pytest.raises(DriftMonitorError) as caught:
        load(tmp_path, text, shipped)

    assert message in str(caught.value)


FILES = "source: files\nreference: ref.csv\ncurrent: '{date}.csv'\n"
TABLE = "source: files\nreference: all.csv\ntime_column: day\nreference_window: 2026-01-01/2026-01-31\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source: files\ncurrent: a.csv", "checkout.yaml: reference is empty; name a file or a query."),
        ("source: files\nreference: a.csv", "current is empty; name a file or a query, or set time_column to use"),
        (f"{FILES}reference_window: 2026-01-01/2026-01-31", "reference_window needs time_column; name the column"),
        (TABLE.replace("/2026-01-31", ""), "reference_window '2026-01-01' is not two days; write it as 2013-01-01/"),
        (TABLE.replace("-31", "-32"), "reference_window: '2026-01-32' is not a date; write it as 2026-01-31."),
        (TABLE.replace("01-31", "00-00"), "reference_window: '2026-00-00' is not a date; write it as 2026-01-31."),
        (TABLE.replace("2026-01-31", "2025-01-31"), "ends before it begins; write the earlier day first."),
        (TABLE[: TABLE.index("reference_w")], "reference_window is empty and current is the same table; give 2013-01"),
        (f"{TABLE}current_days: 400000", "checkout.yaml: current_days is 400000; use 1 to 36500."),
        (FILES.replace("{date}", "{date:%Q}"), "{date:%Q} is no format of a day; use %Y, %m and %d, as in {date:%Y%m"),
        (FILES.replace("ref.csv", "select 1"), "reference is a query, but source is files; write source: sql, or name"),
        (FILES.replace("ref.csv", "https://x.org/ref.csv"), "reference: https://x.org/ref.csv is on the network; copy"),
        (FILES.replace("{date}", "{run_date}"), "current has {run_date}, which is for labels only; write {date}."),
        (FILES.replace("ref.csv", "file:///a.csv"), "file:///a.csv is a path with a scheme; write it without file://."),
        (f"{FILES}connection: postgres://host/db", "connection is for source: sql, and source is files; change one"),
        ("connection: postgres://host/db", "connection is for source: sql, and source is simulate; change one of them"),
        ("reference: data/a.csv", "reference is given, but source is simulate; add source: files, or remove reference"),
    ],
)
def test_data_that_no_run_could_read_is_refused(tmp_path, shipped, text, message):
    (tmp_path / "checkout.yaml").write_text(text)

    with pytest.raises(DriftMonitorError) as caught:
        load_monitors(tmp_path, shipped, is_shipped=lambda notebook: True)

    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path}/checkout.yaml: ")
    assert load_monitors(tmp_path, shipped)  # another notebook may read it in its own way


def test_data_that_is_complete_with_an_option_alone_is_left_to_the_run(tmp_path, shipped):
    (tmp_path / "checkout.yaml").write_text("source: files\ncurrent: a.csv")

    (monitor,) = load_monitors(
        tmp_path, shipped, overrides={"reference": "b.csv"}, keep_going=True, is_shipped=lambda notebook: True
    )

    assert (monitor.problem, monitor.parameters["reference"]) == ("", "b.csv")


def test_a_group_and_an_owner_are_any_text_on_one_line(tmp_path, shipped):
    text = "monitor: {group: ' \u05d4\u05db\u05e0\u05e1\u05d5\u05ea ', owner: '<b>@everyone</b>'}"

    (monitor,) = load(tmp_path, text, shipped)

    assert (monitor.settings.group, monitor.settings.owner) == (
        "\u05d4\u05db\u05e0\u05e1\u05d5\u05ea",
        "<b>@everyone</b>",
    )


def test_a_notebook_that_is_not_there_is_named_with_the_params_file_that_wants_it(tmp_path):
    message = (
        r"checkout\.yaml: monitor\.notebook: nope\.ipynb: no such notebook; set monitor\.notebook to one that exists"
    )

    with pytest.raises(DriftMonitorError, match=message):
        load(tmp_path, "monitor: {notebook: nope.ipynb}", notebook_parameters)


@pytest.mark.parametrize("name", ["Up.yaml", "a b.yaml", "..x.yaml", "a" * 65 + ".yaml", "ünï.yaml", "api.yaml"])
def test_a_name_that_is_no_safe_folder_is_refused(tmp_path, shipped, name):
    with pytest.raises(DriftMonitorError, match="rename the file"):
        load(tmp_path, "", shipped, name=name)


def test_two_files_of_one_monitor_are_refused(tmp_path, shipped):
    (tmp_path / "a.yml").write_text("")

    with pytest.raises(DriftMonitorError, match=r"a\.yml: a\.yaml is the same monitor; remove or rename one"):
        load(tmp_path, "", shipped, name="a.yaml")


def test_a_missing_folder_an_empty_one_and_an_unknown_monitor_are_refused(tmp_path, shipped):
    with pytest.raises(DriftMonitorError, match="no such folder"):
        load_monitors(tmp_path / "none", shipped)
    with pytest.raises(DriftMonitorError, match="no params file; add one"):
        load_monitors(tmp_path, shipped)
    with pytest.raises(DriftMonitorError, match="--monitor salry: no such monitor; did you mean salary"):
        (tmp_path / "salary.yaml").write_text("")
        load_monitors(tmp_path, shipped, only=["salry"])
    with pytest.raises(DriftMonitorError, match=r"bin\.yaml: cannot be read: not UTF-8 text"):
        (tmp_path / "bin.yaml").write_bytes(b"\xff\xfe\x00")
        load_monitors(tmp_path, shipped)


def test_an_overriding_parameter_is_checked_like_the_file(tmp_path, shipped):
    with pytest.raises(DriftMonitorError, match="-p seeed: no such parameter in the notebook; did you mean seed"):
        load(tmp_path, "", shipped, overrides={"seeed": 1})
    with pytest.raises(DriftMonitorError, match="-p rows is 'x'"):
        load(tmp_path, "", shipped, overrides={"rows": read_yaml("x", "-p rows")})
    with pytest.raises(DriftMonitorError, match=r"^-p drift\.salry: no such column; did you mean salary\?"):
        load(tmp_path, "", shipped, overrides={"drift": {"salry": {}}})


def test_kept_going_a_wrong_file_names_its_problem_and_stops_no_other(tmp_path, shipped):
    for name, text in {"bad": "rows: [", "good": "rows: 100", "typo": "rws: 5"}.items():
        (tmp_path / f"{name}.yaml").write_text(text)

    monitors = load_monitors(tmp_path, shipped, overrides={"seed": 1}, keep_going=True)

    assert [monitor.name for monitor in monitors] == ["bad", "good", "typo"]
    assert [bool(monitor.problem) for monitor in monitors] == [True, False, True]
    assert "did you mean rows?" in monitors[2].problem
    assert monitors[1].parameters == {"rows": 100, "seed": 1}
    with pytest.raises(DriftMonitorError, match="-p sed: no such parameter"):
        load_monitors(tmp_path, shipped, overrides={"sed": 1}, keep_going=True)


def test_kept_going_a_file_with_a_wrong_name_fails_under_one_that_will_do(tmp_path, shipped):
    for name in ("My Monitor.yaml", "Shop.yaml", "api.yaml", "shop.yaml", "twice.yaml", "twice.yml", "日本.yaml"):
        (tmp_path / name).write_text("rows: 100")

    monitors = load_monitors(tmp_path, shipped, keep_going=True)
    one = load_monitors(tmp_path, shipped, only=["my-monitor"], keep_going=True)

    assert [monitor.name for monitor in monitors if not monitor.problem] == ["shop"]
    problems = {monitor.name: monitor.problem.removeprefix(f"{tmp_path}/") for monitor in monitors if monitor.problem}
    assert list(problems) == ["api-2", "my-monitor", "shop-2", "twice", "unnamed"]
    assert problems["my-monitor"].startswith("My Monitor.yaml: 'My Monitor' is not a monitor's name; rename the file")
    assert problems["twice"] == "twice.yml: twice.yaml is the same monitor; remove or rename one."
    assert [monitor.problem for monitor in one] == [f"{tmp_path}/{problems['my-monitor']}"]


def test_a_connection_names_its_password_and_the_monitor_passes_it_on(tmp_path, shipped):
    address = "connection: postgres://reader:${ORDERS_PASSWORD}@db/shop"
    text = f"source: sql\nreference: SELECT 1\ncurrent: SELECT 1\n{address}\n"

    (monitor,) = load(tmp_path, f"{text}monitor: {{pass_env: [ORDERS_PASSWORD]}}", shipped)

    assert monitor.parameters["connection"] == "postgres://reader:${ORDERS_PASSWORD}@db/shop"
    with pytest.raises(
        DriftMonitorError, match=r"checkout\.yaml: connection refers to \$\{ORDERS_PASSWORD\}; add it to"
    ):
        load(tmp_path, text, shipped)
    with pytest.raises(
        DriftMonitorError, match=r"checkout\.yaml: connection contains a password, which would be"
    ) as caught:
        load(tmp_path, text.replace("${ORDERS_PASSWORD}", "hunter2"), shipped)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(DriftMonitorError, match=r"^-p connection contains a password"):
        load(tmp_path, "", shipped, overrides={"connection": "trino://u:hunter2@host/c"})
