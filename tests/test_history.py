"""The history in real SQLite files and a real PostgreSQL server."""

import contextlib
import datetime as dt
import shutil
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
import sqlalchemy as sa

from driftmonitor import DriftMonitorError
from driftmonitor.facts.distribution import Distribution
from driftmonitor.facts.record import ColumnScore, Rows, RunRecord
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.history import database, open_history
from driftmonitor.pipeline.history.tables import VERSION_TABLE, metadata
from tests import work
from tests.processes import run_and_kill, run_together, some_time
from tests.samples import NOW, day, make_record

ROWS = Rows(reference=1, current=1, reference_total=1, current_total=1)


def rows_of(place, table: str) -> list[str]:
    """Return a table's rows as the engine's own driver gives them."""
    with open_history(place) as history, history._database.reading() as connection:
        return sorted(map(repr, connection.execute(sa.text(f"SELECT * FROM {table}"))))


def test_a_record_comes_back_as_it_was_given(place):
    names = ["a\x00b", "x" * 10_000, "</script>", "'; DROP TABLE runs; --", "emoji 🎉", "line\nline", "half \ud800"]
    scores = [ColumnScore(name=n, kind="numerical", status="drifted", p_value=1e-320, distance=0.1) for n in names]
    record = RunRecord(
        monitor="pay", run_date=day(0), status="drift", drift_share=1.0, threshold=0.1, drifted=True, rows=ROWS,
        columns=scores, versions={"evidently": "0.7.23"}, duration_seconds=0.1 + 0.2,
    )  # fmt: skip

    with open_history(place) as history:
        history.record(record, planner(), NOW)

        assert history.record_of("pay", day(0)) == record
        assert history.runs("pay")[0].drifted_columns == tuple(names)
        assert history.runs("pay")[0].recorded_at == NOW
        assert next(score.column for score in history.scores(day(0))) == "a␀b"
        assert history.frame("pay")["p_value"].tolist() == [1e-320] * 7


def test_recording_a_date_again_replaces_it_whole_and_nothing_else(place):
    with open_history(place) as history:
        history.record(make_record(0, "drift", ("a", "b", "c")), planner(), NOW)
        history.record(make_record(1, "healthy"), planner(), NOW)
        others = rows_of(place, "scores WHERE run_date = '2026-03-02'")

        history.record(make_record(0, "drift", ("d",)), planner(), NOW + dt.timedelta(hours=1))

        assert [score.column for score in history.scores(day(0))] == ["d", "age", "salary", "age"]
        assert rows_of(place, "scores WHERE run_date = '2026-03-02'") == others
        assert [run.drifted_columns for run in history.runs("pay")] == [("d",), ()]


def test_recording_the_same_twice_changes_nothing(place):
    tables = ("runs", "scores", "findings", "events", "outbox")
    with open_history(place) as history:
        history.record(make_record(0, "drift"), planner(), NOW)
        before = [rows_of(place, table) for table in tables]

        history.record(make_record(0, "drift"), planner(), NOW + dt.timedelta(days=1))

        assert [rows_of(place, table) for table in tables] == before


def test_reads_give_runs_in_date_order_scores_since_a_day_and_one_frame(place):
    with open_history(place) as history:
        assert (history.monitors(), history.runs("pay"), len(history.frame())) == ([], [], 0)
        for number in (2, 0, 1):
            history.record(make_record(number, ["drift", "failed", "healthy"][number]), planner(), NOW)
        history.record(make_record(0, "healthy", monitor="clicks"), planner(), NOW)

        assert history.monitors() == ["clicks", "pay"]
        assert [run.status for run in history.runs("pay")] == ["drift", "failed", "healthy"]
        assert [record.status for record in history.records("pay", since=day(1))] == ["failed", "healthy"]
        assert history.has_run("pay", day(1)) and not history.has_run("pay", day(3))
        assert [(s.monitor, s.run_date) for s in history.scores(day(2))] == [("pay", day(2))] * 2
        assert {told.event for told in history.messages("pay")} == {"drift_started", "run_failed", "run_recovered",
                                                                    "drift_ended"}  # fmt: skip
        frame = history.frame()
        assert frame.groupby("monitor").size().to_dict() == {"clicks": 2, "pay": 5}
        assert history.frame("pay", since=day(2)).run_status.tolist() == ["healthy"] * 2
        assert frame[frame.run_status == "failed"].error.tolist() == ["no such file"]


def test_eight_processes_open_a_new_history_and_record_at_once(place):
    days = [list(range(start, 40, 4)) for start in (0, 1, 2, 3)]

    exits = run_together(work.record_days, [(str(place), numbers, "drift") for numbers in days + days])

    assert exits == [0] * 8
    with open_history(place) as history:
        assert [run.run_date for run in history.runs("pay")] == [day(number) for number in range(40)]
        assert len(history.scores(day(0))) == 80
        kinds = [told.event for told in history.messages("pay") if told.holds and not told.mute]
        assert kinds.count("drift_started") == 1


def test_processes_killed_while_recording_leave_whole_runs(place, tmp_path):
    done = tmp_path / "done"
    work.record_days(str(place), [], "drift")
    killed = 0
    for attempt in range(25):
        numbers = list(range(attempt * 20, attempt * 20 + 20))
        killed += run_and_kill(work.record_alternating, str(place), numbers, str(done), after_seconds=some_time(0.25))

    assert killed > 5
    with open_history(place) as history:
        runs = history.runs("pay")
        assert {str((run.run_date - day(0)).days) for run in runs} >= set(work.lines(done))
        assert len(history.scores(day(0))) == 2 * len(runs)
        news = {told.run_date for told in history.messages("pay") if told.event == "drift_started"}
        starts = [now.run_date for before, now in zip([None, *runs], runs, strict=False)
                  if now.status == "drift" and (before is None or before.status == "healthy")]  # fmt: skip
        assert set(starts) <= news


def test_a_history_is_migrated_when_opened(place, tmp_path, monkeypatch):
    with open_history(place) as history:
        history.record(make_record(0, "drift"), planner(), NOW)
    newer = tmp_path / "migrations"
    shutil.copytree(database.MIGRATIONS, newer)
    (newer / "versions" / "0009_note.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '0009', '0008'\n"
        "def upgrade():\n    op.add_column('runs', sa.Column('note', sa.Text))\n"
    )
    monkeypatch.setattr(database, "MIGRATIONS", newer)

    with open_history(place) as history:
        assert history.record_of("pay", day(0)) == make_record(0, "drift")
        with history._database.reading() as connection:
            assert "note" in {column["name"] for column in sa.inspect(connection).get_columns("runs")}


def test_an_older_sqlite_history_becomes_shorter_and_loses_nothing(tmp_path):
    place = tmp_path / "history.db"
    records = [make_record(number, "drift", tuple(f"column_{i}" for i in range(30))) for number in range(60)]
    with open_history(place) as history:
        for record in records:
            history.record(record, planner(), NOW)
    with contextlib.closing(sqlite3.connect(place)) as connection, connection:
        make_older(connection)
    before = place.stat().st_size
    parts = [rows_of_file(place, table) for table in ("scores", "findings", "events")]

    with open_history(place) as history:
        assert list(history.records("pay")) == records
        assert history.reference_days("pay") is None
        assert [run.changed_since for run in history.runs("pay")] == [None] * 60
    assert [rows_of_file(place, table) for table in ("scores", "findings", "events")] == parts
    assert place.stat().st_size < before / 2


def make_older(connection: sqlite3.Connection) -> None:
    """Make a history as version 3 had it: records in full, and none of the later columns and tables."""
    connection.create_function("unpack", 1, lambda packed: zlib.decompress(packed).decode())
    connection.execute("UPDATE runs SET record = unpack(record)")
    for column in ("changed_since", "failed_checks", "moves"):
        connection.execute(f"ALTER TABLE runs DROP COLUMN {column}")
    for table in ("reference_days", "checks", "model_days", "distributions"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0003'")


def rows_of_file(place: Path, table: str) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(place)) as connection:
        return sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)


@pytest.mark.parametrize("damage", ["zeroblob(40)", "substr(record, 1, length(record) - 9)", "CAST('{' AS BLOB)"])
def test_a_damaged_packed_record_is_one_line_and_costs_its_day_alone(tmp_path, damage):
    place = tmp_path / "history.db"
    with open_history(place) as history:
        for number in range(2):
            history.record(make_record(number, "drift"), planner(), NOW)
    with contextlib.closing(sqlite3.connect(place)) as connection, connection:
        connection.execute(f"UPDATE runs SET record = {damage} WHERE run_date = '2026-03-01'")

    with open_history(place) as history:
        with pytest.raises(DriftMonitorError, match="the history's record of pay on 2026-03-01: damaged; run `python"):
            history.record_of("pay", day(0))
        assert history.record_of("pay", day(1)) == make_record(1, "drift")
        history.record(make_record(0, "drift"), planner(), NOW)
        assert history.record_of("pay", day(0)) == make_record(0, "drift")


def test_the_migrations_make_the_tables_that_the_code_knows(place):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with open_history(place) as history, history._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_label_stays_when_its_run_is_recorded_again_exported_and_imported(place, tmp_path):
    with open_history(place) as history:
        history.record(make_record(0, "drift"), planner(), NOW)
        assert history.label("pay", day(0), "dismissed", "a sale", planner(), NOW)
        assert not history.label("pay", day(0), "dismissed", "a sale", planner(), NOW)
        history.record(make_record(0, "drift", ("salary", "age")), planner(), NOW)
        history.export(tmp_path / "out")

        assert [(run.label, run.reason, run.verdict) for run in history.runs("pay")] == [
            ("dismissed", "a sale", "healthy")
        ]
        assert [told.holds for told in history.messages("pay")] == [False]
        with pytest.raises(DriftMonitorError, match="pay: no run of 2026-03-02; choose a date from 2026-03-01 to"):
            history.label("pay", day(1), "confirmed", "x", planner(), NOW)

    with open_history(tmp_path / "other.db") as other:
        assert other.import_(tmp_path / "out")["labels"] == 1
        assert other.runs("pay")[0].label == "dismissed"


def test_a_history_of_a_newer_version_is_refused(place):
    with open_history(place) as history:
        history._database.write(lambda c: c.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")))

    with pytest.raises(DriftMonitorError, match=r"newer drift-monitor \(schema 9999.*update drift-monitor"):
        open_history(place)


def test_opening_a_current_history_does_not_import_alembic_or_pandas(tmp_path):
    open_history(tmp_path / "history.db").close()
    code = "import pathlib, sys; from driftmonitor.pipeline.history import open_history;"
    code += "h = open_history(pathlib.Path(sys.argv[1])); h.runs('pay');"
    code += "print({'alembic', 'pandas', 'pyarrow'} & set(sys.modules))"

    told = subprocess.run([sys.executable, "-c", code, tmp_path / "history.db"], capture_output=True, text=True)

    assert told.stdout.strip() == "set()", told.stderr


def test_a_locked_database_says_so(tmp_path):
    path = tmp_path / "history.db"
    open_history(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with open_history(path, wait_seconds=0.1) as history:
        with pytest.raises(DriftMonitorError, match=r"history\.db: locked by another process; wait"):
            history.record(make_record(0, "drift"), planner(), NOW)
        assert history.runs("pay") == []
        other.execute("COMMIT")
        other.close()
        history.record(make_record(0, "drift"), planner(), NOW)


def test_a_monitor_locked_by_another_process_says_so_on_postgresql(postgres_url):
    with open_history(postgres_url, wait_seconds=0.1) as history:
        history.record(make_record(0, "drift"), planner(), NOW)
        with open_history(postgres_url) as other, other._database._engine.begin() as connection:
            connection.execute(sa.text("SELECT * FROM monitors FOR UPDATE"))
            with pytest.raises(DriftMonitorError, match="DRIFT_DATABASE_URL: locked by another process"):
                history.record(make_record(1, "drift"), planner(), NOW)


def test_a_full_disk_says_so_and_keeps_what_was_there(tmp_path):
    with open_history(tmp_path / "history.db") as history:
        history.record(make_record(0, "drift"), planner(), NOW)

        def limit(connection, _):
            connection.execute("PRAGMA max_page_count = 1")

        sa.event.listen(history._database._engine, "connect", limit)
        history._database._engine.dispose()

        with pytest.raises(DriftMonitorError, match="the disk is full; free some space and run again"):
            history.record(make_record(1, "drift", tuple(f"c{n}" for n in range(3000))), planner(), NOW)
        assert [run.run_date for run in history.runs("pay")] == [day(0)]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"not a database at all, but long enough to be looked at" * 40, "not a SQLite database"),
        (b"SQLite format 3\x00" + b"\xff" * 4000, "damaged|not a SQLite database"),
    ],
)
def test_a_damaged_file_says_so(tmp_path, content, complaint):
    path = tmp_path / "history.db"
    path.write_bytes(content)

    with pytest.raises(DriftMonitorError, match=f"history.db: ({complaint})"):
        open_history(path)


def test_bad_places_are_refused_in_one_line(tmp_path):
    strange = sqlite3.connect(tmp_path / "other.db")
    strange.execute("CREATE TABLE recipes (name)")
    strange.close()
    (tmp_path / "file").write_text("")
    places = {
        tmp_path / "other.db": "a database, but not a history",
        tmp_path: "is a folder, not a file",
        tmp_path / "file" / "history.db": "choose another --state",
        "mysql://root:secret@host/db": "not a PostgreSQL address",
        "postgresql://user:secret@host:notaport/db": "invalid address",
        "postgresql://drift:secret@127.0.0.1:1/db": "no server answers at this address",
        "postgres://drift:secret@no-such-host.invalid/db": "unknown host",
        "postgresql://drift:se/cret@host@127.0.0.1:1/db": "DRIFT_DATABASE_URL",
        "secret": "DRIFT_DATABASE_URL: not a PostgreSQL address; set postgresql://user:password@host:5432/name",
        "folder/secret": "DRIFT_DATABASE_URL: not a PostgreSQL address",
        str(tmp_path / "secret.db"): "DRIFT_DATABASE_URL: not a PostgreSQL address",
        "postgre://drift:secret@host/db": "DRIFT_DATABASE_URL: not a PostgreSQL address",
        "postgresql:/drift:secret@host/db": "DRIFT_DATABASE_URL: not a PostgreSQL address",
        "sqlite:///": "DRIFT_DATABASE_URL: not a PostgreSQL address",
        "postgres://": "DRIFT_DATABASE_URL: invalid address; set postgresql://user",
        "postgresql:///secret": "DRIFT_DATABASE_URL: invalid address; set postgresql://user",
        "postgresql://drift:sec%ret@127.0.0.1:1/db": "DRIFT_DATABASE_URL: invalid address; .* % in the pass",
        "postgresql://drift:secret@h..x/db": "DRIFT_DATABASE_URL: (invalid address|unknown host)",
        "postgresql://drift:secret@127.0.0.1:99999/db": "DRIFT_DATABASE_URL: an option in the address has an invalid",
        "postgresql://drift@127.0.0.1:1/db?colour=secret": "DRIFT_DATABASE_URL: an option in the address is not known",
        "postgresql://drift@127.0.0.1:1/db?sslmode=secret": "DRIFT_DATABASE_URL: an option in the address has an",
    }

    for place, complaint in places.items():
        with pytest.raises(DriftMonitorError, match=complaint) as caught:
            open_history(place)
        assert "\n" not in str(caught.value)
        assert "secret" not in str(caught.value) and "cret" not in str(caught.value)
    assert not [path for path in (*tmp_path.rglob("*"), *Path().glob("*")) if "secret" in path.name]


def test_postgresql_errors_hold_no_credentials(postgres_server):
    wrong = postgres_server.url.replace("p%40ss", "swordfish")
    with pytest.raises(DriftMonitorError, match="the server refuses this user or password") as caught:
        open_history(wrong)
    assert "swordfish" not in str(caught.value) and "drift:" not in str(caught.value)

    with pytest.raises(DriftMonitorError, match="the server has no such database"):
        open_history(postgres_server.url.replace("/postgres", "/nowhere"))


@pytest.mark.parametrize(
    "option", ["prepare_threshold=secret", "cursor_factory=secret", "self=secret", "options=secret"]
)
def test_an_option_that_the_driver_cannot_use_is_refused_in_one_line(postgres_url, option):
    with pytest.raises(DriftMonitorError, match=r"^DRIFT_DATABASE_URL: [^\n]+\.$") as caught:
        open_history(f"{postgres_url}?{option}")

    assert "secret" not in str(caught.value)


def test_a_statement_that_takes_too_long_is_told_as_such(postgres_url):
    def sleep(connection):
        connection.execute(sa.text("SELECT pg_sleep(60)"))

    with (
        open_history(f"{postgres_url}?options=-c%20statement_timeout%3D200") as history,
        pytest.raises(DriftMonitorError, match=r"a query at its time limit \(statement_timeout\); raise the limit"),
    ):
        history._database.write(sleep)


def test_a_missing_psycopg_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(DriftMonitorError, match=r'run `pip install "psycopg\[binary\]"`'):
        open_history("postgresql://drift:secret@localhost/db")


def test_a_monitor_name_that_is_no_name_is_refused(tmp_path):
    with (
        open_history(tmp_path / "history.db") as history,
        pytest.raises(DriftMonitorError, match="invalid monitor name"),
    ):
        history.record(make_record(0, "drift", monitor="../../x"), planner(), NOW)


def test_a_server_that_restarts_between_two_runs_is_found_again(postgres_server):
    with open_history(postgres_server.url) as history:
        history.record(make_record(0, "drift"), planner(), NOW)
        postgres_server.stop()
        postgres_server.start()

        history.record(make_record(1, "drift"), planner(), NOW)

        assert len(history.runs("pay")) == 2
        postgres_server.stop()
        with pytest.raises(DriftMonitorError, match=r"DRIFT_DATABASE_URL: .*(no server|lost|stopping|reached)"):
            history.runs("pay")
        postgres_server.start()


def test_connections_cut_in_the_middle_of_recording_lose_nothing(postgres_url):
    def cut(connection):
        others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        connection.execute(sa.text(f"SELECT pg_terminate_backend(pid) {others}"))

    with open_history(postgres_url) as history, open_history(postgres_url) as other:
        plan, cuts = planner(), []

        def cut_once(past):
            if not cuts:
                cuts.append(other._database.write(cut))
            return plan(past)

        cut_once.clear_runs = plan.clear_runs
        history.record(make_record(0, "drift"), cut_once, NOW)

        assert [told.event for told in history.messages("pay")] == ["drift_started"]


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_history_moves_between_databases_without_loss(tmp_path, postgres_url, form):
    from tests.test_outbox import Recorder, deliver

    hostile = make_record(0, "drift", ('a,"b"\n\\N', "\\N", "", "\x00", "é\r\n", "=1", "'=1", "a;-1", "\\=1"))
    with open_history(tmp_path / "one.db") as one:
        one.record(hostile, planner(), NOW)
        one.record(make_record(1, "failed"), planner(), NOW)
        deliver(one, Recorder())
        one.record(make_record(2, "healthy"), planner(), NOW)
        one.label("pay", day(0), "dismissed", 'a "holiday",\n\\N', planner(), NOW)
        one.export(tmp_path / "out", form)
        assert not list((tmp_path / "out").glob("*.csv")) or ";'-1" in (tmp_path / "out/scores.csv").read_text()
        tables = [rows_of(tmp_path / "one.db", table.name) for table in metadata.sorted_tables]

    with open_history(postgres_url) as two:
        two.import_(tmp_path / "out")
        assert two.import_(tmp_path / "out") == {table.name: 0 for table in metadata.sorted_tables}
        assert two.record_of("pay", day(0)) == hostile
        two.export(tmp_path / "back", form)

    with open_history(tmp_path / "three.db") as three:
        three.import_(tmp_path / "back")
    assert [rows_of(tmp_path / "three.db", table.name) for table in metadata.sorted_tables] == tables


def test_an_import_leaves_the_runs_that_are_there(tmp_path):
    with open_history(tmp_path / "one.db") as one:
        one.record(make_record(0, "drift", ("a", "b", "c")), planner(), NOW)
        one.export(tmp_path / "out")

    with open_history(tmp_path / "two.db") as two:
        two.record(make_record(0, "healthy"), planner(), NOW)
        two.import_(tmp_path / "out")

        assert two.record_of("pay", day(0)) == make_record(0, "healthy")
        assert len(two.scores(day(0))) == 2


def test_exports_that_are_not_whole_are_refused(tmp_path):
    with open_history(tmp_path / "one.db") as history:
        history.record(make_record(0, "drift"), planner(), NOW)
        with pytest.raises(DriftMonitorError, match="'xlsx' is not a format; use parquet or csv"):
            history.export(tmp_path / "out", "xlsx")
        with pytest.raises(DriftMonitorError, match="contains no complete export"):
            history.import_(tmp_path / "nowhere")
        for form in ("parquet", "csv"):
            history.export(tmp_path / form, form)
            (tmp_path / form / f"runs.{form}").write_bytes(b"monitor\nx\n")
            with pytest.raises(DriftMonitorError, match=f"runs.{form}: cannot be read: damaged"):
                history.import_(tmp_path / form)
            (tmp_path / form / f"runs.{form}").unlink()
            with pytest.raises(DriftMonitorError, match="no such file"):
                history.import_(tmp_path / form)
        (tmp_path / "csv" / "history.json").write_text('{"schema": "0000", "format": "csv", "rows": {}}')
        with pytest.raises(DriftMonitorError, match="exported by another version"):
            history.import_(tmp_path / "csv")


def test_where_the_values_of_columns_were_is_kept_by_day_and_forgotten_with_it(place, tmp_path):
    shapes = [Distribution(quantiles=((1.0,) * 9, (float(number),) * 9)) for number in range(3)]
    with open_history(place) as history:
        for number, shape in enumerate(shapes):
            record = make_record(number, "healthy")
            salary = record.columns[0].model_copy(update={"distribution": shape})
            history.record(record.model_copy(update={"columns": (salary, *record.columns[1:])}), planner(), NOW)
        history.record(make_record(3, "healthy"), planner(), NOW)
        history.record(make_record(0, "healthy"), planner(), NOW)
        history.export(tmp_path / "out")

        found = [(at, known["salary"]["quantiles"][1][0]) for at, known in history.distributions("pay", day(0))]
        assert found == [(day(1), 1.0), (day(2), 2.0)]
        assert history.distributions("pay", day(2))[0][0] == day(2)

    with open_history(tmp_path / "other.db") as other:
        assert other.import_(tmp_path / "out")["distributions"] == 2
