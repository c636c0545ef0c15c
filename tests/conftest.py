"""Fixtures that several test files share."""

import pytest

from tests.jobs import tiny
from tests.postgres import place, postgres_server, postgres_url
from tests.workflow_fixtures import github, service

__all__ = ["github", "place", "postgres_server", "postgres_url", "service", "tiny"]


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, and keep the tests of the costly fixture `shop` on one worker: it is made once."""
    for item in items:
        if "shop" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("shop"))
    items.sort(key=lambda item: "shop" not in item.fixturenames and "test_workflow" not in item.nodeid)
