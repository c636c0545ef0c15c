"""A change that stays: an incident ends because the rule got used to it, and nobody calls that healthy."""

import datetime as dt
import json
import re
from collections import Counter

import numpy as np
import pytest

from driftmonitor.analysis.drift import judge_with
from driftmonitor.budget.lasting import RECENT
from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.earlier_days import EarlierDays
from driftmonitor.formats import say_day
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.history import open_history
from tests.jobs import Job, folders, main
from tests.pools import as_past, compare_day, day_of, orders
from tests.test_site_data import problems

pytestmark = pytest.mark.xdist_group("lasting change")  # its days are judged once

SHIFT_FROM, DAYS, ROWS, SHIFT = 35, 63, 400, 0.5  # from 5 February on
NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
PARAMS = "source: simulate\nmonitor: {title: Shop, alert: {rule: budget}}\n"


class Days:
    """Days of orders, each judged by those before it; an analyst may accept those since some day."""

    def __init__(self):
        self.known, self.records = [], []

    def add(self, days: int, amount: float = 0.0) -> "Days":
        for number in range(len(self.known), len(self.known) + days):
            comparison = compare_day(orders(np.random.default_rng(number), ROWS, amount=amount))
            judged = judge_with(comparison, EarlierDays(rule="budget", days=tuple(self.known)), day_of(number))
            self.records.append(judged.record("shop", day_of(number)))
            self.known.append(as_past(self.records[-1]))
        return self

    def accept(self, first: int) -> "Days":
        self.known[first:] = [day.model_copy(update={"label": "accepted"}) for day in self.known[first:]]
        return self

    def copy(self) -> "Days":
        made = Days()
        made.known, made.records = [*self.known], [*self.records]
        return made

    def shown(self, first: int = 0) -> list[str]:
        return [record.shown_status for record in self.records[first:]]


@pytest.fixture(scope="module")
def days():
    """Thirty ordinary days, and then `amount` is half a standard deviation larger for good."""
    return Days().add(SHIFT_FROM).add(DAYS - SHIFT_FROM, SHIFT)


@pytest.fixture
def job(days, tmp_path):
    return record_all(tmp_path, days.records)


def record_all(folder, records):
    made = Job(folder / "job", shop=PARAMS.replace("{", "{{").replace("}", "}}"))
    made.state.mkdir()
    with open_history(made.state / "history.db") as history:
        alert = AlertSettings(rule="budget")
        for record in records:
            history.record(record, planner(alert, "Shop"), NOW)
    return made


def test_after_the_incident_the_days_are_changed_until_the_data_returns(days):
    shown = days.shown()
    end = len(shown) - shown[::-1].index("drift")

    assert set(shown[:SHIFT_FROM]) == {"healthy"}
    assert set(shown[SHIFT_FROM:end]) == {"drift"}
    assert shown[end:] == ["healthy"] * 6 + ["changed"] * (DAYS - end - 6)  # the seventh closes the incident
    changed = days.records[-1].changed
    assert (changed.since, changed.signal, changed.columns) == (day_of(SHIFT_FROM), "level", ("amount",))
    assert changed.distance == pytest.approx(0.197, abs=0.02)  # K-S distance of two normal distributions 0.5 sd apart

    back = days.copy().add(RECENT + 14)
    assert set(back.shown(-7)) <= {"healthy", "drift"}


def test_a_change_that_went_back_and_came_again_lasts_since_it_came_again():
    days = Days().add(25).add(1, 1.0).add(20).add(27, 1.0)

    assert days.shown().index("drift") == 25
    assert days.records[-1].changed.since == day_of(48)


def test_a_monitor_that_starts_on_other_data_says_so_from_its_first_day_on():
    other, slight = Days().add(8, 0.35), Days().add(3, 0.1)

    assert other.shown() == ["changed"] * 8
    assert other.records[-1].changed.from_start and other.records[-1].changed.since == day_of(0)
    assert slight.shown() == ["healthy"] * 3


def test_accepted_days_are_what_later_days_are_compared_with(days):
    accepted = days.copy().accept(SHIFT_FROM).add(5, SHIFT)
    early = Days().add(SHIFT_FROM).add(2, SHIFT).accept(SHIFT_FROM).add(6, SHIFT)
    again = accepted.copy().add(2, SHIFT + 0.7)

    assert accepted.shown(DAYS) == ["healthy"] * 5
    assert accepted.records[-1].judgement.pool_days == 26  # all but the last of February and the first of March
    assert early.shown(SHIFT_FROM) == ["drift"] * 2 + ["healthy"] * 6
    assert again.shown(-2) == ["drift"] * 2


def test_console_page_api_badge_feed_and_message_say_that_it_has_changed(job, capsys):
    since = say_day(day_of(SHIFT_FROM))
    alert = main(capsys, *folders(job, "alert"))[1]
    status = main(capsys, *folders(job, "status"))[1]
    main(capsys, *folders(job, "publish"))
    page, index = ((job.site / name).read_text().replace("\u00a0", " ") for name in ("shop/index.html", "index.html"))
    monitor, badge = (json.loads((job.site / f"{name}.json").read_text()) for name in ("api/shop", "badge/shop"))

    assert f"Shop (shop): the drift that began on {since} is no longer new, but lasts on " in alert
    assert re.search(r": amount still differs from the reference \(distance 0\.\d\d\)\.", alert)
    assert "changed" in status and f"{day_of(SHIFT_FROM)}" in status
    assert f"Changed since {since}, accepted by time" in page
    # A column's name is written as it is, and the date is not said twice.
    assert re.search(r"<bdi>amount still differs from the reference \(distance 0\.\d\d\)\. ", page)
    assert "The data has changed, and that is no longer new" in index
    assert (monitor["state"], monitor["drift_state"]) == ("changed", "changed")
    assert monitor["since"] == f"{day_of(SHIFT_FROM)}"
    assert monitor["verdict"].startswith("Changed: amount still differs from the reference (distance 0.")
    assert monitor["runs"][-1]["changed_since"] == f"{day_of(SHIFT_FROM)}"
    assert monitor["runs"][-1]["state"] == "changed" and monitor["runs"][-1]["status"] == "healthy"
    assert monitor["last_status"] == "healthy"  # nobody counts it as an alert
    assert badge["message"].startswith("changed · ")
    assert problems(job.site)[1] == []


def test_accept_ends_it_corrects_what_was_sent_and_can_be_undone(job, days, capsys):
    when = ["--monitor", "shop", "--from", f"{day_of(SHIFT_FROM)}"]
    main(capsys, *folders(job, "alert"))

    code, out, _ = main(capsys, *folders(job, "accept", *when, "--reason", "a new price list"))
    correction = main(capsys, *folders(job, "alert"))[1]
    status = main(capsys, *folders(job, "status"))[1]
    main(capsys, *folders(job, "publish"))

    span = f"{DAYS - SHIFT_FROM} days from {day_of(SHIFT_FROM)} to {day_of(DAYS - 1)}"
    shown = Counter(days.shown(SHIFT_FROM))
    assert code == 0
    assert out.splitlines() == [
        f"shop: {span} accepted: a new price list",
        f"shop: until now: {shown['drift']} with drift, {shown['changed']} changed, 6 healthy",
        f"shop: incident since {day_of(SHIFT_FROM)}, until {day_of(SHIFT_FROM + shown['drift'] + 6)}: amount",
        "shop: later days are compared with them; the warm-up begins again if they are too few",
    ]
    assert "Correction: Shop (shop): no drift on " in correction
    assert "Accepted by an analyst (a new price list)." in correction
    assert "changed" not in status
    assert "accepted: a new price list" in (job.site / "shop/index.html").read_text()

    assert main(capsys, *folders(job, "accept", *when, "--undo"))[1] == f"shop: {span} no longer accepted\n"
    assert "changed" in main(capsys, *folders(job, "status"))[1]
    assert "Correction: Shop (shop): drift did start on " in main(capsys, *folders(job, "alert"))[1]


def test_accepted_days_are_never_called_accepted_by_time_and_reviewed_days_keep_their_review(job, capsys):
    reviewed, late = (f"{day_of(SHIFT_FROM + number)}" for number in (2, 4))
    main(capsys, *folders(job, "dismiss", "--monitor", "shop", "--date", reviewed, "--reason", "a sale")[:-2])

    out = main(capsys, *folders(job, "accept", "--monitor", "shop", "--from", late, "--reason", "new prices"))[1]
    again = main(capsys, *folders(job, "accept", "--monitor", "shop", "--from", reviewed, "--reason", "new prices"))[1]
    main(capsys, *folders(job, "publish"))
    page = (job.site / "shop/index.html").read_text().replace("\u00a0", " ")
    status = main(capsys, *folders(job, "status"))[1]

    since = f"shop: incident since {day_of(SHIFT_FROM)}, "
    assert re.search(
        f"^{since}until .*: amount; to accept all of it, use --from {day_of(SHIFT_FROM)}$", out, re.MULTILINE
    )
    assert f"shop: {reviewed} keeps its review: dismissed: a sale\n" in again
    assert f"{say_day(day_of(SHIFT_FROM + 2))}, dismissed: a sale" in page
    assert "Accepted by an analyst" in page and "by time" not in page and "still differs" not in page
    assert "dismissed" not in status


def test_status_says_that_the_newest_day_was_accepted(days, tmp_path, capsys):
    job, newest = record_all(tmp_path, days.records[: SHIFT_FROM + 4]), f"{day_of(SHIFT_FROM + 3)}"

    main(capsys, *folders(job, "accept", "--monitor", "shop", "--from", newest, "--reason", "new prices"))

    assert "recovering, accepted" in main(capsys, *folders(job, "status"))[1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--from", "2026-01-31"], "--monitor: a review needs exactly one; name it, such as --monitor orders."),
        (["--monitor", "shop", "--from", "2026-01-31"], "--reason: missing; add one for the page"),
        (["--monitor", "shop", "--from", "soon", "--reason", "x"], "--from 'soon' is not a date"),
        (["--monitor", "shop", "--from", "2031-01-01", "--reason", "x"], "--from 2031-01-01 is in the future"),
        (["--monitor", "shop", "--from", "2026-10-31", "--reason", "x"], "shop: no successful run from 2026-10-31 on"),
        (["--monitor", "shop", "--from", "2026-01-31", "--undo"], "shop: no day is accepted from 2026-01-31 on"),
        (["--monitor", "shop", "--from", "2026-01-31", "--reason", "x" * 501], "--reason has 501 characters"),
        (["--monitor", "nope", "--from", "2026-01-31", "--reason", "x"], "nope"),
    ],
)
def test_what_cannot_be_accepted_is_one_line(job, given, said, capsys):
    code, _, err = main(capsys, *folders(job, "accept", *given))

    assert (code, err.count("\n")) == (2, 1)
    assert said in err
