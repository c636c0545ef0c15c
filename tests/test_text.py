"""A message in plain words, in which nothing from the data is markup."""

import re

import pytest

from driftmonitor.facts.record import Finding
from driftmonitor.formats import one_line
from driftmonitor.pipeline.channels import text
from tests.message_samples import DAY, NASTY, make_message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "salary_shift: drift started on 24 Nov 2026: 1 of 4 columns drifted (25%, threshold 10%)."),
        (
            {"since": DAY.replace(day=23), "title": "Pay"},
            "Pay (salary_shift): drift started on 23 Nov 2026 and continues on 24 Nov 2026: "
            "1 of 4 columns drifted (25%, threshold 10%).",
        ),
        (
            {"kind": "drift_ended", "columns": (), "share": 0.0, "since": DAY.replace(day=20)},
            "salary_shift: drift ended on 24 Nov 2026 (it began on 20 Nov 2026). "
            "0 of 4 columns drifted (0%, threshold 10%).",
        ),
        (
            {"kind": "run_failed", "error": "data/x.csv: no such file.\nmore"},
            "salary_shift: the run for 24 Nov 2026 failed: data/x.csv: no such file. more.",
        ),
        (
            {"kind": "run_failed", "error": "segments: contry: no such column; did you mean country?"},
            "salary_shift: the run for 24 Nov 2026 failed: segments: contry: no such column; did you mean country?",
        ),
        (
            {"kind": "drift_ended", "columns": (), "share": 0.0, "correction": True},
            "Correction: salary_shift: no drift on 24 Nov 2026 after all. 0 of 4 columns drifted (0%, threshold 10%).",
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
    assert text.for_console(make_message()) == (
        "salary_shift: drift started on 24 Nov 2026: 1 of 4 columns drifted (25%, threshold 10%). "
        "salary: mean rose from 5 to 7.5 (+2.5 SD of the reference)\n  https://owner.github.io/"
        "drift/salary_shift/incidents/drift-2026-11-24/"
    )


def test_quality_findings_are_shown_cut():
    found = tuple(Finding(kind="new_column", column=f"c{n}", message=f"a new column: c{n}") for n in range(5))

    assert text.quality_lines(make_message(quality=found)) == [
        "a new column: c0", "a new column: c1", "a new column: c2", "and 2 more data-quality issues",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed_by", "said"),
    [
        (("repeated", DAY), "the run for 24 Nov 2026 was repeated"),
        (("added", DAY.replace(day=23)), "a run for 23 Nov 2026 was added"),
        (("dismissed", DAY), "an analyst dismissed the drift of 24 Nov 2026"),
        (("confirmed", DAY), "an analyst confirmed the drift of 24 Nov 2026"),
        (("restored", DAY), "an analyst withdrew the label of 24 Nov 2026"),
        (None, "the day was run again, or an analyst reviewed it"),
    ],
)
def test_a_correction_names_its_reason(changed_by, said):
    message = make_message(correction=True, changed_by=changed_by)

    assert text.notes(message) == [f"This corrects an earlier message: {said}."]
    assert text.notes(make_message(changed_by=changed_by)) == []


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
