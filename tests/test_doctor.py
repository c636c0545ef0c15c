"""The doctor says what is set up and how to fix the rest, and shows no secret."""

import datetime as dt
import os
import subprocess
from pathlib import Path

import pytest
from servers import Answer, HangUp, Recorder

from driftmonitor import __version__
from driftmonitor.pipeline.clock import Clock
from driftmonitor.pipeline.github import doctor, doctor_python
from driftmonitor.pipeline.github.git import Clone
from driftmonitor.pipeline.github.state import StateBranch
from driftmonitor.pipeline.job import Job
from driftmonitor.pipeline.upgrades.known_version import say_newer

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
HEALTHY = {
    "": {"full_name": "owner/repo", "private": False},
    "/commits": [{"commit": {"committer": {"date": "2026-11-20T08:00:00Z"}}}],
    "/pages": {"build_type": "workflow", "html_url": "https://owner.github.io/repo/"},
    "/actions/workflows/drift_check.yml": {"state": "active"},
    "/actions/workflows/drift_check.yml/runs": {
        "workflow_runs": [{"conclusion": "success", "created_at": "2026-11-24T09:07:00Z", "html_url": "https://x/1"}]
    },
    "/actions/secrets": {"secrets": [{"name": "DISCORD_WEBHOOK"}, {"name": "UNRELATED"}]},
    "/environments/drift-monitor/secrets": {"secrets": []},
}


@pytest.fixture
def job(tmp_path, monkeypatch):
    """Give a job in a clone whose origin has no state yet."""
    origin = tmp_path / "origin.git"
    subprocess.run(["git", "clone", "-q", "--bare", _commit(tmp_path / "seed"), origin], check=True)
    subprocess.run(["git", "-C", origin, "tag", f"v{__version__}"], check=True)
    subprocess.run(["git", "clone", "-q", origin, tmp_path / "clone"], check=True)
    branch = StateBranch(tmp_path / "state", Clone(tmp_path / "clone", os.environ))
    monkeypatch.setattr(doctor, "state_branch", lambda state_dir: branch)
    (tmp_path / "params").mkdir()
    (tmp_path / "params/calm.yaml").write_text("rows: 100\n")
    folders = (tmp_path / "params", tmp_path / "state", tmp_path / "site")
    return Job((), NOW.date(), {}, 1, False, *folders, Clock(lambda: NOW), NOW)


def _commit(folder: Path) -> Path:
    subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    who = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
    subprocess.run(["git", "-C", folder, *who, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    return folder


def examine(job, answers=None, **environ):
    """Return the findings by subject, with a GitHub that answers so."""

    def answer(request):
        found = answers.get(request.path.removeprefix("/repos/owner/repo"))
        if isinstance(found, int) or found is None:
            return Answer(found or 404, {"message": "Not Found"})
        return Answer(200, found)

    environ = {"DRIFT_TEMPLATE": str(job.state_dir.parent / "origin.git")} | environ
    if answers is None:
        return {finding.subject: finding for finding in doctor.examine(job, environ)}
    with Recorder(answer) as server:
        environ |= {"GITHUB_API_URL": server.url, "GITHUB_REPOSITORY": "owner/repo", "GITHUB_TOKEN": "ghs_secret"}
        return {finding.subject: finding for finding in doctor.examine(job, environ)}


def test_all_is_well(job):
    found = examine(job, HEALTHY)

    assert {subject: finding.verdict for subject, finding in found.items()} == dict.fromkeys(
        ["Python", "Python on GitHub", "packages", "version", "params", "history", "state", "repository", "Pages",
         "SITE_URL", "schedule", "last scheduled run", "last commit", "alerts"], "ok"
    )  # fmt: skip
    assert found["state"].line == "ok      state: origin has no branch drift-state yet; the first run creates it"
    assert found["schedule"].text == "on: 0 9 * * * UTC, 23 9 * * * UTC, 41 13 * * * UTC"
    assert found["alerts"].text == "configured: DISCORD_WEBHOOK; test them with `alert --test`"


@pytest.mark.parametrize(
    ("path", "answer", "subject", "text"),
    [
        ("/pages", 404, "Pages", "not enabled; in Settings, Pages, set Source to GitHub Actions."),
        ("", {"full_name": "owner/repo", "archived": True}, "repository", "is archived, so nothing runs; unarchive it"),
        ("/actions/variables/DRIFT_PAGES", {"value": "false"}, "Pages",
         "DRIFT_PAGES is false, but https://owner.github.io/repo/ still shows the last site; unpublish it"),
        ("/actions/workflows/drift_check.yml/runs",
         {"workflow_runs": [{"conclusion": "success", "created_at": "2026-11-22T09:07:00Z", "html_url": "https://x/1"}]},
         "last scheduled run", "GitHub starts none since: Actions are off in Settings, "),
        ("/pages", {"build_type": "legacy"}, "Pages", "deploys from a branch; in Settings, Pages, set Source to"),
        ("/actions/workflows/drift_check.yml", {"state": "disabled_inactivity"}, "schedule",
         "GitHub disabled it after 60 days without activity; in Actions choose drift check and Enable workflow."),
        ("/actions/workflows/drift_check.yml", {"state": "disabled_fork"}, "schedule", "in a new fork"),
        ("/actions/workflows/drift_check.yml", 404, "schedule", "is not on the default branch; push it there."),
        ("/actions/workflows/drift_check.yml/runs",
         {"workflow_runs": [{"conclusion": "failure", "created_at": "2026-11-24", "html_url": "https://x/1"}]},
         "last scheduled run", "failure, 2026-11-24, https://x/1; read its log."),
        ("/commits", [{"commit": {"committer": {"date": "2026-10-05T08:00:00Z"}}}], "last commit",
         "2026-10-05; GitHub may disable the schedule 60 days after it: push or merge something"),
        ("", 404, "repository", "not found, or the token may not see it; give the token access to this repository."),
        ("/actions/secrets", {"secrets": []}, "alerts", "no channel; add a secret, such as DISCORD_WEBHOOK"),
    ],
)  # fmt: skip
def test_what_is_missing_on_github_is_named_with_its_remedy(job, path, answer, subject, text):
    finding = examine(job, HEALTHY | {path: answer})[subject]

    assert finding.missing
    assert text in finding.text


PRIVATE = {"": {"full_name": "owner/repo", "private": True}}
PUBLIC_SITE = {"/pages": HEALTHY["/pages"] | {"public": True}}
SETTING = "/actions/variables/DRIFT_PAGES"


@pytest.mark.parametrize(
    ("answers", "verdict", "text"),
    [
        (PUBLIC_SITE, "missing", "the repository is private, but everybody can read https://owner.github.io/repo/; "
                                 "set the variable DRIFT_PAGES to false, or to true if everybody may."),
        (PUBLIC_SITE | {SETTING: {"value": "true"}}, "ok", "https://owner.github.io/repo/"),
        ({"/pages": HEALTHY["/pages"] | {"public": False}}, "ok", "https://owner.github.io/repo/"),
        ({"/pages": 404}, "missing", "not enabled; in Settings, Pages, set Source to GitHub Actions, "
                                     "or set the variable DRIFT_PAGES to false."),
        ({"/pages": 404, SETTING: {"value": "false"}}, "ok",
         "not used, as DRIFT_PAGES is false; each run keeps the site as an artifact"),
    ],
)  # fmt: skip
def test_a_private_repository_has_a_public_site_only_if_somebody_wants_it(job, answers, verdict, text):
    found = examine(job, HEALTHY | PRIVATE | answers)

    assert (found["Pages"].verdict, found["Pages"].text) == (verdict, text)


def test_the_repository_is_the_remotes_if_no_variable_names_it(job, tmp_path):
    address = "https://github.com/owner/repo.git"
    subprocess.run(["git", "-C", tmp_path / "clone", "remote", "set-url", "origin", address], check=True)

    with Recorder(Answer(200, HEALTHY[""])) as server:
        environ = {"GITHUB_API_URL": server.url, "GITHUB_TOKEN": "ghs_secret"}
        doctor._connect(environ, doctor.state_branch(job.state_dir)).call("GET", "")

    assert [request.path for request in server.requests] == ["/repos/owner/repo"]


@pytest.mark.parametrize("status", [401, 403, 500])
def test_what_github_does_not_tell_is_unknown_not_missing(job, status):
    found = examine(job, dict.fromkeys(HEALTHY, status))

    assert [found[name].verdict for name in ("Pages", "schedule", "last scheduled run", "alerts")] == ["unknown"] * 4


def test_a_repository_that_the_token_may_not_see_is_the_one_finding(job):
    found = examine(job, dict.fromkeys(HEALTHY, 404))

    assert found["repository"].missing
    assert not {"Pages", "schedule", "last commit"} & set(found)
    assert found["alerts"].verdict == "unknown"


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (
            "git remote remove origin",
            "clone the repository from GitHub, or add its address with `git remote add origin",
        ),
        ("rm -r .git", "clone the repository from GitHub, or add its address with `git remote add"),
        ("git remote set-url origin /nowhere.git", "set GITHUB_REPOSITORY to owner/name"),
    ],
)
def test_a_clone_without_a_remote_is_told_how_to_get_one(job, tmp_path, spoil, text):
    subprocess.run(spoil.split(), cwd=tmp_path / "clone", check=True)

    found = examine(job, GITHUB_TOKEN="ghs_secret")

    assert "clone the repository from GitHub, or add its address with `git remote add origin" in found["state"].text
    assert found["GitHub"].missing
    assert text in found["GitHub"].text


def test_a_github_that_hangs_up_is_unknown(job):
    with Recorder(HangUp()) as server:
        environ = {"GITHUB_API_URL": server.url, "GITHUB_REPOSITORY": "owner/repo", "GITHUB_TOKEN": "ghs_secret"}
        found = {finding.subject: finding for finding in doctor.examine(job, environ)}

    assert found["Pages"].verdict == "unknown"


def test_without_a_token_the_doctor_says_where_to_look(job):
    found = examine(job)

    assert found["GitHub"].verdict == "unknown"
    assert "docs/github.md" in found["GitHub"].text


def test_a_remote_that_is_not_on_github_is_named(job):
    finding = examine(job, GITHUB_TOKEN="ghs_secret")["GitHub"]

    assert finding.missing
    assert "set GITHUB_REPOSITORY to owner/name" in finding.text


@pytest.mark.parametrize(
    "url",
    ["https://github.com/owner/repo", "https://github.com/owner/repo.git", "git@github.com:owner/repo.git",
     "ssh://git@github.com/owner/repo/", "https://x-access-token:t@github.com/owner/repo.git"],
)  # fmt: skip
def test_the_repository_is_read_from_the_remotes_address(url):
    assert doctor.ADDRESS.search(url)[1] == "owner/repo"


def test_secrets_are_named_and_never_shown(job):
    found = examine(job, HEALTHY, DISCORD_WEBHOOK="https://discord.com/api/webhooks/1/hunter2",
                    DRIFT_DATABASE_URL="postgresql://user:hunter2@127.0.0.1:1/x")  # fmt: skip

    text = "\n".join(finding.line for finding in found.values())
    assert "hunter2" not in text
    assert "ghs_secret" not in text
    assert "DRIFT_DATABASE_URL" in text


def test_a_newer_version_is_named_and_a_template_that_cannot_be_read_is_no_failure(job, tmp_path):
    subprocess.run(["git", "-C", tmp_path / "origin.git", "tag", "v99.0.1"], check=True)

    newer, absent = examine(job)["version"], examine(job, DRIFT_TEMPLATE=str(tmp_path / "absent"))["version"]

    assert newer.line == (
        f"ok      version: drift-monitor {__version__}; 99.0.1 is available: run `python runner.py upgrade`"
    )
    assert absent.verdict == "unknown"
    assert absent.text.startswith("the template cannot be read (fatal: ")
    assert say_newer(job.reports_dir) == "Version 99.0.1 is available (checked on 24 Nov 2026)."


def test_misspelt_params_and_other_packages_are_reported(job, monkeypatch):
    (job.params_dir / "calm.yaml").write_text("rws: 100\n")
    monkeypatch.setattr(doctor_python, "installed", lambda name: "0.0")

    found = examine(job)

    assert found["params"].missing
    assert "did you mean rows?" in found["params"].text
    assert found["packages"].missing
    assert "run `pip install -r requirements.txt`" in found["packages"].text


def test_a_workbook_that_cannot_be_read_without_an_extra_is_reported(job, monkeypatch):
    (job.params_dir / "calm.yaml").write_text("source: files\nreference: a.csv\ncurrent: 'orders-{date}.XLSX'\n")
    for installed, missing in [("3.1.5", False), ("absent", True)]:
        monkeypatch.setattr(doctor_python, "installed", lambda name, installed=installed: installed)

        params = examine(job)["params"]

        assert params.missing == missing
        assert ("calm reads an Excel workbook; run `pip install '.[excel]'`." in params.text) == missing


@pytest.mark.parametrize(
    ("version", "day", "line"),
    [
        ((3, 10, 9), "2026-11-24", "missing Python: 3.10.9; install Python 3.11 to 3.14 and run `make` again."),
        ((3, 15, 0), "2026-11-24", "missing Python: 3.15.0; install Python 3.11 to 3.14 and run `make` again."),
        ((3, 14, 1), "2026-11-24", "ok      Python: 3.14.1, with security fixes until 2030-10"),
        ((3, 11, 9), "2027-10-31", "ok      Python: 3.11.9, with security fixes until 2027-10"),
        ((3, 11, 9), "2027-11-01", "missing Python: 3.11.9 has had no security fixes since 2027-10; install a newer "
         "Python, remove .venv, and run `make` again."),
    ],
)  # fmt: skip
def test_the_python_must_be_one_that_works_and_still_gets_security_fixes(version, day, line):
    assert doctor_python.check_python(version, dt.date.fromisoformat(day)).line == line


@pytest.mark.parametrize(
    ("set_up", "day", "text"),
    [
        ("3.12", "2028-10-31", "3.12, with security fixes until 2028-10"),
        ("3.12", "2028-11-01", "3.12 has had no security fixes since 2028-10; "
         "set a newer python-version in .github/workflows."),
        ("3.10", "2026-11-24", "set a newer python-version in .github/workflows: 3.11 to 3.14."),
        ("latest", "2026-11-24", "set a newer python-version in .github/workflows: 3.11 to 3.14."),
    ],
)  # fmt: skip
def test_so_must_the_python_that_the_daily_workflow_sets_up(tmp_path, set_up, day, text):
    (tmp_path / "w.yml").write_text(f'      - uses: x\n        with:\n          python-version: "{set_up}"\n')

    assert doctor_python.check_workflow(tmp_path / "w.yml", dt.date.fromisoformat(day)).text == text


def test_a_lock_with_hashes_is_compared_as_well(tmp_path, monkeypatch):
    pins = (
        "# by uv\nclick==8.3.0 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\nother==1 ; sys_platform == 'win32' \\\n"
    )
    (tmp_path / "requirements.txt").write_text(pins)
    monkeypatch.setattr(doctor_python, "ROOT", tmp_path)
    monkeypatch.setattr(doctor_python, "installed", lambda name: "8.3.0")

    assert doctor_python.check_packages().text == "1 as in requirements.txt"
