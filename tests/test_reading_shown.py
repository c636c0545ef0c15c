"""The run's page and the notebook show what was read: what needs a word first, the rest folded or in one row."""

from pathlib import Path

from driftmonitor.analysis.sources import load_data, reading_table, say_reading
from driftmonitor.facts.reading import ColumnsRead, ReadAs, Reading, SideRead
from driftmonitor.pipeline.pages.reading import show_reading

NUMBER, TEXT = ReadAs(type="number"), ReadAs(type="text")
COMMA = ReadAs(type="number", written="decimal comma")


def reading(*columns: ColumnsRead, **current) -> Reading:
    sides = {
        "reference": SideRead(source="Parquet", rows=900, rows_read=900),
        "current": SideRead(source="JSON", rows=30, rows_read=20, rows_without_time=1, **current),
    }
    return Reading(**sides, columns=columns)


def alike(*names: str, kind: ReadAs = NUMBER, **changes) -> ColumnsRead:
    return ColumnsRead(**{"names": names, "reference": kind, "current": kind, **changes})


def test_the_page_shows_sides_and_columns_in_words():
    page = show_reading(reading(
        alike("age", "height", "speed"), alike("price", kind=COMMA, why="set by read"), alike("old", current=None),
        alike("mixed", reference=TEXT), unreadable={"speed": 3},
    ))  # fmt: skip

    assert page.summary == "What was read: 6 columns, 900 reference and 20 current rows"
    assert page.sides[1] == "Current: JSON, 20 of 30 rows, 1 without a time, 3 values not readable."
    assert [tuple(line) for line in page.lines] == [
        ("speed", "number", "3 values not readable"),
        ("price", "number (decimal comma)", "set by read"),
        ("old", "number, only in the reference", ""),
        ("mixed", "text in the reference, number in current", ""),
    ]
    assert [tuple(line) for line in page.plain] == [("age, height", "number", "")]
    assert page.plain_words == "2 other columns by type"


def test_a_thousand_columns_stay_short():
    names = [f"column_{i}" for i in range(1000)]
    odd = [alike(name, why=f"reason {name}") for name in names[:100]]

    page = show_reading(reading(*odd, alike(*names[100:500], kind=COMMA), alike(*names[500:])))

    assert (len(page.lines), page.more, len(page.plain)) == (40, 61, 1)
    assert page.plain_words == "500 other columns by type"
    short = show_reading(reading(alike(*names, kind=COMMA)))
    assert short.lines[0].names.endswith("column_6, column_7 and 992 more")


def test_a_record_without_a_reading_has_nothing_to_show():
    assert show_reading(None) is None


def test_the_notebook_shows_the_columns_with_something_to_say_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    odd = ["x", *range(299)]
    rows = [f"{i / 7:.3f},{20 + i % 50},{i:05},{odd[i]}\n" for i in range(300)]
    Path("r.csv").write_text("amount,age,code,odd\n" + "".join(rows))

    data = load_data(source="files", reference="r.csv", current="r.csv", run_date="2026-11-24")

    assert say_reading(data).splitlines()[1] == "current: CSV with commas, 300 rows, 1 value not readable"
    table = reading_table(data)
    assert list(table.index) == ["odd", "code", "amount", "age"]
    assert table.loc["odd"].tolist() == ["whole number", "", "2"]
    assert table.loc["code"].tolist() == ["text", "codes keep their leading zeros", ""]
