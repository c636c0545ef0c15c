"""Links, named pipes, devices and damaged files in place of a report's or a user's: refused at once, and told."""

import datetime as dt
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from page_samples import SCRIPT, TODAY, good_record, healthy_record, watched

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift.with_evidently.page import save_shared
from driftmonitor.analysis.sources.locations import find_files
from driftmonitor.config.params import load_monitors
from driftmonitor.facts.earlier_days import read_earlier_days
from driftmonitor.pipeline.alerts.delivery import Context
from driftmonitor.pipeline.notebooks.environment import clean_environment
from driftmonitor.pipeline.notebooks.notebook_file import notebook_parameters
from driftmonitor.regular_files import Folder, Unreadable, check_file, parse_json, read_file
from tests.jobs import DAY, ROOT, folders, main

SECRET = b"DRIFT_DATABASE_URL=postgresql://drift:9c1f@db/drift"


@pytest.fixture
def at_once():
    """Fail a test that waits for the writer of a named pipe."""

    def give_up():
        os.kill(os.getpid(), 15)

    timer = threading.Timer(60, give_up)
    timer.start()
    yield
    timer.cancel()


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_bytes(SECRET)
    return path


def link(path, target):
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def pipe(path):
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def listen(path):
    path.unlink(missing_ok=True)
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path is short
    socket.socket(socket.AF_UNIX).bind(path.name)
    os.chdir(here)


def swap_for_folder(path):
    path.unlink(missing_ok=True)
    path.mkdir()


def grow(path):
    with path.open("wb") as file:
        file.truncate(2_000_000_000)


ODD = {
    "a link": lambda path: link(path, "/etc/hostname"),
    "a link to the environment": lambda path: link(path, "/proc/self/environ"),
    "a link to nowhere": lambda path: link(path, "/nowhere"),
    "a link to itself": lambda path: link(path, path.name),
    "a named pipe": pipe,
    "a socket": listen,
    "a device": lambda path: link(path, "/dev/zero"),
    "a folder": swap_for_folder,
    "2 GB": grow,
}


@pytest.mark.parametrize("odd", ODD)
def test_only_a_regular_file_inside_its_folder_is_read(tmp_path, odd, at_once):
    (tmp_path / "report").mkdir()
    ODD[odd](tmp_path / "report/record.json")

    with pytest.raises(Unreadable) as raised:
        Folder(tmp_path).read("report/record.json")

    assert str(raised.value).startswith(f"{tmp_path.name}/report/record.json: ")
    assert "; put a readable file there, or remove it." in str(raised.value)


@pytest.mark.parametrize("name", ["../secret.txt", "day/../../secret.txt", "linked/secret.txt", "day\0"])
def test_no_name_leads_out_of_a_folder(tmp_path, secret, name):
    (tmp_path / "reports/day").mkdir(parents=True)
    (tmp_path / "reports/linked").symlink_to(tmp_path)

    with pytest.raises(Unreadable):
        Folder(tmp_path / "reports").read(name)
    assert list(Folder(tmp_path / "reports").files()) == []


def test_a_folder_swapped_for_a_link_while_it_is_read_gives_nothing_away(tmp_path, secret):
    (tmp_path / "reports/day").mkdir(parents=True)
    (tmp_path / "reports/day/secret.txt").write_bytes(b"own")
    (tmp_path / "reports/link").symlink_to(tmp_path)
    stop = threading.Event()

    def swap():
        day, link, third = (tmp_path / "reports" / name for name in ("day", "link", "third"))
        while not stop.is_set():
            day.rename(third), link.rename(day), third.rename(link)

    swapping = threading.Thread(target=swap)
    swapping.start()
    read = set()
    for _ in range(3000):
        try:
            read.add(Folder(tmp_path / "reports").read("day/secret.txt"))
        except Unreadable:
            continue
    stop.set()
    swapping.join()

    assert read == {b"own"}


def test_a_file_that_grows_while_it_is_read_is_cut_off(tmp_path):
    path = tmp_path / "record.json"
    path.write_bytes(b"x" * 2000)

    with pytest.raises(Unreadable, match="is larger than 0 MB"):
        Folder(tmp_path).read("record.json", most_bytes=1000)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
@pytest.mark.parametrize("name", ["/proc/self/environ", "/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled"])
def test_the_kernels_own_files_are_none(name):
    if not Path(name).exists():
        pytest.skip("not on this system")
    with pytest.raises(Unreadable, match="is not on a disk"):
        read_file(name)


def test_a_users_own_link_to_a_file_is_followed(tmp_path, secret):
    (tmp_path / "data.csv").symlink_to(secret)

    assert check_file(tmp_path / "data.csv") == len(SECRET)


@pytest.mark.parametrize(
    "text", ["NaN", "[1e999]", "-Infinity", "[" * 100_000, "1" * 5000, "\ufeff[]", "", '{"a": 1'], ids=range(8)
)
def test_json_that_cannot_be_used_is_refused(text):
    with pytest.raises(ValueError):
        parse_json(text)


# ---- what a user names


@pytest.mark.parametrize("odd", ["a named pipe", "a socket", "a link to the environment", "a device"])
@pytest.mark.parametrize("glob", ["b.csv", "*.csv", "**/b.csv"])
def test_data_that_is_no_file_is_refused_in_one_line(tmp_path, odd, glob, at_once):
    (tmp_path / "a.csv").write_text("x\n1\n")
    ODD[odd](tmp_path / "b.csv")

    with pytest.raises(DriftMonitorError, match=r"b\.csv is .*; name a file\."):
        find_files("current", f"{tmp_path}/{glob}")


def test_params_notebooks_and_earlier_days_that_are_pipes_are_refused_in_one_line(tmp_path, at_once):
    for name in ("one.yaml", "one.ipynb", "past.json"):
        pipe(tmp_path / name)

    with pytest.raises(DriftMonitorError, match=r"one\.yaml: cannot be read: is a named pipe"):
        load_monitors(tmp_path, lambda notebook: {})
    with pytest.raises(DriftMonitorError, match=r"one\.ipynb: is a named pipe"):
        notebook_parameters(str(tmp_path / "one.ipynb"))
    with pytest.raises(DriftMonitorError, match=r"past\.json: cannot be read: is a named pipe"):
        read_earlier_days(tmp_path / "past.json")


# ---- what a notebook leaves

LEAVE = """
import os, socket
os.chdir(output_dir)
os.symlink("{secret}", "evidently.html"); os.mkfifo("shift.png"); os.mkdir("notebook.ipynb"); os.mkfifo("record.json")
socket.socket(socket.AF_UNIX).bind("s"); os.mkdir("d"); os.symlink("/etc", "d/etc"); open("a:b", "w"); open(".h", "w")
os.truncate(os.open("big", os.O_CREAT | os.O_RDWR), 2_000_000_000); open("kept.csv", "w").write("x")
os.link("{secret}", "same.txt"); os.makedirs("f/" * 40)
os.chdir("{root}")
"""


def add_notebook(job, name, code, timeout_seconds=60):
    """Give a job a second monitor, whose notebook first runs `code`."""
    import nbformat

    notebook = nbformat.read(job.folder.parent / "tiny.ipynb", as_version=4)
    notebook.cells.insert(1, nbformat.v4.new_code_cell(code))
    nbformat.write(notebook, job.folder / f"{name}.ipynb")
    settings = f"monitor: {{notebook: '{job.folder}/{name}.ipynb', timeout_seconds: {timeout_seconds}}}\n"
    (job.folder / f"params/{name}.yaml").write_text(settings)


def test_what_a_notebook_leaves_that_is_no_file_is_left_out_and_told(tiny, secret, capsys, at_once):
    add_notebook(tiny, "sly", LEAVE.format(secret=secret, root=Path.cwd()))

    code, out, err = main(capsys, *folders(tiny))

    assert (code, "healthy  sly" in out, "healthy  calm" in out) == (0, True, True)
    assert "sly: left out of the report: a:b has a name that cannot be stored, big is larger than 100 MB, " in err
    assert "and 5 more; write regular files." in err
    kept = sorted({path.name for path in (tiny.state / "reports/sly" / DAY).rglob("[!.]*")})
    assert kept == ["d", "f", "kept.csv", "notebook.ipynb", "record.json"]
    assert main(capsys, *folders(tiny), "publish")[::2] == (0, "")
    assert [path for path in tiny.site.rglob("*") if path.is_file() and SECRET in path.read_bytes()] == []


@pytest.mark.parametrize("opened", ["open(pipe).read()", "import pandas as pd; pd.read_csv(pipe)"])
def test_a_notebook_that_waits_for_a_pipe_is_stopped_after_its_time(tiny, capsys, opened):
    add_notebook(tiny, "stuck", f"import os\npipe = f'{{output_dir}}/x'\nos.mkfifo(pipe)\n{opened}", timeout_seconds=3)

    code, out, _ = main(capsys, *folders(tiny))

    assert code == 1
    assert "FAILED   stuck: stopped after 3 s" in out
    assert (tiny.site / "calm/index.html").is_file()


def test_a_run_that_waits_for_a_pipe_ends_when_it_is_asked_to(tiny):
    code = (
        f"import os\nos.mkfifo('{tiny.folder}/x')\nopen('{tiny.folder}/opening', 'w')\nopen('{tiny.folder}/x').read()"
    )
    add_notebook(tiny, "stuck", code, timeout_seconds=600)
    running = subprocess.Popen(tiny.command(), cwd=ROOT, env=clean_environment(), stderr=subprocess.PIPE, text=True)
    while not (tiny.folder / "opening").exists():
        time.sleep(0.05)
    time.sleep(0.3)

    running.terminate()

    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "stopped; finished work is kept" in err


def test_a_run_whose_state_is_elsewhere_publishes_no_path_of_this_machine(tiny, capsys):
    code = "import os; open(f'{output_dir}/x.csv', 'w'); print(os.path.abspath(output_dir)); open(f'{output_dir}/none')"
    add_notebook(tiny, "loud", code)

    main(capsys, *folders(tiny))

    place = str(tiny.folder.parent).encode()
    assert b"reports/loud/" in (tiny.site / f"loud/{DAY}/index.html").read_bytes()
    assert [path for path in tiny.site.rglob("*") if path.is_file() and place in path.read_bytes()] == []


# ---- what lies among the reports

FILES = ["record.json", "notebook.ipynb", "evidently.html", "shift.png", "last_good", "past.json"]


@pytest.mark.parametrize("odd", ODD)
def test_a_site_is_built_and_follows_nothing_whatever_lies_in_a_report(world, secret, odd, at_once):
    names = [f"m{number}" for number in range(len(FILES))]
    world.run(healthy_record("other"), *map(good_record, names))
    for monitor, name in zip(names, FILES, strict=True):
        ODD[odd](world.reports / f"{monitor}/{TODAY}" / name)

    world.publish(*map(watched, [*names, "other"]))

    assert "Healthy" in world.text("other/index.html")
    assert all((world.site / f"{name}/{TODAY}/index.html").is_file() for name in names)
    assert not any(path.is_symlink() for path in world.site.rglob("*"))
    assert all(path.stat().st_size < 10**9 for path in world.site.rglob("*"))


def test_a_monitors_folder_that_is_a_link_is_told_and_costs_no_other(world, tmp_path):
    world.run(good_record(), healthy_record("other"))
    shutil.move(world.reports / "salary", tmp_path / "elsewhere")
    (world.reports / "salary").symlink_to(tmp_path / "elsewhere")

    published = world.publish(watched("salary"), watched("other"))

    assert published.failures == [
        "salary: reports/salary: is a link, or no folder; put a readable file there, or remove it."
    ]
    assert "Failed" in world.text("salary/index.html") and "is a link" in world.text("index.html")
    assert "Healthy" in world.text("other/index.html")


@pytest.mark.parametrize("odd", ["a link", "a named pipe", "a folder", "other content"])
def test_a_script_that_another_notebook_changed_is_not_published_and_made_again(world, odd, at_once):
    world.run(good_record())
    script = world.reports / "assets" / SCRIPT
    content = script.read_text()
    ODD[odd](script) if odd in ODD else script.write_text("alert(1)")

    world.publish(watched("salary"))
    published = (world.site / "assets" / SCRIPT).exists()

    assert (published, save_shared(content, script.parent)) == (False, SCRIPT)
    world.publish(watched("salary"))
    assert (world.site / "assets" / SCRIPT).read_text() == content


def test_folders_that_are_no_day_are_none(world):
    world.run(good_record())
    for name in ("2026-11-26.bak", "2026-13-45", "20261125", "2026-11-25 ", "notes"):
        (world.reports / "salary" / name).mkdir()
    (world.reports / "salary/2026-11-23").write_text("a file")
    (world.reports / "salary/2026-11-22").symlink_to(world.reports / f"salary/{TODAY}")

    assert world.publish(watched("salary")).failures == []
    assert sorted(path.parent.name for path in world.site.glob("salary/*/index.html")) == [f"{TODAY}"]


@pytest.mark.parametrize("odd", ["a link", "a named pipe", "2 GB"])
def test_no_picture_of_a_message_is_read_from_anything_but_a_file(tmp_path, odd, at_once):
    report = tmp_path / "pay/2026-03-01"
    report.mkdir(parents=True)
    ODD[odd](report / "shift.png")

    assert Context(reports_dir=tmp_path).picture("pay", dt.date(2026, 3, 1)) is None
