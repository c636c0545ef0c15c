"""The first page names the version that built it, and a newer one that a check found; it asks no network."""

import pytest

from driftmonitor import __version__
from driftmonitor.facts.newest_version import NAME, NewestVersion
from tests.page_samples import TODAY, watched


@pytest.mark.parametrize(
    ("newest", "said"),
    [
        (None, ""),
        ("0.0.9", ""),
        (__version__, ""),
        ("99.0.1", " Version 99.0.1 is available (checked on 24 Nov 2026)."),
        ("<b>9.9.9</b>", ""),
    ],
)
def test_the_first_page_names_a_newer_version_that_was_found(world, newest, said):
    if newest:
        NewestVersion(version=newest, checked=TODAY).write(world.reports / NAME)

    published = world.publish(watched("salary"))

    assert published == ([], [])
    assert (
        f"<p>Built by drift-monitor {__version__} from the history of its runs.{said} No page here" in
        world.text("index.html")
    )  # fmt: skip


def test_a_damaged_answer_of_a_check_costs_only_its_sentence(world):
    (world.reports / NAME).write_text("{")

    published = world.publish(watched("salary"))

    assert len(published.failures) == 1
    assert published.failures[0].endswith("newest_version.json: damaged; run the command that wrote it again.")
    assert f"Built by drift-monitor {__version__}" in world.text("index.html")
