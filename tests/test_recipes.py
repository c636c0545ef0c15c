"""CONTRIBUTING.md's recipes work as they are written (that of a statistic: test_own_statistics.py)."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import DataMissing, load_data, readers
from driftmonitor.config import notebook_parameters
from driftmonitor.pipeline import channels
from tests.message_samples import make_message, make_nasty
from tests.servers import Answer, Recorder


def test_the_channel_sends_a_message_and_what_it_reads_must_be_in_the_workflow(follow):
    follow(channels, "ntfy")

    ntfy = channels.channel_named("ntfy")
    with Recorder(Answer(200), Answer(200)) as server:
        for message in (make_message(), make_nasty()):
            ntfy.send(message, {"NTFY_WEBHOOK": f"{server.url}/topic"})

    plain, nasty = (request.body.decode() for request in server.requests)
    assert ntfy in channels.all_channels()
    assert not ntfy.configured({})
    assert plain.startswith("salary_shift")
    assert len(nasty) <= 2000
    assert not re.search(r"@[a-z]|://", nasty)
    assert ntfy.ENVIRONMENT == ("NTFY_WEBHOOK",)


@pytest.fixture
def orders(tmp_path):
    """Ten days of 300 orders in a Feather file."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2026-01-01", periods=10).repeat(300)
    columns = {"amount": rng.normal(50, 10, 3000), "country": rng.choice(["DE", "FR", None], 3000), "at": days}
    pd.DataFrame(columns).to_feather(tmp_path / "orders.feather")
    return str(tmp_path / "orders.feather")


WINDOWS = {"time_column": "at", "reference_window": "2026-01-01/2026-01-09", "run_date": "2026-01-10"}


def test_the_source_is_cut_to_its_windows_sampled_and_counted(follow, orders):
    follow(readers, "feather")

    data = load_data(source="feather", reference=orders, current="", **WINDOWS, max_rows=1000)
    again = load_data(source="feather", reference=orders, current="", **WINDOWS, max_rows=1000)

    whole = pd.read_feather(orders)
    assert (len(data.reference), data.reference_total, data.current_total) == (1000, 2700, 300)
    assert data.full_counts["reference"].missing["country"] == int(whole["country"][:2700].isna().sum())
    assert sorted(data.current["amount"]) == sorted(whole["amount"][2700:])
    pd.testing.assert_frame_equal(data.reference, again.reference)


def test_the_source_says_what_a_user_can_do(follow, orders, tmp_path):
    follow(readers, "feather")

    with pytest.raises(DataMissing, match=r"^current: \S+: no such file; check the path, or wait for the data\.$"):
        load_data(source="feather", reference=orders, current=f"{tmp_path}/{{date}}.feather", run_date="2026-01-10")
    with pytest.raises(DriftMonitorError, match="connection is for source: sql, and source is feather; change"):
        load_data(source="feather", reference=orders, current="", **WINDOWS, connection="postgres://db/x")


def test_params_files_know_every_source():
    names = readers.source_names()

    assert {"files", "simulate", "sql"} <= set(names)
    assert sorted(path.stem for path in notebook_parameters.SOURCES.glob("[a-z]*.py")) == names


def test_a_frame_with_a_mixed_column_is_refused_without_its_values():
    from driftmonitor.analysis.sources import with_duckdb

    mixed = pd.DataFrame({"name": ["Ada", 3]}, dtype=object)

    with pytest.raises(DriftMonitorError) as caught:
        with_duckdb.open_frame(with_duckdb.connect(), "current", mixed)

    assert str(caught.value) == "current: column name has values of different types; make them numbers, text or times."


def test_a_frame_keeps_its_names_and_a_key_chooses_its_rows():
    from driftmonitor.analysis.sources import frames
    from driftmonitor.analysis.sources.request import Request

    frame = pd.DataFrame([[1, 2.5, "x", 4], [5, 6.5, "y", 8]], columns=["A", "a", "A", 7])
    request = Request(date(2026, 1, 10), reference="a frame", current="a frame", sample_key="A")

    read = frames.take_frames(request, {"reference": frame, "current": frame})["current"].frame.sort_values("A")
    assert list(read.columns) == ["A", "a", "A.1", "7"]
    assert read.to_numpy().tolist() == frame.to_numpy().tolist()
