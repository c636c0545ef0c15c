"""Import what every command needs, in the process that the commands are forked from.

A forked process imports the campaign's main module again, under another name: so all that it imports is here too.
"""

import alembic.command  # noqa: F401
import psycopg  # noqa: F401
from sqlalchemy.dialects import postgresql, sqlite  # noqa: F401

import benchmarks.siege  # noqa: F401
import runner  # noqa: F401
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.pipeline import channels
from driftmonitor.pipeline.alerts import delivery, planning  # noqa: F401
from driftmonitor.pipeline.github import state  # noqa: F401
from driftmonitor.pipeline.notebooks import notebook_file, with_papermill
from driftmonitor.pipeline.pages import render

channels.all_channels()
notebook_file.notebook_parameters(MonitorSettings().notebook)
with_papermill.import_papermill()
render.warm()
