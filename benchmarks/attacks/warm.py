"""Import what every command needs, in the process that the commands are forked from."""

import alembic.command  # noqa: F401
import psycopg  # noqa: F401
from sqlalchemy.dialects import postgresql, sqlite  # noqa: F401

import runner  # noqa: F401
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.pipeline import channels
from driftmonitor.pipeline.alerts import delivery, planning  # noqa: F401
from driftmonitor.pipeline.notebooks import notebook_file

channels.all_channels()
notebook_file.notebook_parameters(MonitorSettings().notebook)
