"""The site's folder: which folders are accepted, that readers always get a whole site, and what is reused."""

import datetime as dt
import os
import random
import shutil
import sys
import time
from pathlib import Path

import pytest
from page_samples import TODAY, contents, good_record, healthy_record, short_notebook, watched

from driftmonitor import DriftMonitorError
from driftmonitor.facts.record import failed
from driftmonitor.pipeline.pages import cards, site_folder, site_swap
from tests.processes import CONTEXT
from tests.work import publish_for_ever


def test_a_folder_with_other_peoples_files_is_refused(world):
    world.site.mkdir()
    (world.site / "thesis.tex").write_text("years of work")

    with pytest.raises(DriftMonitorError, match="contains files that drift-monitor did not create; empty "):
        world.publish()

    assert (world.site / "thesis.tex").read_text() == "years of work"


def test_a_site_restored_without_its_manifest_is_known_by_its_index(world):
    world.publish()
    (world.site / site_folder.MANIFEST).unlink()

    assert world.publish() == ([], [])


@pytest.mark.parametrize("manifest", ["", "[]", '{"index.html": 3}', "\xff"])
def test_a_damaged_manifest_only_costs_time(world, manifest):
    world.run(healthy_record())
    world.publish(watched("salary"))
    (world.site / site_folder.MANIFEST).write_text(manifest, encoding="latin-1")

    assert world.publish(watched("salary")) == ([], [])


def test_a_file_in_the_sites_place_is_refused(world):
    world.site.write_text("a file")

    with pytest.raises(DriftMonitorError, match="is a file; remove it or choose another --site"):
        world.publish()


def test_a_site_that_cannot_be_written_is_one_clear_line(world):
    (world.root / "file").write_text("")

    with pytest.raises(
        DriftMonitorError, match=r"site: cannot be written \(.*\); fix the folder or choose another --site\.$"
    ):
        world.publish(site_dir=world.root / "file" / "site")


def test_a_site_around_the_reports_is_refused(world):
    with pytest.raises(DriftMonitorError, match=r"contains the reports \(.*\); choose another"):
        world.publish(site_dir=world.root / "state")


def test_an_error_while_building_leaves_the_old_site(world, monkeypatch):
    world.run(healthy_record())
    world.publish(watched("salary"))
    before = contents(world.site)
    monkeypatch.setattr(cards, "summarise", lambda *_: 1 / 0)

    world.publish(watched("salary"))  # nothing has changed, so that nothing is made
    with pytest.raises(ZeroDivisionError):
        world.publish(watched("salary"), watched("income"))

    assert contents(world.site) == before
    assert leftovers(world) == []


def test_a_system_without_an_exchange_of_names_swaps_in_two_steps(world, monkeypatch):
    monkeypatch.setattr(site_swap, "_exchange", lambda *_: False)
    world.publish()

    world.run(healthy_record())
    world.publish(watched("salary"))

    assert "No drift" in world.text("index.html")
    assert leftovers(world) == []


def test_a_publish_killed_between_the_two_steps_loses_no_site(world):
    world.publish()
    world.site.rename(world.root / "site.tmp-old")
    (world.root / "site.tmp-4711").mkdir()

    with pytest.raises(ZeroDivisionError), site_swap.replacing(world.site):
        raise ZeroDivisionError

    assert "Getting started" in world.text("index.html")
    assert leftovers(world) == []


def publishing(world):
    """Start a process that publishes until it is killed."""
    started = CONTEXT.Event()
    process = CONTEXT.Process(target=publish_for_ever, args=(world.root, started), daemon=True)
    process.start()
    assert started.wait(60)
    return process


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges two folders in one step")
def test_a_reader_meets_a_whole_site_while_publishes_run_and_are_killed(world):
    world.run(*(healthy_record(run_date=TODAY - dt.timedelta(back)) for back in range(3)))
    world.publish(watched("salary"))
    expected = sorted(contents(world.site))
    processes = [publishing(world), publishing(world)]

    seen = [world.site.stat().st_ino]
    while len(seen) < 20:
        assert world.text("index.html").endswith("</html>")
        assert world.text("salary/2026-11-24/index.html").endswith("</html>")
        assert all(process.is_alive() for process in processes)
        seen += {world.site.stat().st_ino} - {seen[-1]}
    for process in processes:
        process.kill()
        process.join()
    world.publish(watched("salary"))

    assert sorted(contents(world.site)) == expected
    assert leftovers(world) == []


def leftovers(world) -> list[str]:
    return [path.name for path in world.root.glob("site.tmp-*")]


def before(world) -> Path:
    return world.site.with_name("site.before")


def something_happens(world, draw: random.Random, day: dt.date) -> list:
    """Let a day bring runs, reports that go, monitors that come, go or change their title."""
    records = [draw.choice([healthy_record, good_record])("salary", run_date=day)]
    for name in draw.sample(["shop", "rides", "loans"], 2):
        broken = failed(name, day, "no data", 1.0, "data_missing")
        records.append(draw.choice([healthy_record(name, run_date=day), broken]))
    for record in records:
        world.run(record, cells=None if record.status == "failed" else short_notebook())
    for report in draw.sample(sorted(world.reports.glob("*/2*")), 1):
        shutil.rmtree(report)
    watching = draw.sample(["salary", "shop", "rides", "loans"], 3)
    return [watched(name, draw.choice(["", "A title"])) for name in watching]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
def test_a_site_built_in_an_older_one_is_what_it_would_be_from_nothing(world, seed, tmp_path):
    draw = random.Random(seed)
    for back in range(8, 0, -1):
        monitors = something_happens(world, draw, TODAY - dt.timedelta(back))
        seen = contents(world.site) if world.site.exists() else {}
        readers = {path: (world.site / path).open("rb") for path in seen}
        if draw.random() < 0.2:
            shutil.rmtree(world.site, ignore_errors=True)

        world.publish(*monitors)

        world.publish(*monitors, site_dir=tmp_path / f"fresh-{back}")
        assert contents(world.site) == contents(tmp_path / f"fresh-{back}")
        assert folders(world.site) == folders(tmp_path / f"fresh-{back}")
        for path, reader in readers.items():  # who had opened a file reads it to the end as it was
            assert reader.read() == seen[path]
            reader.close()


def folders(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_dir()}


def test_what_did_not_change_is_not_touched(world):
    world.run(*(healthy_record(run_date=TODAY - dt.timedelta(back)) for back in range(3)))
    for _ in range(3):
        world.publish(watched("salary"))
    page = world.site / "salary/2026-11-24/index.html"
    changed = page.stat().st_ctime_ns  # a new link would change it

    world.publish(watched("salary"))
    world.publish(watched("salary"))

    assert page.stat().st_ctime_ns == changed


def test_somebody_elses_folder_of_that_name_is_left_alone(world):
    before(world).mkdir()
    (before(world) / "thesis.tex").write_text("years of work")

    for title in ("One", "Two", "Three"):
        world.run(healthy_record())
        world.publish(watched("salary", title))

    assert contents(before(world)) == {"thesis.tex": b"years of work"}
    assert "Three" in world.text("index.html") and leftovers(world) == []


def test_an_error_costs_the_folder_that_was_built_in_and_nothing_else(world):
    world.run(healthy_record())
    world.publish(watched("salary"))
    world.publish(watched("salary"))
    seen = contents(world.site)

    with pytest.raises(ZeroDivisionError), site_swap.replacing(world.site) as build:
        build.write("index.html", "half a page")
        raise ZeroDivisionError

    assert contents(world.site) == seen and not before(world).exists() and leftovers(world) == []
    world.publish(watched("salary"))
    assert contents(world.site) == seen


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges two folders in one step")
def test_publishes_killed_at_any_moment_leave_a_whole_site(world):
    world.run(*(healthy_record(run_date=TODAY - dt.timedelta(back)) for back in range(3)))
    world.publish(watched("salary"))
    draw = random.Random(7)
    for _ in range(12):
        process = publishing(world)
        time.sleep(draw.uniform(0.0, 0.25))
        process.kill()
        process.join()
        kept = [place for place in (world.site, before(world)) if place.exists()]
        assert world.site in kept
        assert all((place / site_folder.MANIFEST).is_file() for place in kept)
        assert all(page.read_text().endswith("</html>") for place in kept for page in place.rglob("index.html"))
    world.publish(watched("salary"))

    world.publish(watched("salary"), site_dir=world.root / "fresh")
    assert contents(world.site) == contents(world.root / "fresh") and leftovers(world) == []


def test_links_and_empty_folders_in_the_site_before_stay_out_of_the_next(world):
    world.run(healthy_record())
    world.publish(watched("salary"))
    world.publish(watched("salary"))
    foreign = world.root / "foreign"
    foreign.mkdir()
    shutil.rmtree(before(world) / "salary/2026-11-24")
    (before(world) / "salary/2026-11-24").symlink_to(foreign)  # a page would be written through it
    (before(world) / "empty/within").mkdir(parents=True)

    world.publish(watched("salary", "A title"))

    assert list(foreign.iterdir()) == []
    world.publish(watched("salary", "A title"), site_dir=world.root / "fresh")
    assert contents(world.site) == contents(world.root / "fresh")
    assert folders(world.site) == folders(world.root / "fresh")


def test_a_link_to_nowhere_called_site_before_is_left_alone(world):
    before(world).symlink_to(world.root / "nowhere")

    for title in ("One", "Two"):
        world.run(healthy_record())
        assert world.publish(watched("salary", title)) == ([], [])

    assert before(world).is_symlink() and leftovers(world) == []


def test_a_swap_that_fails_half_way_brings_the_old_site_back(world, monkeypatch):
    world.publish()
    monkeypatch.setattr(site_swap, "_exchange", lambda *_: False)
    rename = Path.rename

    def refuse_new(path, target):  # as Windows does while somebody reads a file in it
        if path.name.endswith(f"tmp-{os.getpid()}"):
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_new)
    with pytest.raises(DriftMonitorError, match="cannot be written"):
        world.publish(watched("salary"))

    assert "Getting started" in world.text("index.html") and leftovers(world) == []


def test_what_a_kill_left_is_removed_whatever_the_site_is_called(world):
    left = world.root / "site[1]**.tmp-4711"
    left.mkdir()

    world.publish(site_dir=world.root / "site[1]**")

    assert not left.exists()
