"""Keep SQLite's records compressed and its rows of columns by their key: a third of the size.

PostgreSQL compresses long text itself.
"""

import zlib
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    driver: Any = connection.connection
    driver.create_function("pack", 1, lambda text: zlib.compress(text.encode(), 9))
    connection.execute(sa.text("UPDATE runs SET record = pack(record) WHERE record <> ''"))
    for table in ("scores", "findings"):
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_with_rowid": False}):
            pass  # it is made anew, without the number of each row that SQLite adds
