"""Numbers of the analyst's own: a limit decides, or their own past, and notebook, pages and messages say the same."""

import datetime as dt
import html
import json
import math
import re
from decimal import Decimal

import nbformat
import numpy as np
import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis import checks
from driftmonitor.analysis.checks.of_params import measure_checks
from driftmonitor.analysis.sources import Data, load_data
from driftmonitor.budget.judge import judge_record
from driftmonitor.config.check_settings import parse_checks
from driftmonitor.facts.checks import Check, add_missing
from driftmonitor.facts.earlier_days import EarlierDays
from driftmonitor.facts.evidence import CheckEvidence
from driftmonitor.facts.limits import parse_limit, read_limit
from driftmonitor.facts.record import read_notebook
from driftmonitor.words.checks import say_check, say_failing
from tests.jobs import DAY, ROOT, Job
from tests.pools import as_past, ordinary_days

pytestmark = pytest.mark.xdist_group("checks")
NAN = float("nan")


@pytest.fixture(autouse=True)
def no_checks():
    checks.forget_all()
    yield
    checks.forget_all()


def take(*arguments, **named) -> Check:
    checks.check(*arguments, **named)
    return checks.taken()[-1]


@pytest.mark.parametrize(
    ("limit", "kept", "broken"),
    [
        ("> 0.9", [0.901, 5, math.inf], [0.9, 0.1, -math.inf]),
        (">=0.3", [0.1 + 0.2, 0.3], [0.29]),
        ("== 0", [0, 0.0], [1e-12, -1]),
        ("!= 3", [2, 4], [3]),
        ("< 2%", [0.0199], [0.02, 0.5]),
        (">= 0.2 and < 0.4", [0.2, 0.39], [0.4, 0.1]),
        ("> 1_000", [1001], [1000]),
        ("<= -1e3", [-1000], [-999]),
    ],
)
def test_a_limit_is_kept_or_broken(limit, kept, broken):
    assert [parse_limit(limit).holds(value) for value in kept] == [True] * len(kept)
    assert [parse_limit(limit).holds(value) for value in broken] == [False] * len(broken)


@pytest.mark.parametrize(
    "limit", ["", "0.9", "> ", "> x", "=> 3", "> 3 or < 1", "> 1e999", "> nan", "x" * 500, 3, None]
)
def test_what_is_no_limit_is_refused_with_an_example(limit):
    with pytest.raises(ValueError, match="not a limit"):
        parse_limit(limit)


@pytest.mark.parametrize("limit", ["> 500 and < 100", "> 3 and < 3", "== 1 and != 1", ">= 2 and < 2", "== 1 and == 2"])
def test_a_limit_that_no_number_keeps_is_refused_where_it_is_given(limit):
    with pytest.raises(ValueError, match="no number keeps; change one of its bounds"):
        read_limit(limit)
    with pytest.raises(DriftMonitorError, match=r"^a\.yaml: checks\.rows: .* is a limit that no number keeps"):
        parse_checks({"rows": limit}, "a.yaml: ")
    assert not parse_limit(limit).holds(3)  # an older record with it stays readable


@pytest.mark.parametrize(
    "limit", ["> 3 and > 5", ">= 2 and <= 2", "!= 0", "< 0 and != -1", "> 1e300", "> 0 and < 1e-9"]
)
def test_a_limit_that_some_number_keeps_is_taken(limit):
    assert read_limit(limit) == parse_limit(limit)


@pytest.mark.parametrize(
    ("value", "must", "known", "holds"),
    [
        (0.84, "> 0.9", 0.84, False),
        (np.float32(0.5), "> 0.4", 0.5, True),
        (np.int64(3), "== 3", 3.0, True),
        (True, "== 1", 1.0, True),
        (Decimal("0.1"), "== 0.1", 0.1, True),
        (np.array([7]), "< 8", 7.0, True),
        (NAN, "> 0.9", None, None),
        (None, "> 0.9", None, None),
        (pd.NA, "> 0.9", None, None),
        (math.inf, "> 9", None, None),
        (0.84, "", 0.84, None),
    ],
)
def test_one_number_of_any_type_is_taken_and_a_missing_one_is_not_known(value, must, known, holds):
    made = take("AUC", value, must=must)

    assert (made.value, made.holds, made.fails) == (known, holds, holds is False)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("AUC", "0.9"), "the value is a str, not one number; give one number."),
        (("AUC", [0.9]), "the value is a list, not one number; give one number."),
        (("AUC", np.array([1, 2])), "the value is a ndarray, not one number; give one number."),
        (("AUC", pd.Series([1])), "the value is a Series, not one number; give one number."),
        (("AUC", 1 + 2j), "the value is a complex, not one number; give one number."),
        (("", 1), "the name must be text that is not empty"),
        ((3, 1), "the name must be text that is not empty"),
        (("n" * 121, 1), "the name has 121 characters; use at most 120."),
        (("record", 1), "this name has another meaning; choose another."),
        (("model performance", 1), "this name has another meaning; choose another."),
        (("AUC", 1, "more than 3"), "must is not a limit; write one such as"),
        (("AUC", 1, "", "many"), "rows must be a number of rows, such as len(data.current)."),
        (("AUC", 1, "", -1), "rows must be a number of rows, such as len(data.current)."),
    ],
)
def test_what_is_no_check_is_one_line_with_the_remedy(arguments, problem):
    name, value, must, rows = [*arguments, "", None] if len(arguments) == 2 else [*arguments, None][:4]

    with pytest.raises(DriftMonitorError) as error:
        checks.check(name, value, must=must, rows=rows)

    assert problem in str(error.value)
    assert "\n" not in str(error.value)


def test_the_last_call_with_a_name_counts_and_the_301st_name_is_refused():
    for number in range(300):
        checks.check(f"number {number}", number)
    checks.check("number 0", 5)

    assert checks.taken()[0].value == 5.0
    with pytest.raises(DriftMonitorError, match="there are 300 checks already"):
        checks.check("one more", 1)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (Check(name="AUC", value=0.84, must="> 0.9", holds=False), "AUC is 0.84, must be > 0.9"),
        (Check(name="AUC", value=0.89999, must=">= 0.9", holds=False), "AUC is 0.89999, must be >= 0.9"),
        (Check(name="rows", value=12345.0, must="> 5", holds=True), "rows is 12,345, must be > 5"),
        (Check(name="gaps", value=0.9331, must="< 5%", holds=False), "gaps is 93.3%, must be < 5%"),
        (Check(name="gaps", value=0.050001, must="<= 5%", holds=False), "gaps is 5.0001%, must be <= 5%"),
        (Check(name="gaps", value=0.0, must="< 5%", holds=True), "gaps is 0%, must be < 5%"),
        (Check(name="share", value=0.12345, rows=2000), "share is 0.12 (2,000 rows)"),
        (Check(name="AUC", must="> 0.9", reason="no value"), "AUC is not known (no value), must be > 0.9"),
        (
            Check(name="AUC", must="> 0.9", missing_since=dt.date(2026, 3, 1)),
            "AUC has not been computed since 1 Mar 2026, must be > 0.9",
        ),
    ],
)
def test_a_check_is_said_in_words_that_show_why_it_fails(check, words):
    assert say_check(check) == words


def test_a_check_with_a_limit_that_is_no_longer_computed_fails_for_thirty_days_and_is_found_again():
    start, known = dt.date(2026, 3, 1), Check(name="AUC", value=0.95, must="> 0.9", holds=True)
    earlier = (known, Check(name="mean", value=3.0), Check(name="rows", must="> 5", value=9, from_params=True))

    days = []
    for number in range(1, 33):
        earlier = add_missing((), earlier, start + dt.timedelta(number))
        days.append([check.name for check in earlier if check.fails])

    assert days[:30] == [["AUC"]] * 30
    assert days[30:] == [[], []]
    assert say_failing(add_missing((), (known,), start)) == (
        "1 check fails: AUC has not been computed since 1 Mar 2026, must be > 0.9"
    )
    assert add_missing((known,), (known,), start) == (known,)
    assert add_missing((), (Check(name="AUC", must="> 0.9", reason="no value"),), start) == ()


def table(rows: int = 5000) -> pd.DataFrame:
    random = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "amount": random.lognormal(3, 1, rows),
            "the plan": random.choice(["free", "basic", None], rows),
            "paid": random.random(rows) < 0.3,
            "at": pd.Timestamp("2026-11-24") + pd.to_timedelta(random.integers(0, 86400, rows), unit="s"),
        }
    )
    frame.loc[::10, "amount"] = np.nan
    frame.loc[5, "amount"] = np.inf
    return pd.concat([frame, frame.iloc[:7]], ignore_index=True)


CHECKS = {
    "rows": "> 5000", "duplicates": "== 7", "missing(amount)": "< 0.2", "missing(the plan)": {"budget": True},
    "mean(amount)": {"budget": True}, "median(amount)": {"budget": True}, "min(amount)": {"budget": True},
    "max(amount)": {"budget": True}, "sum(amount)": {"budget": True}, "std(amount)": {"budget": True},
    "mean(paid)": {"must": "< 40%"}, "distinct(the plan)": "== 2",
    "sql: select count(*) from current where amount < 0": "== 0",
    "dear": {"sql": 'select avg(case when "the plan" = \'free\' then 1.0 else 0.0 end) from current', "budget": True},
}  # fmt: skip


def by_pandas(frame: pd.DataFrame) -> list[float]:
    amount = frame["amount"].replace(np.inf, np.nan)
    return [
        len(frame), frame.duplicated().sum(), amount.isna().mean(), frame["the plan"].isna().mean(), amount.mean(),
        amount.median(), amount.min(), amount.max(), amount.sum(), amount.std(), frame["paid"].mean(), 2, 0,
        (frame["the plan"] == "free").mean(),
    ]  # fmt: skip


@pytest.mark.parametrize("max_rows", [100_000, 500])
def test_the_numbers_of_a_params_file_are_those_of_all_rows_as_pandas_has_them(tmp_path, max_rows):
    frame = table()
    frame.to_parquet(tmp_path / "orders.parquet")

    data = load_data(
        source="files", reference=f"{tmp_path}/orders.parquet", current=f"{tmp_path}/orders.parquet", run_date=DAY,
        max_rows=max_rows, checks=CHECKS,
    )  # fmt: skip
    found = measure_checks(CHECKS, data)

    assert [each.value for each in found] == pytest.approx(by_pandas(frame), rel=1e-9)
    assert [each.holds for each in found if each.must] == [True] * 6
    assert len(data.current) == min(max_rows, len(frame))


def test_an_edit_of_the_current_rows_counts():
    frame = table()
    data = Data(frame, frame, len(frame), len(frame))

    data.current = data.current.query("amount > 20")

    assert measure_checks({"min(amount)": "> 20", "rows": "> 5000"}, data)[0].holds
    assert measure_checks({"rows": "> 5000"}, data)[0].holds is False


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"rows": 500}, "checks.rows is 500; write a limit"),
        ({"rows": "more than 500"}, "checks.rows: 'more than 500' is not a limit"),
        ({"rows": {}}, "checks.rows is"),
        ({"rows": {"must": "> 5", "budget": True}}, "checks.rows: give either a limit or budget"),
        ({"rows": {"budget": "yes"}}, "checks.rows.budget is"),
        ({"rows": {"most": "> 5"}}, "checks.rows.most: no such setting; did you mean must?"),
        ({"mode(amount)": "> 5"}, "checks.mode(amount): no such number; use one of rows, duplicates, missing(column)"),
        ({"orders": "> 5"}, "checks.orders: no such number; use one of"),
        ({"orders": {"sql": "", "must": "> 5"}}, "checks.orders.sql is"),
        ({3: "> 5"}, "checks.3: the name has to be a text"),
        ({"rows": "> 5", "rows ": "> 6"}, "checks.rows: there are two checks of this name; rename one."),
        ({"model performance": {"sql": "select 1", "must": "> 0"}}, "this name has another meaning; choose another."),
        ({f"sql: {'x' * 130}": "> 5"}, "for a longer query give it a name"),
        ({f"mean(c{number})": "> 5" for number in range(301)}, "checks has 301 lines; use at most 300."),
    ],
)
def test_a_check_of_a_params_file_that_is_invalid_is_refused_before_anything_runs(given, problem):
    with pytest.raises(DriftMonitorError) as error:
        parse_checks(given)

    assert problem in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("mean(amuont)", "checks.mean(amuont): no such column; did you mean amount?"),
        ("mean(the plan)", "checks.mean(the plan): the column has no numbers; use missing or distinct."),
        ("sql: select 1; drop table current", "the query is not one SELECT; give one SELECT statement."),
        ("sql: delete from current", "the query is not one SELECT; give one SELECT statement."),
        ("sql: select amount, paid from current", "the query returns 2 rows and 2 columns; make it return one number."),
        ("sql: select 1 where false", "the query returns 0 rows and 1 column; make it return one number."),
        ("sql: select 'Ada Lovelace'", "the query returns text; make it return one number."),
        ("sql: select count(*) from read_csv('/etc/passwd')", "reads something else than the table current"),
        ("sql: select nothing from current", "fix the query."),
        ("sql: select 1 +", "not valid SQL; fix the query."),
    ],
)
def test_a_check_that_the_data_cannot_answer_is_one_line_and_quotes_no_value(name, problem):
    frame = table(50)

    with pytest.raises(DriftMonitorError) as error:
        measure_checks({name: "> 0"}, Data(frame, frame, len(frame), len(frame)))

    assert problem in str(error.value)
    assert "\n" not in str(error.value)
    assert "Ada" not in str(error.value).removeprefix(f"checks.{name}")


def with_number(record, value: float, rows: int | None = None):
    number = CheckEvidence(name="large orders", value=value, rows=rows)
    return record.model_copy(update={"evidence": record.evidence.model_copy(update={"checks": (number,)})})


def test_a_number_without_a_limit_is_judged_by_its_own_past_and_named():
    random = np.random.default_rng(1)
    known = [with_number(record, 0.05 + 0.004 * random.standard_normal()) for record in ordinary_days(70)]
    past = EarlierDays(rule="budget", false_alarms_per_year=12, days=tuple(map(as_past, known)))
    today = ordinary_days(71)[-1]

    usual, jump = (judge_record(with_number(today, value), past) for value in (0.052, 0.11))

    assert usual.status == "healthy"
    assert jump.status == "drift"
    cause = jump.judgement.causes[0]
    assert (cause.signal, cause.check, cause.columns, cause.change) == ("check", "large orders", (), "check")
    assert cause.words.startswith("large orders rose from its usual 0.05 to 0.11")


def test_few_days_and_a_number_that_never_changed_are_not_judged_too_early():
    def first_alert(values: list[float]) -> int | None:
        known = [with_number(record, value) for record, value in zip(ordinary_days(40), values, strict=False)]
        for number in range(1, len(values)):
            past = EarlierDays(rule="budget", days=tuple(map(as_past, known[:number])))
            if judge_record(known[number], past).status == "drift":
                return number
        return None

    assert first_alert([3.0] * 5 + [900.0]) is None
    assert first_alert([0.0] * 20 + [1.0]) is None
    assert first_alert([0.0] * 36 + [5.0]) == 36


SHOP = """
source: files
reference: {folder}/training.parquet
current: {folder}/orders.parquet
checks: {{rows: "> 500", "missing(plan)": "< 2%", "mean(amount)": {{budget: true}}}}
monitor:
  title: Shop
  notebook: {folder}/own.ipynb
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Run a monitor with a notebook of its own, in which one check fails and one is not known."""
    job = Job(tmp_path_factory.mktemp("shop"), shop=SHOP)
    random = np.random.default_rng(2)
    for name in ("training", "orders"):
        frame = pd.DataFrame({"amount": random.standard_normal(600), "plan": random.choice(["a", "b"], 600)})
        frame.to_parquet(job.folder / f"{name}.parquet")
    notebook = nbformat.read(ROOT / "notebooks/drift_report.ipynb", as_version=4)
    place = next(i for i, cell in enumerate(notebook.cells) if cell.source.startswith("## The verdict"))
    own = 'check("AUC", 0.84, must="> 0.9", rows=len(data.current))\ncheck("late orders", float("nan"), must="< 5")'
    notebook.cells[place:place] = [nbformat.v4.new_code_cell(own)]
    nbformat.write(notebook, job.folder / "own.ipynb")
    return job, job.run("--fail-on-drift")


def in_words(path) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", path.read_text()).split()))


def test_a_failing_check_is_said_alike_on_console_page_api_badge_feed_and_message(shop):
    job, run = shop
    fails = "AUC is 0.84, must be > 0.9 (600 rows)"

    assert run.returncode == 3
    assert f"CHECK    shop: 1 of 5 checks fails: {fails}. 0 of 2 columns drifted (0%, threshold 10%)" in run.stdout
    assert "checks: late orders is not known (no value), must be < 5" in run.stdout
    assert f"alert: Shop (shop): 1 of 5 checks fails on 24 Nov 2026. {fails}" in run.stdout
    index, page, day = (in_words(job.site / path / "index.html") for path in ("", "shop", f"shop/{DAY}"))
    assert "A check fails" in index
    assert "1 check fails, since 24 Nov 2026; no drift" in index
    assert "Check failed" in day
    assert "Fails: AUC is 0.84" in day
    assert "drift_share: kept in this output" not in day
    assert all("AUC is 0.84, must be > 0.9" in each for each in (index, page, day))
    assert [page.count(word) for word in (" Fails ", " Not known ", " Watched ", " Holds ")] == [1, 1, 1, 2]
    api = json.loads((job.site / "api/shop.json").read_text())
    assert (api["state"], api["drift_state"], api["failing_checks"]) == ("check_failed", "healthy", ["AUC"])
    assert [check["name"] for check in api["checks"]] == [
        "rows", "missing(plan)", "mean(amount)", "AUC", "late orders",
    ]  # fmt: skip
    assert "check failed" in (job.site / "badge/shop.svg").read_text()
    assert "Shop: check failed (24 Nov 2026)" in (job.site / "feed.xml").read_text()
    assert f"{DAY},AUC,0.84,600,> 0.9,False" in (job.site / "shop/checks.csv").read_text()


def test_plain_papermill_and_the_numbers_alone_have_the_same_checks(shop, tmp_path):
    import papermill

    from driftmonitor.analysis.without_notebook import Days
    from driftmonitor.config.params import read_monitor
    from driftmonitor.pipeline.notebooks.notebook_file import effective_parameters
    from driftmonitor.pipeline.notebooks.run_notebook import notebook_parameters

    job, _ = shop
    kept = job.record("shop").checks
    monitor = read_monitor(job.folder / "params/shop.yaml", notebook_parameters)

    papermill.execute_notebook(
        str(job.folder / "own.ipynb"), str(tmp_path / "out.ipynb"), cwd=str(ROOT), progress_bar=False,
        parameters={
            **monitor.parameters, "run_date": DAY, "monitor_name": "shop", "past": "", "output_dir": f"{tmp_path}",
        },
    )  # fmt: skip
    numbers = Days("shop", effective_parameters(monitor), [dt.date.fromisoformat(DAY)])

    assert read_notebook(json.loads((tmp_path / "out.ipynb").read_text())).checks == kept
    assert numbers.compare(dt.date.fromisoformat(DAY)).checks == kept[:3]
