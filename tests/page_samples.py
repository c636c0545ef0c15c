"""Make reports, records and notebooks like those of real runs, for the tests of the pages."""

import base64
import datetime as dt
import json
import random
import struct
import zlib
from pathlib import Path

from driftmonitor.config.params import Monitor
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.facts.distribution import Distribution
from driftmonitor.facts.record import MEDIA_TYPE, ColumnScore, Finding, Rows, RunRecord, failed
from driftmonitor.pipeline import pages
from driftmonitor.pipeline.history import open_history

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "@everyone",
    "../../x",
    "📈 growth",
    "two\nlines",
    "x" * 10_000,
]
TODAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 9, 5, tzinfo=dt.UTC)


class World:
    """A history, a folder of reports and a site, as they stand in a repository."""

    def __init__(self, root: Path):
        self.root, self.reports, self.site = root, root / "state" / "reports", root / "site"
        self.reports.mkdir(parents=True)
        self.history = open_history(root / "state" / "history.db")

    def run(self, *records, cells=None):
        for record in records:
            remember(self.history, record)
            write_report(self.reports, record, cells)

    def publish(self, *monitors, site_dir=None, **given):
        return pages.publish(self.history, self.reports, site_dir or self.site, monitors, **{"now": NOW, **given})

    def text(self, path):
        """Return a page's text; the space that keeps a percent sign on its line reads as any other."""
        return (self.site / path).read_text(encoding="utf-8").replace("\u00a0", " ")


def remember(history, *records: RunRecord) -> None:
    """Record runs, each at 09:04 UTC of its day."""
    for record in records:
        history.record(record, None, dt.datetime.combine(record.run_date, dt.time(9, 4, tzinfo=dt.UTC)))


def watched(name, title="", **given):
    """Return a monitor as its params file gives it."""
    return Monitor(name, Path(f"params/{name}.yaml"), settings=MonitorSettings(title=title, **given))


def score(name="salary", drifted=True, shift=2.5):
    effect = {"mean_shift_sd": shift, "mean": [50_000.0, 50_000.0 + 10_000 * shift], "sd": [10_000.0, 10_200.0]}
    return ColumnScore(
        name=name, kind="numerical", status="drifted" if drifted else "stable", method="ks", threshold=0.05,
        p_value=1e-9 if drifted else 0.41, adjusted_p_value=3e-9 if drifted else 0.82, 
        statistic=0.79 if drifted else 0.03, distance=0.79 if drifted else 0.03, effect=effect,
    )  # fmt: skip


def category(name="carrier", drifted=True):
    shares = [0.2, 0.45] if drifted else [0.2, 0.21]
    return ColumnScore(
        name=name, kind="categorical", status="drifted" if drifted else "stable", method="chisquare", threshold=0.05,
        p_value=2e-5 if drifted else 0.6, statistic=31.0, distance=0.25 if drifted else 0.01,
        effect={"category": "UA", "share_change": shares[1] - shares[0], "shares": shares},
    )  # fmt: skip


def with_distribution(column, median=50_000.0, levels=("UA", "DL"), shares=(0.25, 0.4)):
    """Return a column that keeps where its values were: around `median`, or the `shares` of `levels`."""
    if column.kind == "numerical":
        before, now = (tuple(middle + 1000 * step for step in range(-4, 5)) for middle in (50_000.0, median))
        return column.model_copy(update={"distribution": Distribution(quantiles=(before, now))})
    known = Distribution(levels=levels, shares=((0.2,) * len(levels), shares))
    return column.model_copy(update={"distribution": known})


def new_column(name):
    message = f"{name} is new: it is in the current data and not in the reference"
    return Finding(kind="new_column", column=name, message=message)


def untestable(name="note"):
    return ColumnScore(name=name, kind=None, status="not_testable", reason="mixed text and numbers")


def good_record(monitor="salary", run_date=TODAY, columns=None, quality=(), rows=1000):
    columns = columns if columns is not None else [score(), score("age", False, 0.02), score("clicks", False, -0.04)]
    share = sum(column.status == "drifted" for column in columns) / max(1, len(columns))
    return RunRecord(
        monitor=monitor, run_date=run_date, status="drift" if share > 0.1 else "healthy", drift_share=share,
        threshold=0.1, drifted=share > 0.1, columns=tuple(columns), quality=tuple(quality),
        rows=Rows(reference=rows, current=rows, reference_total=rows, current_total=rows), duration_seconds=3.1,
    )  # fmt: skip


def healthy_record(monitor="salary", run_date=TODAY):
    return good_record(monitor, run_date, [score(name, False, 0.02) for name in ("salary", "age", "clicks")])


def failed_record(monitor="salary", run_date=TODAY, error="ValueError: salary: no rows"):
    return failed(monitor, run_date, error, 1.2)


def png(width=64, height=24):
    """Return a small grey PNG in base64."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(90 + (x * y) % 120 for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode()


def markdown(text):
    return {"cell_type": "markdown", "id": _id(), "metadata": {}, "source": text}


def code(source="x = 1", *outputs, tags=()):
    cell = {"cell_type": "code", "id": _id(), "metadata": {"tags": list(tags)}, "source": source}
    return {**cell, "outputs": list(outputs), "execution_count": 1}


def shown(data, metadata=None):
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def raised(name="ValueError", value="salary: no rows", traceback=None):
    lines = traceback or [f"\x1b[31m{name}\x1b[39m  Traceback <b>", f"\x1b[31m{name}\x1b[39m: {value}"]
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": lines}


def _id(made=[0]):  # noqa: B006
    made[0] += 1
    return f"cell-{made[0]}"


def table_html(names=("salary", "age", "clicks")):
    """Return a frame's HTML as pandas makes it, style element and all."""
    import pandas as pd

    frame = pd.DataFrame(
        {"column": names, "kind": "numerical", "K-S distance": 0.79, "p": 0.0001, "reference mean": 50_000.25,
         "current mean": 75_000.5, "missing, reference": 0.0, "missing, current": 0.02}
    )  # fmt: skip
    return frame._repr_html_()


def notebook(*cells):
    return {"cells": list(cells), "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}


def usual_notebook(record, picture=None):
    scrap = {"name": "record", "data": record.to_dict(), "encoder": "json", "version": 1}
    return notebook(
        markdown("# Has the data changed?\n\nWe compare the current day with the reference."),
        code('run_date: str = ""  # the day to judge\nrows: int = 1000', tags=["parameters"]),
        code('run_date = "2026-11-24"\nmonitor_name = "salary"', tags=["injected-parameters"]),
        markdown("## Data\n\nWhat came in, on both sides?"),
        code(
            "columns_table(data)", shown({"text/html": table_html(), "text/plain": "frame"}), stream("slow\n", "stderr")
        ),
        markdown(
            "## Comparison\n\nA column counts when its p-value is under `0.05` **and** its distance is at least 0.04."
        ),
        code("comparison.table()", shown({"text/html": table_html(), "text/plain": "frame"})),
        markdown("## Pictures"),
        code(
            "show(figure)",
            shown(
                {"image/png": picture or png(), "text/plain": "<Figure>"},
                {"image/png": {"alt": "salary: the current values lie to the right of the reference"}},
            ),
        ),
        markdown("## Verdict"),
        code("print(comparison.sentence())", stream("1 of 3 columns changed\n")),
        code("emit(record)", shown({MEDIA_TYPE: scrap, "text/plain": "record recorded"})),
    )


def short_notebook():
    """Return a notebook that is soon rendered, for the tests of what is around it."""
    picture = shown({"image/png": png(), "text/plain": "<Figure>"}, {"image/png": {"alt": "salary: no change"}})
    return notebook(markdown("# Has the data changed?"), code("show(figure)", picture))


def broken_notebook():
    mark = markdown('<span style="color:red">An Exception was encountered</span>')
    return notebook(
        {**mark, "metadata": {"tags": ["papermill-error-cell-tag"]}},
        markdown("# Has the data changed?"),
        markdown("## Data"),
        code("load_data()", raised()),
        markdown("## Comparison"),
        code("compare()"),
    )


SCRIPT = "evidently-559fcb83fb3f822d.js"  # named for its content
EVIDENTLY = """<!doctype html><title>Evidently</title><a href="index.html">Run</a>
<a href="../index.html">Monitor</a><a href="../../index.html">All</a>
<script src="../../assets/evidently-559fcb83fb3f822d.js"></script>"""


def write_report(reports_dir: Path, record: RunRecord, cells=None, picture=None):
    """Leave on disk what a run leaves."""
    folder = reports_dir / record.monitor / f"{record.run_date}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "record.json").write_text(record.to_json(), encoding="utf-8")
    if cells is None:
        cells = broken_notebook() if record.status == "failed" else usual_notebook(record, picture)
    (folder / "notebook.ipynb").write_text(json.dumps(cells), encoding="utf-8")
    if record.status != "failed":
        (folder / "evidently.html").write_text(EVIDENTLY, encoding="utf-8")
        (reports_dir / "assets").mkdir(exist_ok=True)
        (reports_dir / "assets" / SCRIPT).write_text("document.title = 'drawn'", encoding="utf-8")
    return folder


def add_days(history, monitor, status_of, days=100, last=TODAY, seed=0, **given):
    """Add a run for each of the days up to `last`; `status_of(i)` says healthy, drift, failed or None, oldest first."""
    draw = random.Random(seed)
    for i in range(days):
        day = last - dt.timedelta(days - 1 - i)
        status = status_of(i)
        if status == "failed":
            remember(history, failed_record(monitor, day))
        elif status == "drift":
            remember(
                history,
                good_record(
                    monitor,
                    day,
                    [score(shift=draw.uniform(1, 3)), score("age", False, 0.02), category(drifted=i % 3 == 0)],
                    **given,
                ),
            )
        elif status:
            remember(history, healthy_record(monitor, day))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
