"""How columns of any kind go together: counted in tables, judged in the budget, and said by the columns' names."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.dependence.worlds import NUMBERS, draw
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import score
from driftmonitor.analysis.drift.dependence.evidence import collect_dependence
from driftmonitor.analysis.drift.dependence.tables import FEWEST_ROWS, MOST_COLUMNS, find_tables
from driftmonitor.analysis.drift.reference_days import reference_days
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.sources import Data, load_data
from driftmonitor.analysis.without_notebook import Days
from driftmonitor.budget.dependence import SIGNS, log_odds_ratio, table_signals
from driftmonitor.budget.judge import Judge
from driftmonitor.facts.earlier_days import EarlierDays, earlier_day
from driftmonitor.facts.record import parse
from driftmonitor.words.dependence import say_dependence
from driftmonitor.words.figures import Figure
from driftmonitor.words.judgements import say_judgement
from driftmonitor.words.lasting import NAMES

FIRST, CALM = dt.date(2026, 3, 2), 14
LAST = ["", "wrong join", "changed concept", "swapped segments", "three-way sign"]
pytestmark = pytest.mark.xdist_group("dependence")


def orders(seed, rows=700, change=""):
    random = np.random.default_rng([71, seed])
    return draw(rows, np.zeros(NUMBERS), random, change).drop(columns="other" if change != "changed concept" else [])


def evidence_of(reference, current, **settings):
    data = Data(reference, current, len(reference), len(current))
    return score(data, infer_columns(data), Settings(**settings)).evidence


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Compare and judge two weeks of files, then one day of each kind; return the records and the last judgements."""
    folder = tmp_path_factory.mktemp("orders")
    random = np.random.default_rng([71, 9999])
    draw(6_000, np.zeros(NUMBERS), random).to_parquet(folder / "reference.parquet")
    dates = [FIRST + dt.timedelta(number) for number in range(CALM + len(LAST))]
    for number, date in enumerate(dates):
        change = LAST[number - CALM] if number >= CALM else ""
        draw(700, np.zeros(NUMBERS), random, change).to_csv(folder / f"{date}.csv", index=False)
    given = {"source": "files", "reference": str(folder / "reference.parquet"), "current": f"{folder}/{{date}}.csv"}
    days, judge = Days("orders", given, dates), Judge(EarlierDays(rule="budget"))
    calm = [judge.judge(days.compare(date)) for date in dates[:CALM]]
    past = judge.past
    last = {change: days.compare(date) for change, date in zip(LAST, dates[CALM:], strict=True)}
    return given, past, calm, last, {change: Judge(past).judge(each).judgement for change, each in last.items()}


def test_calm_days_are_healthy_and_each_change_alerts_on_its_first_day(story):
    _, _, calm, _, judged = story

    assert [record.run_date for record in calm if record.status == "drift"] == []
    assert {change for change, judgement in judged.items() if judgement.alarm} == set(LAST[1:])


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ("wrong join", {"country", "plan", "label"}),
        ("changed concept", {"label"}),
        ("swapped segments", {"country"}),
        ("three-way sign", {"visits", "weight", "balance"}),
    ],
)
def test_the_sentence_names_the_columns_that_no_longer_go_together(story, change, moved):
    judgement = story[4][change]
    first = judgement.causes[0]

    assert (first.signal, first.change) == ("dependence", "dependence")
    assert moved & set(first.columns)
    assert "as they did" in first.words or "goes with" in first.words or "goes more strongly" in first.words
    assert all(name in first.words for name in first.columns)
    assert first.words in say_judgement(judgement)
    assert len({cause.columns for cause in judgement.causes}) == len(judgement.causes)


def test_a_day_read_alone_and_one_read_with_a_kept_reference_leave_the_same_evidence(story):
    given, _, _, last, _ = story
    record = last["wrong join"]
    data = load_data(**given, run_date=f"{record.run_date}")

    alone = score(data, infer_columns(data), Settings()).evidence

    assert alone.dependence is not None
    assert alone == record.evidence
    assert parse(json.loads(record.to_json()), "record.json").evidence == record.evidence


def test_days_judged_in_turn_are_judged_as_alone(story):
    _, past, calm, _, _ = story
    known = past.model_copy(update={"days": past.days[:-1]})

    assert Judge(known).judge(calm[-1]).judgement == calm[-1].judgement


def test_records_from_before_say_nothing_of_dependence_and_an_upgrade_does_not_alarm(story):
    _, past, _, last, _ = story
    old = [
        day.model_copy(update={"evidence": day.evidence.model_copy(update={"dependence": None})}) for day in past.days
    ]
    before = past.model_copy(update={"days": tuple(old)})

    upgraded = Judge(before).judge(last[""]).judgement

    assert not upgraded.alarm
    assert upgraded.signals > 0


def test_what_later_days_need_is_small_and_has_no_value_of_a_row(story):
    record = story[3][""]
    day = earlier_day(record.run_date, record.model_dump(mode="json"), "")

    assert set(day["evidence"]["dependence"]) == {"reference", "counts"}
    assert len(record.evidence.dependence.model_dump_json()) < 4_000


def test_counts_are_those_of_a_loop_over_rows():
    reference, current = orders(1, 3000), orders(2, 150)
    current.loc[:19, "amount"] = np.nan
    current.loc[20:39, "country"] = None
    data = Data(reference, current, 3000, 150)
    sides, columns = Sides(data), infer_columns(data)
    from driftmonitor.analysis.drift.dependence import evidence as room

    tables, found = room._find(sides, columns), collect_dependence(sides, columns)

    start = 0
    bounds = np.cumsum([0, *map(len, tables.parts)])
    for table, own in zip(tables.tables, tables.columns, strict=True):
        expected = [0] * 2 ** len(table)
        for _, row in current.iterrows():
            cell = 0
            for part, number in zip(table, own, strict=True):
                parts, place = tables.parts[number], part - bounds[number]
                value = row[parts.column.name]
                if pd.isna(value):
                    cell = None
                    break
                inside = str(value) == parts.levels[place] if parts.levels else np.float32(value) > parts.cuts[place]
                cell = 2 * cell + int(inside)
            if cell is not None:
                expected[cell] += 1
        assert list(found.counts[start : start + len(expected)]) == expected
        start += len(expected)
    assert start == len(found.counts) == len(found.reference_counts)


def test_signals_are_those_of_scipys_odds_ratios():
    reference, today = np.array([[500.0, 200, 150, 400]]), np.array([[60.0, 40, 30, 50]])

    (found,) = table_signals(reference, today)

    twice = [(2 * each + 1).astype(int).reshape(2, 2) for each in (today, reference)]  # a half is added to each cell
    now, before = (stats.contingency.odds_ratio(each, kind="sample").statistic for each in twice)
    error = np.sqrt((1 / (today + 0.5)).sum() + (1 / (reference + 0.5)).sum())
    assert found == pytest.approx(np.log(now / before) / error)
    halves = np.array([3.0, 9, 4, 7, 8, 2, 6, 5])
    assert log_odds_ratio(halves) == pytest.approx(log_odds_ratio(halves[4:]) - log_odds_ratio(halves[:4]))
    assert np.isnan(table_signals(reference, 0 * today)).all() and set(SIGNS) == {2, 3}


def test_a_column_that_shifts_is_no_change_of_dependence():
    random = np.random.default_rng(5)
    reference = np.array([4000.0, 1000, 1500, 3500])
    shares = reference / reference.sum() * np.array([0.6, 1.5, 0.6, 1.5])  # more rows in the second column's upper half
    days = random.multinomial(5000, shares / shares.sum(), 200)

    found = table_signals(reference, days)

    assert abs(found.mean()) < 0.3
    assert stats.chi2_contingency(np.stack([reference, days[0]])).pvalue < 1e-9


@pytest.mark.parametrize(
    "reference",
    [
        pd.DataFrame({"amount": np.arange(2_000) / 7}),
        orders(3, FEWEST_ROWS - 1),
        pd.DataFrame({"a": [1.5] * 2_000, "b": ["x"] * 2_000, "c": np.arange(2_000) / 7}),
    ],
    ids=["one column", "few rows", "constants"],
)
def test_a_table_with_one_column_few_rows_or_constants_has_no_tables(reference):
    assert evidence_of(reference, reference.head(300)).dependence is None


def test_dependence_can_be_turned_off_and_is_bounded_and_said_for_many_columns():
    reference = orders(4, 1_500)
    many = pd.concat([reference.add_suffix(f" {number}") for number in range(8)], axis=1)
    data = Data(many, many.head(200), 1_500, 200)

    comparison = score(data, infer_columns(data), Settings())

    assert evidence_of(reference, reference.head(200), dependence=False).dependence is None
    assert len(comparison.evidence.dependence.columns) == MOST_COLUMNS
    assert f"Dependence is compared for the first {MOST_COLUMNS} of 72 columns only." in comparison.issues()


def test_true_and_false_are_one_and_zero_of_the_other_side_and_a_column_that_is_gone_counts_no_row():
    reference = orders(6, 2_000).assign(flag=lambda table: table["amount"] > 20)
    current = orders(7)
    numbers = current.assign(flag=(current["amount"] > 20).astype(int))

    same = evidence_of(reference, current.assign(flag=current["amount"] > 20)).dependence
    other = evidence_of(reference, numbers).dependence
    gone = evidence_of(reference, current.assign(flag=None)).dependence

    assert same.counts == other.counts
    flag = same.columns.index("flag")
    cells = np.repeat([flag in table for table in same.tables], [2 ** len(table) for table in same.tables])
    assert sum(np.array(gone.counts)[cells]) == 0 < sum(np.array(gone.counts)[~cells])


def test_days_of_the_reference_are_counted_in_the_rows_that_chose_no_table():
    table = orders(8, 4_000).assign(at=pd.Timestamp(FIRST) + pd.to_timedelta(np.arange(4_000) // 200, "D"))
    data = Data(table, orders(9), 4_000, 700)
    columns = infer_columns(data, {}, "at")
    comparison = score(data, columns, Settings())

    days = reference_days(data, comparison.columns, comparison.evidence, "at", FIRST + dt.timedelta(30)).days

    today = comparison.evidence.dependence
    assert len(days) == 20
    assert {day.evidence.dependence.reference for day in days} == {today.reference}
    added = np.sum([day.evidence.dependence.counts for day in days], axis=0)
    assert tuple(added.tolist()) == today.reference_counts
    sides = Sides(data)
    assert find_tables(sides.reference, ()) is None


def test_the_words_say_how_two_columns_went_together_before():
    ratio = Figure("odds ratio", 1.1, 3.4, 3.2)

    assert say_dependence(["amount", "country"], ratio, 1) == (
        "amount no longer goes with country as it did (odds ratio 1.1, usually 3.4)"
    )
    assert say_dependence(["amount", "country"], Figure("odds ratio", 9.0, None, 3.2), 7) == (
        "amount goes more strongly with country than it did over the last 7 days (odds ratio 9, 3.2 in the reference)"
    )
    assert say_dependence(["a", "b", "c"], None, 1) == "a, b and c no longer go together as they did"
    assert "over 1,000" in say_dependence(["a", "b"], Figure("odds ratio", 1.0, 1e6, 1e6), 1)
    assert "dependence" in NAMES
