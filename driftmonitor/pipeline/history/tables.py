"""The tables that this version of the code reads and writes; `migrations/` brings older databases to them."""

import datetime as dt
import zlib
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

VERSION_TABLE = "history_version"
FORGOTTEN = "forgotten"  # the status of a run that was removed: its date is kept for a while, see forgetting.py
MOST_UNPACKED = 200_000_000  # bytes of a record: one of 10,000 columns has 10 MB
metadata = MetaData()


class Words(TypeDecorator):
    """Text from the data. PostgreSQL rejects NUL, and both engines lone surrogates; the run's JSON keeps both."""

    impl = Text
    cache_ok = True
    python_type = str

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return value and value.replace("\x00", "\u2400").encode("utf-8", "replace").decode()


class Moment(TypeDecorator):
    """A UTC timestamp, kept without its zone: SQLite has none."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        return value and value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        return value and value.replace(tzinfo=dt.UTC)


class Packed(TypeDecorator):
    """Long ASCII text, which SQLite keeps compressed and PostgreSQL as it is. Damaged text is read as none."""

    impl = Text
    cache_ok = True
    python_type = str

    def process_bind_param(self, value: str | None, dialect: Any) -> Any:
        return zlib.compress(value.encode(), 9) if value and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Any) -> str | None:
        return unpack(value) if isinstance(value, bytes) else value


class AsStored(TypeDecorator):
    """Long text as the database keeps it: `unpack` gives that of SQLite."""

    impl = Text
    cache_ok = True


def unpack(stored: bytes) -> str:
    """Return the text that SQLite keeps compressed; "" if it is damaged."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(stored, MOST_UNPACKED).decode("ascii")
    except (zlib.error, UnicodeDecodeError):
        return ""
    return text if unpacker.eof else ""


def _of_run() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["monitor", "run_date"], ["runs.monitor", "runs.run_date"], ondelete="CASCADE")


# One row for each monitor, locked by the process that changes anything of it.
monitors = Table("monitors", metadata, Column("name", Text, primary_key=True))

runs = Table(
    "runs",
    metadata,
    Column("monitor", Text, primary_key=True),
    Column("run_date", Date, primary_key=True),
    Column("status", Text, nullable=False),
    Column("drift_share", Double),
    Column("threshold", Double),
    Column("drifted", Boolean),
    Column("drifted_columns", Text, nullable=False),  # JSON, the most severe first
    Column("column_count", Integer, nullable=False),
    Column("error", Words),
    Column("error_kind", Text),
    Column("duration_seconds", Double),
    Column("record", Packed, nullable=False),  # the whole record, JSON in ASCII
    Column("recorded_at", Moment, nullable=False),
    Column("rule", Text),  # what decided: share or budget; NULL in runs that were not judged
    Column("strangeness", Double),
    Column("strangeness_limit", Double),
    Column("failed_checks", Text),  # JSON; NULL if none fails
    Column("changed_since", Date),  # of a healthy run: since when it differs from the reference, accepted by time
    Column("moves", Text),  # a DayMoves, JSON in ASCII; NULL in runs of older versions
    ForeignKeyConstraint(["monitor"], ["monitors.name"]),
)

scores = Table(
    "scores",
    metadata,
    Column("monitor", Text, primary_key=True),
    Column("run_date", Date, primary_key=True),
    Column("position", Integer, primary_key=True),  # a name may be longer than an index takes
    Column("column", Words, nullable=False),
    Column("kind", Text),
    Column("status", Text, nullable=False),
    Column("method", Words),
    Column("p_value", Double),
    Column("statistic", Double),
    Column("threshold", Double),
    Column("adjusted_p_value", Double),
    Column("distance", Double),
    Column("missing_reference", Double),
    Column("missing_current", Double),
    Column("reason", Words),
    _of_run(),
    Index("scores_by_date", "run_date"),
    sqlite_with_rowid=False,
)

findings = Table(
    "findings",
    metadata,
    Column("monitor", Text, primary_key=True),
    Column("run_date", Date, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("column", Words),
    Column("message", Words, nullable=False),
    Column("p_value", Double),
    _of_run(),
    sqlite_with_rowid=False,
)

checks = Table(
    "checks",
    metadata,
    Column("monitor", Text, primary_key=True),
    Column("run_date", Date, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Words, nullable=False),
    Column("value", Double),  # NULL if it is not known
    Column("rows", BigInteger),
    Column("must", Text),  # NULL if it is judged by its own past
    Column("holds", Boolean),
    _of_run(),
    sqlite_with_rowid=False,
)

# A model's performance on a `day`, as each run knew it: labels come later, and the newest run counts.
model_days = Table(
    "model_days",
    metadata,
    Column("monitor", Text, primary_key=True),
    Column("run_date", Date, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("metric", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("labelled", BigInteger, nullable=False),
    Column("value", Double),  # NULL if it is not known
    Column("low", Double),
    Column("high", Double),
    Column("estimate", Double),  # before the labels were known
    Column("estimate_low", Double),
    Column("estimate_high", Double),
    Column("content", Text, nullable=False),  # a ModelDay without its curve, JSON in ASCII
    _of_run(),
)

# An analyst's label of a run. One that was taken back is kept as empty, so that two histories can be merged.
labels = Table(
    "labels",
    metadata,
    Column("monitor", Text, primary_key=True),
    Column("run_date", Date, primary_key=True),
    Column("label", Text, nullable=False),  # dismissed, confirmed, accepted or ""
    Column("reason", Words, nullable=False),
    Column("labelled_at", Moment, nullable=False),
    _of_run(),
)

# Where the values of a run's columns were: a table of its own, so that a year of them is read without the records.
distributions = Table(
    "distributions",
    metadata,
    Column("monitor", Text, primary_key=True),
    Column("run_date", Date, primary_key=True),
    Column("content", Packed, nullable=False),  # each column's name and Distribution, JSON in ASCII
    _of_run(),
)

# Each event once, whether it is true by today's runs, and the message about it.
events = Table(
    "events",
    metadata,
    Column("monitor", Text, primary_key=True),
    Column("run_date", Date, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("position", Integer, nullable=False),  # the order in which a monitor's events are sent
    Column("holds", Boolean, nullable=False),
    Column("mute", Text, nullable=False),  # "", quiet or spare: see announcements.Announcement
    Column("spread", Boolean, nullable=False),  # whether the outbox has its rows
    Column("payload", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    _of_run(),
)

outbox = Table(
    "outbox",
    metadata,
    Column("monitor", Text, primary_key=True),
    Column("run_date", Date, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("state", Text, nullable=False),  # due, leased, sent, dead, skipped, cancelled
    Column("heard", Boolean),  # what the channel was last told: the event holds or not; NULL if nothing was
    Column("said", Integer, nullable=False),  # messages sent so far
    Column("saying", Boolean),  # what the leased message says: the event holds or not
    Column("lease", Text),  # who holds it
    Column("lease_until", Moment),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("receipt", Words),  # the service's own id of the message, for corrections
    Column("last_error", Words),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    ForeignKeyConstraint(
        ["monitor", "run_date", "event"], ["events.monitor", "events.run_date", "events.event"], ondelete="CASCADE"
    ),
    Index("outbox_by_state", "state"),
)

# The days of each monitor's reference, as the newest run left them that found others than these.
reference_days = Table(
    "reference_days",
    metadata,
    Column("monitor", Text, primary_key=True),
    Column("days", Packed, nullable=False),  # JSON in ASCII
    Column("found_at", Moment, nullable=False),
    ForeignKeyConstraint(["monitor"], ["monitors.name"], ondelete="CASCADE"),
)

# Parents before children: the order in which an import may write them.
ALL = (monitors, runs, scores, findings, checks, model_days, distributions, labels, events, outbox, reference_days)
