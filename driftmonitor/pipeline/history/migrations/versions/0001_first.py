"""Create the tables of runs, scores, findings, events and the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table("monitors", sa.Column("name", sa.Text, nullable=False), sa.PrimaryKeyConstraint("name"))
    _create_runs()
    _create_scores()
    _create_findings()
    _create_events()
    _create_outbox()


def _create_runs() -> None:
    op.create_table(
        "runs",
        *_key("monitor", "run_date"),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("drift_share", sa.Double),
        sa.Column("threshold", sa.Double),
        sa.Column("drifted", sa.Boolean),
        sa.Column("drifted_columns", sa.Text, nullable=False),
        sa.Column("column_count", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("error_kind", sa.Text),
        sa.Column("duration_seconds", sa.Double),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.ForeignKeyConstraint(["monitor"], ["monitors.name"]),
    )


def _create_scores() -> None:
    numbers = ("p_value", "statistic", "threshold", "adjusted_p_value", "distance", "missing_reference")
    op.create_table(
        "scores",
        *_key("monitor", "run_date", "position"),
        sa.Column("column", sa.Text, nullable=False),
        sa.Column("kind", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("method", sa.Text),
        *[sa.Column(name, sa.Double) for name in (*numbers, "missing_current")],
        sa.Column("reason", sa.Text),
        _of_run(),
    )
    op.create_index("scores_by_date", "scores", ["run_date"])


def _create_findings() -> None:
    op.create_table(
        "findings",
        *_key("monitor", "run_date", "position"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("column", sa.Text),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("p_value", sa.Double),
        _of_run(),
    )


def _create_events() -> None:
    op.create_table(
        "events",
        *_key("monitor", "run_date", "event"),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("holds", sa.Boolean, nullable=False),
        sa.Column("mute", sa.Text, nullable=False),
        sa.Column("spread", sa.Boolean, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        _of_run(),
    )


def _create_outbox() -> None:
    event = ["monitor", "run_date", "event"]
    op.create_table(
        "outbox",
        *_key(*event, "channel"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("heard", sa.Boolean),
        sa.Column("said", sa.Integer, nullable=False),
        sa.Column("saying", sa.Boolean),
        sa.Column("lease", sa.Text),
        sa.Column("lease_until", sa.DateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("receipt", sa.Text),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("sent_at", sa.DateTime),
        sa.ForeignKeyConstraint(event, [f"events.{name}" for name in event], ondelete="CASCADE"),
    )
    op.create_index("outbox_by_state", "outbox", ["state"])


def _key(*names: str) -> list:
    """Return the columns of a primary key, and the key itself."""
    types: dict[str, type[sa.types.TypeEngine]] = {"run_date": sa.Date, "position": sa.Integer}
    columns = [sa.Column(name, types.get(name, sa.Text), nullable=False) for name in names]
    return [*columns, sa.PrimaryKeyConstraint(*names)]


def _of_run() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["monitor", "run_date"], ["runs.monitor", "runs.run_date"], ondelete="CASCADE")
