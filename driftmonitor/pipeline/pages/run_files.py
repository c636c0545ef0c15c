"""Make the page and the files of one run."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from driftmonitor.facts.record import RunRecord, failed, read_report
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages import render
from driftmonitor.pipeline.pages.frame import look_key, make_frame
from driftmonitor.pipeline.pages.model import say_run
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.multiples import make_multiples
from driftmonitor.pipeline.pages.pictures import extract_pictures, remove_pictures
from driftmonitor.pipeline.pages.reading import show_reading
from driftmonitor.pipeline.pages.run_page import DayLink, RunPage
from driftmonitor.pipeline.pages.site_folder import Build, content_key
from driftmonitor.pipeline.pages.timeline import FILES, STATUS_WORDS, choose_run_look
from driftmonitor.pipeline.pages.wording import name_columns, say_anomaly, say_count, say_rows
from driftmonitor.regular_files import Folder
from driftmonitor.words.checks import failing, say_check
from driftmonitor.words.where import say_each

UPWARD = re.compile(rb'(?<=["\'])(?=(\.\./)+(assets/|index\.html))')  # an Evidently page's links out of its folder
COLUMNS_ON_TOP = 3


def write_run(
    build: Build,
    view: MonitorView,
    record: RunRecord,
    around: Mapping[str, Any],
    report: Folder,
    files: Sequence[str],
    key: str,
    reused: bool,
) -> None:
    """Write one run's page and files; `around`: the fields of its page that depend on other runs.

    If the files were `reused`, the notebook need not be read again.
    """
    page = _make_page(view, record, "../../", view.files[record.run_date], around)
    folder, report_key = f"{view.name}/{record.run_date}", key.split()[0]
    path = f"{folder}/index.html"
    same_report = reused and f"{build.previous_keys.get(path)}".startswith(f"{report_key} ")
    previous = build.read_previous(path) if same_report else ""
    if previous and page.status != "failed":
        build.write(path, render.replace_frame(previous, page), key)
        return
    _write_page(build, report, folder, page, report_key)
    _copy_files(build, report, folder, files, report_key)
    build.keys[path] = key


def write_problem(build: Build, view: MonitorView, day: dt.date, why: str) -> None:
    """Write why a run's page could not be built, where other pages link it."""
    page = _make_page(view, failed(view.name, day, why), "../../", ())
    build.write(f"{view.name}/{day}/index.html", render.render_problem(page))


def write_kept(
    build: Build,
    view: MonitorView,
    report: Folder,
    files: Sequence[str],
    identity: tuple[bytes, str],
    folder: str,
    day: dt.date,
) -> None:
    """Write the successful run that a failed one of the same day replaced, one folder deeper, if it has changed.

    `identity`: what distinguishes its report from others.
    """
    around = {"following": DayLink(day, "../index.html")}
    page = _make_page(view, read_report(report), "../../../", files, around)
    key = content_key(look_key(), repr((page, files)), *identity)
    if build.reuse_folder(folder, key):
        return
    _write_page(build, report, folder, page, key)
    _copy_files(build, report, folder, [name for name in files if name != FILES["Evidently"]], key)
    if FILES["Evidently"] in files:  # its links were made for the folder above
        html = report.read(FILES["Evidently"])
        build.write(f"{folder}/{FILES['Evidently']}", UPWARD.sub(b"../", html), key)


def _make_page(
    view: MonitorView, record: RunRecord, root: str, files: Sequence[str], around: Mapping[str, Any] | None = None
) -> RunPage:
    frame, look = make_frame(root, script=False), choose_run_look(Run.of(record))
    evidently, record_json, notebook = (name if name in files else None for name in FILES.values())
    page = RunPage(
        title=view.title,
        monitor=view.name,
        run_date=record.run_date,
        status=look,
        status_words=STATUS_WORDS[look],
        headline=say_count(record),
        columns=name_columns(record)[:COLUMNS_ON_TOP] if record.budgeted else (),
        checks=[] if record.shown_status == "check_failed" else [say_check(check) for check in failing(record.checks)],
        harm=say_run(view, record),
        where=say_each(record),
        rows=say_rows(record),
        reading=show_reading(record.reading),
        anomaly=say_anomaly(record),
        index=f"{root}index.html",
        monitor_page=f"{root}{view.name}/index.html",
        stylesheet=frame["stylesheet"],
        favicon=frame["favicon"],
        evidently=evidently,
        record=record_json,
        notebook=notebook,
    )
    if around is None:
        return page
    return replace(page, multiples=make_multiples(record, root, frozenset(view.columns_with_page)), **around)


def _write_page(build: Build, report: Folder, folder: str, page: RunPage, key: str) -> None:
    """Write a run's page, its pictures and its notebook under one key, so that they are reused together."""
    html, pictures = extract_pictures(render.render_notebook(report, page))
    files: dict[str, str | bytes] = {"index.html": html, **pictures}
    if page.notebook:
        files[page.notebook] = remove_pictures(report.read(page.notebook))
    for name, content in files.items():
        build.write(f"{folder}/{name}", content, key)


def _copy_files(build: Build, report: Folder, folder: str, files: Sequence[str], key: str) -> None:
    for name in files:
        if name != FILES["Notebook"]:
            build.copy(f"{folder}/{name}", report, name, key)
