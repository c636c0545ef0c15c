"""The same rows, written in other formats on each side: no drift, nothing that can't be tested, and no wrong word."""

import datetime as dt
import json
import random
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import load_data
from driftmonitor.facts.record import RunRecord

DAY = dt.date.fromisoformat("2026-11-24")
Row = dict[str, Any]
Spell = Callable[[Any], str]


def rows_of(seed: int, count: int = 200) -> list[Row]:
    rng = random.Random(seed)
    start = dt.datetime.fromisoformat("2026-03-01")
    return [
        {
            "price": round(rng.gauss(2000, 500), 2), "flag": rng.random() < 0.5, "word": rng.choice(["red", "green"]),
            "stars": rng.randint(1, 5), "code": f"{rng.randint(0, 40):03}", "share": round(rng.random(), 3),
            "seldom": None if i % 9 == 0 else rng.randint(0, 500), "tags": [rng.randint(1, 2), rng.randint(1, 2)],
            "clock": dt.time(rng.randint(6, 9), rng.choice([0, 30])),
            "took": dt.timedelta(minutes=rng.randint(0, 3000)),
            "day": (start + dt.timedelta(hours=rng.randint(0, 5000))).date(),
        }
        for i in range(count)
    ]  # fmt: skip


def plain(value: Any) -> str:
    return "" if value is None else str(pd.Timedelta(value) if isinstance(value, dt.timedelta) else value)


def own(**spelled: Spell) -> dict[str, Spell]:
    return {name: spelled.get(name, plain) for name in rows_of(0, 1)[0]}


def grouped(sign: str, point: str) -> Spell:
    return lambda value: f"{value:,.2f}".replace(",", "_").replace(".", point).replace("_", sign)


TEXTS: dict[str, tuple[str, dict[str, Spell]]] = {  # by the kind of file: its delimiter, and how values are spelled
    "csv": (",", own(clock=lambda value: f"{value:%H:%M}")),
    "german.csv": (";", own(price=grouped(".", ","), flag=lambda value: str(int(value)),
                            day=lambda value: f"{value:%d.%m.%Y}",
                            share=lambda value: f"{value:.3%}".replace(".", ","))),
    "swiss.csv": (";", own(price=grouped("’", "."), flag=lambda value: "Yes" if value else "No",
                           stars=lambda value: f"{value}.0", day=lambda value: f"{value:%-d %B %Y}")),
    "american.tsv": ("\t", own(price=grouped(",", "."), flag=lambda value: "T" if value else "F",
                               clock=lambda value: f"{value:%I:%M %p}", day=lambda value: f"{value:%m/%d/%Y}",
                               share=lambda value: f"{value * 100:.1f}%")),
    "french.csv": (";", own(price=grouped("\u202f", ","))),
}  # fmt: skip
TYPED = ["parquet", "xlsx", "json", "strings.json"]
EVERY = [*TEXTS, *TYPED]


def in_json(value: Any, strings: bool) -> Any:
    if value is None or (isinstance(value, bool | float | int | list) and not strings):
        return value
    return str(value).lower() if isinstance(value, bool) else plain(value)


def write(kind: str, side: str, rows: Sequence[Row]) -> str:
    name = f"{side}.{kind}"
    if kind in TEXTS:
        delimiter, spelled = TEXTS[kind]
        texts = [{key: spelled[key](value) for key, value in row.items()} for row in rows]
        pd.DataFrame(texts).to_csv(name, index=False, sep=delimiter)
    elif kind == "parquet":
        pd.DataFrame(rows).astype({"seldom": "Int64"}).to_parquet(name)
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        book.active.append([*rows[0]])
        for row in rows:
            book.active.append([str(value) if isinstance(value, list) else value for value in row.values()])
        book.save(name)
    else:
        lines = [{key: in_json(value, kind != "json") for key, value in row.items()} for row in rows]
        Path(name).write_text("\n".join(map(json.dumps, lines)))
    return name


def compare(reference: str, current: str, **changes: Any) -> RunRecord:
    data = load_data(source="files", reference=reference, current=current, run_date=str(DAY), **changes)
    return score(data, infer_columns(data, changes.get("columns")), Settings()).record("x", DAY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder with the same rows in all formats, and one with those of a changed day."""
    folder = tmp_path_factory.mktemp("alike")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for kind in EVERY:
            write(kind, "r", rows_of(1))
            write(kind, "c", rows_of(1))
    return folder


def check(reference: str, current: str) -> None:
    record = compare(f"r.{reference}", f"c.{current}", columns={"day": "numerical"})
    # In JSON, whole numbers in quotes on both sides are codes, of which here each is rare.
    rare = {"seldom"} if reference == current == "strings.json" else set()

    assert {column.name: column.reason or column.status for column in record.columns
            if column.status != "stable" and column.name not in rare} == {}  # fmt: skip
    assert {finding.kind for finding in record.quality} <= {"reading", "same_rows"}  # what is written in other ways


FEW = [
    ("parquet", "german.csv"), ("swiss.csv", "xlsx"), ("american.tsv", "json"), ("strings.json", "csv"),
    ("french.csv", "parquet"), ("german.csv", "strings.json"),
]  # fmt: skip


@pytest.mark.parametrize(("reference", "current"), FEW)
def test_the_same_rows_in_two_formats_have_not_drifted(folder, monkeypatch, reference, current):
    monkeypatch.chdir(folder)

    check(reference, current)


@pytest.mark.slow
@pytest.mark.parametrize("reference", EVERY)
def test_the_same_rows_in_any_two_formats_have_not_drifted(folder, monkeypatch, reference):
    monkeypatch.chdir(folder)

    for current in EVERY[EVERY.index(reference) % 4 :: 4]:  # all 81 pairs take minutes
        check(reference, current)


# ---- what is no number, and what is not clear

KEPT = {  # codes that any tool would take for numbers
    "flat": ["1E2", "3E4", "12E1"], "phone": ["+4915112345678", "+4917187654321", "+493012345678"],
    "zip": ["00501", "02134", "10115"], "siren": ["552 100 554", "542 065 479", "130 025 265"],
}  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)


def table(name: str, sep: str = ",", **columns: Sequence[Any]) -> None:
    """Write columns of values, each repeated to 60 rows; texts are written as they are."""
    frame = pd.DataFrame({key: (list(values) * 60)[:60] for key, values in columns.items()})
    if name.endswith("parquet"):
        frame.to_parquet(name)
    elif name.endswith("json"):
        Path(name).write_text("\n".join(json.dumps(row) for row in frame.to_dict("records")))
    else:
        frame.to_csv(name, index=False, sep=sep)


def read(reference: str, current: str, **changes: Any):
    return load_data(source="files", reference=reference, current=current, run_date=str(DAY), **changes)


def said(data) -> dict[str, str]:
    return {str(finding.column): finding.message for finding in data.snapshot().findings}


def test_codes_stay_as_they_are_written(here):
    table("r.csv", **KEPT)
    table("c.json", **KEPT)

    data = read("r.csv", "c.json")

    for side in (data.reference, data.current):
        assert {name: sorted(set(side[name])) for name in KEPT} == {k: sorted(each) for k, each in KEPT.items()}


GERMAN = ["12.345", "1.250", "987.654", "112.233", "4.711"]


def test_numbers_with_one_sign_are_read_by_what_else_is_known(here):
    table("german.csv", ";", v=GERMAN, w=["1,5", "2,25"])
    table("english.csv", ";", v=GERMAN, w=["1.5", "2.25"])
    table("alone.csv", ";", v=GERMAN, w=["x", "y"])
    table("whole.parquet", v=[12345, 1250, 987654, 112233, 4711], w=["x", "y", "x", "y", "x"])

    assert set(read("german.csv", "german.csv").current["v"]) == {12345, 1250, 987654, 112233, 4711}
    assert read("english.csv", "english.csv").current["v"].max() == 987.654
    beside, unclear = read("whole.parquet", "alone.csv"), read("alone.csv", "alone.csv")
    assert set(beside.current["v"]) == set(beside.reference["v"])
    assert said(beside)["v"] == (
        "v: points of current are taken to stand between thousands, as numbers of the other side are whole; "
        "else set read.decimal."
    )
    assert said(unclear)["v"] == (
        "v: points may be decimal signs or stand between thousands, so it is compared as text; "
        "set read.decimal or read.thousands."
    )
    with pytest.raises(DriftMonitorError, match=r"column v has points that may be decimal signs or not; set read\.dec"):
        read("alone.csv", "alone.csv", columns={"v": "numerical"})
    assert read("alone.csv", "alone.csv", read={"decimal": "."}).current["v"].max() == 987.654
    assert read("alone.csv", "alone.csv", read={"thousands": "."}).current["v"].max() == 987654


def test_dates_in_one_order_on_each_side_are_read_by_it_and_unclear_ones_are_said(here):
    table("r.csv", a=["31/01/2026", "02/03/2026"], b=["31/01/2026", "02/03/2026"], c=["2026-01-31", "2026-03-02"])
    table("c.csv", a=["01/31/2026", "03/02/2026"], b=["Jan 31, 2026", "Mar 2, 2026"], c=["03/02/2026", "01/02/2026"])

    data = read("r.csv", "c.csv")

    for name in ("a", "b"):
        assert set(data.reference[name]) == set(data.current[name]) == {*pd.to_datetime(["2026-01-31", "2026-03-02"])}
    assert said(data) == {
        "c": "c: dates that fit %d/%m/%Y and %m/%d/%Y are compared as text; set read.date_format.",
    }


def test_times_of_which_one_side_alone_has_offsets_are_said(here):
    table("r.csv", t=["2026-11-24 05:30:00+05:30", "2026-11-24 06:00:00+05:30"], v=[1, 2])
    table("c.csv", t=["2026-11-24 00:00:00", "2026-11-24 00:30:00"], v=[1, 2])

    data = read("r.csv", "c.csv", time_column="t")

    assert set(data.reference["t"]) == set(data.current["t"])
    assert said(data)["t"] == (
        "t: times have an offset in reference alone; those of current count as UTC, or as timezone if it is set."
    )


def test_words_that_are_missing_on_one_side_are_said_with_the_setting_that_decides(here):
    table("r.json", land=["NA", "DE", "FR"], note=["", "a", "b"], v=[1, "NA", ""])
    table("c.csv", land=["NA", "DE", "FR"], note=["", "a", "b"], v=[1, "NA", ""])

    data, kept = read("r.json", "c.csv"), read("r.json", "c.csv", read={"columns": {"land": {"only_missing": [""]}}})

    assert said(data) == {
        "land": 'land: "NA" is a value in reference, and current has missing values instead; '
                "set read.columns.land.missing or only_missing.",
        "note": "note: empty text is a value in reference, and current has missing values instead; "
                "set read.columns.note.missing or only_missing.",
    }  # fmt: skip
    assert data.reference["v"].isna().sum() == data.current["v"].isna().sum() == 40
    assert set(kept.reference["land"]) == set(kept.current["land"]) == {"NA", "DE", "FR"}


def test_names_that_look_alike_are_told_apart(here):
    table("r.csv", a=["café", "tea"], b=["pro", "free"], c=["x", "y"])
    table("c.csv", a=[unicodedata.normalize("NFD", "café"), "tea"], b=["pro ", "free"], c=["x\u00a0", "y"])

    messages = {each.column: each.message for each in compare("r.csv", "c.csv").quality if each.kind == "new_category"}

    alike = "; 1 differs from earlier ones only in spaces, capitals or Unicode form."
    assert messages == {
        name: f'{name}: 1 new category in 50% of current rows: "{shown}"{alike}'
        for name, shown in {"a": f"{unicodedata.normalize('NFD', 'café')} (decomposed)", "b": "pro␣", "c": "x␣"}.items()
    }


@pytest.mark.parametrize(("ending", "flat"), [("parquet", "csv"), ("csv", "parquet")])
def test_names_of_folders_are_columns_that_the_other_side_has_in_its_files(here, ending, flat):
    for country in ("DE", "FR"):
        Path(f"dt=2026-11-24/country={country}").mkdir(parents=True)
        table(f"dt=2026-11-24/country={country}/x.{ending}", v=[1.5, 2.5])
    table(f"flat.{flat}", v=[1.5, 2.5], country=["DE", "FR", "FR", "DE"])

    data = read(f"flat.{flat}", f"dt={{date}}/*/x.{ending}")

    assert set(data.current) == set(data.reference) == {"v", "country"}
    assert set(data.current["country"]) == {"DE", "FR"}


# ---- what did change

NUMBERS, WORDS = [float(i) + 0.5 for i in range(60)], ["low", "high", "none"]
CHANGED: dict[str, tuple[Sequence[Any], Sequence[Any]]] = {
    "numbers to words": (NUMBERS, WORDS),
    "numbers to three words": ([1, 2, 3], WORDS),
    "flags to words": ([True, False], WORDS),
    "yes to no": (["yes", "yes", "no"], ["f", "f", "f", "t"]),
    "dates to words": (["2026-01-31", "2026-02-28"], WORDS),
    "clocks to words": (["08:00", "09:30"], WORDS),
    "percents": (["10%", "11%", "12%"], [0.5, 0.6, 0.7]),
    "codes": (["007", "012"], [7, 12]),
    "thousands": (["1.234,5", "2.345,5"], [1.2345, 2.3455]),
    "numbers and more words": (["1", "2", "3", "x"], ["1", "x", "x", "x"]),
    "times a thousand": ([1.5, 2.5], [1500, 2500]),
}


@pytest.mark.parametrize(("reference", "current"), [("r.csv", "c.csv"), ("r.csv", "c.json"), ("r.json", "c.csv")])
def test_what_did_change_is_still_seen(here, reference, current):
    table(reference, ";", **{name: before for name, (before, _) in CHANGED.items()})
    table(current, ";", **{name: now for name, (_, now) in CHANGED.items()})

    record = compare(reference, current)

    assert [column.name for column in record.columns if column.status == "stable"] == []


def test_times_of_which_some_have_no_offset_are_said_if_they_choose_the_rows(here):
    table("r.csv", t=["2026-11-23 05:30:00+05:30", "2026-11-23 00:00:00"] * 5, v=range(10))
    table("c.csv", t=["2026-11-24 05:30:00+05:30"] * 5 + ["2026-11-24 00:30:00Z"] * 5, v=range(10))

    data = read("r.csv", "c.csv", time_column="t")

    words = "t: 50% of the times in reference have no offset, unlike the others, and count as UTC; write it in all."
    assert said(data)["t"] == words
    assert "t" not in said(read("r.csv", "c.csv"))
