"""What GitHub refuses, drops or hides where a plain copy would not, with the place where each rule is written.

- Names in artifacts: docs/additional-information.md of actions/toolkit's packages/artifact, "Non-Supported Characters".
  The same page says that modes are lost. Only files are uploaded (actions/upload-artifact, src/shared/search.ts), so
  an empty folder is lost, and hidden files are left out by default (its README). Links are dropped here: nothing may
  depend on what becomes of them.
- An attempt of all jobs sees no artifact of an earlier attempt, one of the failed jobs does: measured for
  go-gitea/gitea#38857, as GitHub does not say.
- Quota: "Artifact storage quota has been hit" (actions/upload-artifact#307).
- A job's output that contains a secret is not passed on: actions/runner, src/Runner.Worker/JobExtension.cs, and #1498.
- A step's summary of over 1 MiB is dropped with an error that fails nothing: docs.github.com, "Workflow commands",
  "Step isolation and limits".
- Files of over 100 MB: docs.github.com, "About large files on GitHub".
"""

import re
import shutil
from collections.abc import Collection
from pathlib import Path

BAD_IN_PATHS = re.compile(r'[":<>|*?\r\n]')
BAD_IN_NAMES = re.compile(r'[":<>|*?\r\n\\/]')
SUMMARY_BYTES = 1024 * 1024
FILE_BYTES = 100 * 1024 * 1024
QUOTA = "Failed to CreateArtifact: Artifact storage quota has been hit. Unable to upload any new artifacts."
# The order of the lines is GitHub's: the reason is the third.
PRE_RECEIVE = """#!/bin/sh
while read -r old new ref; do
    case "$new" in *[!0]*) ;; *) continue ;; esac
    large=$(git rev-list --objects "$new" --not --all |
        git cat-file --batch-check='%(objecttype) %(objectsize) %(rest)' |
        awk '$1 == "blob" && $2 > LIMIT { print $3; exit }')
    if [ -n "$large" ]; then
        echo "error: Trace: 4b8d0c" >&2
        echo "error: See https://gh.io/lfs for more information." >&2
        echo "error: File $large is 120.00 MB; this exceeds GitHub's file size limit of 100.00 MB" >&2
        echo "error: GH001: Large files detected. You may want to try Git Large File Storage." >&2
        exit 1
    fi
done
"""


class Refused(Exception):  # noqa: N818
    """What GitHub's server or runner says instead of doing it."""


def upload(source: Path, target: Path, name: str) -> None:
    """Store a folder as an artifact does, or raise Refused and store nothing; do nothing if it has no files."""
    files = [path for path in sorted(source.rglob("*")) if _is_uploaded(path, source)]
    if BAD_IN_NAMES.search(name):
        raise Refused(f"The artifact name is not valid: {name}.")
    for path in files:
        if BAD_IN_PATHS.search(f"{path.relative_to(source)}"):
            raise Refused(f"The path for one of the files in artifact is not valid: {path}.")
    if files and target.exists():
        raise Refused("Failed to CreateArtifact: an artifact with this name already exists on the workflow run")
    for path in files:
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)


def _is_uploaded(path: Path, source: Path) -> bool:
    steps = [
        source.joinpath(*path.relative_to(source).parts[: n + 1]) for n in range(len(path.relative_to(source).parts))
    ]
    return path.is_file() and not any(step.name.startswith(".") or step.is_symlink() for step in steps)


def pass_on(outputs: dict[str, str], secrets: Collection[str]) -> tuple[dict[str, str], str]:
    """Return a job's outputs without those that contain a secret, or a line of one, and what the log says of it."""
    lines = {line for secret in secrets for line in [secret, *secret.splitlines()] if line.strip()}
    dropped = [name for name, value in outputs.items() if any(line in value for line in lines)]
    said = "".join(f"##[warning]Skip output '{name}' since it may contain secret.\n" for name in dropped)
    return {name: value for name, value in outputs.items() if name not in dropped}, said


def show_summary(path: Path) -> tuple[str, str]:
    """Return what the run's page shows of a step's summary, and what the log says of it."""
    size = path.stat().st_size
    if size > SUMMARY_BYTES:
        limits = f"supports content up to a size of 1024k, got {size // 1024}k"
        return "", f"##[error]$GITHUB_STEP_SUMMARY upload aborted, {limits}.\n"
    return path.read_text(encoding="utf-8"), ""


def refuse_large_files(origin: Path, most_bytes: int = FILE_BYTES) -> None:
    """Let a bare repository refuse a push with a larger file, as GitHub does."""
    hook = origin / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(PRE_RECEIVE.replace("LIMIT", str(most_bytes)))
    hook.chmod(0o755)
