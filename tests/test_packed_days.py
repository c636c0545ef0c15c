"""Earlier days are handed over packed: nothing is lost or changed, and only records that are not known yet are read."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from benchmarks.invented_days import World
from driftmonitor import DriftMonitorError
from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.config.params import Monitor
from driftmonitor.config.settings import AlertSettings, MonitorSettings
from driftmonitor.facts.earlier_days import NAME, EarlierDay, earlier_day, read_earlier_days, write_earlier_days
from driftmonitor.facts.evidence import DependenceEvidence, Evidence
from driftmonitor.facts.reading import Reading, SideRead
from driftmonitor.facts.stored_evidence import StoredEvidence, join_days, pack_evidence, split_days
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.earlier_days import earlier_days_of
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.history.rows import StoredRun

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
FIRST = dt.date(2026, 1, 1)
ALERT = AlertSettings(rule="budget", false_alarms_per_year=12)
MONITOR = Monitor("invented", Path("params/invented.yaml"), settings=MonitorSettings(alert=ALERT))
READING = Reading(
    reference=SideRead(source="files", rows_read=9), current=SideRead(source="files", rows_read=9), columns=()
)


def record(number, rows=1_000, **known):
    """Return the record of a day, of a world with seven numbers and three categories."""
    made = World(10, rows).record(FIRST + dt.timedelta(number), **known)
    return made.model_copy(update={"reading": READING})


def varied():
    """Yield records of days that differ in what is known of them, and in what they are compared with."""
    for number in range(40):
        made = record(
            number, 70_000 if number == 9 else 1_000, reference="z" if number < 5 else "a", without=number % 2
        )
        evidence = made.evidence
        signals = (None, *evidence.pairs.signals[1:]) if number % 3 else evidence.pairs.signals
        pairs = evidence.pairs.model_copy(update={"signals": signals, "complete": number > 20 or None})
        table = DependenceEvidence(
            reference="t" if number else "u", columns=("column_000", "column_001"), tables=((0, 1),),
            counts=(number, 250, 250, 500 - number), reference_counts=(250, 250, 250, 250),
        )  # fmt: skip
        without_tail = evidence.columns[0].model_copy(update={"tail": None, "quartiles": None, "missing": None})
        columns = (without_tail if number == 7 else evidence.columns[0], *evidence.columns[1:])
        known = {"pairs": None if number == 11 else pairs, "dependence": table, "columns": columns}
        yield made.model_copy(update={"evidence": evidence.model_copy(update=known)})


def kept(made):
    return earlier_day(made.run_date, made.model_dump(mode="json"), "")


def packed(days):
    return split_days(join_days([{**day, "evidence": pack_evidence(day["evidence"])} for day in days]))


def test_packed_days_are_the_days_that_were_packed():
    days = [kept(made) for made in varied()]

    for day, plain in zip(packed(days), days, strict=True):
        wanted = Evidence.model_validate(plain["evidence"])
        found = day["evidence"]
        assert isinstance(found, StoredEvidence)
        assert found.references == wanted.references
        assert found.column("column_003") == wanted.by_name["column_003"]
        assert all(getattr(found, name) == getattr(wanted, name) for name in Evidence.model_fields)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_arrays_of_packed_days_are_those_of_plain_ones():
    *days, today = varied()
    plain = [EarlierDay.model_validate(kept(made)) for made in days]
    stored = [EarlierDay.model_validate(day) for day in packed([kept(made) for made in days])]
    kinds = World(10).kinds

    one, other = (EvidenceTable(today.evidence, each, today.run_date, kinds, True) for each in (plain, stored))

    assert np.array_equal(one.signals.values, other.signals.values, equal_nan=True)
    assert np.array_equal(one.pairs, other.pairs, equal_nan=True)
    assert np.array_equal(one.tables.counts, other.tables.counts)
    for name, column in one.columns.items():
        assert np.array_equal(column.quartiles, other.columns[name].quartiles, equal_nan=True)
    assert one.tails("column_003") == other.tails("column_003")
    assert not any("columns" in vars(day.evidence) for day in stored)  # nothing was unpacked


def test_integers_where_other_numbers_belong_are_packed_as_these():
    column = {"name": "amount", "reference": "a", "rows": [9, 9], "counts": [4, 5], "quartiles": [1, 2, 3]}

    (day,) = packed([{"date": "2026-11-01", "evidence": {"columns": [column]}}])

    assert day["evidence"].columns[0].quartiles == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    "damage", [{"counts": ["four"]}, {"quartiles": [1.0, None, 3.0]}, {"quartiles": [1.0, 1e999, 2.0]}]
)
def test_damaged_evidence_is_not_packed(damage):
    column = {"name": "amount", "reference": "a", "rows": [9, 9], "counts": [9], **damage}

    with pytest.raises(ValueError):
        pack_evidence({"columns": [column]})


def test_file_with_other_numbers_than_were_written_is_no_file_of_earlier_days(tmp_path):
    days = join_days([{**kept(record(0)), "evidence": pack_evidence(kept(record(0))["evidence"])}])
    write_earlier_days(tmp_path / NAME, {"rule": "budget", **days, "numbers": days["numbers"].replace("A", "B", 1)})

    with pytest.raises(DriftMonitorError, match="not a file of earlier days"):
        read_earlier_days(tmp_path / NAME)


@pytest.fixture
def history(place):
    with open_history(place) as history:
        for number in range(30):
            history.record(record(number), None, NOW)
        yield history


@pytest.fixture
def reports(tmp_path, history):
    """The reports after the run of the 30th day."""
    folder = tmp_path / "reports/invented/2026-01-30"
    folder.mkdir(parents=True)
    write_earlier_days(folder / NAME, earlier_days_of(history, MONITOR, dt.date(2026, 1, 30)))
    return tmp_path / "reports"


@pytest.fixture
def read(monkeypatch):
    """The days whose records are read."""
    days = []

    def count(run, read=StoredRun.read):
        days.append(run.run_date.day)
        return read(run)

    monkeypatch.setattr(StoredRun, "read", count)
    return days


def test_a_run_reads_only_the_record_that_the_last_report_did_not_know(history, reports, read):
    found = earlier_days_of(history, MONITOR, dt.date(2026, 1, 31), reports)

    assert read == [30]
    assert found == earlier_days_of(history, MONITOR, dt.date(2026, 1, 31))
    assert len(found["days"]) == 30


def test_a_day_that_was_recorded_again_or_reviewed_is_known_as_it_is_now(history, reports, read):
    history.record(record(3, shift=2.0), None, NOW)
    history.label("invented", dt.date(2026, 1, 10), "confirmed", "", planner(ALERT, "Invented"), NOW)

    found = earlier_days_of(history, MONITOR, dt.date(2026, 1, 31), reports)

    assert read == [30, 4]
    assert found == earlier_days_of(history, MONITOR, dt.date(2026, 1, 31))
    assert found["days"][9]["label"] == "confirmed"


@pytest.mark.parametrize(
    "text", ["", "[]", '{"days": []}', '{"days": [{}], "shapes": [], "numbers": "", "checksum": 0}']
)
def test_a_damaged_file_of_a_report_costs_time_and_nothing_else(history, reports, text):
    (reports / f"invented/2026-01-30/{NAME}").write_text(text)

    found = earlier_days_of(history, MONITOR, dt.date(2026, 1, 31), reports)

    assert found == earlier_days_of(history, MONITOR, dt.date(2026, 1, 31))
