"""Keep which checks failed, the number of each check, and a model's performance by day."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("runs", sa.Column("failed_checks", sa.Text))
    op.create_table(
        "checks",
        sa.Column("monitor", sa.Text, nullable=False),
        sa.Column("run_date", sa.Date, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("rows", sa.BigInteger),
        sa.Column("must", sa.Text),
        sa.Column("holds", sa.Boolean),
        sa.PrimaryKeyConstraint("monitor", "run_date", "position"),
        sa.ForeignKeyConstraint(["monitor", "run_date"], ["runs.monitor", "runs.run_date"], ondelete="CASCADE"),
    )
    op.create_table(
        "model_days",
        sa.Column("monitor", sa.Text, nullable=False),
        sa.Column("run_date", sa.Date, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        *[sa.Column(name, sa.BigInteger, nullable=False) for name in ("rows", "labelled")],
        *[sa.Column(name, sa.Double) for name in ("value", "low", "high")],
        *[sa.Column(name, sa.Double) for name in ("estimate", "estimate_low", "estimate_high")],
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("monitor", "run_date", "day"),
        sa.ForeignKeyConstraint(["monitor", "run_date"], ["runs.monitor", "runs.run_date"], ondelete="CASCADE"),
    )
