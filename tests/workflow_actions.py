"""Short fakes of the official actions, which do what the actions' sources say as far as the workflows need it."""

import filecmp
import fnmatch
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from workflow_refusals import QUOTA, Refused, upload

ROOT = Path(__file__).parents[1]
CRASHED = object()


def checkout(job: Any, inputs: dict[str, str]) -> None:
    depth = inputs.get("fetch-depth", "1")
    assert inputs == {"persist-credentials": "False"} | ({"fetch-depth": depth} if depth != "1" else {})
    subprocess.run(["cp", "-a", f"{fetched(job, depth)}/.", job.clone], check=True)
    if job.permissions.get("contents") != "write":
        subprocess.run(["git", "-C", job.clone, "config", "remote.origin.pushurl", "/the/token/may/not"], check=True)
    if job.name in job.github.before:
        job.github.before[job.name](job.clone)


def fetched(job: Any, depth: str) -> Path:
    """Return a clone of the run's commit: fetched and compiled for its first job, and copied for the others."""
    branch, commit = job.run_.branch, job.run_.commit  # a later attempt has the same commit
    clone = job.github.folder / "fetched" / f"{branch.replace('/', '-')}-{commit}-{depth}"
    git = ["git", "-C", clone]
    with job.github.fetching:
        if not clone.exists():
            subprocess.run(["git", "init", "-q", "-b", branch, clone], check=True)
            subprocess.run([*git, "remote", "add", "origin", f"file://{job.github.origin}"], check=True)
            to = f"+{commit}:refs/remotes/origin/{branch}"
            subprocess.run([*git, "fetch", "-q", "--no-tags", f"--depth={depth}", "origin", to], check=True)
            subprocess.run([*git, "checkout", "-q", "-B", branch, f"refs/remotes/origin/{branch}"], check=True)
            keep_compiled(clone)
    return clone


def keep_compiled(clone: Path) -> None:
    """Give a clone what Python compiled of the same sources here, so that it does not compile them again.

    Python knows a source that it compiled by its time and size, so the sources get their time here.
    """
    for source in (ROOT / "driftmonitor").rglob("*.py"):
        own, compiled = clone / source.relative_to(ROOT), Path(cache_from_source(source))
        if compiled.exists() and own.exists() and filecmp.cmp(source, own, shallow=False):
            shutil.copystat(source, own)
            target = Path(cache_from_source(own))
            target.parent.mkdir(exist_ok=True)
            shutil.copy(compiled, target)


# A Python whose pip has everything already, and that makes environments of itself; uv's lock is a line.
PYTHON = """#!/bin/sh
case "$*" in
    "-m pip freeze") exec {python} -m pip freeze ;;
    "-m pip "* | "-m uv "*) exit 0 ;;
    "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && touch "$3/bin/pip" &&
        ln -s {bin}/ruff "$3/bin/ruff" && cp "${{0%/*}}/uv" "$3/bin/uv" ;;
    *) exec {python} "$@" ;;
esac
"""
UV = """#!/bin/sh
while [ "$1" != -o ]; do shift; done
echo "# newest" > "$2"
"""


def setup_python(job: Any, inputs: dict[str, str]) -> dict[str, str]:
    assert set(inputs) <= {"python-version", "cache", "cache-dependency-path"}
    assert (job.clone / inputs.get("cache-dependency-path", ".")).exists()
    job.tools.mkdir()
    python = PYTHON.format(python=sys.executable, bin=Path(sys.executable).parent)
    for name, text in {"python": python, "python3": python, "uv": UV}.items():
        (job.tools / name).write_text(text)
        (job.tools / name).chmod(0o755)
    return {"python-version": f"{inputs['python-version']}.9"}


def cache(job: Any, inputs: dict[str, str], restore_only: bool = False) -> Any:
    """Restore .venv as an environment that is ready and compiled, and what `cache_save` saved; other paths miss."""
    assert job.name != "execute" or restore_only, "a job that runs notebooks must not save what others load"
    if inputs["path"] == ".venv":
        # Binaries of another system may not run.
        assert inputs["key"].startswith("venv-compiled-ubuntu24-3.12.9-"), inputs["key"]
        make_ready(job.clone)
        return {"cache-hit": "true"}
    saved = job.github.folder / "caches" / inputs["key"]
    if saved.exists():
        (job.clone / inputs["path"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(saved, job.clone / inputs["path"])
        return {"cache-hit": "true"}
    return CRASHED if inputs.get("fail-on-cache-miss") == "True" else {"cache-hit": ""}


def make_ready(clone: Path) -> None:
    """Give a clone an environment that has everything already."""
    python = clone / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (python.parent / "pip").touch()
    (clone / ".venv/ready").touch()


def cache_restore(job: Any, inputs: dict[str, str]) -> Any:
    return cache(job, inputs, restore_only=True)


def cache_save(job: Any, inputs: dict[str, str]) -> None:
    """Save a file, unless there is none or the key is taken: a cache never changes."""
    assert job.name != "execute"
    source, target = job.clone / inputs["path"], job.github.folder / "caches" / inputs["key"]
    target.parent.mkdir(exist_ok=True)
    if source.exists() and not target.exists():
        shutil.copy(source, target)


def upload_artifact(job: Any, inputs: dict[str, str]) -> Any:
    assert inputs["if-no-files-found"] == "ignore"
    assert int(inputs["retention-days"]) > 0
    assert set(inputs) <= {"name", "path", "if-no-files-found", "retention-days", "overwrite"}
    target = job.github.artifacts(job.run_) / inputs["name"]
    if inputs.get("overwrite") == "True":
        shutil.rmtree(target, ignore_errors=True)
    return _upload(job, job.clone / inputs["path"], target)


def _upload(job: Any, source: Path, target: Path) -> Any:
    try:
        if job.github.quota_is_used_up and source.is_dir():
            raise Refused(QUOTA)
        upload(source, target, target.name)
    except Refused as refusal:
        job.log += f"##[error]{refusal}\n"
        return CRASHED
    return None


def download_artifact(job: Any, inputs: dict[str, str]) -> Any:
    assert set(inputs) <= {"name", "pattern", "path", "merge-multiple"}
    home = job.github.artifacts(job.run_)
    wanted = inputs.get("name") or inputs["pattern"]
    found = [p for p in home.glob("*") if fnmatch.fnmatch(p.name, wanted)]
    flat = len(found) == 1 or inputs.get("merge-multiple") == "True"  # a single one has no folder of its own
    for path in found:
        shutil.copytree(path, job.clone / inputs["path"] / ("" if flat else path.name), dirs_exist_ok=True)
    return CRASHED if "name" in inputs and not found else None


def configure_pages(job: Any, inputs: dict[str, str]) -> Any:
    assert job.permissions["pages"] in ("read", "write")
    return CRASHED if job.github.pages is None else {"base_url": "https://owner.github.io/repo"}


def upload_pages_artifact(job: Any, inputs: dict[str, str]) -> Any:
    return _upload(job, job.clone / inputs["path"], job.github.artifacts(job.run_) / inputs["name"])


def deploy_pages(job: Any, inputs: dict[str, str]) -> Any:
    assert job.permissions == {"pages": "write", "id-token": "write"}
    site = job.github.artifacts(job.run_) / inputs["artifact_name"]
    if not job.github.deploying_works or job.github.pages is None or not site.exists():
        return CRASHED
    shutil.rmtree(job.github.pages, ignore_errors=True)
    shutil.copytree(site, job.github.pages)
    return {"page_url": "https://owner.github.io/repo/"}


ACTIONS = {
    "actions/checkout": checkout, "actions/setup-python": setup_python, "actions/cache": cache,
    "actions/cache/restore": cache_restore, "actions/cache/save": cache_save,
    "actions/upload-artifact": upload_artifact, "actions/download-artifact": download_artifact,
    "actions/configure-pages": configure_pages, "actions/upload-pages-artifact": upload_pages_artifact,
    "actions/deploy-pages": deploy_pages,
}  # fmt: skip
