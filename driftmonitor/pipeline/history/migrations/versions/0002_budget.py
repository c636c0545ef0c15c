"""Add each run's anomaly score, the rule that decided it, and an analyst's label."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("runs", sa.Column("rule", sa.Text))
    op.add_column("runs", sa.Column("strangeness", sa.Double))
    op.add_column("runs", sa.Column("strangeness_limit", sa.Double))
    op.create_table(
        "labels",
        sa.Column("monitor", sa.Text, nullable=False),
        sa.Column("run_date", sa.Date, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("labelled_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("monitor", "run_date"),
        sa.ForeignKeyConstraint(["monitor", "run_date"], ["runs.monitor", "runs.run_date"], ondelete="CASCADE"),
    )
