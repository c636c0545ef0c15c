"""Where the data of a new monitor is, as a person names it on the command line."""

import os
from pathlib import Path
from typing import Any

import click

from driftmonitor import ROOT
from driftmonitor.config.proposal import is_query


class Location(click.ParamType):
    """A file, glob, folder or address, as a params file has it: relative to the repository if it is there."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if "://" in text or is_query(text) or "\n" in text:
            return text
        path = Path(os.path.abspath(text))  # noqa: PTH100  links stay as they are named
        return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
