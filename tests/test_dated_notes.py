"""Dated notes of a monitor: a CSV or YAML file, or Git's tags; what is wrong with them is said in one line."""

import datetime as dt
import os
import subprocess
from pathlib import Path

import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import Monitor
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.facts.story import Note
from driftmonitor.pipeline.dated_notes import notes_of, read_notes
from tests.jobs import Job, folders, main

DEPLOYED = Note(dt.date(2026, 3, 1), "checkout 4.2 deployed")


def with_events(where) -> Monitor:
    return Monitor("shop", Path("params/shop.yaml"), settings=MonitorSettings(events=str(where)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("events.csv", 'date,text\n2026-03-02,"rolled back, twice"\n\n2026-03-01,checkout 4.2 deployed\n'),
        (
            "events.CSV",
            '\ufeffDate , Text\r\n2026-03-02,"rolled  back,\r\n twice"\r\n 2026-03-01 ,checkout 4.2 deployed',
        ),
        (
            "events.yaml",
            "- {date: 2026-03-02, text: 'rolled back, twice'}\n- date: 2026-03-01\n  text: checkout 4.2 deployed",
        ),
    ],
)
def test_notes_are_read_in_the_order_of_their_days(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")

    assert read_notes(with_events(tmp_path / name)) == (DEPLOYED, Note(dt.date(2026, 3, 2), "rolled back, twice"))


def test_without_the_key_or_with_an_empty_file_there_are_none(tmp_path):
    (tmp_path / "empty.yaml").write_text("# none yet\n")

    assert read_notes(with_events("")) == read_notes(with_events(tmp_path / "empty.yaml")) == ()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("e.txt", b"", "params/shop.yaml: monitor.events is '{path}'; name a .csv or .yaml file, or write tags."),
        ("e.csv", b"day,what\n", "{path}: line 1 is not date,text; begin the file with that line."),
        ("e.csv", b"date,text\n2026-03-01,a,b\n",
         "{path}: line 2: has 3 fields; write date,text, the text in quotes if it has a comma."),
        ("e.csv", b"date,text\n01/03/2026,a\n", "{path}: line 2: date is '01/03/2026'; write it as 2026-01-31."),
        ("e.csv", b"date,text\n2026-03-01, \n",
         "{path}: line 2: text is ' '; say what happened."),
        ("e.csv", b'date,text\n2026-03-01,"never closed\n',
         "{path}: line 2: not CSV; put quotes around the whole text, and double those inside."),
        ("e.csv", b"date,text\n2026-03-01," + b"x" * 201, "{path}: line 2: text has 201 characters; use at most 200."),
        ("e.csv", b"date,text\n" + b"2026-03-01,a\n" * 2001, "{path}: more than 2,000 events; keep the newest ones."),
        ("e.csv", b"date,text\n2026-03-01,caf\xe9\n", "{path}: line 2: not UTF-8 text; save the file as UTF-8."),
        ("e.yaml", b"2026-03-01: deployed\n",
         "{path}: is {{'2026-03-01': 'deployed'}} (a mapping); give `- {{date: 2026-03-01, text: ...}}` lines."),
        ("e.yaml", b"- {date: 2026-03-01}\n",
         "{path}: line 1: does not have just date and text; write {{date: 2026-03-01, text: ...}}."),
        ("e.yaml", b"- {date: 2026-03-01, text: 4.2}\n",
         "{path}: line 1: text is 4.2; put it in quotes."),
        ("e.csv", b"date,text\n2026-03-01\n",
         "{path}: line 2: has 1 field; write date,text, the text in quotes if it has a comma."),
        ("e.csv", b"date,text\n2026-03-01," + b"x" * 140_000,
         "{path}: line 2: text has 140,000 characters; use at most 200."),
        ("e.yaml", b"- {date: 2026-03-01, text: a}\n\n- date: 1 March\n  text: b\n",
         "{path}: line 3: date is '1 March'; write it as 2026-01-31."),
        ("e.yaml", b"- date: 2026-03-01\n  text: deployed: 4.2\n",
         "{path}: line 2: invalid YAML: a colon where none can be; put a text with a colon in quotes."),
        ("e.yaml", b"- date: 2026-03-01\n text: a\n",
         "{path}: line 2: invalid YAML: the indentation does not fit; begin the keys of a mapping in one column."),
        ("e.yaml", b"- {date: 2026-03-01, text: 'a}\n",
         "{path}: line 2: invalid YAML: a quote is never closed; close it."),
        ("e.yaml", b"- &a [*a]\n", "{path}: line 1: invalid YAML: aliases (*) are not allowed."),
    ],
)  # fmt: skip
def test_a_bad_file_of_events_is_one_line(tmp_path, monkeypatch, name, content, words):
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content)

    with pytest.raises(DriftMonitorError) as error:
        read_notes(with_events(name))

    assert str(error.value) == words.format(path=name)
    assert notes_of(with_events(name)) == ()  # a message goes out without them


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device", "huge"])
def test_what_is_no_regular_file_of_events_is_refused_at_once(tmp_path, kind):
    path = tmp_path / "events.csv"
    {
        "missing": lambda: None,
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "device": lambda: path.symlink_to("/dev/zero"),
        "huge": lambda: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 10_000_000_000),
    }[kind]()

    with pytest.raises(
        DriftMonitorError,
        match=r"^params/shop.yaml: monitor.events: .*events.csv: (cannot be read: .*|no such file); .*\.$",
    ):
        read_notes(with_events(path))


def test_tags_are_read_from_the_repository_and_run_nothing_of_it(tmp_path):
    variables = {"GIT_COMMITTER_DATE": "2026-03-01T12:00:00Z", "GIT_AUTHOR_DATE": "2026-03-01T12:00:00Z"}
    owner = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    far = {"GIT_COMMITTER_DATE": "@253402300800 +0000", "GIT_AUTHOR_DATE": "@253402300800 +0000"}  # 1 January 10000
    for command in (("init", "-q"), ("commit", "-q", "--allow-empty", "-m", "far"), ("tag", "far")):
        subprocess.run(["git", "-C", tmp_path, *owner, *command], check=True, env=os.environ | far)
    for command in (
        ("commit", "-q", "--allow-empty", "-m", "x"), ("tag", "v4.2"), ("tag", "-a", "v4.3", "-m", "y"),
        ("config", "core.fsmonitor", "touch hacked"), ("config", "core.pager", "touch hacked"),
        ("config", "core.hooksPath", "."),
    ):  # fmt: skip
        subprocess.run(["git", "-C", tmp_path, *owner, *command], check=True, env=os.environ | variables)

    assert read_notes(with_events("tags"), tmp_path) == (
        Note(dt.date(2026, 3, 1), "tag v4.2"),
        Note(dt.date(2026, 3, 1), "tag v4.3"),
    )
    assert not (tmp_path / "hacked").exists()


def test_tags_without_a_repository_are_one_line(tmp_path):
    with pytest.raises(DriftMonitorError) as error:
        read_notes(with_events("tags"), tmp_path)

    assert str(error.value) == (
        f"params/shop.yaml: monitor.events: no Git repository in {tmp_path}; name a file, or remove the key."
    )


def test_validate_refuses_bad_events_and_publish_names_them_beside_the_pages(tmp_path, capsys):
    events = tmp_path / "events.csv"
    events.write_text("date,text\nyesterday,deployed\n")
    job = Job(tmp_path / "job", shop=f"source: simulate\nmonitor: {{{{events: {events}}}}}\n")
    job.state.mkdir()
    why = f"{events}: line 2: date is 'yesterday'; write it as 2026-01-31."

    validated, published = main(capsys, *folders(job, "validate")), main(capsys, *folders(job, "publish"))

    assert (validated[0], validated[2]) == (2, f"error: {why}\n")
    assert (published[0], published[2]) == (1, f"error: shop: {why}\n")
    assert (job.site / "shop/index.html").exists()
