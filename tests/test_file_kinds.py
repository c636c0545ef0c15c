"""A file of another kind than its name says is refused in one line that says what it is and what to do."""

import bz2
import gzip
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import load_data

TABLE = pd.DataFrame({"amount": [1.5, 2.5, 3.5], "country": ["DE", "FR", "DE"]})
CSV = TABLE.to_csv(index=False).encode()
A_PAGE = "is a web page (perhaps an error)"
AGAIN = "download it again, or save the table as CSV or Parquet"
PAGE = b"<!DOCTYPE html>\n<html><body><h1>403, sorry</h1>\n<p>Access denied, request 12, ok.</p></body></html>\n"


def parquet() -> bytes:
    return TABLE.to_parquet()


def packed_as_zip(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, CSV)
    return packed.getvalue()


CASES = {
    "a.csv": (parquet(), "is a Parquet file, not CSV; rename it to .parquet"),
    "b.csv": (packed_as_zip("[Content_Types].xml", "xl/workbook.xml"),
              "is an Excel workbook, not CSV; rename it to .xlsx"),
    "c.csv": (packed_as_zip("orders.csv"), "is a ZIP archive, not CSV; unpack it"),
    "d.csv": (gzip.compress(CSV), "is a gzip archive, not CSV; add .gz to its name"),
    "e.csv": (bz2.compress(CSV), "is a packed file, not CSV; unpack it"),
    "f.csv": (TABLE.to_json(orient="records").encode(), "is JSON, not CSV; rename it to .json"),
    "g.csv": (PAGE, f"{A_PAGE}, not CSV; {AGAIN}"),
    "h.csv": (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n",
              "is a pointer of Git LFS, not CSV; run `git lfs pull`"),
    "i.csv": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100),
              "is an old Excel workbook (.xls), not CSV; save it as an Excel workbook (.xlsx)"),
    "j.parquet": (CSV, "is text, not Parquet; rename it to .csv if it is a table"),
    "k.parquet": (PAGE, f"{A_PAGE}, not Parquet; {AGAIN}"),
    "l.json": (CSV, "is text, not JSON; rename it to .csv if it is a table"),
    "m.json": (parquet(), "is a Parquet file, not JSON; rename it to .parquet"),
    "n.csv.gz": (CSV, "is not packed, although its name ends in .gz; rename it"),
    "o.csv.gz": (packed_as_zip("orders.csv"), "is a ZIP archive, although its name ends in .gz; rename or unpack it"),
    "p.csv.gz": (gzip.compress(parquet()), "is a Parquet file, not CSV; rename it to .parquet"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_file_that_is_not_what_its_name_says_is_refused_with_what_it_is(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    content, problem = CASES[name]
    Path("r.csv").write_bytes(CSV)
    Path(name).write_bytes(content)

    with pytest.raises(DriftMonitorError) as error:
        load_data(source="files", reference="r.csv", current=name, run_date="2026-11-24")

    assert str(error.value) == f"current: {name} {problem}."


@pytest.mark.parametrize("header", ["<DATE>,<OPEN>", "[day,x", "{day},x", "PARTS,x", '"{""a""",x'])
def test_a_header_that_only_looks_like_another_kind_is_read(tmp_path, header):
    (tmp_path / "t.csv").write_text(f"{header}\n1,2\n")

    data = load_data(
        source="files", reference=str(tmp_path / "t.csv"), current=str(tmp_path / "t.csv"), run_date="2026-11-24"
    )

    assert len(data.current) == 1
