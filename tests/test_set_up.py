"""Setting up on any machine: which Pythons are accepted, and what `make` does where there is none of them."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from driftmonitor.pipeline.github import doctor_python

ROOT = Path(__file__).parents[1]
MAKE = shutil.which("make")
UV = """#!/bin/sh
echo "$0" > {log}
echo "$@" >> {log}
mkdir -p {venv}/bin
touch {venv}/bin/python {venv}/bin/pip
"""
# Too old to be used, with a pip that installs that uv, or without a pip.
PYTHON_WITH_PIP = """#!/bin/sh
[ "$*" = "-m pip install -q --target $6 -r .github/uv.txt" ] && mkdir "$6/bin" && cp {uv} "$6/bin/uv"
"""
PYTHON_ALONE = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def machine(tmp_path):
    """Return a function that puts a program on the machine's PATH, and one that has `make` set up an environment."""
    path, venv = tmp_path / "bin", tmp_path / "venv"
    path.mkdir()
    for name in ("sh", "mktemp", "mkdir", "touch", "cp", "rm"):
        (path / name).symlink_to(shutil.which(name))

    def install(name, text, folder=path):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    def set_up():
        command = [MAKE, f"VENV={venv}", f"{venv}/bin/python"]
        return subprocess.run(command, cwd=ROOT, env={"PATH": str(path)}, capture_output=True, text=True, check=False)

    return install, set_up


def test_without_a_suitable_python_the_uv_that_is_there_brings_one(machine, tmp_path):
    install, set_up = machine
    install("python3", PYTHON_ALONE)
    install("uv", UV.format(log=tmp_path / "log", venv=tmp_path / "venv"))

    done = set_up()

    assert done.returncode == 0, done.stderr
    assert done.stdout == "No suitable Python found; getting one with uv\n"
    uv, arguments = (tmp_path / "log").read_text().splitlines()
    assert uv == str(tmp_path / "bin/uv")
    assert arguments == f"venv -q --seed --allow-existing -p >=3.11,<3.15 {tmp_path}/venv"


def test_without_uv_the_pip_of_an_older_python_brings_it_for_the_moment(machine, tmp_path):
    install, set_up = machine
    install("uv", UV.format(log=tmp_path / "log", venv=tmp_path / "venv"), folder=tmp_path)
    install("python3", PYTHON_WITH_PIP.format(uv=tmp_path / "uv"))

    done = set_up()

    assert done.returncode == 0, done.stderr
    uv, arguments = (tmp_path / "log").read_text().splitlines()
    assert arguments.startswith("venv ")
    assert not Path(uv).parents[1].exists()


@pytest.mark.parametrize("programs", [{}, {"python3": PYTHON_ALONE}, {"python3": PYTHON_ALONE, "uv": PYTHON_ALONE}])
def test_where_nothing_helps_one_line_says_what_would(machine, programs):
    install, set_up = machine
    for name, text in programs.items():
        install(name, text)

    done = set_up()

    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        "error: Python 3.11 to 3.14 with venv is needed (Debian, Ubuntu: apt install python3-venv), "
        "or uv to download it; install either and run make again."
    )


def test_every_place_names_the_same_pythons():
    """pyproject.toml decides; the others repeat it."""
    first, below = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', _read("pyproject.toml")).groups()
    each = [f"3.{minor}" for minor in range(int(first), int(below))]
    range_in_words = f"Python {each[0]} to {each[-1]}"
    makefile = _read("Makefile")

    assert [f"3.{minor}" for _, minor in doctor_python.ENDS] == each
    assert f"(3, {first}) <= sys.version_info[:2] <= (3, {int(below) - 1})" in makefile
    assert f"for p in python3 {' '.join(f'python{version}' for version in reversed(each))};" in makefile
    assert f"-p '>=3.{first},<3.{below}'" in makefile
    assert re.findall(r"python: (\[.+\])", _read(".github/workflows/tests.yml")) == [str(each).replace("'", '"')] * 2
    for path in ("README.md", "docs/github.md", "Makefile"):
        assert range_in_words in _read(path), path
    assert re.findall(r"Python :: (3\.\d+)", _read("pyproject.toml")) == each


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt", ".github/uv.txt"])
def test_a_lock_has_hashes_and_names_no_place_to_get_packages_from(lock):
    packages = [each.splitlines() for each in re.split(r"\n(?=\w)", _read(lock))[1:]]

    assert [
        lines[0] for lines in packages if not re.match(r"\S+==\S+.* \\$", lines[0]) or "sha256:" not in lines[1]
    ] == []
    assert len(packages) > (0 if "uv" in lock else 100)
    assert re.findall(r"^-.*|\S*://\S*", _read(lock), re.MULTILINE) == []  # options, such as --index-url, and addresses


def test_a_package_that_is_not_the_locked_one_is_refused(tmp_path):
    """Also one that the settings ask for, which is installed at the locked version without the rest of the lock."""
    wheel = tmp_path / "psycopg-3.3.9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("psycopg-3.3.9.dist-info/METADATA", "Metadata-Version: 2.1\nName: psycopg\nVersion: 3.3.9\n")
        file.writestr("psycopg-3.3.9.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        file.writestr("psycopg-3.3.9.dist-info/RECORD", "")
    alone = ["--no-config", "--no-index", "--find-links", tmp_path, "--no-deps", "--target", tmp_path / "target"]

    command = [sys.executable, "-m", "uv", "pip", "install", *alone, "-c", ROOT / "requirements-dev.txt", "psycopg"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode
    assert "Hash mismatch for `psycopg==3.3.9`" in done.stderr


def _read(path):
    return (ROOT / path).read_text(encoding="utf-8")
