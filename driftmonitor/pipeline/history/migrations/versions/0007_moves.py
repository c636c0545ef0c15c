"""Keep what moved on each day, in which direction and with what, for the stories of incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("runs", sa.Column("moves", sa.Text))
