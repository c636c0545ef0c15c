"""Run the migrations for Alembic, on the connection and in the transaction that `database.py` gives."""

from alembic import context

from driftmonitor.pipeline.history.tables import VERSION_TABLE, metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, version_table=VERSION_TABLE)
context.run_migrations()
