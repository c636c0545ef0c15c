"""Few rows are counted in another way than many, because planning would take longer: both ways give the same."""

import json

import pandas as pd
import pytest

from driftmonitor.analysis.sources import load_data, profiles, reading

ODD = [
    "1", "-2.5", "12.345", "1E2", "007", "+4915112345678", "9007199254740993123456", "true", "yes", "NA", "2024-01-31",
    "01/02/24", "[1, 2]", "3 Jan", "1_000", "inf", "1,234", "ä", "5%", "12:30", "a'b",
]  # fmt: skip


def write(path):
    """Write a table whose columns each mix some of the texts, as CSV or as JSON with some values in quotes."""
    columns = {
        f"k{i}": [ODD[(i + step * j) % len(ODD)] for j in range(12)] for i, step in enumerate((0, 1, 2, 3, 5, 8))
    }
    if path.suffix == ".csv":
        pd.DataFrame(columns).to_csv(path, index=False)
        return
    rows = [{"n": i, "m": f"{i}" if i % 2 else i, **{name: own[i] for name, own in columns.items()}} for i in range(12)]
    path.write_text("\n".join(map(json.dumps, rows)))


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize(
    "read", [{}, {"k1": {"decimal": ","}, "k2": {"missing": ["NA"]}}], ids=["plain", "set by column"]
)
def test_few_rows_are_counted_as_many_are(tmp_path, monkeypatch, form, read):
    asked = []
    monkeypatch.setattr(reading, "count_values", lambda *given: asked.append(given) or both_ways(*given))
    write(tmp_path / f"table.{form}")

    load_data(
        source="files", reference=str(tmp_path / f"table.{form}"), current=str(tmp_path / f"table.{form}"),
        run_date="2026-01-31", read={"columns": read},
    )  # fmt: skip

    assert len(asked) == 1


def both_ways(*given):
    few, many = profiles._count_below(*given), profiles._count_beside(*given)
    assert list(few.items()) == list(many.items())
    assert profiles._are_few(*given[:2])
    return few
