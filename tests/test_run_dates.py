"""A run date typed wrong is refused in one line; a future one runs only with --force, and counts when its day comes."""

import datetime as dt

import pytest

from driftmonitor.pipeline.clock import Clock
from tests.jobs import DAY, folders, main, runner

UNDATED = slice(0, -2)  # the arguments of `folders` without --date DAY


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--date", "2030-01-01"],
            "--date 2030-01-01 is in the future; check it, or add --force to run it all the same.",
        ),
        (["--date", "2026-11-26"], "--date 2026-11-26 is in the future; "),
        (["--date", "9999-12-31"], "--date 9999-12-31 is in the future; "),
        (["--date", "1969-12-31"], "--date 1969-12-31 is before 1970; check the year."),
        (["--date", "0001-01-01", "--force"], "--date 0001-01-01 is before 1970; check the year."),
        (["--date", "10000-01-01"], "--date '10000-01-01' is not a date; "),
        (["--date", "2026-02-30"], "--date '2026-02-30' is not a date; "),
        (["--date", "2026-11-24T09:00"], "--date '2026-11-24T09:00' is not a date; "),
        (["execute", "--date", "2030-01-01"], "--date 2030-01-01 is in the future; "),
        (["record", "--date", "2030-01-01"], "--date 2030-01-01 is in the future; "),
        (["plan", "--date", "2030-01-01"], "--date 2030-01-01 is in the future; "),
        (["collect", "nowhere", "--date", "2030-01-01"], "--date 2030-01-01 is in the future; "),
        (["backfill", "--from", "2026-11-20", "--to", "2030-01-01"], "--to 2030-01-01 is in the future; "),
        (["backfill", "--from", "0026-11-20", "--to", DAY], "--from 0026-11-20 is before 1970; "),
        (["backtest", "--from", "2026-11-20", "--to", "2062-11-20"], "--to 2062-11-20 is in the future; "),
    ],
)
def test_a_run_date_that_cannot_be_meant_is_refused_in_one_line_before_anything_runs(tiny, capsys, arguments, line):
    code, out, err = main(capsys, *folders(tiny)[UNDATED], *arguments)

    assert (code, out) == (2, "")
    assert err.startswith(f"error: {line}")
    assert err.count("\n") == 1
    assert not (tiny.state / "reports").exists()


def test_a_run_of_yesterday_is_of_the_last_day_that_is_over(tiny, capsys):
    code, out, _ = main(capsys, *folders(tiny)[UNDATED], "--days-ago", "1")

    assert code == 0
    assert "calm" in out
    assert [path.parent.name for path in tiny.state.glob("reports/calm/*/record.json")] == ["2026-11-23"]


def test_tomorrow_runs_where_it_has_begun(tiny, capsys):
    code, out, _ = main(capsys, *folders(tiny)[UNDATED], "--date", "2026-11-25")  # 04:00 on Kiritimati

    assert code == 0
    assert "in the future" not in out


def test_a_forced_future_run_is_kept_and_shown_from_its_day_on_without_a_message(tiny, capsys):
    forced = main(capsys, *folders(tiny)[UNDATED], "--date", "2026-12-01", "--force", "-p", "share", "0.5")
    today = main(capsys, *folders(tiny))
    with pytest.raises(SystemExit):
        then = Clock(lambda: dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC))
        runner.main([*map(str, folders(tiny, "status")[:-2])], then)

    note = "2026-12-01 is in the future; its runs are kept, and shown from that day on without a message."
    assert (forced[0], today[0]) == (0, 0)
    assert note in forced[1]
    assert "DRIFT    calm" in forced[1]
    assert "alert:" not in forced[1] + today[1]
    assert (tiny.site / f"calm/{DAY}/index.html").is_file()
    assert not (tiny.site / "calm/2026-12-01").exists()
    assert capsys.readouterr().out.splitlines()[1].split() == (
        ["calm", "drifting", "2026-12-01", "50%", "of", "columns", "2026-12-01"]
    )
