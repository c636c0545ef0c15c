"""A backtest shows what each rule would have found on past days, and alerts nobody."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from driftmonitor.facts.backtest import NAME, Backtest
from driftmonitor.regular_files import Folder
from tests.jobs import Job

FIRST, DAYS, ROWS, DRIFT_FROM = dt.date(2026, 1, 1), 45, 200, dt.date(2026, 2, 10)
ORDERS = """
source: files
reference: {folder}/reference.parquet
current: {folder}/orders.parquet
time_column: day
monitor: {{title: Orders}}
"""


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    """A table of 45 days, in which `amount` rises by 0.8 sd on 10 February and stays there; no data on one day."""
    folder = tmp_path_factory.mktemp("orders")
    dice = np.random.default_rng(3)
    days = [FIRST + dt.timedelta(i) for i in range(DAYS) if i != 20]
    pd.DataFrame(_rows(dice, 1500)).assign(day="2025-12-01").to_parquet(folder / "reference.parquet")
    frames = [
        pd.DataFrame(_rows(dice, ROWS))
        .assign(day=str(day))
        .assign(amount=lambda f, d=day: f.amount + 8 * (d >= DRIFT_FROM))
        for day in days
    ]
    pd.concat(frames, ignore_index=True).to_parquet(folder / "orders.parquet")
    return Job(folder / "job", orders=ORDERS.replace("{folder}", str(folder)))


@pytest.fixture(scope="module")
def backtest(orders):
    """The job, and what it printed of two rules on those days."""
    arguments = ["--from", "2026-01-01", "--to", "2026-02-14", "--rule", "share", "--rule", "budget:12"]
    return orders, orders.run("backtest", *arguments)


def _rows(dice, rows):
    return {
        "amount": dice.normal(50, 10, rows),
        "weight": dice.gamma(2, 1, rows),
        "kind": dice.choice(["a", "b"], rows),
    }


@pytest.mark.slow
def test_rules_are_compared_and_the_budget_rule_names_the_day_and_the_column(backtest):
    job, done = backtest

    assert done.returncode == 0, done.stderr
    found = Backtest.read(Folder(job.state / "reports/orders"), NAME)
    share, budget = found.rules
    assert (share.rule, budget.rule) == ("share > 10%", "budget of 12 a year")
    assert len(found.days) == DAYS - 1
    assert found.gaps[0].startswith("2026-01-21: ")
    last = budget.incidents[-1]
    assert DRIFT_FROM <= last.opened <= DRIFT_FROM + dt.timedelta(1)
    assert last.columns[0] == "amount"
    early = [alarm for alarm in budget.alarms if alarm.date < DRIFT_FROM]
    assert len(early) <= 3 < len([alarm for alarm in share.alarms if alarm.date < DRIFT_FROM])


@pytest.mark.slow
def test_nothing_is_recorded_and_the_console_shows_a_row_a_rule(backtest):
    job, done = backtest

    assert not (job.state / "history.db").exists()
    assert "orders: 44 days from 2026-01-01 to 2026-02-14, 1 left out (2026-01-21: " in done.stdout
    assert "budget of 12 a year  " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rule", "nope"], "--rule 'nope': no such rule; write share, share:0.2, budget or budget:4."),
        (["--rule", "share:3"], "--rule share:3: not a share from 0 to 1"),
        (["--rule", "budget:0"], "--rule budget:0: not a budget above 0 and up to 50; write"),
        (["--to", "2026-01-02"], "--to 2026-01-02 needs --from"),
        (["--from", "2026-03-01", "--to", "2026-01-02"], "--from 2026-03-01 is after 2026-01-02; swap them."),
        ([], "orders: nothing to backtest: no day is recorded yet; choose days with --from and --to."),
        (["--from", "2031-01-01", "--to", "2031-01-02", "--force"], "orders: nothing to backtest: current: "),
    ],
)
def test_what_cant_be_replayed_is_said_in_one_line(orders, arguments, said, capsys):
    from tests.jobs import folders, main

    code, _, err = main(capsys, *folders(orders, "backtest", *arguments))

    assert code == 2
    assert said in err
    assert err.count("\n") == 1
