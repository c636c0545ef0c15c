"""Simulated data is reproducible, and drifts by exactly as much as was set."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp, spearmanr

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.simulate import simulate

DAY = dt.date(2026, 3, 1)
MANY = 50_000  # a mean's standard error is then 0.0045 sd: the tolerance of 0.02 is four of them
NUMBERS = {"age": (40, 10), "salary": (50_000, 10_000), "clicks": (25, 5)}
FIRST_CLICKS = ([28.0, 32.0, 22.0], [27.0, 28.0, 32.0])
FIRST_AGES = [41.257, 34.643, 32.963]


def current(drift, day=DAY, rows=MANY, seed=0):
    return simulate(day, rows, seed, drift)[1]


def test_one_seed_gives_the_same_reference_every_day():
    monday, tuesday = (simulate(DAY + dt.timedelta(days=day), 100, 7, {}) for day in (0, 1))

    assert monday[0].equals(tuesday[0])
    assert not monday[1].equals(tuesday[1])
    assert not monday[0].equals(monday[1])
    assert monday[1].equals(simulate(DAY, 100, 7, {})[1])


def test_the_first_values_stay_what_they_are():
    reference, today = simulate(DAY, 3, 0, {})

    assert reference["clicks"].tolist() == FIRST_CLICKS[0]
    assert today["clicks"].tolist() == FIRST_CLICKS[1]
    assert reference["age"].round(3).tolist() == FIRST_AGES


def test_columns_without_drift_have_their_stated_moments():
    reference, today = simulate(DAY, MANY, 0, {})

    for frame in (reference, today):
        for name, (mean, sd) in NUMBERS.items():
            assert frame[name].mean() == pytest.approx(mean, abs=0.02 * sd)
            assert frame[name].std() == pytest.approx(sd, rel=0.02)
        shares = frame["plan"].value_counts(normalize=True)
        assert shares.to_dict() == pytest.approx({"free": 0.6, "basic": 0.3, "pro": 0.1}, abs=0.01)
        assert spearmanr(frame["age"], frame["salary"]).statistic == pytest.approx(0.4826, abs=0.015)  # 6/pi asin(.25)
        assert spearmanr(frame["age"], frame["clicks"]).statistic == pytest.approx(0.0, abs=0.015)


@settings(max_examples=12, deadline=None)
@given(name=st.sampled_from(list(NUMBERS)), shift=st.floats(-2, 5), scale=st.floats(0, 1.3))
def test_mean_shift_and_scale_are_in_reference_standard_deviations(name, shift, scale):
    mean, sd = NUMBERS[name]

    values = current({name: {"mean_shift": shift, "scale": scale}})[name]

    assert values.mean() == pytest.approx(mean + shift * sd, abs=0.04 * sd)
    assert values.std() == pytest.approx(scale * sd, rel=0.02, abs=0.11 * sd)  # counts are rounded: at most 0.5


def test_a_shift_of_a_quarter_of_a_click_is_met():
    assert current({"clicks": {"mean_shift": 0.05}})["clicks"].mean() == pytest.approx(25.25, abs=0.1)


def test_clicks_stay_counts():
    clicks = current({"clicks": {"mean_shift": -4, "scale": 1.5}})["clicks"]

    assert (clicks == clicks.round()).all()
    assert clicks.min() == 0


def test_drift_of_one_column_leaves_the_others_alone():
    healthy = current({})
    drifted = current({"salary": {"mean_shift": 2.5, "scale": 2, "missing": 0.3}, "plan": {"shares": {"pro": 0.5}}})

    assert drifted["age"].equals(healthy["age"])
    assert drifted["clicks"].equals(healthy["clicks"])
    assert not drifted["salary"].equals(healthy["salary"])


def test_named_shares_are_met_and_the_others_shrink_in_proportion():
    shares = current({"plan": {"shares": {"pro": 0.4}}})["plan"].value_counts(normalize=True)

    assert shares.to_dict() == pytest.approx({"free": 0.4, "basic": 0.2, "pro": 0.4}, abs=0.01)


def test_a_category_can_vanish():
    assert set(current({"plan": {"shares": {"free": 0.0}}})["plan"]) == {"basic", "pro"}


def test_missing_values_come_in_their_share():
    today = current({"salary": {"missing": 0.25}, "plan": {"missing": 1.0}})

    assert today["salary"].isna().mean() == pytest.approx(0.25, abs=0.01)
    assert today["plan"].isna().all()
    assert today["age"].notna().all()


@pytest.mark.parametrize("r", [-1.0, -0.8, 0.0, 0.3, 1.0])
def test_correlation_changes_and_leaves_the_marginals_alone(r):
    healthy = current({})
    paired = current({"age": {"correlation": {"salary": r}}})

    assert spearmanr(paired["age"], paired["salary"]).statistic == pytest.approx(
        6 / np.pi * np.arcsin(r / 2), abs=0.015
    )
    for name in ("age", "salary"):
        assert ks_2samp(healthy[name], paired[name]).statistic == 0.0


def test_correlation_grows_along_the_ramp():
    ramp = {"correlation": {"salary": -0.5}, "ramp_days": 10, "ramp_start": "2026-02-24"}  # half of it on 1 March

    halfway = current({"age": ramp})

    assert spearmanr(halfway["age"], halfway["salary"]).statistic == pytest.approx(0.0, abs=0.015)


RAMPS = [
    ({"ramp_days": 10, "ramp_start": "2026-03-01"}, "2026-02-28", 0.0),
    ({"ramp_days": 10, "ramp_start": "2026-03-01"}, "2026-03-01", 0.0),
    ({"ramp_days": 10, "ramp_start": "2026-03-01"}, "2026-03-06", 0.5),
    ({"ramp_days": 10, "ramp_start": "2026-03-01"}, "2026-03-11", 1.0),
    ({"ramp_days": 10, "ramp_start": "2026-03-01"}, "2027-03-11", 1.0),
    ({"ramp_days": 10}, "2026-01-01", 0.0),
    ({"ramp_days": 10}, "2026-01-10", 0.9),
    ({"ramp_days": 10}, "2026-01-11", 0.0),
    ({"ramp_days": 10}, "2027-01-03", 0.2),
]


@pytest.mark.parametrize(("ramp", "day", "strength"), RAMPS)
def test_drift_grows_along_the_ramp(ramp, day, strength):
    day = dt.date.fromisoformat(day)
    full = {"mean_shift": 2.0, "missing": 0.5}

    ramped = current({"salary": {**full, **ramp}}, day)["salary"]

    assert ramped.mean() == pytest.approx(50_000 + 20_000 * strength, abs=400)
    assert ramped.isna().mean() == pytest.approx(0.5 * strength, abs=0.01)


BAD = [
    ({"salry": {}}, "drift.salry: no such column; did you mean salary?"),
    ({1: {}}, "drift.1: no such column"),
    ([], "drift is []; give a mapping"),
    ({"salary": 5}, "drift.salary is 5; give a mapping"),
    ({"salary": {"mean_shfit": 1}}, "drift.salary.mean_shfit: not a key of this column; did you mean mean_shift?"),
    ({"salary": {"shares": {"pro": 0.1}}}, "drift.salary.shares: not a key of this column"),
    ({"plan": {"mean_shift": 1.0}}, "drift.plan.mean_shift: not a key of this column"),
    ({"plan": {"shares": {"fre": 0.9}}}, "drift.plan.shares.fre: no such category; did you mean free?"),
    ({"plan": {"shares": {"free": 0.9, "pro": 0.2}}}, "drift.plan.shares: sum to 1.1; make them sum to 1"),
    ({"plan": {"shares": {"free": 0.1, "basic": 0.1, "pro": 0.1}}}, "drift.plan.shares: sum to 0.3"),
    ({"salary": {"mean_shift": "a lot"}}, "drift.salary.mean_shift is 'a lot' (text); give a number."),
    ({"salary": {"mean_shift": float("inf")}}, "drift.salary.mean_shift is inf; give a finite number."),
    ({"salary": {"scale": -1.0}}, "drift.salary.scale is -1.0; use 0 or more."),
    ({"salary": {"missing": 1.5}}, "drift.salary.missing is 1.5; use 1 or less."),
    ({"salary": {"ramp_days": 0}}, "drift.salary.ramp_days is 0; use 1 or more."),
    ({"salary": {"ramp_days": 1}}, "drift.salary.ramp_days is 1, which never drifts"),
    ({"salary": {"ramp_days": 9, "ramp_start": "soon"}}, "drift.salary.ramp_start: 'soon' is not a date"),
    ({"salary": {"ramp_start": "2026-01-01"}}, "drift.salary.ramp_start needs ramp_days"),
    ({"salary": {"correlation": {"agee": 0.1}}}, "drift.salary.correlation.agee: no such other column; did you mean"),
    ({"age": {"correlation": {"age": 0.1}}}, "drift.age.correlation.age: no such other column"),
    (
        {"age": {"correlation": {"salary": 0.1}}, "salary": {"correlation": {"age": 0.2}}},
        "drift.age.correlation.salary: also given under salary; remove one.",
    ),
    (
        {"age": {"correlation": {"salary": 1.0, "clicks": 1.0}}, "clicks": {"correlation": {"salary": -1.0}}},
        "drift: no data can have all these correlations",
    ),
]


@pytest.mark.parametrize(("drift", "message"), BAD)
def test_bad_drift_is_refused_in_one_line(drift, message):
    with pytest.raises(DriftMonitorError) as error:
        simulate(DAY, 10, 0, drift)

    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
