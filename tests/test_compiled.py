"""What GitHub's cache holds is compiled: the modules that are imported for that exist."""

import importlib.util

import pytest

from driftmonitor.pipeline.github.compiled import LATE


@pytest.mark.parametrize("name", LATE)
def test_a_module_that_is_imported_to_compile_it_exists(name):
    assert importlib.util.find_spec(name)
