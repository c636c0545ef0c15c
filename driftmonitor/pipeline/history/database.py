"""Open, migrate, read and write a history's database, on SQLite or PostgreSQL."""

import importlib
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from driftmonitor import DriftMonitorError, OutsideError
from driftmonitor.pipeline.history.errors import explain, may_succeed_later
from driftmonitor.pipeline.history.tables import VERSION_TABLE

MIGRATIONS = Path(__file__).parent / "migrations"
WAIT_SECONDS = 30.0
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)  # enough for a server to restart
MOST_UNUSED_PAGES = 100
LOCK_KEY = 0x64726966  # of pg_advisory_xact_lock: only one process migrates

Result = TypeVar("Result")


class Database:
    """An open database: a read sees one state, a write happens completely or not at all."""

    def __init__(self, where: str | Path, wait_seconds: float = WAIT_SECONDS) -> None:
        self.wait_seconds = wait_seconds
        self.where, self._engine = _engine(where, wait_seconds)
        self._writer = self._engine.execution_options(drift_writes=True)
        with self.explained():
            self._connect_once()
            if self._version() != newest_version():
                self._migrate()

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Yield a connection that sees one state of the database throughout."""
        with self.explained(), self._engine.connect() as connection:
            yield connection

    def write(self, change: Callable[[sa.Connection], Result]) -> Result:
        """Run `change` in one transaction and return its result; run it again if a lost connection undid it."""
        with self.explained():
            for pause in (*RETRY_SECONDS, None):
                try:
                    with self._writer.begin() as connection:
                        if not self.is_sqlite:
                            connection.execute(sa.text(f"SET LOCAL lock_timeout = {int(self.wait_seconds * 1000)}"))
                        return change(connection)
                except exc.DBAPIError as error:
                    if pause is None or not may_succeed_later(error):
                        raise
                    time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn a driver's error into one line that names the history and the remedy."""
        try:
            yield
        except (exc.SQLAlchemyError, sqlite3.Error, OSError) as error:
            reason = explain(error)
            if reason is None:
                raise
            raise OutsideError(f"{self.where}: {reason}.") from None

    def _connect_once(self) -> None:
        """Refuse an address whose options the driver cannot use; it raises errors of any kind for them."""
        try:
            self._engine.connect().close()
        except (ValueError, TypeError, AttributeError, exc.StatementError) as error:
            if self.is_sqlite or isinstance(error, exc.DBAPIError):
                raise
            raise _invalid_address() from None

    def _version(self) -> str:
        with self._engine.connect() as connection:
            return self._read_version(connection)

    def _read_version(self, connection: sa.Connection) -> str:
        names = sa.inspect(connection).get_table_names()
        if VERSION_TABLE in names:
            query = sa.text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608  a constant
            version = connection.execute(query).scalar() or ""
            if version > newest_version():
                raise DriftMonitorError(
                    f"{self.where}: written by a newer drift-monitor (schema {version[:20]}, this one has "
                    f"{newest_version()}); update drift-monitor."
                )
            return version
        if names and self.is_sqlite:
            raise DriftMonitorError(f"{self.where}: a database, but not a history; choose another --state.")
        return ""

    def _migrate(self) -> None:
        """Bring the schema up to date in one transaction, in which no other process can migrate."""

        def change(connection: sa.Connection) -> None:
            if not self.is_sqlite:
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({LOCK_KEY})"))
            if self._read_version(connection) != newest_version():
                _upgrade(connection)

        self.write(change)
        if self.is_sqlite:
            self._give_back_space()

    def _give_back_space(self) -> None:
        """Shorten SQLite's file after a migration that left much of it unused; a busy one stays as long as it is."""
        with self._engine.connect() as connection:
            unused = connection.scalar(sa.text("PRAGMA freelist_count")) or 0
        if unused > MOST_UNUSED_PAGES:
            with suppress(exc.OperationalError, sqlite3.OperationalError), self._engine.connect() as connection:
                driver: Any = connection.connection
                driver.execute("VACUUM")  # outside of a transaction


def upsert(connection: sa.Connection, table: sa.Table, key: Iterable[str]) -> Any:
    """Return an INSERT that overwrites the row with that key, on either engine."""
    return _upsert(connection.dialect.name, table, tuple(key))


def insert_missing(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Insert the rows whose key is not there yet."""
    if rows:
        connection.execute(_insert(connection.dialect.name, table).on_conflict_do_nothing(), rows)


@cache
def _upsert(dialect: str, table: sa.Table, key: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table)
    others = {column.name: statement.excluded[column.name] for column in table.c if column.name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=others)


def _insert(dialect: str, table: sa.Table) -> Any:
    return importlib.import_module(f"sqlalchemy.dialects.{dialect}").insert(table)  # not both: each takes a while


def newest_version() -> str:
    """Return the newest version of the schema: the number of the last migration."""
    return max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("0*.py"))


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # takes half a second, so only if a migration is needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


ADDRESS = "DRIFT_DATABASE_URL"
EXAMPLE = "postgresql://user:password@host:5432/name"
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})|%00")


def _engine(where: str | Path, wait_seconds: float) -> tuple[str, sa.Engine]:
    """Return the name of the database for errors, and its engine: a path is a file, text is an address."""
    if isinstance(where, Path):
        return _sqlite(where, wait_seconds)
    scheme, separator, rest = where.strip().partition("://")
    if scheme.lower() == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return _sqlite(Path(rest[1:]), wait_seconds)
    if not separator or scheme.lower().split("+")[0] not in ("postgres", "postgresql"):
        raise DriftMonitorError(f"{ADDRESS}: not a PostgreSQL address; set {EXAMPLE}, or unset it to use a file.")
    return ADDRESS, _postgresql(rest)


def _postgresql(rest: str) -> sa.Engine:
    try:
        url = _read_address(rest)
        waits = {} if "connect_timeout" in url.query else {"connect_timeout": 10}
        options = {"pool_pre_ping": True, "hide_parameters": True, "use_native_hstore": False}
        return sa.create_engine(url, connect_args=waits, **options)
    except ImportError:
        raise DriftMonitorError(
            f'{ADDRESS}: psycopg, the driver for PostgreSQL, is not installed; run `pip install "psycopg[binary]"` '
            "(the extra named postgres)."
        ) from None
    except (ValueError, TypeError, exc.ArgumentError):
        raise _invalid_address() from None


def _invalid_address() -> DriftMonitorError:
    remedy = f"set {EXAMPLE}, with / @ : # % in the password as %2F %40 %3A %23 %25"
    return DriftMonitorError(f"{ADDRESS}: invalid address; {remedy}.")


def _read_address(rest: str) -> sa.URL:
    """Return the address; ValueError, which says nothing of it, for one that names no host or is escaped wrongly."""
    url = sa.make_url(f"postgresql+psycopg://{rest}")
    if BAD_ESCAPE.search(rest) or not (url.host or url.query.get("host") or url.query.get("service")):
        raise ValueError
    return url


def _sqlite(path: Path, wait_seconds: float) -> tuple[str, sa.Engine]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise DriftMonitorError(f"{path}: is a folder, not a file for the history; choose another --state.")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "invalid file name"
        raise DriftMonitorError(f"{str(path)!r}: {reason}; choose another --state.") from None
    url = sa.URL.create("sqlite", database=str(path.absolute()))
    engine = sa.create_engine(url, connect_args={"timeout": wait_seconds}, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    return str(path), engine


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # else the driver starts and commits transactions on its own
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten in the file
    for pause in (*RETRY_SECONDS, None):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # If two processes open a new file at once, SQLite refuses one without waiting.
            if pause is None or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(pause)


def _begin(connection: sa.Connection) -> None:
    # A transaction that starts as a reader and then writes would fail at once instead of waiting.
    writes = connection.get_execution_options().get("drift_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
