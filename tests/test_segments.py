"""Segments of the rows: counted, judged in the budget, said by segment and column, and the same on every road."""

import datetime as dt
import json

import duckdb
import numpy as np
import pandas as pd
import pytest

from benchmarks.segments.__main__ import main as benchmark
from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import score
from driftmonitor.analysis.drift.reference_days import reference_days
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.drift.segments.grouping import divide
from driftmonitor.analysis.sides import Values
from driftmonitor.analysis.sources import Data
from driftmonitor.analysis.sources.expressions import UNSTABLE, evaluate
from driftmonitor.analysis.starting.propose import propose
from driftmonitor.analysis.without_notebook import Days
from driftmonitor.budget import anomaly, baseline, full_baseline, wandering
from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.judge import Judge
from driftmonitor.config.segment_settings import Segmentation, parse_segments
from driftmonitor.config.yaml_text import read_yaml
from driftmonitor.facts.earlier_days import EarlierDays, earlier_day
from driftmonitor.facts.evidence import SegmentEvidence
from driftmonitor.facts.judgement import LastingChange
from driftmonitor.facts.record import parse
from driftmonitor.pipeline.history import open_history
from driftmonitor.words.figures import Figure
from driftmonitor.words.judgements import say_judgement
from driftmonitor.words.lasting import say_difference
from driftmonitor.words.segments import name_segment, say_gone, say_in_segment, say_new, say_share
from driftmonitor.words.where import say_where
from tests.jobs import ROOT, Job, folders, main

pytestmark = pytest.mark.xdist_group("segments")
FIRST, CALM = dt.date(2026, 3, 3), 14
SEGMENTS = ["country", "amount", {"big": "amount > 80 -- in euros"}]
WEATHER = f"""
source: files
reference: {ROOT}/data/weather.parquet
time_column: time_hour
reference_window: 2013-01-01/2013-03-31
segments: [origin, temp, {{{{windy: "wind_speed > 12"}}}}]
monitor: {{{{alert: {{{{rule: budget}}}}}}}}
"""
COUNTRIES, SHARES = ["DE", "FR", "IT", 'PL "<b>'], [0.55, 0.3, 0.1, 0.05]


def orders(seed, rows=1000, change=""):
    random = np.random.default_rng([21, seed])
    frame = pd.DataFrame(
        {
            "amount": random.lognormal(4, 0.5, rows),
            "age": random.normal(40, 10, rows),
            "visits": random.poisson(2, rows) + 0.5,
            "plan": random.choice(["free", "pro"], rows, p=[0.7, 0.3]),
            "country": random.choice(COUNTRIES, rows, p=SHARES),
        }
    )
    poland, italy = frame.country == COUNTRIES[3], frame.country == "IT"
    if change == "segment":
        frame.loc[poland, "age"] += 15
    if change == "whole":
        frame["age"] += 5
    if change == "gone":
        frame = frame[~italy]
    if change == "new":
        frame.loc[italy, "country"] = "XX"
    if change == "missing":
        frame.loc[italy, "country"] = None
    if change == "plan":
        frame.loc[poland, "plan"] = "pro"
    return frame


def data_of(reference, current):
    return Data(reference, current, len(reference), len(current))


def compare(reference, current, segments, columns=None):
    data = data_of(reference, current)
    return score(data, infer_columns(data, columns), Settings(segments=segments))


def findings(comparison):
    return [finding.message for finding in comparison.quality if finding.kind == "segments"]


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Compare and judge two weeks of files, then one day of each kind; return the records and the last judgements."""
    folder = tmp_path_factory.mktemp("orders")
    orders(0, 8000).to_parquet(folder / "reference.parquet")
    changes = ["", "segment", "whole", "gone", "new", "missing", "plan"]
    dates = [FIRST + dt.timedelta(number) for number in range(CALM)]
    last = {change: dates[-1] + dt.timedelta(1 + number) for number, change in enumerate(changes)}
    for number, date in enumerate([*dates, *last.values()]):
        orders(number + 1, 1000, changes[number - CALM] if number >= CALM else "").to_parquet(
            folder / f"{date}.parquet"
        )
    given = {
        "source": "files", "reference": f"{folder}/reference.parquet", "current": f"{folder}/{{date}}.parquet",
        "segments": SEGMENTS, "columns": {"country": "ignore"},
    }  # fmt: skip
    days, judge = Days("orders", given, [*dates, *last.values()]), Judge(EarlierDays(rule="budget"))
    calm = [judge.judge(days.compare(date)) for date in dates]
    records = {change: days.compare(date) for change, date in last.items()}
    return given, judge.past, calm, {change: Judge(judge.past).judge(each) for change, each in records.items()}


def test_calm_days_are_healthy_and_each_change_alerts_on_its_first_day(story):
    _, _, calm, last = story

    assert [record.run_date for record in calm if record.status == "drift"] == []
    assert {change for change, record in last.items() if record.status == "drift"} == set(last) - {""}


@pytest.mark.parametrize(
    ("change", "kind", "columns", "words"),
    [
        (
            "segment",
            "segment",
            ("age",),
            "country = PL \"<b>: values of age rose; they exceed the reference's in about",
        ),
        ("whole", "level", ("age",), "age: median rose from its usual"),
        ("gone", "segment_gone", (), "country = IT: no rows, usually"),
        (
            "new",
            "segment_new",
            (),
            'country: 8.7% of rows have a value that the reference does not have, such as "XX"',
        ),
        ("missing", "segment_new", (), "country: 8.8% of rows have no value; the reference has no such rows"),
        ("plan", "segment", ("plan",), 'country = PL "<b>: the rarer categories of plan became more frequent'),
    ],
)
def test_the_first_cause_names_segment_and_column_and_a_change_of_all_rows_no_segment(
    story, change, kind, columns, words
):
    judgement = story[3][change].judgement
    first = judgement.causes[0]

    assert (first.change, first.columns) == (kind, columns)
    assert first.words.startswith(words)
    assert first.words in say_judgement(judgement)
    assert len({(cause.columns, cause.segment) for cause in judgement.causes}) == len(judgement.causes)
    assert change != "whole" or {cause.segment for cause in judgement.causes} == {None}


def test_sums_are_those_of_a_loop_over_rows():
    reference, current = orders(1, 3000), orders(2, 400)
    reference.loc[:99, "age"] = np.nan
    current.loc[:39, "age"] = np.nan
    current.loc[20:40, "country"] = "XX"

    found = compare(reference, current, ["country"]).evidence

    (own,) = found.segments
    names = [column.name for column in found.columns]
    assert own.values == tuple(COUNTRIES)
    assert own.rows == tuple((current.country == name).sum() for name in [*COUNTRIES, "other", None, "XX"])
    assert own.reference_rows == (*((reference.country == name).sum() for name in COUNTRIES), 0, 0)
    assert own.sums[names.index("country")] == () and own.new == "XX"
    edges = np.unique(np.sort(reference.age.dropna())[(np.arange(1, 50) * 2900 + 49) // 50 - 1])
    for number, name in enumerate(COUNTRIES):
        usual = reference.age[reference.country == name].dropna()
        bins = np.searchsorted(edges, usual)
        ridits = [0.0, 0.0]
        for total, values in enumerate((current.age[current.country == name].dropna(), usual)):
            for value in values:
                place = np.searchsorted(edges, value)
                ridit = ((bins < place).sum() + (bins == place).sum() / 2) / len(bins) - 0.5
                ridits[total] += ridit if total == 0 else ridit**2
        assert own.sums[names.index("age")][number] == round(10 * ridits[0])
        spread = 100 * 12 * ridits[1] / (reference.country == name).sum()
        assert (*own.spreads[names.index("age")], 100, 100, 100, 100)[number] == pytest.approx(spread, abs=0.51)


def test_an_alert_says_the_change_in_a_segment_in_the_unit_of_its_column(story):
    given, _, _, last = story
    reference, record = orders(0, 8000), last["segment"]
    today = pd.read_parquet(given["current"].format(date=record.run_date))
    medians = tuple(side.loc[side["country"] == COUNTRIES[3], "age"].median() for side in (reference, today))

    (where,) = Days("orders", given, [record.run_date]).explain(record.run_date, record.judgement)
    none = Days("orders", given, [last["plan"].run_date]).explain(last["plan"].run_date, last["plan"].judgement)

    assert (where.column, where.verdict, where.segment) == ("age", "segment", 'country = PL "<b>')
    assert where.medians == pytest.approx(medians, rel=1e-5)
    assert [round(each) for each in where.medians] == [39, 57]
    assert say_where(where) == 'In country = PL "<b>, the median of age rose from 39.4 to 57.2.'
    assert none == ()


def test_of_two_segments_that_which_moved_is_named_and_not_the_other(story):
    _, past, _, _ = story
    today = orders(99, 1000)
    today.loc[today.amount > 80, "age"] -= 8
    compared = compare(orders(0, 8000), today, SEGMENTS, {"country": "ignore"})

    causes = Judge(past).judge(compared.record("orders", FIRST + dt.timedelta(CALM))).judgement.causes

    assert [(cause.segment, cause.columns) for cause in causes] == [("big = True", ("age",))]
    assert causes[0].words.startswith("big = True: values of age fell; they exceed the reference's in about 2")


def test_records_and_earlier_days_keep_counts_only_and_little(story):
    record = story[3][""]
    day = earlier_day(record.run_date, record.model_dump(mode="json"), "")
    segments = [each.pop("segments") for each in (json.loads(record.to_json())["evidence"], day["evidence"])]

    assert parse(json.loads(record.to_json()), "record.json") == record
    assert set(segments[1][0]) == {"reference", "rows", "sums"}
    assert len(json.dumps(segments[1])) < 0.3 * len(json.dumps(day["evidence"]))
    assert earlier_day(record.run_date, {"evidence": {"columns": []}}, "")["evidence"] == {"columns": []}


def test_a_monitor_without_segments_is_judged_as_if_there_were_none(story):
    _, past, _, last = story
    bare = [day.model_copy(update={"evidence": day.evidence.model_copy(update={"segments": ()})}) for day in past.days]
    today = last["whole"].model_copy(update={"evidence": last["whole"].evidence.model_copy(update={"segments": ()})})

    alone = Judge(past.model_copy(update={"days": tuple(bare)})).judge(today).judgement
    with_segments = last["whole"].judgement

    assert (alone.strangeness, alone.p, alone.p_limit) == (
        with_segments.strangeness, with_segments.p, with_segments.p_limit,
    )  # fmt: skip


def test_with_a_full_baseline_others_are_judged_as_without_segments_which_have_a_limit_of_their_own(monkeypatch):
    values = np.random.default_rng(13).normal(size=(300, 912))
    groups, windows = np.repeat([0, 1, 3], [6, 6, 900]), np.repeat([1, 7, 1], [6, 6, 900])

    def judge_last(number, change=0.0):
        terms = Terms(4, np.zeros(number, bool), np.full(number, 0.5), 1.0, windows[:number], groups[:number])
        past = anomaly.Candidates(
            values[:299, :number], np.arange(299), np.zeros(299, bool), np.full(299, ""), np.zeros(299, int)
        )
        return anomaly.judge_day(values[299, :number] + change * (np.arange(number) == 500), 299, past, terms)

    alone, both, moved = judge_last(12), judge_last(912), judge_last(912, 6.0)
    for room in (full_baseline, wandering):
        monkeypatch.setattr(room, "AT_ONCE", 10_000)
    at_once = judge_last(912)

    assert not both.warm_up and both.threshold == alone.threshold
    assert (both.z[:12] == alone.z).all() and (both.limits[:12] == alone.limits).all()
    assert (both.z == at_once.z).all() and (both.limits == at_once.limits).all()
    assert (both.drift, moved.drift, int(np.nanargmax(moved.z))) == (False, True, 500)


def test_a_segment_must_exceed_more_over_several_days_than_on_one(monkeypatch):
    values = np.random.default_rng(15).normal(size=(300, 30))
    windows = np.tile([1, 7], 15)
    terms = Terms(4, np.zeros(30, bool), np.full(30, 0.5), 1.0, windows, np.repeat([0, 3], [10, 20]))
    past = anomaly.Candidates(values[:299], np.arange(299), np.zeros(299, bool), np.full(299, ""), np.zeros(299, int))

    verdict = anomaly.judge_day(values[299], 299, past, terms)
    monkeypatch.setattr(baseline, "SEVERAL_MARGIN", 1.0)
    alike = anomaly.judge_day(values[299], 299, past, terms)

    further = np.where((np.arange(30) >= 10) & (windows == 7), 1.1, 1.0)
    assert not verdict.warm_up and verdict.threshold == alike.threshold
    assert verdict.limits == pytest.approx(further * alike.limits)
    assert verdict.z == pytest.approx(alike.z / further)


def test_incidents_without_segments_do_not_raise_their_limit():
    values = np.random.default_rng(14).normal(size=(300, 20))
    drift = np.arange(300) % 40 == 39
    values[drift, 0] = 12.0
    terms = Terms(4, np.zeros(20, bool), np.full(20, 0.5), 1.0, np.ones(20), np.repeat([0, 3], 10))

    def judge_last(drift):
        past = anomaly.Candidates(values[:299], np.arange(299), drift[:299], np.full(299, ""), np.zeros(299, int))
        return anomaly.judge_day(values[299], 299, past, terms)

    raised = judge_last(drift)
    values[drift, 15] = 12.0
    also = judge_last(drift)

    assert raised.raised == also.raised == 4
    assert raised.limits[15] < 5 < raised.limits[0] and also.limits[15] > 2 * raised.limits[15]


def test_days_judged_in_turn_are_judged_as_alone_and_an_upgrade_does_not_alarm(story):
    _, past, calm, last = story
    known = past.model_copy(update={"days": past.days[:-1]})
    old = [day.model_copy(update={"evidence": day.evidence.model_copy(update={"segments": ()})}) for day in past.days]

    assert Judge(known).judge(calm[-1]).judgement == calm[-1].judgement
    assert not Judge(past.model_copy(update={"days": tuple(old)})).judge(last[""]).judgement.alarm


def test_a_day_of_the_reference_has_the_segments_of_its_rows():
    reference = orders(3, 4000).assign(day=pd.date_range("2026-01-01", periods=20).repeat(200))
    current = orders(4, 200).assign(day=pd.Timestamp("2026-02-01"))
    comparison = compare(reference, current, SEGMENTS, {"day": "ignore"})

    found = reference_days(
        comparison.compared, comparison.columns, comparison.evidence, "day", dt.date(2026, 2, 1), 1,
        comparison.segmentations,
    )  # fmt: skip
    alone = compare(reference, reference[reference.day == "2026-01-05"], SEGMENTS, {"day": "ignore"}).evidence

    day = next(each.evidence for each in found.days if each.date == dt.date(2026, 1, 5))
    assert [each.reference for each in day.columns] == [each.reference for each in alone.columns]
    assert [(each.reference, each.rows, each.sums) for each in day.segments] == [
        (each.reference, each.rows, each.sums) for each in alone.segments
    ]
    assert found.cover(comparison.evidence)
    without = comparison.evidence.model_copy(update={"segments": ()})
    earlier = reference_days(comparison.compared, comparison.columns, without, "day", dt.date(2026, 2, 1))
    assert earlier.cover(without) and not earlier.cover(comparison.evidence)


@pytest.mark.slow
@pytest.mark.usefixtures("quick_kernels")
def test_of_a_real_table_a_notebook_and_a_backfill_without_one_leave_the_same_record(tmp_path, capsys):
    found = []
    for pages in ("none", "all"):
        job = Job(tmp_path / pages, weather=WEATHER)
        asked = ["backfill", "--from", "2013-04-01", "--to", "2013-04-02", "--pages"]
        assert main(capsys, *folders(job, *asked, "none"))[0] == 0
        asked[2], asked[4] = "2013-04-03", "2013-04-03"
        assert main(capsys, *folders(job, *asked, pages))[::2] == (0, "")
        with open_history(job.state / "history.db") as history:
            found.append([*history.records("weather")][-1].model_dump(mode="json", exclude={"duration_seconds"}))

    assert found[0] == found[1]
    assert found[0]["judgement"]["pool_days"] > 60
    assert [each["name"] for each in found[0]["evidence"]["segments"]] == ["origin", "temp", "windy"]
    assert found[0]["evidence"]["segments"][0]["values"] == ["JFK", "EWR", "LGA"]


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ("country", "segments is 'country' (text); give a list"),
        ([3], "segments[0] is 3; write a column's name"),
        (["a", "a"], "segments: a is named twice"),
        ([str(number) for number in range(9)], "segments has 9 items; use at most 8."),
        ([{"a": "x", "b": "y"}], "segments[0] is"),
        ([{"big": 3}], "segments[0].big is 3; write an SQL expression."),
        ([{"big": "x" * 2001}], "segments[0].big has 2,001 characters"),
        ([{"b" * 121: "x"}], "segments[0]: the name has to be a text of at most 120 characters."),
        ([" "], "segments[0] is ' '"),
    ],
)
def test_an_invalid_setting_is_refused_in_one_line(segments, message):
    with pytest.raises(DriftMonitorError) as refused:
        parse_segments(segments)

    assert str(refused.value).startswith(message) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("nope > 1", "segments.x: no such column: nope; choose one of: "),
        ("agge > 1", "segments.x: no such column: agge; did you mean age?"),
        ("plan > 5", "segments.x: compares text with a number; cast one of them."),
        ("plan + 1", "segments.x: + does not work with text and a number; cast a value to another type."),
        ("dayname2(plan)", "segments.x: no such function: dayname2; did you mean dayname?"),
        ("plan::INT > 1", "segments.x: column plan has a value that is not a whole number; use TRY_CAST, or fix the"),
        ("regexp_matches(plan, '(')", "segments.x has an invalid regular expression; fix the expression."),
        ("repeat(plan, 900000000)", "segments.x needs more memory than there is; write a simpler one."),
        ("amount +", "segments.x: not valid SQL; fix the expression."),
        ("sum(amount)", "segments.x: not one expression of a row's values"),
        ("(SELECT count(*) FROM read_csv('/etc/hosts'))", "segments.x: not one expression of a row's values"),
        ("1) FROM read_csv('/etc/hosts') --", "segments.x: not valid SQL; fix the expression."),
        ("amount; DROP TABLE current", "segments.x: not one expression of a row's values"),
        (
            "read_text('/etc/hosts')",
            "segments.x: read_text reads a table, and gives no value for a row; fix the",
        ),
        ("COLUMNS('.*')", "segments.x: not one expression of a row's values"),
        ("random() > 0.5", "segments.x: random depends on more than the row's values; write one without it."),
        ("list_transform([1], x -> uuid())[1]", "segments.x: uuid depends on more than the row's values"),
        ("main.NOW() > plan", "segments.x: now depends on more than the row's values"),
        ("age > current_date", "segments.x: current_date depends on more than the row's values"),
        ("today()", "segments.x: current_date depends on more than the row's values"),
        ("age(plan)", "segments.x: age depends on more than the row's values"),
        ("\"current_setting\"('TimeZone')", "segments.x: current_setting depends on more than the row's values"),
        ("sleep_ms(1)", "segments.x: sleep_ms depends on more than the row's values"),
        ("INTERVAL 1 DAY * visits::INT", "segments.x: gives values of type month_day_nano_interval; make them numbers"),
        ("unnest([1, 2])", "segments.x: does not give one value for each row; fix the expression."),
        (
            "CAST(country AS INTEGER)",
            "segments.x: column country has a value that is not a whole number; use TRY_CAST, or fix the expression.",
        ),
        ("(" * 3000, "segments.x: not valid SQL; fix the expression."),
    ],
)
def test_an_expression_that_fails_or_reads_something_else_is_refused_in_one_line(expression, message):
    with pytest.raises(DriftMonitorError) as refused:
        evaluate(orders(5, 20), {"segments.x": expression})

    assert str(refused.value).startswith(message) and "\n" not in str(refused.value)


def test_every_function_that_duckdb_itself_says_is_not_of_the_row_is_refused():
    stability = "stability <> 'CONSISTENT' AND function_type = 'scalar'"
    found = duckdb.sql(f"SELECT DISTINCT function_name FROM duckdb_functions() WHERE {stability}").fetchall()

    assert {name for (name,) in found} - UNSTABLE <= {"error"}


def test_expressions_see_the_names_and_the_edits_of_the_frame():
    frame = pd.DataFrame(
        {'we"ird <b>\n': ["a", None, "b"], "Row_Number": [3, 2, 1], "day": pd.to_datetime(["2026-01-01"] * 3)}
    )

    found = evaluate(frame, {"w": '"we""ird <b>\n"', "n": "row_number", "d": "dayname(day)"})

    assert found["w"].isna().tolist() == [False, True, False]
    assert found["n"].tolist() == [3, 2, 1]
    assert set(found["d"]) == {"Thursday"}


def test_columns_that_differ_only_in_capitals_are_refused_where_an_expression_names_one():
    frame = pd.DataFrame({"A": [1], "a": [2], "b": [3]})

    assert evaluate(frame, {"segments.x": "b > 1"})["segments.x"].tolist() == [True]
    with pytest.raises(
        DriftMonitorError, match=r"^segments\.x: columns differ only in capitals \(A, a\); rename one\.$"
    ):
        evaluate(frame, {"segments.x": "a > 1"})


def test_columns_that_divide_nothing_are_said_and_columns_that_are_not_there_refused():
    reference, current = orders(6, 2000), orders(7, 300)
    reference = reference.assign(
        one="a", none=np.nan, key=[f"k{i}" for i in range(2000)], day=pd.Timestamp("2026-01-01"), ended=reference.plan
    )
    current = current.assign(one="a", none=np.nan, key=[f"k{i}" for i in range(300)], day=pd.Timestamp("2026-01-01"))

    comparison = compare(reference, current, ["one", "none", "key", "ended", {"c": "1"}])

    assert findings(comparison) == [
        "Segments: one has one value in the reference, so it divides nothing. No segments are compared by it.",
        "Segments: none has no value in the reference. No segments are compared by it.",
        "Segments: key has no value with at least 20 rows in the reference, so it divides nothing. "
        "No segments are compared by it.",
        "Segments: ended is missing in current. No segments are compared by it.",
        "Segments: c has one value in the reference, so it divides nothing. No segments are compared by it.",
    ]
    assert comparison.evidence.segments == ()
    with pytest.raises(DriftMonitorError, match=r"^segments: contry: no such column in the reference; .*country"):
        compare(reference, current, ["contry"])
    with pytest.raises(DriftMonitorError, match=r"^segments: day has dates or times; write an expression, such as"):
        compare(reference, current, ["day"])
    with pytest.raises(DriftMonitorError, match=r"^segments: age: there is a column of this name; choose another"):
        compare(reference, current, [{"age": "age > 40"}])


def test_values_of_a_few_rows_are_not_named_and_divide_nothing_if_most_rows_have_one():
    reference, current = orders(6, 2000), orders(7, 300)
    key = {"key": "CAST(age AS VARCHAR) || '@' || country"}
    visitor = np.where(np.arange(2000) % 5 < 2, "regular", [f"v{i}@example.org" for i in range(2000)])
    reference = reference.assign(visitor=visitor, rare=np.where(np.arange(2000) < 19, "v@example.org", "usual"))

    nothing = compare(reference, current.assign(visitor="new@example.org", rare="usual"), [key, "visitor"])
    rare = compare(reference, current.assign(visitor="", rare=["r@example.org"] * 19 + ["usual"] * 281), ["rare"])

    assert nothing.evidence.segments == ()
    assert findings(nothing) == [
        "Segments: key has no value with at least 20 rows in the reference, so it divides nothing. "
        "No segments are compared by it.",
        "Segments: visitor has too many rare values, so it divides nothing: its most frequent ones have 40% "
        "of the reference's rows with a value. No segments are compared by it.",
    ]
    (own,) = rare.evidence.segments
    assert (own.values, own.reference_rows, own.rows, own.new) == (("usual",), (1981, 19, 0), (281, 0, 0, 19), None)


def test_an_expression_that_fails_on_the_current_data_alone_leaves_the_others_and_a_finding():
    reference = orders(6, 400).assign(code="12", gone=orders(6, 400).plan)
    current = orders(7, 300).assign(code="secret")
    by_code, by_gone = {"c": "CAST(code AS INTEGER) % 2 = 0 OR amount > 50"}, {"g": "gone = 'pro'"}

    found = compare(reference, current, [by_code, by_gone, {"big": "amount > 50"}])

    assert findings(found) == [
        "Segments: c cannot be computed in current (column code has a value that is not a whole number). "
        "No segments are compared by it.",
        "Segments: g cannot be computed in current (no such column: gone). No segments are compared by it.",
    ]
    assert [each.name for each in found.evidence.segments] == ["big"]


def test_an_expression_without_any_value_in_the_reference_says_so():
    found = compare(orders(6, 300), orders(7, 300), [{"x": "amount / 0"}])

    assert findings(found) == ["Segments: x has no value in the reference. No segments are compared by it."]


def test_one_row_and_an_empty_segment_leave_evidence_and_no_alarm(story):
    _, past, _, _ = story
    reference = orders(0, 8000)
    for current in (orders(8, 5), orders(9, 5).assign(country=None)):
        record = compare(reference, current, SEGMENTS, {"country": "ignore"}).record(
            "orders", FIRST + dt.timedelta(CALM)
        )
        judgement = Judge(past).judge(record).judgement

        assert all(cause.segment is None for cause in judgement.causes)


def test_numbers_are_divided_at_quantiles_and_few_numbers_by_value():
    many = divide(Segmentation("age"), Values(pd.Series([*range(1, 101), None, np.inf])), False)
    few = divide(Segmentation("stars"), Values(pd.Series([1.0, 2, 2, None] * 20)), False)
    skewed = divide(Segmentation("fee"), Values(pd.Series([9.0] * 90 + [float(i) / 8 for i in range(10)])), False)

    assert many.names == ("up to 20", "20 to 40", "40 to 60", "60 to 80", "over 80")
    assert many.rows == (20, 20, 20, 20, 20, 0, 2)
    assert few.names == ("2", "1") and few.rows == (40, 20, 0, 20)
    assert skewed.names == ("up to 1.1", "over 1.1") and skewed.rows == (10, 90, 0, 0)


def test_true_and_false_are_one_and_zero_on_the_other_side():
    reference, current = orders(10, 500), orders(11, 100)
    is_new = reference.assign(returns=reference.age > 40), current.assign(returns=(current.age > 40).astype(int))

    (found,) = compare(*is_new, ["returns"]).evidence.segments

    assert found.new is None and sum(found.rows[:2]) == 100


def test_only_so_many_columns_are_compared_in_segments_and_that_is_said():
    random = np.random.default_rng(12)
    wide = pd.DataFrame(random.normal(size=(300, 600)).astype("float32")).add_prefix("x")
    wide["country"] = random.choice([f"c{i}" for i in range(12)], 300)

    found = compare(wide, wide.head(60), ["country"])

    assert findings(found) == ["Segments are compared in the first 500 of 601 columns only."]
    assert len(found.evidence.segments[0].sums) == 500


def test_segments_and_their_changes_are_said_plainly():
    country = SegmentEvidence(reference="r", name="country", values=("DE", "FR"), rows=(1, 2, 0, 0, 0))
    age = SegmentEvidence(reference="r", name="age", values=("up to 20", "over 20"), ranges=True, rows=(1, 2, 0, 0, 0))

    assert [name_segment(country, place) for place in (0, 2, 3, 4)] == [
        "country = DE", "country = any other value", "country = no value", "a new country",
    ]  # fmt: skip
    assert name_segment(age, 1) == "age over 20"
    assert say_in_segment("country = DE", "amount", False, True, Figure("pairs", 0.64, 0.5, 0.5), 7) == (
        "country = DE: values of amount rose over the last 7 days; "
        "they exceed the reference's in about 64% of pairs, usually 50% (ties count half)"
    )
    assert say_share("country = DE", Figure("", 0.31, 0.2, 0.19), 1) == (
        "country = DE: its share rose from its usual 20% to 31% of rows (reference 19%)"
    )
    assert say_gone("country = DE", Figure("", 0.0, None, 0.19), 3) == (
        "country = DE: no rows over the last 3 days, in the reference 19% of all"
    )
    assert say_new("country", "XX", Figure("", 0.05, 0.0, 0.0)) == (
        'country: 5% of rows have a value that the reference does not have, such as "XX" (usually 0%)'
    )


def test_a_difference_in_a_segment_that_lasts_is_said():
    lasting = {"since": FIRST, "segmentation": "country", "segment": "country = DE"}

    assert say_difference(LastingChange(signal="segment", columns=("age",), level=0, **lasting)) == (
        "age in country = DE still differs from the reference"
    )
    assert say_difference(LastingChange(signal="mix", columns=("country",), level=0, **lasting)) == (
        "the share of country = DE still differs from the reference"
    )


def test_init_proposes_columns_with_few_values_in_a_line_that_can_be_copied(tmp_path):
    random = np.random.default_rng(31)
    table = orders(31, 600).assign(day=pd.date_range("2026-01-01", periods=30).repeat(20))
    table = table.rename(columns={"plan": "no"}).assign(who=[f"u{i}" for i in random.permutation(600)])
    table.to_csv(tmp_path / "orders.csv", index=False)

    found = propose([str(tmp_path / "orders.csv")], {}, dt.date(2026, 2, 1), lambda *_: -1)

    (line,) = [idea for idea in found.ideas if "segments" in idea]
    assert line == 'To watch each part of the rows too: `segments: ["no", country]`.'
    assert read_yaml(line.split("`")[1], "") == {"segments": ["no", "country"]}
    assert "segments" not in found.parameters


@pytest.mark.slow
def test_the_benchmark_prints_its_tables(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["segments", "--few"])

    benchmark()

    lines = capsys.readouterr().out.splitlines()
    rates = {line.split(" | ")[0].strip("| "): line.split(" | ")[1] for line in lines if " | " in line}
    assert rates["5% of the rows +1 SD"] == "1.00 / 1.00"
    assert rates["a value of 5% of the rows is gone"] == "1.00 / 1.00"
    assert rates["a new value has 5% of the rows"] == "1.00 / 1.00"
    assert len(lines) == 16


BAD = """
source: files
reference: {{folder}}/reference.csv
current: "{{folder}}/{{{{date}}}}.csv"
segments: [plan, {{{{big: "amuont > 100"}}}}, {{{{old: "plan::INT > 1"}}}}, {{{{one: "1"}}}}]
checks: {{{{young: {{{{sql: "select count(*) from curent", must: "== 0"}}}}, mean(agge): "> 1"}}}}
"""


def test_validate_tries_segments_and_checks_on_the_data_and_names_file_key_and_remedy(tmp_path, capsys):
    job = Job(tmp_path, shop=BAD.format().replace("{folder}", str(tmp_path)))
    orders(1, 200).to_csv(tmp_path / "reference.csv", index=False)

    without_day = main(capsys, *folders(job, "validate"))
    orders(2, 200).to_csv(tmp_path / "2026-11-24.csv", index=False)
    with_day = main(capsys, *folders(job, "validate"))
    (tmp_path / "reference.csv").unlink()
    without_data = main(capsys, *folders(job, "validate"))

    place = f"error: {tmp_path}/params/shop.yaml: "
    cast = "column plan has a value that is not a whole number; use TRY_CAST, or fix the expression."
    segments = [
        f"{place}segments.big: no such column: amuont; did you mean amount?",
        f"{place}segments.old: {cast}",
    ]
    checks = [
        f"{place}checks.young: no such table: curent; fix the query.",
        f"{place}checks.mean(agge): no such column; did you mean age?",
    ]
    assert (without_day[0], without_day[2].splitlines()) == (2, segments)
    assert (with_day[0], with_day[2].splitlines()) == (2, segments + checks)
    assert without_data[0] == 0
    assert "Segments and checks were not tried: reference: " in without_data[1]
