"""On a drift day, it is said where a column's change comes from: a slice of the rows, a changed mix, or everywhere."""

import datetime as dt
import html
import json
import re

import numpy as np
import pandas as pd
import pytest

from benchmarks.causes.named import is_named
from benchmarks.causes.worlds import CAUSES, draw
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import compare
from driftmonitor.analysis.sources import Data
from driftmonitor.analysis.where import find_where
from driftmonitor.analysis.where.contributions import find_contributions
from driftmonitor.analysis.where.divisions import divide
from driftmonitor.analysis.where.mix import split
from driftmonitor.analysis.where.of_column import Rows, find_of_column
from driftmonitor.analysis.where.sums import Sums
from driftmonitor.facts.record import RunRecord
from driftmonitor.facts.where import Condition, Mix, Slice, Where
from driftmonitor.pipeline.console import print_run
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.unsearched import as_unsearched
from driftmonitor.words.where import say_all, say_most, say_where
from tests.jobs import DAY, Job
from tests.page_samples import NOW, good_record, healthy_record, watched
from tests.servers import Recorder

REFERENCE = draw(10_000, np.random.default_rng(7))
HOSTILE = "<img src=x onerror=alert(1)> | `DE`\n*"


def compared(current, reference=REFERENCE):
    data = Data(reference, current, len(reference), len(current))
    return compare(data, infer_columns(data), drift_share=0.05)


def explained(current, column="amount", reference=REFERENCE):
    return find_where(compared(current, reference), [column]).where[0]


@pytest.mark.parametrize("cause", CAUSES)
def test_what_was_planted_is_named(cause):
    current, planted = CAUSES[cause](5_000, np.random.default_rng(3))
    reference = REFERENCE
    if cause == "missing in one source":  # as words: missing values alone make no drift day under the share rule
        current = current.assign(amount=np.where(current["amount"].isna(), "none", "some"))
        reference = REFERENCE.assign(amount=np.where(REFERENCE.index < 20, "none", "some"))
    found = next(iter(find_where(compared(current, reference), ["amount"]).where), None)

    assert is_named(found, planted), found


def test_a_slice_is_named_with_its_part_of_the_change_and_what_the_other_rows_did():
    current = draw(4_000, np.random.default_rng(1))
    current.loc[current["country"] == "DE", "amount"] *= 6

    found = find_where(compared(current))

    rise = (
        "early all of the rise of amount comes from country = DE (33.9% of rows); elsewhere it did not change clearly."
    )
    assert found.origins() == f"Compared with the reference, n{rise}"
    assert found.record("m", DAY).where == found.where
    figure = next(found.where_figures())
    assert figure.alt_text.startswith(f"N{rise}")
    assert "Chart: contributions by country: DE" in figure.alt_text


def test_a_mix_is_told_by_the_shares_that_changed():
    current = draw(4_000, np.random.default_rng(1), (0.2, 0.4, 0.4))

    said = say_where(explained(current))

    assert re.fullmatch(
        r"(All|Nearly all|About \d\d% \(±\d+ points\)) of the rise of amount comes from changed shares of plan: "
        r"plan = team rose from 10.\d% to \d\d(.\d)?% of rows\. "
        r"Among rows with the same plan, it did not change clearly\.",
        said,
    ), said


def test_beside_a_mix_it_is_said_what_rows_with_the_same_value_did():
    shares, dice = (0.2, 0.4, 0.4), np.random.default_rng(1)
    higher = draw(4_000, dice, shares).assign(amount=lambda rows: 1.4 * rows["amount"])
    lower = draw(4_000, dice, shares).assign(amount=lambda rows: 0.7 * rows["amount"])

    both, against = explained(higher), explained(lower)

    assert (both.mix.within, against.mix.within) == ("same", "opposite")
    assert say_where(both).endswith("Among rows with the same plan, it changed in the same direction.")
    assert say_where(against).startswith("All of the rise of amount comes from changed shares of plan: ")
    assert say_where(against).endswith("Among rows with the same plan, it changed the other way.")


def test_of_two_columns_that_explain_each_other_only_the_better_explained_one_is_told_by_the_other():
    current = draw(1_000, np.random.default_rng(2), (0.35, 0.4, 0.25))

    plan, amount, points = find_where(compared(current), ["plan", "amount", "points"]).where

    assert (plan.mix, amount.mix.column, points.mix.column) == (None, "plan", "plan")
    assert say_most(good_record().model_copy(update={"where": (plan, amount)})) == (
        f"Compared with the reference, {say_where(amount)[0].lower()}{say_where(amount)[1:]}"
    )


def test_the_split_of_a_day_is_as_exact_as_the_means_of_the_values_are():
    current = draw(1_000, np.random.default_rng(4), (0.35, 0.4, 0.25))

    found = explained(current).mix

    assert 0.02 < found.error < 0.04  # of the whole change; other rows would change it by 0.1


def test_a_change_of_all_rows_is_blamed_on_none_and_few_rows_tell_nothing():
    everywhere = REFERENCE.head(3_000).assign(amount=lambda rows: 2 * rows["amount"])
    few = everywhere.head(400)

    assert say_where(explained(everywhere)) == (
        "The rise of amount is everywhere: no slice of the rows changed clearly more than the others."
    )
    said = "Too few rows to say where the change of amount comes from."
    assert say_most(good_record().model_copy(update={"where": (explained(few),)})) == said


def test_on_a_day_that_does_not_drift_nothing_is_searched_unless_it_is_asked_for():
    calm = compared(draw(2_000, np.random.default_rng(5)))

    assert find_where(calm).where == ()
    assert find_where(calm).origins() == (
        'Not a drift day, so no slices were searched; find_where(comparison, ["name"]) searches those of a column.'
    )
    with pytest.raises(KeyError, match="amont: no such watched column; did you mean amount"):
        find_where(calm, ["amont"])


def test_mix_and_within_add_up_as_kitagawa_has_them():
    current = draw(3_000, np.random.default_rng(2), (0.3, 0.4, 0.3))
    column = next(each for each in compared(current).columns if each.name == "plan")
    division = divide(REFERENCE, current, column)
    sides = REFERENCE["rating"].to_numpy(), current["rating"].to_numpy()

    found = split(division, Sums.of((division.reference, division.current), sides, len(division)))

    before, now = (frame.groupby("plan")["rating"].mean() for frame in (REFERENCE, current))
    shares = [frame["plan"].value_counts(normalize=True) for frame in (REFERENCE, current)]
    mix = ((shares[1] - shares[0]) * (before + now) / 2).sum()
    within = ((shares[1] + shares[0]) / 2 * (now - before)).sum()
    assert found.mix == pytest.approx(mix, abs=1e-12)
    assert found.mix + within == pytest.approx(sides[1].mean() - sides[0].mean(), abs=1e-12)
    errors = [frame.groupby("plan")["rating"].var() / frame["plan"].value_counts() for frame in (REFERENCE, current)]
    of_within = (((shares[1] + shares[0]) / 2) ** 2 * (errors[0] + errors[1])).sum() ** 0.5
    assert found.of_within == pytest.approx(of_within, rel=0.01)


def test_the_parts_that_are_drawn_add_up_to_the_whole_change():
    current = draw(4_000, np.random.default_rng(1))
    current.loc[current["age"] > 50, "amount"] *= 4
    comparison = compared(current)
    rows = Rows(REFERENCE, current, comparison.columns)

    drawn = find_contributions(rows, find_where(comparison).where[0])

    assert drawn.column == "age"
    assert sum(part.mix + part.within for part in drawn.parts) == pytest.approx(1, abs=0.01)
    assert len(drawn.inside[1]) + len(drawn.outside[1]) == 4_000
    assert [part.condition.above for part in drawn.parts if part.condition][1:] == pytest.approx(
        np.quantile(REFERENCE["age"], np.arange(1, 10) / 10), rel=1e-2
    )


def test_a_pair_that_has_only_a_part_of_the_change_gives_way_to_the_value_that_has_all_of_it():
    current, dice = draw(2_000, np.random.default_rng(38)), np.random.default_rng(8)
    both_ways = np.exp(np.where(dice.random(2_000) < 0.5, 1.8, -1.8))
    current["amount"] *= np.where(current["country"] == "DE", both_ways, 1.0)

    assert say_where(explained(current)).startswith(
        "Nearly all of the wider spread of amount comes from country = DE ("
    )


def test_amounts_that_are_missing_for_some_ages_are_said_to_be_counted_without_those_rows():
    current = draw(3_000, np.random.default_rng(20))
    current["amount"] = current["amount"].mask(current["age"] > 55)

    assert "to 0% of the rows that have a value. Among rows with a similar age" in say_where(explained(current))


def test_odd_tables_are_searched_without_an_error():
    dice, rows = np.random.default_rng(0), 3_000
    odd = pd.DataFrame({
        HOSTILE: dice.choice([HOSTILE, "a", "b"], rows), "moved": dice.normal(size=rows),
        "constant": "same", "many": [f"level {i % 1500}" for i in range(rows)], "two": dice.integers(0, 2, rows),
        "gaps": np.where(dice.random(rows) < 0.3, np.nan, dice.normal(size=rows)),
        "infinite": np.where(dice.random(rows) < 0.01, np.inf, dice.normal(size=rows)),
        "mixed": [str(i) if i % 3 else i for i in range(rows)], "large": dice.normal(size=rows) * 1e300,
    })  # fmt: skip
    current = odd.sample(frac=1, random_state=1).reset_index(drop=True)
    current.loc[current[HOSTILE] == HOSTILE, "moved"] += 2

    found = find_where(compared(current, odd))

    shown = "<img src=x onerror=alert(1)> | `DE` *"
    assert say_where(found.where[0]).startswith(f"Nearly all of the rise of moved comes from {shown} = {shown} (")


def test_console_record_page_api_and_message_say_the_same(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    current = draw(3_000, np.random.default_rng(1))
    current.loc[current["source"] == "s3", "amount"] *= 100
    REFERENCE.to_csv(folder / "reference.csv", index=False)
    current.to_csv(folder / "current.csv", index=False)
    files = f"source: files\nreference: {folder}/reference.csv\ncurrent: {folder}/current.csv\n"
    job = Job(tmp_path / "job", orders=f"{files}drift_share: 0.05\n")

    with Recorder() as channel:
        done = job.run(environ={"ALERT_WEBHOOK": channel.url})

    words = "of the rise of amount comes from source = s3 (17.5% of rows); elsewhere it did not change clearly."
    assert f"where: Compared with the reference, nearly all {words}" in done.stdout
    assert say_where(job.record("orders").where[0]) == f"Nearly all {words}"
    page = html.unescape((job.site / f"orders/{DAY}/index.html").read_text())
    assert f"<bdi>Compared with the reference, nearly all {words}</bdi>" in page
    assert "Chart: contributions by source: s3" in page
    for path in ("index.html", "orders/index.html"):
        assert f"Compared with the reference, nearly all {words}" in html.unescape((job.site / path).read_text())
    told = json.loads((job.site / "api/orders.json").read_text())["where"]
    assert [each["words"] for each in told] == [f"Nearly all {words}"]
    message = json.loads(channel.requests[0].body)["data"]
    assert message["where"] == f"Compared with the reference, nearly all {words}"


def test_the_words_keep_to_what_is_known():
    condition = Condition(column="age", above=18.0, up_to=30.0)
    part = Slice(conditions=(condition,), rows=(0.1, 0.3), contribution=0.6, error=0.3, elsewhere="opposite")
    mix = Mix(column="plan", contribution=0.55, error=0.1, rows=(0.0, 0.12),
              value=Condition(column="plan", level="XX"))  # fmt: skip
    both = Where(column="amount", changed="spread", rose=False, verdict="slice", slice=part, mix=mix)
    numbers = mix.model_copy(update={"value": Condition(column="dewp", above=3.0), "column": "dewp", "within": "same"})
    with_dewp = Where(column="amount", changed="level", rose=True, verdict="mix", mix=numbers)
    unclear = Where(column="plan", changed="category", level="pro", rose=True, verdict="unclear")

    assert say_where(both) == (
        "About 55% (±20 points) of the narrower spread of amount comes from changed shares of plan: plan = XX, which "
        "the reference does not have, is 12% of rows. What is left comes mostly from 18 < age ≤ 30 (30% of rows, 10% "
        "in the reference); elsewhere it changed the other way."
    )
    assert say_where(with_dewp).endswith("Among rows with a similar dewp, it changed in the same direction.")
    exact = mix.model_copy(update={"error": 0.005, "some_missing": True})
    assert say_where(with_dewp.model_copy(update={"mix": exact})) == (
        "About 55% (±1 point) of the rise of amount comes from changed shares of plan: plan = XX, which the reference "
        "does not have, is 12% of the rows that have a value."
    )
    assert say_where(unclear) == 'No single slice of the rows has most of the rise of "pro" in plan.'
    record = good_record().model_copy(update={"where": (unclear, both)})
    assert say_most(record).startswith("Compared with the reference, about 55% (±20 points) of")
    assert say_most(good_record()) == ""
    assert say_all((), True) == "No column changed clearly enough in today's rows to say where that comes from."


def test_a_page_escapes_the_names_of_a_slice(world):
    condition = Condition(column=HOSTILE, level=HOSTILE)
    part = Slice(conditions=(condition,), rows=(0.1, 0.1), contribution=1.0, error=0.01, elsewhere="unchanged")
    where = Where(column=HOSTILE, changed="level", rose=True, verdict="slice", slice=part)
    world.run(good_record().model_copy(update={"where": (where,)}))

    world.publish(watched("salary"))

    assert "onerror" not in re.sub(r"&lt;.*?&gt;", "", world.text(f"salary/{good_record().run_date}/index.html"))


@pytest.mark.slow
def test_a_past_day_s_origin_is_that_of_its_notebook(tmp_path):
    days = ["2013-03-01", "2013-03-02"]
    for number, day in enumerate(days):
        current = draw(1_200, np.random.default_rng(number))
        current.loc[current["source"] == "s3", "amount"] *= 100
        current.to_csv(tmp_path / f"{day}.csv", index=False)
    REFERENCE.to_csv(tmp_path / "reference.csv", index=False)
    files = f"source: files\nreference: {tmp_path}/reference.csv\ncurrent: '{tmp_path}/{{{{date}}}}.csv'\n"
    texts = {
        "share": f"{files}drift_share: 0.05\n",
        "budget": f"{files}monitor: {{{{alert: {{{{rule: budget, false_alarms_per_year: 12}}}}}}}}\n",
    }

    found = []
    for pages in ("none", "all"):
        job = Job(tmp_path / pages, **texts)
        job.run("backfill", "--from", days[0], "--to", days[1], "--pages", pages)
        with open_history(job.state / "history.db") as history:
            records = [record for name in texts for record in history.records(name)]
        found.append([(record.monitor, record.status, record.where) for record in records])

    assert found[0] == found[1]
    assert [where[0].slice.conditions[0].level for _, _, where in found[0]] == ["s3"] * 4


def test_a_cause_in_a_late_column_of_many_is_found_and_beyond_those_searched_nothing_is_called_everywhere():
    dice, rows = np.random.default_rng(2), 2_000
    numbers = pd.DataFrame(dice.normal(size=(2 * rows, 79)), columns=[f"n{i}" for i in range(79)])
    table = numbers.assign(late=dice.choice(["a", "b", "c", "d"], 2 * rows))
    current = table.iloc[rows:].reset_index(drop=True)
    current.loc[current["late"] == "b", "n0"] += 1.5
    columns = infer_columns(Data(table.iloc[:rows], current, rows, rows))

    late = find_of_column(Rows(table.iloc[:rows], current, columns), "n0", ["level"])
    many = Rows(table.iloc[:rows], current.assign(n0=table["n0"].iloc[:rows] + 1), [*columns, *columns * 3])

    assert [condition.level for condition in late.slice.conditions] == ["b"]
    assert find_of_column(many, "n0", ["level"]).verdict == "unclear"


def test_a_day_that_only_a_segment_made_unusual_points_to_the_verdict():
    assert say_all((), True, ["country = GB"]) == "The verdict says in which segments the change is: country = GB."


def test_a_drift_day_without_an_origin_says_why_on_page_console_and_api(world, capsys):
    why = f"current: data/{HOSTILE}.csv: no such file; check the path, or wait for the data."
    record = good_record().model_copy(update={"where_unknown": why})
    calm = healthy_record(run_date=record.run_date - dt.timedelta(1)).model_copy(update={"where_unknown": why})
    world.run(calm, record)

    world.publish(watched("salary"))
    print_run(record)

    words = f"Where the change comes from is not known: current: data/{' '.join(HOSTILE.split())}"
    pages = [world.text(f"salary/{each.run_date}/index.html") for each in (record, calm)]
    assert [words in html.unescape(page) for page in pages] == [True, False]
    assert "<img src=x" not in pages[0]
    assert words in html.unescape(world.text("salary/index.html"))
    assert f"where: {words}" in capsys.readouterr().out
    assert json.loads(world.text("api/salary.json"))["where_unknown"] == why
    assert as_unsearched(calm) is calm


@pytest.mark.slow
def test_a_past_day_whose_data_is_gone_says_so_until_the_data_is_back(tmp_path):
    day, data = "2013-03-01", tmp_path / "2013-03-01.csv"
    current = draw(1_200, np.random.default_rng(0))
    current.loc[current["source"] == "s3", "amount"] *= 100
    current.to_csv(data, index=False)
    REFERENCE.to_csv(tmp_path / "reference.csv", index=False)
    files = f"source: files\nreference: {tmp_path}/reference.csv\ncurrent: '{tmp_path}/{{{{date}}}}.csv'\n"
    job = Job(tmp_path / "job", orders=f"{files}drift_share: 0.05\n")

    def backfill() -> RunRecord:
        job.run("backfill", "--from", day, "--to", day, "--pages", "none")
        with open_history(job.state / "history.db") as history:
            return history.record_of("orders", dt.date.fromisoformat(day))

    found = backfill()
    with open_history(job.state / "history.db") as history:
        history.record(as_unsearched(found.model_copy(update={"where": ()})), None, NOW)
    data.rename(tmp_path / "away")
    gone = backfill()
    draw(1_200, np.random.default_rng(0)).to_csv(data, index=False)
    other = backfill()
    (tmp_path / "away").rename(data)

    assert found.where_unknown is None
    assert gone.where == () and gone.where_unknown.startswith(f"current: {data}: no such file; check the path")
    assert other.where_unknown == "its data has changed since, and does not drift any more; run the day again."
    assert backfill() == found
