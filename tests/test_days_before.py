"""A day that is healthy without having earned it says so: data that was not renewed, or is the reference itself."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from driftmonitor.analysis.sources import load_data
from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.pipeline.history import open_history
from driftmonitor.words.days_before import with_days_before
from tests.jobs import Job, daily_files

DAY = dt.date(2026, 11, 30)
pytestmark = pytest.mark.xdist_group("repeated data")

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
    job = Job(folder, share=daily_files("share"), budget=daily_files("budget"), same=SAME)
    filled = job.run(
        "backfill", "--from", "2026-11-21", "--to", "2026-11-23", "--pages", "none",
        "--monitor", "share", "--monitor", "budget",
    )  # fmt: skip
    assert filled.returncode == 0, filled.stderr
    return job, filled, job.run()


@pytest.mark.parametrize("rule", ["share", "budget"])
def test_data_that_was_not_renewed_is_said_by_every_road(days, rule):
    job, _, done = days
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
    job, _, done = days

    assert {each.kind for each in job.record("same").quality} == {"same_rows"}
    assert (
        "data quality: current: the same rows as the reference, so nothing can drift; name the day's data"
        in done.stdout
    )


def test_a_backfill_says_which_issues_most_of_its_days_have(days):
    _, filled, _ = days

    words = (
        "data quality on 1 of 3 days, the last on 2026-11-22: current: the same data as on 21 Nov 2026, in all columns"
    )
    lines = filled.stdout.splitlines()
    for rule in ("share", "budget"):
        assert words in lines[lines.index(next(line for line in lines if line.startswith(f"{rule}: "))) + 1]


def test_few_rows_of_one_yes_or_no_may_be_equal_by_chance():
    column = ColumnEvidence(name="paid", reference="r", rows=(900, 40), counts=(25, 15, 0))
    evidence = Evidence(rows=40, columns=(column,))
    many = Evidence(rows=400, columns=(column.model_copy(update={"counts": (40, 50, 60, 70, 80, 50, 50)}),))
    before = dt.date(2026, 11, 23)

    assert with_days_before((), evidence, [(before, evidence)], DAY) == ()
    (found,) = with_days_before((), many, [(before, many)], DAY)
    assert (
        with_days_before((found,), many, [(before, evidence)], DAY) == ()
    )  # and no longer, once the day before is run again


def test_the_file_of_another_day_is_said_for_four_weeks():
    counts = (40, 50, 60, 70, 80, 50, 50)
    first, other = (
        Evidence(rows=400, columns=(ColumnEvidence(name="paid", reference="r", rows=(900, 400), counts=each),))
        for each in (counts, counts[::-1])
    )
    dates = [dt.date(2026, 11, 1) + dt.timedelta(days=number) for number in range(29)]

    def found(*before):
        return [each.message for each in with_days_before((), first, list(zip(dates, before, strict=False)), DAY)]

    assert found(first, first, *[other] * 8) == [
        "current: the same data as on 2 Nov 2026, in all columns; check whether it was renewed."
    ]
    assert len(found(first, *[other] * 27)) == 1
    assert found(first, *[other] * 28) == []


def test_data_that_grows_every_day_is_said_if_chance_does_not_explain_it():
    draw = np.random.default_rng(3)

    def table(counts):
        column = ColumnEvidence(
            name="amount", reference="r", rows=(9000, int(sum(counts))), counts=tuple(map(int, counts))
        )
        return Evidence(rows=int(sum(counts)), columns=(column,))

    def found(before, now):
        earlier = [(dt.date(2026, 11, 23), table(before))]
        return [each.message for each in with_days_before((), table(now), earlier, DAY)]

    all_rows, day = draw.multinomial(8000, [0.02] * 50), draw.multinomial(800, [0.02] * 50)
    (said,) = found(all_rows, all_rows + day)
    assert said.startswith("current: seems to have all rows of 23 Nov 2026, and 800 rows more; name the day's rows")
    assert found(day, draw.multinomial(1600, [0.02] * 50)) == []  # twice as many of another day
    assert found(day, draw.multinomial(820, [0.02] * 50)) == []


def test_a_reference_that_changed_ends_the_baseline_and_says_so():
    column = ColumnEvidence(name="paid", reference="r", rows=(900, 40), counts=(25, 15, 0))
    other = column.model_copy(update={"reference": "s", "rows": (940, 40)})
    before = [(dt.date(2026, 11, 23), Evidence(rows=40, columns=(column,)))]

    (found,) = with_days_before((), Evidence(rows=40, columns=(other,)), before, DAY)

    assert (found.kind, found.column) == ("reference_changed", None)
    assert found.message == "reference: changed since 23 Nov 2026, so the days before are no baseline days any more."
    grown = Evidence(rows=40, columns=(other, column.model_copy(update={"name": "age"})))
    assert [each.kind for each in with_days_before((), grown, before, DAY)] == ["reference_changed"]


def test_files_and_days_on_both_sides_are_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_days(tmp_path / "days")
    table = pd.DataFrame({"day": [f"2026-11-{20 + i % 5}" for i in range(100)], "amount": range(100)})
    table.to_csv("table.csv", index=False)

    def found(**changes):
        given = {"source": "files", "current": "", "run_date": "2026-11-24", **changes}
        return [issue.message for issue in load_data(**given).snapshot().findings if issue.kind == "overlap"]

    assert found(reference="days/*.csv", current="days/{date}.csv") == [
        "current: its file is part of the reference too, so rows are compared with themselves; name others."
    ]
    assert found(reference="days/2026-11-2[23].csv", current="days/2026-11-2[34].csv") == [
        "current: 1 of 2 files is part of the reference too, so rows are compared with themselves; name others."
    ]
    assert found(reference="days/reference.csv", current="days/{date}.csv") == []
    window = {"reference": "table.csv", "time_column": "day"}
    assert found(**window, reference_window="2026-11-20/2026-11-24") == [
        "current: 24 Nov 2026 is in the reference_window too, so rows are compared with themselves; end it earlier."
    ]
    assert found(**window, reference_window="2026-11-20/2026-11-23") == []
    assert len(found(**window, reference_window="2026-11-20/2026-11-21", current_days=4)) == 1


def test_far_fewer_or_more_rows_than_on_any_day_before_are_said():
    days = [
        (dt.date(2026, 11, number), Evidence(rows=rows, columns=()))
        for number, rows in ((20, 200), (21, 790), (22, 800))
    ]

    def found(rows, before=days):
        return [each.message for each in with_days_before((), Evidence(rows=rows, columns=()), before, DAY)]

    assert found(99) == ["current: 99 rows, fewer than half of any of the 3 days before (200 to 800)."]
    assert found(1601) == ["current: 1,601 rows, more than twice as many as on any of the 3 days before (200 to 800)."]
    assert found(100) == found(1600) == found(5, days[1:]) == []


def test_half_of_the_rows_is_told_once_a_week_is_known():
    weeks = [1010, 980, 1000, 1030, 990, 400, 300] * 4  # from a Monday on

    def found(rows, before):
        earlier = [
            (DAY + dt.timedelta(days=i - len(before)), Evidence(rows=n, columns=())) for i, n in enumerate(before)
        ]
        return [each.message for each in with_days_before((), Evidence(rows=rows, columns=()), earlier, DAY)]

    assert DAY.strftime("%A") == "Monday"
    assert found(550, weeks[:5]) == []
    assert found(550, [1010, 980, 1000, 1030, 990, 1020, 1000]) == [
        "current: 550 rows, clearly fewer than on any of the 7 days before (980 to 1,030)."
    ]
    assert found(700, [1010, 980, 1000, 1030, 990, 1020, 700]) == []
    assert found(550, weeks) == [
        "current: 550 rows, clearly fewer than usual on a Monday (1,010 to 1,010 on the last 4)."
    ]
    assert found(800, weeks) == []
