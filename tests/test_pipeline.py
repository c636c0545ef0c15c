"""The whole job: one command makes a site from real files, again and after every kind of failure."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import load_data
from driftmonitor.facts.record import read_notebook, read_report
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.notebooks.environment import clean_environment
from driftmonitor.regular_files import Folder
from tests.jobs import DAY, TINY, Job, folders, main
from tests.schemas import problems

ROOT = Path(__file__).parents[1]
HOSTILE = "</script><script>alert(1)</script>"

SHOP = """
source: files
reference: {folder}/training.csv
current: {folder}/orders-{{date}}.csv
columns: {{order_id: ignore}}
monitor: {{title: "Shop <b>"}}
"""
MISSING = "source: files\nreference: {folder}/training.csv\ncurrent: {folder}/late-{{date}}.csv\n"
pytestmark = [pytest.mark.xdist_group("pipeline"), pytest.mark.usefixtures("quick_kernels")]


def write_shop(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write two days of orders: the amount rises, a hostile column and category stay, a column turns empty."""
    rng = np.random.default_rng(3)

    def orders(rows: int, shift: float) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "order_id": np.arange(rows),
                "amount": rng.normal(50 + shift, 10, rows).round(2),
                "weight": rng.gamma(2, 1, rows).round(3),
                "country": rng.choice(["de", "fr", "@everyone", HOSTILE], rows, p=[0.5, 0.3, 0.1, 0.1]),
                HOSTILE: rng.normal(0, 1, rows).round(3),
                "note": rng.normal(0, 1, rows).round(3),
            }
        )

    reference, current = orders(1500, 0), orders(1200, 4)
    current["note"] = None
    reference.to_csv(folder / "training.csv", index=False)
    current.to_csv(folder / f"orders-{DAY}.csv", index=False)
    return reference, current


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Two monitors in one command: one on real files, one whose file of the day isn't there."""
    folder = tmp_path_factory.mktemp("shop")
    frames = write_shop(folder)
    job = Job(folder, shop=SHOP, late=MISSING)
    return job, frames, job.run("--jobs", "2")


def test_one_command_says_what_drifted_what_failed_and_where_the_page_is(shop):
    job, _, done = shop

    assert done.returncode == 1
    assert "DRIFT    shop: 1 of 5 columns drifted (20%, threshold 10%). amount: mean rose from" in done.stdout
    assert "Not testable: note" in done.stdout
    assert re.search(r"FAILED   late: .*late-2026-11-24\.csv", done.stdout)
    assert (
        "expect: about 68 false-alarm days a year if nothing changes; a shift of 0.15 SD in one column is"
        in done.stdout
    )
    assert f"Page: {job.site}/index.html" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_the_record_agrees_with_scipy(shop):
    job, (reference, current), _ = shop
    record = job.record("shop")
    scores = {score.name: score for score in record.columns}

    assert (record.status, record.drift_share, record.rows.reference, record.rows.current) == ("drift", 0.2, 1500, 1200)
    for name in ("amount", "weight", HOSTILE):
        expected = stats.ks_2samp(reference[name], current[name])
        assert scores[name].p_value == expected.pvalue
        assert scores[name].statistic == pytest.approx(expected.statistic, abs=1e-15)  # ours is the exact share
    table = pd.crosstab(
        pd.concat([reference, current])["country"], np.repeat(["reference", "current"], [len(reference), len(current)])
    )
    expected = stats.chi2_contingency(table, correction=False)
    assert scores["country"].p_value == pytest.approx(expected.pvalue, rel=1e-12)
    assert scores["note"].status == "not_testable"
    assert "note" in {finding.column for finding in record.quality}
    shift = (current["amount"].mean() - reference["amount"].mean()) / reference["amount"].std()
    assert scores["amount"].effect["mean_shift_sd"] == pytest.approx(shift, rel=1e-3)


def test_the_site_has_every_page_of_the_contract(shop):
    job, _, _ = shop

    for path in (
        "index.html", "shop/index.html", f"shop/{DAY}/index.html", f"shop/{DAY}/evidently.html",
        f"shop/{DAY}/record.json", f"shop/{DAY}/shift.png", f"late/{DAY}/index.html", f"late/{DAY}/record.json",
    ):  # fmt: skip
        assert (job.site / path).is_file(), path
    index = (job.site / "index.html").read_text()
    assert "Shop &lt;b&gt;" in index
    assert "amount" in index
    assert read_report(Folder(job.site / f"shop/{DAY}")) == job.record("shop")
    assert problems(job.site) == (5, [])


def test_no_page_holds_a_tag_from_the_data_or_a_path_of_the_machine(shop):
    job, _, _ = shop

    for path in job.site.rglob("*.html"):
        text = path.read_text()
        assert HOSTILE not in text, path
        assert str(ROOT) not in text, path


def test_evidently_s_own_page_has_the_same_count_share_and_flags(shop):
    job, _, _ = shop
    text = (job.site / f"shop/{DAY}/evidently.html").read_text()

    assert "Drift is detected for 20.0% of columns (1 out of 5)." in text


def test_plain_papermill_gives_the_same_record_from_the_notebook_s_own_folder(shop, tmp_path):
    import nbformat

    job, _, _ = shop
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", "drift_report.ipynb", out]
    options = ["-f", job.folder / "params/shop.yaml", "-p", "run_date", DAY, "-p", "output_dir", tmp_path / "a/b/c"]
    here = ROOT / "notebooks"
    subprocess.run([*map(str, command + options)], cwd=here, env=clean_environment(), check=True, capture_output=True)

    record = read_notebook(nbformat.read(out, as_version=4))
    same = {"monitor": "shop", "duration_seconds": None}
    assert record.model_copy(update=same) == job.record("shop").model_copy(update=same)


def test_a_stage_run_again_changes_nothing(shop):
    job, _, _ = shop
    before = {path: path.read_bytes() for path in job.site.rglob("*") if path.is_file()}

    for stage in ("record", "publish", "alert"):
        assert job.run(stage).returncode == 0

    after = {path: path.read_bytes() for path in job.site.rglob("*") if path.is_file()}
    changed = [path for path in {*before, *after} if before.get(path) != after.get(path)]
    assert [path for path in changed if path.name in ("record.json", "evidently.html", "notebook.ipynb")] == []
    assert json.loads((job.site / f"shop/{DAY}/record.json").read_text())["drift_share"] == 0.2
    assert "alert:" not in job.run("alert").stdout


def test_status_shows_each_monitor(shop):
    job, _, _ = shop

    lines = job.run("status").stdout.splitlines()

    assert lines[0].split() == ["monitor", "state", "since", "drift", "last", "run"]
    assert [line.split()[:2] for line in lines[1:]] == [["late", "failing"], ["shop", "drifting"]]


def test_exit_codes_follow_the_contract(tiny, capsys):
    assert main(capsys, *folders(tiny))[0] == 0
    assert main(capsys, *folders(tiny, "-p", "share", "0.5"))[0] == 0
    assert main(capsys, *folders(tiny, "execute", "-p", "share", "0.5", "--fail-on-drift"))[0] == 3
    assert main(capsys, *folders(tiny, "--fail-on-drift"))[0] == 0
    assert main(capsys, *folders(tiny, "-p", "share", "2"), "--fail-on-drift")[0] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--date", "yesterday"], "--date 'yesterday' is not a date; write it as 2026-01-31."),
        (["--monitor", "clam"], "--monitor clam: no such monitor; did you mean calm?"),
        (["-p", "shar", "1"], "-p shar: no such parameter in the notebook; did you mean share?"),
        (["-p", "share", "much"], "-p share is 'much' (text); give a number."),
        (["-p", "run_date", "2026-01-01"], "-p run_date is set by the runner (--date); remove it."),
        (["--jobs", "0"], "0 is not in the range x>=1"),
        (["--params", "nowhere"], "nowhere: no such folder; create it, or name another with --params."),
        (["--site", "/proc/site"], "/proc/site"),
        (["--state", "/proc/state"], "/proc/state"),
        (["backfill", "--from", "2026-02-02", "--to", "2026-02-01"], "--from 2026-02-02 is after --to 2026-02-01"),
        (["nonsense"], "No such command 'nonsense'."),
    ],
)
def test_a_wrong_command_is_one_clear_line_and_exit_2(tiny, capsys, arguments, message):
    given = [a for a in folders(tiny) if not (a == "--date" or a == DAY)] if "--date" in arguments else folders(tiny)

    code, out, err = main(capsys, *given, *arguments)

    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_validate_goes_on_after_an_invalid_file_and_reports_all(tiny, capsys):
    for name in ("bad", "worse"):
        (tiny.folder / "params" / f"{name}.yaml").write_text("shar: 1\n")

    code, out, err = main(capsys, *folders(tiny), "validate")

    assert code == 2
    assert "calm.yaml: ok" in out
    assert [line.split(": ")[1].rsplit("/", 1)[1] for line in err.splitlines()] == ["bad.yaml", "worse.yaml"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "reference: data/a.csv",
            "reference is given, but source is simulate; add source: files, or remove reference.",
        ),
        ("current: select 1", "current is given, but source is simulate; add source: sql, or remove current."),
        ("time_column: day", "time_column is given, but source is simulate; add source: files, or remove time_column."),
    ],
)
def test_a_monitor_that_names_its_data_and_forgets_the_source_is_refused(tiny, capsys, line, words):
    (tiny.folder / "params/forgot.yaml").write_text(f"{line}\n")

    code, _, err = main(capsys, *folders(tiny, "validate"))

    assert code == 2
    assert err == f"error: {tiny.folder}/params/forgot.yaml: {words}\n"
    name, text = line.split(": ")
    with pytest.raises(DriftMonitorError, match="source is simulate"):
        load_data(**{"source": "simulate", "reference": "", "current": "", "run_date": DAY, name: text})


def test_validate_says_what_has_no_effect_under_the_share_rule(tiny, capsys):
    rows = "source: simulate\nholidays: DE\nchecks: {rows: {budget: true}, missing(age): '< 2%'}\n"
    for rule in ("share", "budget"):
        (tiny.folder / f"params/{rule}.yaml").write_text(f"{rows}monitor: {{alert: {{rule: {rule}}}}}")

    out = main(capsys, *folders(tiny, "validate"))[1]

    line = "    Under the share rule, no effect on alerts: holidays, the check rows; use rule: budget.\n"
    assert f"share.yaml: ok: share, run by notebooks/drift_report.ipynb\n{line}" in out
    assert out.count("no effect") == 1


def test_validate_says_that_a_reference_is_not_there(tiny, capsys):
    (tiny.folder / "params/far.yaml").write_text("source: files\nreference: no/ref-*.csv\ncurrent: no/{date}.csv\n")
    (tiny.folder / "params/near.yaml").write_text("source: files\nreference: data/*.parquet\ncurrent: no/{date}.csv\n")

    code, out, _ = main(capsys, *folders(tiny, "validate"))

    assert code == 0
    assert (
        "far.yaml: ok: far, run by notebooks/drift_report.ipynb\n    reference: no/ref-*.csv: no such file yet" in out
    )
    assert out.count("no such file") == 1


@pytest.mark.parametrize("command", [(), ("backfill", "--from", DAY, "--to", DAY)])
def test_an_invalid_file_of_another_monitor_costs_the_named_one_nothing_and_is_said_once(tiny, capsys, command):
    (tiny.folder / "params" / "bad.yaml").write_text("shar: 1\n")

    code, out, err = main(capsys, *folders(tiny, *command, "--monitor", "calm"))

    assert (code, len(err.splitlines())) == (2, 1)
    assert "bad.yaml: shar: no such parameter in the notebook; " in err
    assert "healthy" in out and (tiny.site / "calm/index.html").exists()
    assert "bad.yaml: shar: no such parameter" in (tiny.site / "bad/index.html").read_text()


def test_options_before_and_after_the_command_add_up(tiny, capsys):
    more = ["-p", "share", "0.5", "--date", "2026-11-20", "--fail-on-drift", "execute", "-p", "pause", "0.01"]

    code, out, _ = main(capsys, *folders(tiny), *more)

    assert code == 3
    assert "running calm for 2026-11-20" in out


def test_from_another_directory_given_folders_are_the_caller_s_and_defaults_the_repository_s(tiny, tmp_path):
    command = [sys.executable, str(ROOT / "runner.py"), "--params", "job/params", "--state", "own/state"]
    environment = clean_environment()

    ran = subprocess.run([*command, "--site", "out"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    shipped = subprocess.run([*command[:2], "validate"], cwd=tmp_path, env=environment, capture_output=True, text=True)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"Page: {tmp_path}/out/index.html" in ran.stdout
    assert (tmp_path / "own/state/history.db").is_file()
    assert f"{ROOT}/params/healthy.yaml: ok" in shipped.stdout


def test_names_can_t_act_on_the_terminal_nor_begin_a_line(tiny, capsys):
    code, _, err = main(capsys, *folders(tiny, "--monitor", "\x1b[2J\nhealthy  fake"))

    assert code == 2
    assert err == "error: --monitor \ufffd[2J healthy fake: no such monitor; choose one of: calm.\n"


def test_a_failed_run_of_the_same_day_keeps_the_good_page_and_links_it(tiny, capsys):
    main(capsys, *folders(tiny))

    code, out, _ = main(capsys, *folders(tiny, "-p", "pause", "-1"))

    assert code == 1
    assert "FAILED   calm: ValueError: sleep length must be non-negative." in out
    page = (tiny.site / f"calm/{DAY}/index.html").read_text()
    assert "sleep length must be non-negative" in page
    assert "last-good/index.html" in page
    assert (tiny.site / f"calm/{DAY}/last-good/index.html").is_file()


def test_a_history_that_was_lost_is_told_if_the_reports_go_further_back_than_it_takes_in(tiny, capsys):
    main(capsys, *folders(tiny), "--date", "2026-11-10")
    (tiny.state / "history.db").write_bytes(b"")

    *_, err = main(capsys, *folders(tiny))

    told = "has reports since 2026-11-10, but no run in the history; restore a copy of the history, or run backfill."
    assert f"error: calm: {told}\n" in err
    assert told not in main(capsys, *folders(tiny), "--date", "2026-11-25", "--force")[2]


def test_backfill_is_silent_and_goes_on_where_it_stopped(tiny, capsys):
    span = ["backfill", "--from", "2026-11-01", "--to", "2026-11-03", "-p", "share", "0.5"]

    code, out, _ = main(capsys, *folders(tiny, *span))
    again = main(capsys, *folders(tiny, *span))[1]

    assert (code, "3 runs recorded, 3 days checked" in out) == (0, True)
    assert "DRIFT    calm 2026-11-02: " in out
    assert "0 runs recorded, 3 days checked" in again
    assert "alert:" not in main(capsys, *folders(tiny, "alert"))[1]


MEET = """
from pathlib import Path
met = Path("{met}")
(met / run_date).touch()
for _ in range(300):
    if len(list(met.iterdir())) >= 2:
        break
    time.sleep(0.1)
else:
    raise TimeoutError("no other day ran meanwhile")
"""


def test_backfill_runs_days_side_by_side_and_what_it_left_when_killed_stays_silent(tiny, capsys):
    notebook, met = tiny.folder.parent / "tiny.ipynb", tiny.folder / "met"
    met.mkdir()
    told = json.loads(notebook.read_text())
    told["cells"][1]["source"] = TINY.replace("drifted =", MEET.replace("{met}", str(met)) + "drifted =")
    notebook.write_text(json.dumps(told))
    span = ["backfill", "--from", "2026-11-01", "--to", "2026-11-02", "--jobs", "2", "-p", "share", "0.5"]

    code, out, _ = main(capsys, *folders(tiny, *span))
    assert (code, "2 runs recorded" in out) == (0, True)
    assert not (tiny.state / "backfill").exists()

    # As if killed after a third day was run and before it was recorded.
    (tiny.state / "backfill").write_text("2026-11-01 2026-11-03\n")
    (tiny.state / "reports/calm/2026-11-02").rename(tiny.state / "reports/calm/2026-11-03")
    record = tiny.state / "reports/calm/2026-11-03/record.json"
    record.write_text(record.read_text().replace("2026-11-02", "2026-11-03"))
    assert "alert:" not in main(capsys, *folders(tiny))[1]
    with open_history(tiny.state / "history.db") as history:
        assert [run.run_date.day for run in history.runs("calm")] == [1, 2, 3, 24]


def test_a_silence_and_its_reason_stand_on_the_page_and_in_the_status(tiny, capsys):
    params = tiny.folder / "params/calm.yaml"
    silence = "alert: {silence_until: '2026-12-01', silence_reason: new <b>scanners}"
    params.write_text(params.read_text().replace("}", f", {silence}}}"))

    out = main(capsys, *folders(tiny, "-p", "share", "0.5"))[1]

    assert "alert:" not in out
    assert "drifting, silenced until 2026-12-01 (new <b>scanners)" in main(capsys, *folders(tiny, "status"))[1]
    page = (tiny.site / "calm/index.html").read_text()
    assert "Alerts are silenced until 1 Dec 2026 (new &lt;b&gt;scanners)." in page


def test_the_status_of_all_monitors_is_shown_though_one_params_file_is_invalid(tiny, capsys):
    main(capsys, *folders(tiny))
    (tiny.folder / "params/broken.yaml").write_text("monitor: {title: Broken, alert: {rule: bugdet}}")

    code, out, err = main(capsys, *folders(tiny, "status"))

    assert code == 2
    assert "calm" in out and "params file invalid, no runs" in out
    assert err.startswith(f"error: {tiny.folder}/params/broken.yaml: ") and "budget" in err and err.count("\n") == 1


def test_export_and_import_move_a_history(tiny, capsys, tmp_path):
    main(capsys, *folders(tiny))

    main(capsys, *folders(tiny, "export", str(tmp_path / "out")))
    tiny.state = tmp_path / "other"
    code, _, _ = main(capsys, *folders(tiny, "import", str(tmp_path / "out")))

    assert code == 0
    assert "calm" in main(capsys, *folders(tiny, "status"))[1]


def test_what_was_printed_on_the_console_is_not_pending_on_the_pages(tiny, capsys):
    _, out, _ = main(capsys, *folders(tiny, "-p", "share", "0.5"))

    assert "alert: calm: drift started" in out
    page = (tiny.site / "calm/index.html").read_text()
    assert "printed on the console at " in page and "pending when this page" not in page
