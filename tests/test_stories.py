"""The story of an incident: what changed first and with what, what came before it, and when it was so before."""

import json
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.stories.__main__ import notes
from driftmonitor.config.settings import AlertSettings, MonitorSettings
from driftmonitor.facts.evidence import DependenceEvidence, Evidence
from driftmonitor.facts.moves import DayMoves, Move
from driftmonitor.facts.record import Finding, RunRecord
from driftmonitor.facts.story import Note
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.alerts.messages import to_message
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.alerts.state import fold
from driftmonitor.pipeline.alerts.stories import Stories
from driftmonitor.pipeline.channels import discord, slack
from driftmonitor.pipeline.channels.payload import describe
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.history.tables import events
from driftmonitor.words.stories import say_shortly, say_story
from tests.jobs import folders, main
from tests.page_samples import HOSTILE, World, watched
from tests.pools import day_of
from tests.samples import NOW, day, make_record
from tests.test_alerts import runs
from tests.test_lasting_change import NOW as RECORDED
from tests.test_lasting_change import Days, record_all

pytestmark = pytest.mark.xdist_group("lasting change")
NEW_CATEGORY = Finding(kind="new_category", column="city", message="a new category: Paris")
DUPLICATES = Finding(kind="duplicate_rows", column=None, message="exact copies: 3% of rows")
CAME_WITH = {"a": 0.8, "b": 0.8, "c": 0.0}


def tell(found: list[Run], notes=(), number: int = -1) -> list[str]:
    """Return the story of an incident, the newest by default."""
    return say_story(Stories(found, None, notes).tell(fold(found).incidents[number]))


def moved(number: int, *columns: str, down: bool = False, quality=(), cells=()) -> RunRecord:
    """Return the record of a day on which columns drifted; `cells` are of tables of a and b, a and c, b and c."""
    record = make_record(number, "drift" if columns else "healthy", columns or ("a",))
    sign = -1 if down else 1
    scores = [
        score.model_copy(update={"effect": {"mean_shift_sd": sign * score.effect["mean_shift_sd"]}})
        for score in record.columns
    ]
    tables = DependenceEvidence(
        reference="r", columns=("a", "b", "c"), tables=((0, 1), (0, 2), (1, 2))[: len(cells) // 4], counts=cells,
        reference_counts=cells,
    )  # fmt: skip
    evidence = Evidence(columns=(), dependence=tables) if cells else None
    return record.model_copy(update={"columns": tuple(scores), "quality": tuple(quality), "evidence": evidence})


def of(*records: RunRecord) -> list[Run]:
    return [Run.of(record) for record in records]


def test_columns_are_told_in_the_order_in_which_they_drifted():
    assert tell(runs("healthy", "drift a", "drift a b c", "drift a d", "drift d e f")) == [
        "a since 2 Mar 2026; b and c since 3 Mar 2026; d since 4 Mar 2026; more on 1 later day."
    ]
    assert tell(runs("healthy", "drift a b", "drift b")) == []  # since when it lasts is said elsewhere


def test_failing_checks_are_told_in_their_order_too():
    last = Run.of(make_record(1, "check"))
    found = [*runs("check"), replace(last, failed_checks=("AUC", "rows"))]

    assert tell(found) == ["AUC since 1 Mar 2026; rows since 2 Mar 2026."]


def test_an_earlier_incident_of_the_same_columns_and_directions_is_named_with_its_review():
    sale = [replace(run, label="dismissed", reason="a sale, as every spring") for run in of(moved(1, "a", "b"))]
    found = [*of(moved(0)), *sale, *of(moved(2), moved(9), moved(10, "a", "b"))]

    assert tell(found) == ["As on 2 Mar 2026 (the same columns and directions), dismissed: a sale, as every spring."]
    assert tell([*found[:-1], *of(moved(10, "a", "b", "c"))]) == []  # two of three
    assert tell([*found[:-1], *of(moved(10, "a", "b", down=True))]) == []
    assert tell([*found[:-1], *of(moved(10, "a", "c"))]) == []
    assert tell(of(moved(0), moved(1, "a", "b"))) == []  # nothing was before it


def test_an_incident_may_have_one_change_in_four_more_and_the_most_similar_one_is_named():
    found = of(moved(0), moved(1, "a", "b", "c"), moved(2), moved(3, "a", "b", "c", "d"), moved(4))

    assert tell([*found, *of(moved(9, "a", "b", "c", "d", "e"))]) == [
        "As on 4 Mar 2026 (mostly the same columns and directions, 1 of 2 earlier incidents)."
    ]
    assert tell([*found, *of(moved(9, "c", "b", "a"))]) == [
        "As on 2 Mar 2026 (the same columns and directions, 2 of 2 earlier incidents)."
    ]
    reviewed = [replace(found[1], label="confirmed", reason="prices rose"), *of(moved(2), moved(5, "a", "b", "c"))]
    assert tell([found[0], *reviewed, *of(moved(6), moved(9, "a", "b", "c"))]) == [
        "As on 2 Mar 2026 (the same columns and directions, 2 of 2 earlier incidents), confirmed as real: prices rose."
    ]


@pytest.mark.parametrize(
    ("cells", "down", "words"),
    [
        ((400, 100, 100, 400), False, "In the reference a and b go together: one change can show in both."),
        ((100, 400, 400, 100), False, "In the reference a and b go together, but they did not move so: "
                                      "more than one change."),
        ((250, 250, 251, 249), False, "In the reference a and b hardly go together: none of them explains another."),
        ((300, 200, 200, 300), False, None),  # in between: correlation 0.3
        ((), False, None),  # not known
    ],
)  # fmt: skip
def test_columns_of_one_day_are_told_apart_by_how_they_go_together_in_the_reference(cells, down, words):
    assert tell(of(moved(0, cells=cells), moved(1, "a", "b", cells=cells))) == ([words] if words else [])


def test_a_column_that_follows_is_told_to_go_with_the_one_before_it():
    cells = (400, 100, 100, 400)

    assert tell(of(moved(0, "a", cells=cells), moved(1, "a", "b", cells=cells))) == [
        "a since 1 Mar 2026; b since 2 Mar 2026.",
        "In the reference a and b go together: one change can show in both.",
    ]


def test_only_what_the_seven_runs_before_did_not_have_is_new():
    found = of(moved(0, quality=[DUPLICATES]), moved(2, "a", quality=[NEW_CATEGORY, DUPLICATES]))
    quiet = of(*map(moved, range(3, 10)))

    assert tell(found) == ["Also new on 3 Mar 2026: a new category (city)."]
    assert tell(found[1:]) == []  # no run before it
    assert tell([replace(found[0], moves=None), found[1]]) == []  # an older version did not keep it
    assert tell([found[0], *quiet, Run.of(moved(10, "a", quality=[DUPLICATES]))]) == [
        "Also new on 11 Mar 2026: duplicate rows."
    ]
    assert tell([found[0], *quiet[1:], Run.of(moved(10, "a", quality=[DUPLICATES]))]) == []


def test_notes_are_named_with_how_many_days_have_one_as_near():
    found = of(moved(0), moved(30, "a"))
    deployed = Note(day(28), "checkout 4.2 deployed")
    weekly = [Note(day(7 * week), f"release {week}") for week in range(-30, 5)]

    assert tell(found, [deployed]) == ['2 days after "checkout 4.2 deployed" (29 Mar 2026).']
    assert tell(found, [Note(day(-200), "checkout 4.1 deployed"), deployed]) == [
        '2 days after "checkout 4.2 deployed" (29 Mar 2026); by chance, 1.9% of days come as soon after an event.'
    ]
    assert tell(found, [Note(day(-400), "moved"), Note(day(30), "new scanners"), Note(day(30), "new tills")]) == [
        'On the day of "new scanners" and "new tills" (31 Mar 2026).'
    ]
    assert tell(runs("healthy", "failed"), [Note(day(0), "checkout 4.2 deployed")]) == [
        '1 day after "checkout 4.2 deployed" (1 Mar 2026).'
    ]
    assert tell(found, weekly) == []  # 43% of days come up to two days after one
    assert tell(found, [Note(day(22), "too long ago"), Note(day(31), "too late")]) == []


def test_changes_that_are_not_in_a_columns_values_are_told_as_what_they_are():
    first, second = runs("drift amount fee", "drift amount fee")
    moves = [
        (Move(columns=("amount",), change="unit", rose=True), Move(columns=("fee",), change="missing", rose=True)),
        (Move(columns=("amount", "fee"), change="dependence"), Move(change="rows", rose=False)),
    ]
    found = [replace(run, moves=DayMoves(moves=own)) for run, own in zip((first, second), moves, strict=True)]

    assert tell(found) == [
        "amount (another unit) and fee (missing values) since 1 Mar 2026; "
        "how amount and fee go together and the number of rows since 2 Mar 2026."
    ]


def test_changes_of_segments_are_told_each_for_itself():
    run = runs("drift amount")[0]
    german, french = (
        Move(columns=("amount",), segment=f"country = {each}", change="segment", rose=True) for each in ("DE", "FR")
    )
    gone = Move(segment="plan = pro", change="segment_gone", rose=False)
    found = [
        replace(run, moves=DayMoves(moves=(german,))),
        replace(run, run_date=day(1), moves=DayMoves(moves=(french, gone))),
    ]

    assert tell(found) == [
        "amount in country = DE since 1 Mar 2026; amount in country = FR and plan = pro since 2 Mar 2026."
    ]


def test_runs_of_an_older_version_are_told_by_their_columns_alone():
    found = [replace(run, moves=None) for run in of(moved(0, "a"), moved(1), moved(8, "a"), moved(9, "a", "b"))]

    assert tell(found) == ["a since 9 Mar 2026; b since 10 Mar 2026."]


@settings(max_examples=30)
@given(st.permutations(range(12)))
def test_a_story_does_not_depend_on_the_order_in_which_runs_were_recorded(order):
    records = [moved(number, *("a", "b", "c")[: number % 4], down=number > 6) for number in range(12)]
    shuffled = [Run.of(records[number]) for number in order]

    for number in range(len(fold(shuffled).incidents)):
        assert tell(shuffled, number=number) == tell(of(*records), number=number)


def test_what_moved_is_read_back_from_the_history_as_it_was_recorded(tmp_path):
    odd = ("\ud800 alone", "NUL \x00", "", "😀" * 300)
    records = [moved(0, quality=[DUPLICATES]), moved(1, "a", "b", cells=(400, 100, 100, 400)), moved(2), moved(3, *odd)]
    with open_history(tmp_path / "history.db") as history:
        for record in records:
            history.record(record, planner(), NOW)

        assert [run.moves for run in history.runs("pay")] == [run.moves for run in of(*records)]


def test_page_api_feed_and_message_of_the_budget_rule_tell_the_same_story(tmp_path, capsys):
    """Twice `amount` rises; the first time was real, and the second comes two days after a deployment."""
    days = Days().add(30).add(2, 0.7)
    days.known[30:] = [known.model_copy(update={"label": "confirmed"}) for known in days.known[30:]]
    days.add(16).add(1, 0.7)
    (tmp_path / "events.csv").write_text("date,text\n2026-01-12,cards accepted\n2026-02-16,checkout 4.2 deployed\n")
    job = record_all(tmp_path, days.records[:-1])
    params = job.folder / "params" / "shop.yaml"
    params.write_text(params.read_text().replace("{title: Shop", f"{{title: Shop, events: {tmp_path}/events.csv"))
    notes = [Note(day_of(11), "cards accepted"), Note(day_of(46), "checkout 4.2 deployed")]
    plan = planner(AlertSettings(rule="budget"), "Shop", notes=notes)
    with open_history(job.state / "history.db") as history:
        for record in days.records[30:32]:
            history.label("shop", record.run_date, "confirmed", "prices rose", plan, RECORDED)
        history.record(days.records[-1], plan, RECORDED)

    alert = main(capsys, *folders(job, "alert"))[1].replace("\n", " ")
    status, validated = main(capsys, *folders(job, "publish"))[0], main(capsys, *folders(job, "validate"))[1]
    texts = [(job.site / name).read_text().replace("\u00a0", " ") for name in ("shop/index.html", "feed.xml")]
    (incident,) = [
        each for each in json.loads((job.site / "api/shop.json").read_text())["incidents"] if not each["end"]
    ]
    own_page = (job.site / incident["page"].removeprefix("../")).read_text().replace("\u00a0", " ")

    words = [
        "As on 31 Jan 2026 (the same columns and directions), confirmed as real: prices rose.",
        '2 days after "checkout 4.2 deployed" (16 Feb 2026); by chance, 7.5% of days come as soon after an event.',
    ]
    assert status == 0
    assert incident["words"] == words
    assert [each["start"] for each in incident["alike"]] == ["2026-01-31"]
    assert " ".join(words) in alert
    for text in (*texts, own_page):
        assert all(word.replace('"', "&#34;") in text or word.replace('"', "&quot;") in text for word in words)
    assert "Events: 2 dated notes." in validated


def test_hostile_names_reasons_and_notes_are_shown_as_plain_text_and_cut(tmp_path):
    world, file = World(tmp_path), tmp_path / "events.yaml"
    text = "</script><img src=x onerror=alert(1)> @everyone [x](https://evil.example)"
    file.write_text(json.dumps([{"date": "2026-03-05", "text": text}]))
    for record in (moved(0), moved(1, *HOSTILE), moved(2), moved(6, *HOSTILE)):
        world.history.record(record, planner(notes=[Note(day(4), text)]), NOW)
    world.history.label("pay", day(1), "dismissed", HOSTILE[0] + "x" * 400, planner(), NOW)

    with world.history._database.reading() as connection:
        payloads = connection.execute(sa.select(events.c.payload).order_by(events.c.position)).scalars().all()
    addresses = dict.fromkeys(("page_url", "notebook_url", "picture"))
    message = to_message("pay", day(6), "drift_started", 0, payloads[-1], sent_at=NOW, **addresses)
    published = world.publish(replace(watched("pay"), settings=MonitorSettings(events=str(file))))

    page = world.text("pay/incidents/drift-2026-03-07/index.html")
    assert published.failures == []
    assert "2 days after &#34;&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in page
    assert "dismissed: &lt;/script&gt;" in page
    assert not re.search(r"<(script(?! src)|img)", page)
    assert "</script><img" in message.story[1]
    for sent in (discord.describe(message), json.dumps(slack.build(message), ensure_ascii=False)):
        assert "2 days after" in sent
        assert not re.search(r"@everyone|https://evil", sent)  # each has an invisible gap
    assert "\\[x\\](" in discord.describe(message)
    assert describe(message)["story"] == list(message.story)
    assert max(map(len, re.findall(r">([^<]*)<", page))) < 700


def test_only_the_newest_incidents_have_a_page_and_the_others_are_listed(tmp_path):
    world = World(tmp_path)
    for number in range(204):
        world.history.record(moved(number, *("a",) * (number % 2)), None, NOW)

    world.publish(watched("pay"))

    pages = sorted(path.parent.name for path in (world.site / "pay/incidents").glob("*/index.html"))
    page = world.text("pay/index.html")
    assert (len(pages), pages[-1]) == (100, "drift-2026-09-20")
    assert page.count("Open the incident</a>") == 100
    assert page.count('<li id="drift-') == 102
    world.publish(watched("pay"))  # unchanged: all are reused
    assert sorted(path.parent.name for path in (world.site / "pay/incidents").glob("*/index.html")) == pages
    assert len(say_shortly(Stories(world.history.runs("pay")).tell(fold(world.history.runs("pay")).incidents[-1]))) == 1


def test_the_benchmark_of_stories_counts_what_is_said_by_chance(capsys):
    notes(100)

    words = capsys.readouterr().out.split()
    assert words[-18::3] == ["1", "4", "12", "26", "52", "200"]
    assert all(float(share) <= 0.2 for share in words[-17::3])
    assert words[-2:] == ["0.000", "0.000"]
