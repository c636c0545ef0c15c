import datetime as dt

from filelock import FileLock
from page_samples import SCRIPT, TODAY, failed_record, good_record, healthy_record, watched

from driftmonitor.pipeline import retention
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.retention import Report, choose, prune


def day(back):
    return TODAY - dt.timedelta(back)


def report(back, size=1, monitor="salary"):
    return Report(monitor, day(back), size)


def run(back, status="healthy", monitor="salary"):
    return Run(monitor, day(back), status)


def removed(reports, runs, keep=90, limit=1_000_000):
    by_monitor = {}
    for each in sorted(runs, key=lambda run: run.run_date):
        by_monitor.setdefault(each.monitor, []).append(each)
    chosen = choose(reports, by_monitor, dict.fromkeys(by_monitor, keep), limit)
    return [(each.monitor, (TODAY - each.day).days) for each in chosen]


def test_a_healthy_day_goes_after_its_time_and_a_drifted_one_after_four_times_that():
    special = {91: "failed", 359: "drift", 360: "drift"}
    runs = [run(back, special.get(back, "healthy")) for back in range(361)]

    assert removed([report(back) for back in (0, 89, 90, 91, 359, 360)], runs) == [
        ("salary", 360), ("salary", 91), ("salary", 90),
    ]  # fmt: skip


def test_the_newest_and_the_last_good_report_stay_for_ever():
    runs = [run(500), run(400), *(run(back, "failed") for back in range(300))]

    kept = {500, 400, *range(300)} - {back for _, back in removed([report(b) for b in (500, 400, *range(300))], runs)}
    assert 400 in kept and 0 in kept and 500 not in kept
    assert kept == {400, *range(90)}


def test_a_monitor_that_rests_keeps_its_pages():
    assert removed([report(500), report(501)], [run(500), run(501)]) == []


def test_a_careless_run_for_today_costs_a_monitor_of_old_data_none_of_its_pages():
    old = range(4_700, 4_790)

    assert removed([report(back) for back in (0, *old)], [run(0, "failed"), *map(run, old)], keep=121) == []
    assert removed([report(back) for back in old], [run(0), *map(run, old)], keep=32) == [
        ("salary", back) for back in reversed(old[1:])
    ]


def test_what_the_history_does_not_have_is_never_touched():
    assert removed([report(0), report(700), report(800, monitor="other")], [run(0)]) == []


def test_over_budget_the_oldest_go_first_and_those_past_their_time_before_all_others():
    reports = [report(0, 10), report(50, 10), report(80, 10), report(100, 10), report(200, 10)]
    runs = [run(0), run(50), run(80), run(100, "drift"), run(200, "drift")]

    assert removed(reports, runs, limit=50) == []
    assert removed(reports, runs, limit=40) == [("salary", 200)]
    assert removed(reports, runs, limit=25) == [("salary", 200), ("salary", 100), ("salary", 80)]
    assert removed(reports, runs, limit=0) == [("salary", 200), ("salary", 100), ("salary", 80), ("salary", 50)]


def test_ten_monitors_that_always_drift_stay_within_the_budget():
    names = [f"m{i}" for i in range(10)]
    reports = [report(back, 800_000, name) for name in names for back in range(1000)]
    runs = [run(back, "drift", name) for name in names for back in range(1000)]

    gone = removed(reports, runs, limit=retention.LIMIT_BYTES)

    left = (len(reports) - len(gone)) * 800_000
    assert 600_000_000 < left <= retention.LIMIT_BYTES
    assert max(back for name, back in {(each.monitor, (TODAY - each.day).days) for each in reports} - set(gone)) < 95


def test_pruned_reports_leave_their_numbers_on_the_site(world):
    world.run(healthy_record(run_date=day(3)), good_record(run_date=day(2)), healthy_record())

    gone = prune(world.history, world.reports, {"salary": 2})
    world.publish(watched("salary"))

    assert [each.day for each in gone] == [day(3)]
    assert sorted(path.name for path in (world.reports / "salary").iterdir() if path.is_dir()) == [
        "2026-11-22", "2026-11-24",
    ]  # fmt: skip
    assert not (world.site / "salary" / "2026-11-21").exists()
    assert "21 Nov 2026: healthy, 0%" in world.text("index.html")
    assert "2026-11-21,healthy,0.0" in world.text("salary/history.csv")
    assert world.history.record_of("salary", day(3)) is not None


def test_pruning_again_changes_nothing(world):
    world.run(healthy_record(run_date=day(3)), healthy_record())

    assert len(prune(world.history, world.reports, {"salary": 2})) == 1
    assert prune(world.history, world.reports, {"salary": 2}) == []


def test_a_report_that_is_being_written_is_left_for_the_next_time(world):
    world.run(healthy_record(run_date=day(3)), healthy_record())

    with FileLock(world.reports / "salary" / f".{day(3)}.lock"):
        assert prune(world.history, world.reports, {"salary": 2}) == []
    assert len(prune(world.history, world.reports, {"salary": 2})) == 1


def test_what_a_killed_pruning_left_is_cleared(world):
    world.run(healthy_record())
    leftover = world.reports / "salary" / f".{day(3)}.gone"
    leftover.mkdir()

    prune(world.history, world.reports, {"salary": 2})

    assert not leftover.exists()


def test_a_monitor_no_longer_run_keeps_its_reports_for_the_default_time(world):
    healthy = [healthy_record("gone", day(back)) for back in (300, 270, 240, 205)]
    world.run(*healthy, failed_record("gone", day(200)))

    prune(world.history, world.reports, {})

    assert sorted(path.name for path in (world.reports / "gone").iterdir() if path.is_dir()) == [
        str(day(270)), str(day(240)), str(day(205)), str(day(200)),
    ]  # fmt: skip


def test_a_script_that_no_report_uses_goes_with_the_last_that_did(world):
    world.run(healthy_record(run_date=day(3)), healthy_record())
    (world.reports / "assets" / "evidently-old.js").write_text("old")

    prune(world.history, world.reports, {"salary": 2})

    assert [path.name for path in (world.reports / "assets").iterdir()] == [SCRIPT]
