"""Whatever the kinds of files, the types and one odd value: the right values are read, or one line says what is wrong.

Each seed is one pair of files. A value that was read must denote what was written: its text, or its meaning. Any other
is counted as unreadable and named in a finding, and both sides are of one type.
"""

import datetime as dt
import gzip
import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.sources import Data, load_data

KINDS = ["csv", "csv.gz", "tsv", "csv;", "cp1252", "utf-16", "json", "ndjson", "ndjson.gz", "parquet", "xlsx"]
TYPED = {"parquet", "xlsx"}
ENCODINGS = {"cp1252": "cp1252", "utf-16": "utf-16"}
SIDES = ("reference", "current")
DAY = dt.datetime.fromisoformat("2024-01-01")


@dataclass(frozen=True)
class Value:
    """A value as a text file has it, and what it means: None if it is missing, its text if it means nothing else.

    An odd value may mean `more` in a column of numbers that have commas.
    """

    text: str
    meaning: Any
    more: tuple[float, ...] = ()


def whole(rng: random.Random) -> Value:
    number = rng.randint(-500, 500)
    return Value(str(number), number)


def fraction(rng: random.Random) -> Value:
    number = rng.randint(-50_000, 50_000) / 64
    return Value(repr(number), number)


def decimal_comma(rng: random.Random) -> Value:
    number = rng.randint(-50_000, 50_000) / 64
    return Value(repr(number).replace(".", ","), number)


def thousands(rng: random.Random) -> Value:
    number = rng.randint(0, 10_000_000) / 4
    return Value(f"{number:,.2f}", number)


def huge(rng: random.Random) -> Value:
    number = rng.randint(10**18, 10**19 - 1)
    return Value(str(number), number)


def code(rng: random.Random) -> Value:
    text = f"{rng.randint(0, 99999):05}"
    return Value(text, text, () if text.startswith("0") else (int(text),))


def word(rng: random.Random) -> Value:
    return Value(text := rng.choice(["north", "südlich", "a,b", 'say "x"', "two\nlines", "#tag", "x;y", " pad "]), text)


def flag(rng: random.Random) -> Value:
    return Value(str(yes := rng.random() < 0.5).lower(), yes)


def yes_no(rng: random.Random) -> Value:
    return Value("yes" if (yes := rng.random() < 0.5) else "no", yes)


def day(rng: random.Random, form: str = "%Y-%m-%d") -> Value:
    at = DAY + dt.timedelta(days=rng.randint(0, 700))
    return Value(at.strftime(form), at)


def moment(rng: random.Random) -> Value:
    at = DAY + dt.timedelta(seconds=rng.randint(0, 10**7))
    return Value(str(at), at)


def zoned(rng: random.Random) -> Value:
    at = DAY + dt.timedelta(hours=rng.randint(0, 10**4))
    return Value(f"{at + dt.timedelta(hours=2)}+02:00", at)


def british(rng: random.Random) -> Value:
    return day(rng, "%d/%m/%Y")


def american(rng: random.Random) -> Value:
    return day(rng, "%m/%d/%Y")


def clock(rng: random.Random) -> Value:
    at = dt.time(rng.randint(0, 23), rng.choice([0, 30]))
    return Value(at.strftime("%H:%M"), at)


TYPES = [
    whole, fraction, decimal_comma, thousands, huge, code, word, flag, yes_no, day, moment, zoned, british, american,
    clock,
]  # fmt: skip
MISSING = ["", "NA", "null", "NaN"]
ODD = [
    "oops", "-", "?", "0.4", "1e5", "1e400", "inf", "+7", "1_000", "0x1A", "007", "12345678901234567", "1" * 25, "-0",
    "1,5", "1.234,5", "1,234", "2024-02-30", "2024-02-03", "2024-02-03 04:05:06", "2024-02-03T04:05:06Z", "13/02/2024",
    "02/13/2024", "24:00", "True", "T", "0", "ünïcode", "'", " 7", "7 ", "#DIV/0!", "1.0", "1 000", "٣", "½",
]  # fmt: skip


def exact(text: str) -> float:
    """Return the number in a text with all digits that a column of numbers can keep."""
    return int(text) if text.isdigit() and len(text) <= 20 else float(text)


def odd_value(text: str) -> Value:
    """Return a text with the number or the time that it denotes for pandas, or else as text."""
    if text.startswith("2024-02-03"):
        return Value(text, pd.Timestamp(text).tz_localize(None).to_pydatetime())
    if "/" in text:
        return Value(text, dt.datetime.fromisoformat("2024-02-13"))
    if text in ("True", "T"):
        return Value(text, True)
    number = pd.to_numeric(pd.Series([text, "1"]), errors="coerce").iloc[0]
    comma = {"1,5": (1.5,), "1.234,5": (1234.5,), "1,234": (1234.0, 1.234)}.get(text, ())
    return Value(text, text if math.isnan(number) or "_" in text or "x" in text else exact(text), comma)


@dataclass(frozen=True)
class Case:
    """One pair of files: the rows of both sides, and what they are written as."""

    kinds: dict[str, str]
    rows: dict[str, list[Value]]
    told: str


def draw(seed: int, most: int = 260) -> Case:
    rng = random.Random(seed)
    make, count = rng.choice(TYPES), rng.choice([3, 40, most])
    rows = {side: [make(rng) for _ in range(count)] for side in SIDES}
    for side in SIDES:
        for _ in range(rng.choice([0, 0, 1, count // 10])):
            rows[side][rng.randrange(count)] = Value(rng.choice(MISSING), None)
    odd = rng.choice([None, *ODD])
    if odd is not None:
        value, at = odd_value(odd), rng.choice([0, count // 2, count - 1])
        for side in rng.choice([("reference",), ("current",), SIDES]):
            rows[side][at] = value
    kinds = {side: rng.choice(KINDS) for side in SIDES}
    return Case(kinds, rows, f"{make.__name__} of {count}, odd {odd!r}, {kinds}")


def write(side: str, kind: str, rows: Sequence[Value]) -> str:
    """Write one side's file with the columns v and i, and return its name."""
    ending = {"csv;": "csv", "cp1252": "csv", "utf-16": "csv"}.get(kind, kind)
    path = Path(f"{side}.{ending}")
    if kind == "xlsx":
        book = openpyxl.Workbook()
        book.active.append(["v", "i"])
        for i, value in enumerate(rows):
            book.active.append([typed(value), i])
        book.save(path)
    elif kind == "parquet":
        values = [typed(value) for value in rows]
        alike = len({type(value) for value in values if value is not None}) <= 1
        texts = [None if value.meaning is None else value.text for value in rows]
        pd.DataFrame({"v": values if alike else texts, "i": range(len(rows))}).to_parquet(path)
    elif "json" in kind:
        records = [{"v": plain(value), "i": i} for i, value in enumerate(rows)]
        content = json.dumps(records) if kind == "json" else "\n".join(map(json.dumps, records))
        path.write_bytes(gzip.compress(content.encode()) if kind.endswith("gz") else content.encode())
    else:
        frame = pd.DataFrame({"v": [value.text for value in rows], "i": range(len(rows))})
        sep = {"tsv": "\t", "csv;": ";"}.get(kind, ",")
        content = frame.to_csv(index=False, sep=sep).encode(ENCODINGS.get(kind, "utf-8"), errors="replace")
        path.write_bytes(gzip.compress(content) if kind.endswith("gz") else content)
    return str(path)


def typed(value: Value) -> Any:
    """Return a value as a file with types has it."""
    is_number = isinstance(value.meaning, int | float)
    return value.text if is_number and not abs(value.meaning) < 2**53 else value.meaning


def plain(value: Value) -> Any:
    """Return a value as JSON has it: only numbers, true and false are no texts."""
    meaning = value.meaning
    if meaning is None or (isinstance(meaning, bool | int) and str(meaning).lower() == value.text):
        return meaning
    is_plain = isinstance(meaning, float) and math.isfinite(meaning) and value.text == repr(meaning)
    return meaning if is_plain else value.text


def denotes(read: Any, value: Value) -> bool:
    """Return whether what was read is the text that was written, or its meaning."""
    if isinstance(read, str):
        said = {value.text, str(value.meaning), str(value.meaning).upper()}
        if isinstance(value.meaning, dt.datetime):
            said |= {str(value.meaning.date()), value.meaning.isoformat()}
        said |= {f"{value.text}:00"} if ":" in value.text else set()
        if isinstance(value.meaning, int | float) and not isinstance(value.meaning, bool):
            said |= {repr(float(value.meaning)), f"{value.meaning:.17g}"}
        return read in said or read.encode("cp1252", "replace") == value.text.encode("cp1252", "replace")
    return bool(read == value.meaning) or read in value.more


def family(column: pd.Series) -> str:
    kinds = {"bool": pd.api.types.is_bool_dtype, "number": pd.api.types.is_numeric_dtype}
    kinds |= {"time": pd.api.types.is_datetime64_any_dtype}
    column = column.dropna().infer_objects()  # whole numbers beyond 2**63 are objects if one is missing
    if not len(column):
        return "none"
    return next((name for name, is_kind in kinds.items() if is_kind(column)), "text")


def check(case: Case, data: Data) -> None:
    findings = data.snapshot().findings
    families = set()
    for side in SIDES:
        frame, rows = getattr(data, side).set_index("i")["v"], case.rows[side]
        assert len(frame) == len(rows)
        families.add(family(frame))
        lost = 0
        for i, value in enumerate(rows):
            read = frame.loc[i]
            if pd.isna(read):
                lost += value.meaning is not None
            else:
                assert value.meaning is not None, f"{side} {i}: {value} was read as {read!r}"
                assert denotes(read, value), f"{side} {i}: {value} was read as {read!r}"
        assert lost == data.snapshot().unreadable[side].get("v", 0)
        assert not lost or any(f"of {side} cannot be read as" in finding.message for finding in findings)
    assert len(families - {"none"}) < 2 or is_said(data), families


def is_said(data: Data) -> bool:
    """Return whether it is said that one side of the column is of another type."""
    try:
        column = next(column for column in infer_columns(data) if column.name == "v")
    except DriftMonitorError:  # no column can be tested
        return True
    return not column.testable or bool(column.findings)


def run(seed: int, most: int = 260) -> None:
    case = draw(seed, most)
    places = {side: write(side, case.kinds[side], case.rows[side]) for side in SIDES}
    read = {side: {"encoding": ENCODINGS[kind]} for side, kind in case.kinds.items() if kind in ENCODINGS}
    try:
        data = load_data(source="files", **places, run_date="2026-11-24", read=read)
    except DriftMonitorError as error:
        line = str(error)
        assert "\n" not in line
        assert "v" in line or any(place in line for place in places.values())
        return
    try:
        check(case, data)
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {case.told}: {error}") from None


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_read_is_what_was_written_or_it_is_said(seed):
    run(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(3))
def test_what_is_read_is_what_was_written_for_many_files(block):
    for seed in range(1000 + 50 * block, 1025 + 50 * block):
        run(seed)


def read_csv(*texts: str, beside: Any = None) -> list:
    """Return the values of a CSV beside a Parquet file, or beside itself."""
    pd.DataFrame({"v": texts, "i": range(len(texts))}).to_csv("c.csv", index=False)
    if beside:
        pd.DataFrame({"v": [beside] * len(texts), "i": range(len(texts))}).to_parquet("r.parquet")
    data = load_data(
        source="files", reference="r.parquet" if beside else "c.csv", current="c.csv", run_date="2026-11-24"
    )
    return data.current.sort_values("i")["v"].tolist()


def test_a_sign_in_the_wrong_place_makes_no_other_number():
    read = read_csv(*["1,234.50"] * 200, "1.234,5")

    assert read[:200] == [1234.5] * 200
    assert math.isnan(read[200])


def test_one_fraction_makes_no_numbers_of_codes_with_zeros():
    assert read_csv(*["0123", "4567"] * 20, "0.4") == [*["0123", "4567"] * 20, "0.4"]


def test_codes_in_quotes_in_json_stay_codes_if_a_file_has_one_number_among_them():
    codes = [f"{i:05}" for i in range(0, 99999, 999)]
    for name, values in {"r.json": codes, "c.json": [*codes[1:], 4]}.items():
        Path(name).write_text(json.dumps([{"v": value, "i": i} for i, value in enumerate(values)]))

    data = load_data(source="files", reference="r.json", current="c.json", run_date="2026-11-24")

    assert data.reference.sort_values("i")["v"].tolist() == codes


def test_a_time_with_a_date_stays_one_beside_times_of_day_and_changes_no_other():
    texts = ["08:00", "2026-01-31 09:30:00", "09:30"]

    assert read_csv(*texts, beside=dt.time(8)) == ["08:00:00", "2026-01-31 09:30:00", "09:30:00"]
