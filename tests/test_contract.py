"""What was read is kept as facts, and a change of it between two days is said, however the second one is judged."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import judge, score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import load_data
from driftmonitor.analysis.sources.request import Side, SideReading
from driftmonitor.analysis.sources.side_reading import put_together
from driftmonitor.config.params import read_monitor
from driftmonitor.facts.earlier_days import NAME, write_earlier_days
from driftmonitor.facts.reading import ColumnsRead, EarlierReading, ReadAs, Reading, SideRead
from driftmonitor.facts.record import Finding, RunRecord, parse
from driftmonitor.pipeline import earlier_days
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.notebooks.run_notebook import notebook_parameters
from driftmonitor.words.reading_changes import find_changes, with_reading_changes
from tests.schemas import problems

NOTEBOOK = Path(__file__).parents[1] / "notebooks/drift_report.ipynb"
BEFORE, DAY = dt.date(2026, 11, 23), dt.date(2026, 11, 24)
ROWS = 300


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(day: dt.date = DAY, source: str = "files", reference: str = "r.csv", current: str = "{date}.csv", **changes):
    return load_data(source=source, reference=reference, current=current, run_date=f"{day}", **changes)


def orders(rows: int = ROWS, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame({
        "amount": draw.normal(50, 9, rows).round(2), "age": draw.integers(18, 80, rows),
        "plan": draw.choice(["free", "pro", "team"], rows), "at": ["2026-01-31"] * rows,
    })  # fmt: skip


def read_as(reading: Reading, name: str) -> tuple[str | None, str | None, str | None]:
    columns = dict(reading.by_column())[name]
    sides = (each and f"{each.type} {each.written or ''}".strip() for each in (columns.reference, columns.current))
    return (*sides, columns.why)


@pytest.mark.parametrize(("values", "setting", "expected"), [
    (["1", "2"], {}, ("whole number", "whole number", None)),
    (["1.5", "2"], {}, ("number", "number", None)),
    (["007", "012"], {}, ("text", "text", "codes keep their leading zeros")),
    (["12345678901234567890123", "7"], {}, ("text", "text", "codes keep all their digits")),
    (["7.000000000000000000", "7.026666666666669947", "12"], {}, ("number", "number", None)),
    (["7.000000000000000000", "12"], {}, ("whole number", "whole number", None)),
    (["1,234.50", "2,000"], {}, ("number commas between thousands",) * 2 + (None,)),
    (["1,5", "2,25"], {"decimal": ","}, ("number decimal comma",) * 2 + ("set by read",)),
    (["1,5", "2,25"], {}, ("text", "text", "commas with two meanings")),
    (["true", "False"], {}, ("true/false", "true/false", None)),
    (["2026-01-31", "2026-02-28"], {}, ("date", "date", None)),
    (["2026-01-31 08:00", "2026-02-28"], {}, ("date and time", "date and time", None)),
    (["2026-01-31 08:00:00+01:00", "2026-02-28"], {}, ("date and time with an offset",) * 2 + (None,)),
    (["31/01/2026", "28/02/2026"], {}, ("date %d/%m/%Y", "date %d/%m/%Y", None)),
    (["01/02/2026", "02/03/2026"], {}, ("text", "text", "dates that fit two orders")),
    (["31.01.26", "28.02.26"], {"date_format": "%d.%m.%y"}, ("date %d.%m.%y",) * 2 + ("set by read.date_format",)),
    (["a", "b"], {}, ("text", "text", None)),
    (["", ""], {}, ("no values", "no values", None)),
])  # fmt: skip
def test_each_column_is_kept_as_what_it_was_read_as_and_why(values, setting, expected):
    for name in ("r.csv", "2026-11-24.csv"):
        Path(name).write_text("v,i\n" + "".join(f'"{value}",{i}\n' for i, value in enumerate(values * 10)))

    assert read_as(load(read=setting).reading, "v") == expected


def test_each_side_has_its_source_rows_days_and_what_was_refused():
    lines = [f"{i},2026-01-{i % 28 + 1:02}" for i in range(560)]
    lines[100], lines[300] = "x,2026-01-05", "7,no day"
    Path("r.csv").write_text("v;at\n" + "".join(f"{line.replace(',', ';')}\n" for line in lines))

    reading = load(dt.date(2026, 1, 20), current="", time_column="at", reference_window="2026-01-01/2026-01-10").reading

    assert reading.reference.model_dump(mode="json") == {
        "source": "CSV with semicolons", "rows": 560, "rows_read": 201, "rows_without_time": 1, "unreadable": {"v": 1},
        "first_day": "2026-01-01", "last_day": "2026-01-10", "days": 10,
    }  # fmt: skip
    assert reading.current.rows_read == 20
    assert (reading.current.first_day, reading.current.days) == (dt.date(2026, 1, 20), 1)


def test_days_are_those_of_the_owner_s_time_zone_and_of_rows_in_parquet():
    times = pd.date_range("2026-01-01 23:30", periods=4, freq="D", tz="UTC").astype("datetime64[us, UTC]")
    pd.DataFrame({"v": [1.5] * 100, "at": list(times) * 25}).to_parquet("r.parquet")
    window = {"time_column": "at", "reference_window": "2026-01-01/2026-01-04", "timezone": "Europe/Berlin"}

    side = load(dt.date(2026, 1, 5), reference="r.parquet", current="", **window).reading.reference

    assert (side.source, side.rows, side.rows_read, side.days) == ("Parquet", 100, 75, 3)
    assert (side.first_day, side.last_day) == (dt.date(2026, 1, 2), dt.date(2026, 1, 4))


def test_other_sources_are_named_by_their_kind_and_never_by_their_place():
    orders().to_json("r.json", orient="records")
    orders().to_parquet("r.parquet")
    query = "SELECT * FROM read_parquet('r.parquet')"
    both = {"reference": query, "current": query, "source": "sql"}

    assert load(reference="r.json", current="r.json").reading.current.source == "JSON"
    assert load(**both).reading.current.source == "a query"
    assert load(source="simulate", reference="", current="").reading.reference.source == "simulation"


def test_sides_that_differ_and_ignored_columns_are_kept_as_they_are():
    orders().drop(columns="age").to_parquet("r.parquet")
    orders().drop(columns="plan").assign(at="yes").to_csv("2026-11-24.csv", index=False)

    reading = load(reference="r.parquet", columns={"at": "ignore"}).reading

    assert read_as(reading, "plan") == ("text", None, None)
    assert read_as(reading, "age") == (None, "whole number", None)
    assert read_as(reading, "at") == ("text", "text", "ignored")


def reading_of(current: dict[str, ReadAs | None], source: str = "Parquet") -> Reading:
    side = SideRead(source=source, rows=10, rows_read=10)
    columns = tuple(ColumnsRead(names=(name,), reference=kind, current=kind) for name, kind in current.items())
    return Reading(reference=SideRead(source="Parquet", rows_read=10), current=side, columns=columns)


NUMBER, WHOLE, TEXT = ReadAs(type="number"), ReadAs(type="whole number"), ReadAs(type="text")
COMMA, EMPTY = ReadAs(type="number", written="decimal comma"), ReadAs(type="no values")


@pytest.mark.parametrize(("was", "now", "said"), [
    (NUMBER, TEXT, "v: came as text; on 23 Nov 2026 as a number."),
    (ReadAs(type="date"), ReadAs(type="date", written="%d/%m/%Y"),
     "v: came as a date (%d/%m/%Y); on 23 Nov 2026 as a date."),
    (NUMBER, COMMA, "v: came as a number (decimal comma); on 23 Nov 2026 as a number."),
    (None, TEXT, "v: now there; not there on 23 Nov 2026."),
    (TEXT, None, "v: gone; still there on 23 Nov 2026."),
    (WHOLE, NUMBER, None), (NUMBER, WHOLE, None), (WHOLE, COMMA, None), (NUMBER, EMPTY, None), (EMPTY, TEXT, None),
])  # fmt: skip
def test_a_change_is_said_unless_values_alone_may_have_made_it(was, now, said):
    earlier = EarlierReading(date=BEFORE, reading=reading_of({"v": was}))

    found = [finding.message for finding in find_changes(reading_of({"v": now}), earlier)]

    assert found == ([said] if said else [])


def test_a_thousand_columns_that_changed_alike_are_one_finding():
    names = [f"column_{i}" for i in range(1000)]
    earlier = EarlierReading(date=BEFORE, reading=reading_of(dict.fromkeys(names, NUMBER)))

    (finding,) = find_changes(reading_of(dict.fromkeys(names, TEXT)), earlier)

    first = "column_0, column_1, column_2, column_3, column_4 and 995 more"
    assert finding.message == f"{first}: came as text; on 23 Nov 2026 as a number."
    assert (finding.kind, finding.column) == ("reading_changed", None)


def test_findings_of_an_older_comparison_are_replaced():
    earlier = EarlierReading(date=BEFORE, reading=reading_of({"v": NUMBER}))
    other = Finding(kind="sampled", column=None, message="a sample")

    once = with_reading_changes((other,), reading_of({"v": TEXT}), earlier)

    assert [finding.kind for finding in once] == ["reading_changed", "sampled"]
    assert with_reading_changes(once, reading_of({"v": TEXT}), earlier) == once
    assert with_reading_changes(once, reading_of({"v": TEXT}), None) == (other,)


PARAMS = "source: files\nreference: r.csv\ncurrent: '{date}.csv'\nmonitor: {alert: {rule: RULE}}\n"
SAID = [
    "current: came as CSV with semicolons; on 23 Nov 2026 as CSV with commas.",
    "amount: came as text; on 23 Nov 2026 as a number.",
    "age: gone from current; still there on 23 Nov 2026.",
    "fresh: now in current; not there on 23 Nov 2026.",
]


def compared(day: dt.date, past: str = "") -> RunRecord:
    data = load(day)
    comparison = score(data, infer_columns(data), Settings())
    return judge(comparison, past=past, run_date=f"{day}").record("orders", day)


@pytest.mark.parametrize("rule", ["share", "budget"])
def test_a_day_has_the_same_findings_live_recorded_later_and_after_a_day_was_forgotten(folder, rule):
    orders(900).to_csv("r.csv", index=False)
    orders(seed=1).to_csv(f"{BEFORE}.csv", index=False)
    changed = orders(seed=2).drop(columns="age").assign(fresh=1.5 * np.arange(ROWS))
    changed.assign(amount="EUR " + changed["amount"].astype(str)).to_csv(f"{DAY}.csv", sep=";", index=False)
    Path("orders.yaml").write_text(PARAMS.replace("RULE", rule))
    monitor = read_monitor(Path("orders.yaml"), lambda _: notebook_parameters(str(NOTEBOOK)))
    now = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)

    with open_history(folder / "history.db") as history:
        history.record(compared(BEFORE), None, now)
        earlier = earlier_days.earlier_days_of(history, monitor, DAY)
        write_earlier_days(folder / NAME, earlier)
        live = compared(DAY, past=NAME)
        without = compared(DAY)
        recorded = earlier_days.judge_recorded(history, monitor, without)
        history.record(recorded, None, now)
        stored = history.record_of("orders", DAY)
        left = [(DAY, "", stored.to_dict())]

    assert [finding.message for finding in live.quality if finding.kind == "reading_changed"] == SAID
    assert not any(finding.kind == "reading_changed" for finding in without.quality)
    assert recorded.quality == stored.quality == live.quality
    assert (recorded.status, recorded.drift_share) == (without.status, without.drift_share)
    (alone,) = earlier_days.judge_anew(monitor, BEFORE, None, left)
    assert alone.quality == without.quality


def test_a_record_without_a_reading_is_read_as_before_and_the_schema_has_both():
    orders().to_csv("r.csv", index=False)
    orders().to_csv(f"{DAY}.csv", index=False)
    record = compared(DAY).to_dict()
    older = {name: value for name, value in record.items() if name != "reading"}

    for name, content in {"new": record, "old": older}.items():
        path = Path(name) / f"{DAY}/record.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content))
    assert problems(Path()) == (2, [])
    assert "reading" not in parse(older, "x").to_dict()
    assert earlier_days.files.earlier_reading(DAY, older) is None


def test_the_reading_of_a_thousand_columns_is_little_more_than_their_names():
    names = [f"measurement_{i:04}" for i in range(1000)]
    side = Side(pd.DataFrame(), 20, reading=SideReading("CSV with commas", dict.fromkeys(names, NUMBER)))

    reading = put_together({"reference": side, "current": side}, ignored=())

    assert len(reading.columns) == 1
    assert len(json.dumps(reading.model_dump(mode="json"))) < 21_000
