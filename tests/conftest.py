"""Fixtures that several test files share."""

from tests.postgres import place, postgres_server, postgres_url

__all__ = ["place", "postgres_server", "postgres_url"]
