"""Days that are read one after another, with one memory, are the same as days that are each read alone."""

import datetime as dt
import re

import numpy as np
import pandas as pd
import psycopg
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import Memory, load_data
from tests.postgres import PASSWORD

pytestmark = pytest.mark.xdist_group("many days")
FIRST, DAYS, WITHOUT = dt.date(2024, 2, 1), 24, 21
ASKED = [FIRST + dt.timedelta(number) for number in (20, 21, 22)]  # the second one has no rows
REFERENCE = "2024-02-01/2024-02-15"


def rows(number):
    dice, many = np.random.default_rng(number), 60 + number
    noon = pd.Timestamp(FIRST, tz="UTC") + pd.Timedelta(days=number)
    frame = pd.DataFrame({
        "time": noon + pd.to_timedelta(dice.integers(0, 86_400, many), "s"),
        "key": dice.permutation(many) + 1000 * number,
        "amount": dice.normal(size=many).round(3), "stars": dice.integers(1, 6, many),
        "plan": dice.choice(["free", "pro", "NA"], many), "vip": dice.random(many) < 0.5,
    })  # fmt: skip
    frame.loc[dice.random(many) < 0.1, "amount"] = np.nan
    return frame


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A folder with the table as Parquet, as one CSV with other signs and a few odd values, and as a file a day."""
    folder = tmp_path_factory.mktemp("table")
    days = {number: rows(number) for number in range(DAYS) if number != WITHOUT}
    whole = pd.concat(days.values(), ignore_index=True)
    whole.to_parquet(folder / "table.parquet", index=False)
    written = pd.concat([whole, whole.head(3).assign(time=None)]).astype({"amount": object})
    written.loc[written.index[-50:-48], "amount"] = "n.b."
    written.to_csv(folder / "table.csv", index=False, sep=";", decimal=",")
    for number, frame in days.items():
        frame.to_csv(folder / f"{FIRST + dt.timedelta(number)}.csv", index=False)
    return folder


ONE_TABLE = {"current": "", "time_column": "time", "reference_window": REFERENCE}
KINDS = {
    "text in one table": {"source": "files", "reference": "{table}/table.csv", **ONE_TABLE},
    "samples of a week": {
        "source": "files", "reference": "{table}/table.csv", **ONE_TABLE, "current_days": 7, "max_rows": 150,
    },
    "days of another place": {
        "source": "files", "reference": "{table}/table.parquet", **ONE_TABLE, "timezone": "Asia/Tokyo", "max_rows": 90,
        "columns": {"plan": "ignore"},
    },
    "a file a day": {
        "source": "files", "reference": "{table}/2024-02-0*.csv", "current": "{table}/{{date}}.csv",
    },
    "two tables": {
        "source": "files", "reference": "{table}/2024-02-0*.csv", "current": "{table}/table.parquet",
        "time_column": "time",
    },
    "a query a day": {
        "source": "sql", "reference": "SELECT * FROM '{table}/table.parquet' WHERE time < '2024-02-10'",
        "current": "SELECT * FROM '{table}/table.parquet' WHERE CAST(time AS VARCHAR) LIKE '{{date}}%'",
    },
    "a key": {
        "source": "sql", "reference": "SELECT * FROM '{table}/table.parquet'", **ONE_TABLE, "sample_key": "key",
        "max_rows": 70, "current_days": 3,
    },
    "a simulation": {"source": "simulate", "reference": "", "current": ""},
}  # fmt: skip


def described(parameters, day, memory=None):
    """Return all that is known of a day's data, or the error."""
    try:
        data = load_data(run_date=str(day), memory=memory, **parameters)
    except DriftMonitorError as error:
        return type(error), str(error)
    now = data.snapshot()
    known = (now.reference_total, now.current_total, now.findings, now.unreadable, now.reading, now.as_read)
    counts = {side: (each.missing, str(each.levels)) for side, each in now.full_counts.items()}
    return data.reference, data.current, known, counts, data.unread


def assert_same(parameters):
    memory, found = Memory(ASKED), []
    for day in ASKED:
        alone, in_turn = described(parameters, day), described(parameters, day, memory)
        assert len(alone) == len(in_turn)
        for one, other in zip(alone, in_turn, strict=True):
            if isinstance(one, pd.DataFrame):
                pd.testing.assert_frame_equal(one, other)
            else:
                assert one == other
        found.append(len(alone) > 2)
    assert found[0] and found[2], alone


@pytest.mark.parametrize("kind", KINDS)
def test_files_and_queries(table, kind):
    assert_same({
        name: value.format(table=table) if isinstance(value, str) else value for name, value in KINDS[kind].items()
    })  # fmt: skip


def test_a_server(table, postgres_url, monkeypatch):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE visits (time timestamptz, key bigint, amount float8, stars int, plan text, vip bool)"
        )
        whole = pd.read_parquet(table / "table.parquet").astype(object)
        with connection.cursor() as cursor, cursor.copy("COPY visits FROM STDIN") as copy:
            for row in whole.where(whole.notna(), None).itertuples(index=False):
                copy.write_row(row)
    monkeypatch.setenv("READER_PASSWORD", PASSWORD)
    found = re.fullmatch(r"postgresql://(?P<user>[^:]+):[^@]+@(?P<rest>.+)", postgres_url)
    server = f"postgres://{found['user']}:${{READER_PASSWORD}}@{found['rest']}"
    for more in ({}, {"sample_key": "key", "max_rows": 65}):
        assert_same({"source": "sql", "reference": "SELECT * FROM visits", **ONE_TABLE, "connection": server, **more})


def test_what_was_edited_in_one_day_is_not_in_the_next(table):
    parameters = {"source": "files", "reference": f"{table}/table.parquet", **ONE_TABLE}
    memory = Memory(ASKED)
    first = load_data(run_date=str(ASKED[0]), memory=memory, **parameters)
    first.reference["amount"] = 0.0
    first.current.loc[:, "stars"] = 9

    again = load_data(run_date=str(ASKED[0]), memory=memory, **parameters)

    assert again.reference["amount"].nunique() > 100 and again.current["stars"].max() == 5
