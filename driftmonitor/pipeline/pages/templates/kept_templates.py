"""Keep compiled templates between runs, beside Python's own files of that kind: compiling takes a tenth of a second."""

import sys
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, FileSystemBytecodeCache

FOLDER = Path(__file__).parent / "__pycache__"


def keep_compiled(environment: jinja2.Environment, made_by: str) -> None:
    """Let an environment keep its compiled templates, unless Python keeps none.

    `made_by` is what else decides on the compiled code: it is compiled again if this, the template or Jinja changes.
    """
    if not sys.dont_write_bytecode:
        environment.bytecode_cache = _Cache(f"{jinja2.__version__} {made_by} ")


class _Cache(FileSystemBytecodeCache):
    def __init__(self, made_by: str) -> None:
        super().__init__(str(FOLDER), "%s.j2c")
        self.made_by = made_by

    def get_source_checksum(self, source: str) -> str:
        """Return a hash of all that decides on a template's compiled code."""
        return super().get_source_checksum(self.made_by + source)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write a compiled template if the folder is there and can be written."""
        with suppress(OSError):
            super().dump_bytecode(bucket)
