"""Fixtures that several test files share."""

import os

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as notebooks have it: threads of several tests wait for each other

# isort: split
from tests.browsers import browser, one_tab, tab, tab_without_scripts
from tests.jobs import quick_kernels, tiny
from tests.postgres import place, postgres_server, postgres_url
from tests.recipes import follow
from tests.workflow_fixtures import github, service

__all__ = [
    "browser", "follow", "github", "one_tab", "place", "postgres_server", "postgres_url", "quick_kernels", "service",
    "tab", "tab_without_scripts", "tiny",
]  # fmt: skip


@pytest.fixture
def world(tmp_path):
    """A history, a folder of reports and a site, as they stand in a repository."""
    from tests.page_samples import World

    made = World(tmp_path)
    yield made
    made.history.close()


COSTLY = {"shop", "orders", "cluster", "job"}  # fixtures of a module, made once: their tests keep to one worker


@pytest.hookimpl(wrapper=True)  # before pytest-xdist looks for the groups
def pytest_collection_modifyitems(items):
    """Begin with what takes longest, and keep the tests of a costly fixture on one worker."""
    for item in (each for each in items if not each.get_closest_marker("xdist_group")):
        for name in COSTLY.intersection(item.fixturenames):
            item.add_marker(pytest.mark.xdist_group(f"{name} of {item.path.stem}"))
    items.sort(key=lambda item: not (item.get_closest_marker("slow") or "shop" in item.fixturenames))
    return (yield)
