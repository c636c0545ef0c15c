"""Hand a step's outputs to GitHub's runner, through the file that GITHUB_OUTPUT names. The only use of that file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def to_lines(outputs: Mapping[str, Any]) -> list[str]:
    """Return a line for each output: its name and its value as JSON.

    JSON in ASCII has no line end, so no value can end its line early or begin another output. The runner takes `<<` for
    the start of a longer value only before the first equals sign.
    """
    return [f"{name}={json.dumps(value)}" for name, value in outputs.items()]


def write(outputs: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Append the outputs to the step's file; do nothing outside GitHub."""
    if path := environ.get("GITHUB_OUTPUT"):
        with Path(path).open("a", encoding="ascii", newline="\n") as file:
            file.writelines(f"{line}\n" for line in to_lines(outputs))
