"""Keep the days of each monitor's reference, so that every verdict can use them, and since when a run differs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("runs", sa.Column("changed_since", sa.Date))
    op.create_table(
        "reference_days",
        sa.Column("monitor", sa.Text, nullable=False),
        sa.Column("days", sa.Text, nullable=False),
        sa.Column("found_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("monitor"),
        sa.ForeignKeyConstraint(["monitor"], ["monitors.name"], ondelete="CASCADE"),
    )
