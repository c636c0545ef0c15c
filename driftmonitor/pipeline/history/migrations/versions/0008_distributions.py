"""Keep where each column's values were on each day, for the pages of columns."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "distributions",
        sa.Column("monitor", sa.Text, nullable=False),
        sa.Column("run_date", sa.Date, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("monitor", "run_date"),
        sa.ForeignKeyConstraint(["monitor", "run_date"], ["runs.monitor", "runs.run_date"], ondelete="CASCADE"),
    )
