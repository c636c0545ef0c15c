"""The page of a run on GitHub says what came of each monitor and what failed. No text of the data is Markdown there."""

import datetime as dt

from driftmonitor.facts.record import failed
from driftmonitor.pipeline import console
from driftmonitor.pipeline.github.run_summary import summarise_plan, summarise_runs
from driftmonitor.pipeline.github.step_summary import append
from tests.samples import DAY, make_record
from tests.workflow_refusals import show_summary


def test_the_most_urgent_run_is_first_and_its_name_leads_to_its_page():
    runs = [make_record(0, "healthy", monitor="calm"), make_record(0, "drift", monitor="hot")]
    broken = failed("rough", DAY, "no file | [x](https://evil.example) @everyone <img>")

    assert summarise_runs([*runs, broken], DAY, "https://owner.github.io/repo/") == [
        "### 3 runs of 1 Mar 2026: 1 drifting, 1 failed", "",
        "[Open the site](https://owner.github.io/repo/)", "",
        "| | monitor | verdict |", "|---|---|---|",
        "| **FAILED** | [rough](https://owner.github.io/repo/rough/2026-03-01/index.html) | "
        "no file \\| \\[x\\](https:\u200b//evil.example) @\u200beveryone \\<img\\>. |",
        "| **DRIFT** | [hot](https://owner.github.io/repo/hot/2026-03-01/index.html) | "
        "1 of 2 columns drifted (50%, threshold 10%). salary: mean rose by 2.5 SD of the reference. |",
        "| healthy | [calm](https://owner.github.io/repo/calm/2026-03-01/index.html) | "
        "0 of 2 columns drifted (0%, threshold 10%). |", "",
    ]  # fmt: skip
    late = failed("rough", DAY - dt.timedelta(days=1), "no file")
    assert summarise_runs([late], DAY)[4] == "| **FAILED** | rough, 28 Feb 2026 | no file. |"
    assert summarise_runs([], DAY) == ["### No runs of 1 Mar 2026", ""]


def test_a_plan_with_nothing_to_do_says_so():
    assert summarise_plan(0, 0, DAY)[0] == "Nothing to do: every monitor has a run for 1 Mar 2026."
    assert summarise_plan(11, 2, DAY)[0] == "Run date 1 Mar 2026: 11 monitors in 2 jobs."


def test_an_error_is_on_the_runs_page_as_plain_text(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    console.complain("params/<b>.yaml: *x* @team\nis [wrong](x)")

    assert (tmp_path / "summary").read_text() == (
        "<pre>error: params/&lt;b&gt;.yaml: *x* @team is [wrong](x)</pre>\n\n"
    )


def test_a_summary_of_too_many_monitors_is_cut_where_github_would_drop_all_of_it(tmp_path):
    environ = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    records = [failed(f"m{n}", DAY, "x" * 300) for n in range(5000)]
    for _ in range(2):
        append(summarise_runs(records, DAY), environ)

    shown, said = show_summary(tmp_path / "summary")
    assert said == ""
    assert shown.startswith("### 5,000 runs")
    assert shown.strip().endswith("|\n\n\nMore is in the log.")
