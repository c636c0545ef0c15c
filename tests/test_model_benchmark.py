"""A short run of benchmarks.model: no false alert in a year, changes found in time, and intervals that cover."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.model.figures import Figure
from benchmarks.model.public import main as public
from benchmarks.model.with_labels import days_until, false_alerts
from benchmarks.model.without_labels import HALF, LOST, try_days
from benchmarks.model.worlds import make_model

pytestmark = pytest.mark.xdist_group("model_benchmark")
RIGHT, WRONG = "narrower column", "wrong model, segment"


def test_a_year_without_a_change_has_no_alert_with_many_or_few_positives():
    assert false_alerts(make_model(RIGHT), 1, 1) == 0
    assert false_alerts(make_model(RIGHT, rare=True), 1, 1) == 0


def test_flipped_labels_are_found_on_day_one_and_with_few_positives_within_a_month():
    model, rare = make_model(RIGHT), make_model(RIGHT, rare=True)
    flips, moves = model.share_for(0.84), rare.share_for(0.84, relabel=True)

    first = days_until(model, 5, 2, lambda day, random, _: day.flipped(flips, random))
    later = days_until(rare, 5, 3, lambda day, random, _: day.relabelled(moves, random))

    assert first == [0] * 5
    assert max(later) < 30
    assert rare.true_auc(0.0) == pytest.approx(0.935, abs=0.015)


def test_the_estimate_says_harmful_of_a_loss_and_not_of_half_of_what_is_tolerated():
    right = try_days(RIGHT, (LOST,), 1, 6, 7)[LOST]
    wrong = try_days(WRONG, (HALF,), 1, 6, 7)[HALF]

    assert right.harmful == 6
    assert wrong.harmful == 0
    assert abs(np.mean(wrong.bias)) < 0.005 < abs(np.mean(wrong.plain_bias))  # reweighting removes most of the bias


def test_after_40_labelled_days_intervals_cover():
    found = try_days(RIGHT, (0.0,), 1, 20, 8, past=40)[0.0]

    assert sum(found.covered) >= 17  # 16 or fewer: 1.6%
    assert sum(found.covered_loss) >= 17


def test_a_figure_is_a_row_with_what_was_asked():
    assert str(Figure("alerts", "≤ 0.5", "0.00", "4")) == "| alerts | ≤ 0.5 | 0.00 | 4 |"


@pytest.mark.slow
def test_a_model_is_watched_on_a_public_table_of_a_folder(tmp_path, capsys):
    random, rows = np.random.default_rng(0), 48 * 7 * 55
    demand, period = random.normal(size=rows), np.arange(rows) % 48 / 48
    price = 0.5 * demand + period + random.normal(size=rows)
    market = pd.DataFrame(
        {"period": period, "nswprice": price, "nswdemand": demand, "transfer": random.normal(size=rows)}
    )
    market["class"] = np.where(price + random.normal(size=rows) > 0.5, "UP", "DOWN")
    market.to_csv(tmp_path / "electricity_nsw.csv", index=False)

    public([str(tmp_path)])

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[:2] for line in lines[2:]] == [
        ["| electricity, weeks; labels next day", "3"], ["| electricity, weeks; labels two weeks", "3"],
    ]  # fmt: skip
