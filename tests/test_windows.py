"""A window that holds few of its days is said or refused, and rows without a time are counted and named."""

import datetime as dt
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import Data, load_data
from driftmonitor.analysis.sources.coverage import Coverage, check_days

YEAR = pd.date_range("2025-01-01", "2025-12-31")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)


def load(location: str, current: str = "", **changes) -> Data:
    asked = {"source": "files", "reference": location, "current": current, "run_date": "2026-02-28"}
    window = {"time_column": "at", "reference_window": "2026-01-01/2026-01-31", "current_days": 28}
    return load_data(**{**asked, **window, **changes})


def said(data: Data) -> list[str]:
    return [finding.message for finding in data.snapshot().findings]


def days(first: str, last: str) -> list[dt.date]:
    return [moment.date() for moment in pd.date_range(first, last)]


# ---- few of the days


def found(window: tuple[str, str], rows_on, side: str = "reference", other=(), order: str = "") -> list[str]:
    """Return what is said of a window of a table that has rows on these days."""
    first, last = map(dt.date.fromisoformat, window)
    table = sorted({pd.Timestamp(day).date() for day in rows_on})
    inside = [day for day in table if first <= day <= last]
    sides = {side: Coverage(side, (first, last), inside, lambda: table, order)}
    if other:
        sides["other"] = Coverage("other", None, [], lambda: list(other))
    return [finding.message for finding in check_days(sides, "at")]


RHYTHMS = {
    "daily": YEAR,
    "on weekdays": YEAR[YEAR.weekday < 5],
    "weekly": YEAR[YEAR.weekday == 0],
    "monthly, on the first": YEAR[YEAR.day == 1],
    "monthly, on the last": YEAR[YEAR.is_month_end],
    "twice a month": YEAR[YEAR.day.isin([1, 15])],
    "on two days of a month": YEAR[YEAR.day.isin([5, 10])],
    "quarterly": YEAR[YEAR.is_quarter_end],
    "in a season": YEAR[YEAR.month.isin([12, 1, 2])],
}
WINDOWS = [
    ("2025-01-01", "2025-02-28"),
    ("2025-01-01", "2025-12-31"),
    ("2025-01-04", "2025-01-06"),
    ("2025-01-06",) * 2,
]


@pytest.mark.parametrize("rhythm", RHYTHMS)
@pytest.mark.parametrize("window", WINDOWS)
def test_a_table_with_a_rhythm_of_its_own_is_complete(rhythm, window):
    if [day for day in RHYTHMS[rhythm] if window[0] <= f"{day:%F}" <= window[1]]:  # or else there is no data at all
        assert found(window, RHYTHMS[rhythm]) == []


def test_a_window_that_begins_long_before_the_data_is_said():
    late = days("2026-02-25", "2026-03-20")

    assert found(("2026-01-01", "2026-02-28"), late) == [
        "reference_window spans 59 days, but only 4 have rows (2026-02-25 to 2026-02-28)."
    ]
    assert found(("2026-02-01", "2026-02-28"), late, "current") == [
        "current_days is 28, but only 4 of these days have rows (2026-02-25 to 2026-02-28)."
    ]


def test_a_file_of_one_day_in_a_window_of_several_is_said_unless_the_other_side_shows_that_this_is_usual():
    window, one = ("2026-02-22", "2026-02-28"), [dt.date(2026, 2, 28)]
    monthly = [moment.date() for moment in YEAR[YEAR.is_month_end]]

    assert found(window, one, "current", other=days("2025-12-01", "2025-12-31")) == [
        "current_days is 7, but only 1 of these days has rows (2026-02-28)."
    ]
    assert found(window, one, "current", other=monthly) == []
    assert found(window, one, "current") == []


def test_a_window_without_rows_on_its_last_days_is_said_once():
    daily, weekdays = YEAR[:-2], YEAR[YEAR.weekday < 5]
    window = ("2025-12-25", "2025-12-31")

    assert found(window, daily, "current") == [
        "current: the newest rows are of 2025-12-29, 2 days before the window's last day, 2025-12-31."
    ]
    assert found(window, daily[:-3], "current") == [
        "current_days is 7, but only 2 of these days have rows (2025-12-25 to 2025-12-26)."
    ]
    assert found(("2025-12-22", "2025-12-28"), weekdays, "current") == []  # it ends on a Sunday
    assert found(("2025-12-23", "2025-12-29"), weekdays[weekdays < "2025-12-29"], "current") == [
        "current: the newest rows are of 2025-12-26, 3 days before the window's last day, 2025-12-29."
    ]
    assert found(window, daily, "reference") == []


def test_whether_days_without_rows_are_usual_is_learned_from_the_reference_too():
    week = days("2026-02-23", "2026-02-27")  # a file of its own: Monday to Friday
    weekdays = [day for day in days("2025-12-01", "2026-01-31") if day.weekday() < 5]

    assert found(("2026-02-23", "2026-03-01"), week, "current", other=weekdays) == []
    assert found(("2026-02-23", "2026-03-01"), week, "current") == []  # nothing is known of weekends
    assert found(("2026-02-23", "2026-03-01"), week, "current", other=days("2025-12-01", "2026-01-31")) == [
        "current: the newest rows are of 2026-02-27, 2 days before the window's last day, 2026-03-01."
    ]


SWAPPED = [f"2026-{day:02}-{month:02}" for month in (1, 2) for day in range(1, 13)]  # of 1 January to 12 February


def test_dates_that_fill_the_window_only_with_day_and_month_swapped_are_refused_or_said():
    window = ("2026-01-01", "2026-02-28")

    assert found(window, SWAPPED) == [
        "reference_window spans 59 days, but only 4 have rows (2026-01-01 to 2026-02-02); day and month may be swapped."
    ]
    with pytest.raises(DriftMonitorError) as caught:
        found(window, SWAPPED, order="%m/%d/%Y")
    assert str(caught.value) == (
        "reference: reference_window spans 59 days, but only 4 have rows (2026-01-01 to 2026-02-02), "
        "or 24 if day and month are swapped; set read.columns.at.date_format."
    )


def write_days(name: str, written: list[str], rows_a_day: int = 20) -> None:
    pd.DataFrame({"at": written * rows_a_day, "v": range(len(written) * rows_a_day)}).to_csv(name, index=False)


def test_a_format_for_all_columns_that_reads_the_time_column_in_the_other_order_is_refused():
    write_days("t.csv", [f"{day:02}/{month:02}/2026" for month in (1, 2) for day in range(1, 13)])

    with pytest.raises(DriftMonitorError, match=r", or 12 if day and month are swapped; set read\.columns\.at\.date"):
        load("t.csv", read={"date_format": "%m/%d/%Y"})
    data = load("t.csv", read={"columns": {"at": {"date_format": "%d/%m/%Y"}}})

    assert (data.reference_total, data.current_total, said(data)) == (240, 240, [])


def test_a_hole_in_a_table_is_said_and_the_counts_add_up():
    write_days("t.csv", [f"{day}" for day in days("2025-11-01", "2026-02-28") if not day.day > 4 or day.month > 1])

    data = load("t.csv")

    assert said(data) == ["reference_window spans 31 days, but only 4 have rows (2026-01-01 to 2026-01-04)."]
    assert data.snapshot().findings[0].column == "at"
    assert data.summary().splitlines() == [
        "reference: 80 rows, 2 columns; 1,780 rows outside of the window",
        "current: 560 rows, 2 columns; 1,300 rows outside of the window",
    ]


# ---- rows without a time

HOURS = [f"2026-{month:02}-{day:02} {hour:02}:00" for month in (1, 2) for day in range(1, 29) for hour in range(24)]
GONE = {10: "", 40: "", 900: "", 1000: "", 500: "2026-02-30 05:00"}  # by position
TIMES = [GONE.get(i, hour) for i, hour in enumerate(HOURS)]
PLACES = {
    "csv": ("t.csv line 502", "t.csv line 12, 42, 902, …"),
    "json": ("t.json record 501", "t.json record 11, 41, 901, …"),
    "parquet": ("t.parquet row 501", "t.parquet row 11, 41, 901, …"),
}


def write_table(ending: str) -> str:
    frame = pd.DataFrame({"at": TIMES, "v": range(len(TIMES))}).replace({"at": {"": None}})
    if ending == "csv":
        frame.to_csv("t.csv", index=False)
    elif ending == "json":
        frame.to_json("t.json", orient="records", lines=True)
    else:
        frame.to_parquet("t.parquet")
    return f"t.{ending}"


@pytest.mark.parametrize("ending", PLACES)
def test_rows_without_a_time_are_counted_and_named(ending):
    data = load(write_table(ending))

    unreadable, empty = PLACES[ending]
    assert said(data) == [
        f"at: 1 value of reference and current cannot be read as a time ({unreadable}); its rows are left out.",
        f"at: 4 rows of reference and current have no time ({empty}) and are in no window.",
    ]
    for side, total in (("reference", data.reference_total), ("current", data.current_total)):
        read = getattr(data.reading, side)
        assert (read.rows, read.rows_read, read.rows_without_time) == (len(HOURS), total, 5)


def test_rows_without_a_time_are_found_in_a_query_and_on_one_side_alone():
    Path("r.csv").write_text("v\n1\n2\n")
    times = "CASE WHEN i > 5 THEN DATE '2026-02-28' END AS at"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {times}, i AS v FROM range(20) t(i)) TO 'c.parquet'")

    files = load("r.csv", "c.parquet", reference_window="", current_days=1)
    queries = load("FROM 'r.csv'", "FROM 'c.parquet'", source="sql", reference_window="", current_days=1)

    assert said(files) == ["at: 6 rows of current have no time (c.parquet row 1, 2, 3, …) and are in no window."]
    assert said(queries) == ["at: 6 rows of current have no time and are in no window."]
    assert files.reading.current.rows_without_time == queries.reading.current.rows_without_time == 6


@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMPTZ", "DATE", "TIMESTAMP_NS", "VARCHAR"])
def test_days_with_rows_are_those_of_the_time_zone(kind):
    late = "CAST('2026-02-20 23:30:00+00:00' AS TIMESTAMPTZ)"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        moments = f"{late} + i % 40 * INTERVAL 1 DAY"
        connection.execute(f"COPY (SELECT CAST({moments} AS {kind}) AS at, i AS v FROM range(400) t(i)) TO 't.parquet'")

    data = load("t.parquet", run_date="2026-03-31", current_days=31, reference_window="2026-01-01/2026-02-28",
                timezone="Asia/Tokyo")  # fmt: skip

    first = "2026-02-21" if kind in ("TIMESTAMPTZ", "VARCHAR") else "2026-02-20"
    assert f"{first} to 2026-02-28)" in said(data)[0]
