"""A local Spark gives the same rows and record as DuckDB. Needs pyspark and Java 17."""

import shutil
from pathlib import Path

import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import load_data
from tests.test_engines import DAY, WINDOWS, orders, record_of

pytest.importorskip("pyspark", reason="no Spark: pip install '.[spark]'")
pytestmark = pytest.mark.skipif(not shutil.which("java"), reason="no Java: install openjdk-17-jre-headless")

__all__ = ["orders"]
SPARK = "spark://local?spark.sql.shuffle.partitions=2&spark.driver.host=127.0.0.1&spark.driver.bindAddress=127.0.0.1"


def load(query: str, **changes):
    return load_data(**{"source": "sql", "reference": query, "current": "", "run_date": DAY, **WINDOWS, **changes})


@pytest.mark.parametrize("max_rows", [100_000, 500])
def test_spark_gives_the_record_that_duckdb_gives(orders: Path, max_rows):
    choice = {"sample_key": "id", "max_rows": max_rows}
    here = load(f"SELECT * FROM '{orders}'", **choice)

    there = load(f"SELECT * FROM parquet.`{orders}`", connection=SPARK, **choice)

    assert there.current["id"].tolist() == here.current["id"].tolist()
    assert record_of(there) == record_of(here)


def test_spark_samples_without_a_key_and_takes_awkward_types():
    query = """SELECT CASE WHEN id % 10 < 7 THEN 'often' ELSE 'rare' END AS word, NULL AS nothing,
        CAST(1.25 AS DECIMAL(10, 2)) AS decimal, array(1, 2) AS list, named_struct('k', 1) AS struct,
        DATE '2026-01-01' AS day, TIMESTAMP '2026-01-01 05:00:00' AS at, CAST('x' AS BINARY) AS bytes,
        CAST('Infinity' AS DOUBLE) AS endless FROM range(20000)"""

    data = load_data(source="sql", connection=SPARK, reference=query, current=query, run_date=DAY, max_rows=2000)

    assert len(data.current) == 2000
    assert (data.current["word"] == "often").mean() == pytest.approx(0.7, abs=0.04)
    assert data.current["decimal"].tolist()[:2] == [1.25, 1.25]
    assert data.full_counts["current"].missing["endless"] == 20_000


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * FROM nowhere", "reference: Spark: [TABLE_OR_VIEW_NOT_FOUND] The table or view `nowhere` cannot be"),
        ("SELECT 1; SELECT 2", "reference: the query is not one SELECT"),
        ("SELECT * FROM parquet.`/nowhere/*.parquet`", "reference: Spark: [PATH_NOT_FOUND] Path does not exist"),
    ],
)
def test_an_error_from_spark_is_reported_in_one_line(query, message):
    with pytest.raises(DriftMonitorError) as caught:
        load(query, connection=SPARK)

    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
