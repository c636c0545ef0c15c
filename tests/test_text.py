"""A message in plain words, in which nothing from the data is markup."""

import re

import pytest

from driftmonitor.facts.record import Finding
from driftmonitor.formats import one_line
from driftmonitor.pipeline import channels
from driftmonitor.pipeline.channels import text
from tests.message_samples import DAY, NASTY, make_message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "salary_shift started to drift on 24 Nov 2026: 1 of 4 columns (25%, threshold 10%)."),
        (
            {"since": DAY.replace(day=23), "title": "Pay"},
            "Pay (salary_shift) started to drift on 23 Nov 2026 and still does on 24 Nov 2026: "
            "1 of 4 columns (25%, threshold 10%).",
        ),
        (
            {"kind": "drift_ended", "columns": (), "share": 0.0, "since": DAY.replace(day=20)},
            "salary_shift no longer drifts on 24 Nov 2026, as it had since 20 Nov 2026: "
            "0 of 4 columns (0%, threshold 10%).",
        ),
        (
            {"kind": "run_failed", "error": "data/x.csv: no such file.\nmore"},
            "salary_shift could not be checked on 24 Nov 2026: data/x.csv: no such file. more.",
        ),
        (
            {"kind": "drift_ended", "columns": (), "share": 0.0, "correction": True},
            "Correction: salary_shift does not drift on 24 Nov 2026 after all: 0 of 4 columns (0%, threshold 10%).",
        ),
    ],
)
def test_headline_says_what_happened_in_one_sentence(changes, said):
    assert text.headline(make_message(**changes)) == said


@pytest.mark.parametrize("correction", [False, True])
@pytest.mark.parametrize("kind", text.SENTENCES)
def test_every_kind_of_event_has_words_without_any_number(kind, correction):
    message = make_message(kind=kind, correction=correction, share=None, threshold=None, columns=(), since=None)

    said = text.headline(message)

    assert said.startswith("Correction: salary_shift" if correction else "salary_shift")
    assert said.endswith(".")
    assert "None" not in said


def test_console_says_the_worst_column_and_the_page():
    assert channels.say(make_message()) == (
        "salary_shift started to drift on 24 Nov 2026: 1 of 4 columns (25%, threshold 10%). "
        "salary: mean rose from 5 to 7.5 (+2.5 SD of the reference)\n  https://owner.github.io/drift/salary_shift/"
    )


def test_quality_findings_are_shown_cut():
    found = tuple(Finding(kind="new_column", column=f"c{n}", message=f"a new column: c{n}") for n in range(5))

    assert text.quality_lines(make_message(quality=found)) == [
        "a new column: c0", "a new column: c1", "a new column: c2", "and 2 more on the data's quality",
    ]  # fmt: skip


def test_links_that_are_no_web_address_are_left_out():
    assert text.links(make_message(page_url="site/index.html", notebook_url="javascript:alert(1)")) == []
    assert text.link("https://x.example/a b") is None
    assert text.link("https://x.example/)](https://evil") == "https://x.example/%29%5D%28https://evil"


@pytest.mark.parametrize("name", [name for name in NASTY if name])
def test_discord_and_github_show_a_name_as_it_is(name):
    shown = text.escape_markdown(one_line(name))

    for live in ("@everyone", "@&", "://", "www.", "#1", "GH-7"):
        assert live not in shown
    assert not re.search(r"(?<!\\)[*`\[\]<>~|]", shown)
    assert "\n" not in shown


def test_a_name_with_an_underscore_in_it_stays_bare():
    assert text.escape_markdown("salary_shift") == "salary_shift"
    assert text.escape_markdown("_it_") == "\\_it\\_"
