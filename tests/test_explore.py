"""A table with dates is explored before anyone watches it: its last year under each alert rule, in one page."""

import datetime as dt
import re
import shlex
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from tests.jobs import Job, folders, main

pytestmark = pytest.mark.xdist_group("explore")  # the table is explored once
FIRST, DAYS, ROWS, SHIFT_FROM = dt.date(2025, 2, 1), 90, 80, 75


@pytest.fixture(scope="module")
def explored(tmp_path_factory):
    """A job, and what `explore` printed of a table in which `amount` rises on 17 April; a day and a `<b>` are in it."""
    folder = tmp_path_factory.mktemp("explored")
    dice, frames = np.random.default_rng(5), []
    for number in range(DAYS):
        if number != 50:
            amount = dice.normal(50 + 12 * (number >= SHIFT_FROM), 10, ROWS).round(2)
            kinds = dice.choice(["a", "<b>"], ROWS)
            frames.append(pd.DataFrame({"day": str(FIRST + dt.timedelta(number)), "amount": amount, "kind <i>": kinds}))
    pd.concat(frames).to_csv(folder / "orders.csv", index=False)
    job = Job(folder / "job")
    return job, folder / "orders.csv", job.run("explore", str(folder / "orders.csv"))


def test_one_command_shows_what_each_rule_would_have_done(explored):
    job, _table, done = explored

    assert (done.returncode, done.stderr) == (0, "")
    assert "comparing 60 days of orders\n" in done.stdout
    assert re.search(r"^budget of 4 a year +12 +2 +17 +amount \(17\)$", done.stdout, re.MULTILINE)
    assert "In 61 days, each alert counts as 6 a year.\n" in done.stdout
    assert len(re.findall(r"^(?:budget of|share >) ", done.stdout, re.MULTILINE)) == 8
    assert not (job.state / "history.db").exists() and not list((job.folder / "params").iterdir())


class Page(HTMLParser):
    """The links, ids and texts of a page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.ids, self.addresses, self.tags = [], [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.tags.add(tag)
        self.links += [known["href"]] if tag == "a" else []
        self.ids += [known["id"]] if "id" in known else []
        self.addresses += [known[name] for name in ("src", "action") if name in known]


def test_each_day_can_be_chosen_and_the_page_needs_no_other_file(explored):
    job, _, _ = explored
    text = (job.state / "explored/orders.html").read_text()
    page = Page(text)

    days = [link.removeprefix("#") for link in page.links if link.startswith("#2")]
    assert len(days) == 60 and set(days) <= set(page.ids) and "2025-03-23" not in days
    assert not page.addresses and not {"script", "link", "b", "img"} & page.tags
    chosen = text[text.index('id="2025-04-17"') :]
    assert " rows from 1\u00a0Feb\u00a02025 to 1\u00a0May\u00a02025. Reference: 2\u00a0Feb\u00a02025 to " in text
    assert "Warm-up on all 60 days: only large changes counted." in text
    assert "more unusual than any baseline day so far" in chosen[: chosen.index("</article>")]
    assert "amount: median rose from its usual " in chosen[: chosen.index("</article>")]


def test_the_page_says_how_to_adopt_a_setting(explored, capsys):
    job, _table, _ = explored
    text = (job.state / "explored/orders.html").read_text()
    command = shlex.split(re.search(r"(python runner.py init .*)", text)[1])
    assert "--rule share:0.1 -p min_distance 0.2" in text

    code, _out, err = main(capsys, *folders(job, *command[2:], "--rule", "share:0.2", "-p", "min_distance", "0.1"))

    assert (code, err) == (0, "")
    written = (job.folder / "params/orders.yaml").read_text()
    assert "\ndrift_share: 0.2\n" in written and "\nmin_distance: 0.1\n" in written and "rule: budget" not in written
    assert '\nreference_window: "2025-02-02/2025-03-01"\n' in written
    assert main(capsys, *folders(job, "validate"))[0] == 0


@pytest.mark.parametrize(
    "arguments, error",
    [
        (["--rule", "chance"], "--rule 'chance': no such rule; write share, share:0.2, budget or budget:4."),
        (["-p", "reference_window", "2025-02-01"], "reference_window '2025-02-01' is not two days; write it as "),
        (["-p", "max_rows", "5"], "-p max_rows: init takes read, time_column, timezone, reference_window, "),
        (["--name", "A B"], "choose another --name"),
    ],
)
def test_what_cannot_be_explored_is_one_line(explored, capsys, arguments, error):
    job, table, _ = explored

    code, _, err = main(capsys, *folders(job, "explore", str(table), *arguments))

    assert code == 2 and error in err and len(err.splitlines()) == 1


def test_a_table_without_dates_is_one_line(tmp_path, capsys):
    pd.DataFrame({"amount": range(100)}).to_csv(tmp_path / "plain.csv", index=False)

    code, _, err = main(capsys, *folders(Job(tmp_path / "job"), "explore", str(tmp_path / "plain.csv")))

    assert code == 2 and "has no column of dates" in err and len(err.splitlines()) == 1
