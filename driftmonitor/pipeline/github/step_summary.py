"""Write to the page of a run on GitHub, through the file that GITHUB_STEP_SUMMARY names. The only use of that file."""

import html
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

MOST_BYTES = 900_000  # of a step: GitHub drops all of a summary of over 1 MiB (docs.github.com, "Workflow commands")
CUT = b"\n\nMore is in the log.\n"


def append(lines: Sequence[str], environ: Mapping[str, str] = os.environ) -> None:
    """Append Markdown to the step's summary, as much as there is room for; do nothing outside GitHub."""
    path = environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    with Path(path).open("ab") as file:
        for line in lines:
            content = f"{line}\n".encode("utf-8", "replace")
            fits = file.tell() + len(content) <= MOST_BYTES
            if file.tell() < MOST_BYTES:
                file.write(content if fits else CUT)
            if not fits:
                return


def append_error(line: str, environ: Mapping[str, str] = os.environ) -> None:
    """Append an error, which may quote names from the data: as plain text, in which nothing is Markdown."""
    append([f"<pre>{html.escape(line)}</pre>\n"], environ)
