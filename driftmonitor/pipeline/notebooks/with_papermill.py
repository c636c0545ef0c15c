"""Execute a notebook file on a running kernel, with papermill, and limit what it may print."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import entrypoints

from driftmonitor.lazy_packages import hiding, importing_later
from driftmonitor.pipeline.notebooks.error_outputs import hide_values
from driftmonitor.pipeline.notebooks.kernels import Kernel
from driftmonitor.pipeline.notebooks.quiet import quiet_libraries

MOST_PRINTED = 50_000_000  # characters of a run: they stay in this process's memory until the notebook is saved


def import_papermill() -> None:
    """Import papermill without its readers of HDFS, S3 and the web and without its plug-ins, none of which is used.

    Looking for them takes more than half of its import. Call it while no other thread imports anything: until it
    returns, pyarrow and boto3 seem not to be installed.
    """
    with hiding("pyarrow", "boto3"), importing_later("requests"), _without_plugins():
        import papermill.engines  # noqa: F401


@contextmanager
def _without_plugins() -> Iterator[None]:
    """Let no package offer anything: to ask each, its description is read."""
    find = entrypoints.get_group_all
    entrypoints.get_group_all = lambda group: []
    try:
        yield
    finally:
        entrypoints.get_group_all = find


def run_with_papermill(
    notebook: Path,
    output: Path,
    published: Mapping[str, str],
    parameters: Mapping[str, Any],
    kernel: Kernel,
    on_cell: Callable[[], None],
) -> None:
    """Execute the notebook and save it as `output`; raise whatever papermill raises.

    `on_cell` is called after each cell. `published` is what the metadata contains in place of both paths.
    """
    from papermill import execute_notebook

    meter = OutputMeter(kernel)
    with quiet_libraries():
        execute_notebook(
            _escape_braces(f"{notebook}"),
            _escape_braces(f"{output}"),
            parameters=parameters,
            engine_name=_engine(),
            kernel_name="python3",
            language="python",
            km=kernel.manager,
            stdout_file=meter,
            stderr_file=meter,
            progress_bar=False,
            start_timeout=600,
            autosave_cell_every=0,
            published=published,
            on_cell_executed=lambda **_: on_cell(),
        )


class OutputMeter:
    """Counts what a notebook prints; a kernel that prints too much is ended before memory runs out."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.printed = kernel, 0

    def write(self, text: str) -> None:
        """Count printed text."""
        self._count(len(text))

    def count_message(self) -> None:
        """Count a message of the kernel, whatever its content."""
        self._count(200)

    def _count(self, characters: int) -> None:
        self.printed += characters
        if self.printed > MOST_PRINTED and not self.kernel.printed_too_much:
            self.kernel.end_for_output()

    def flush(self) -> None:
        """Do nothing; papermill calls it."""


@cache
def _engine() -> str:
    """Return the name of an engine like papermill's own that saves the notebook once at the end, not twice a cell."""
    from papermill.engines import NBClientEngine, papermill_engines

    class SavedAtTheEnd(NBClientEngine):
        """Papermill's engine."""

        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
            path, nb_man.output_path = nb_man.output_path, None
            nb_man.nb.metadata.papermill.update(options.pop("published"))
            nb_man.autosave_cell = options["stdout_file"].count_message  # papermill calls it at every kernel message
            try:
                super().execute_managed_notebook(nb_man, kernel_name, **options)
            finally:
                hide_values(nb_man.nb)  # here, so that no value reaches a disk or papermill's error
                nb_man.output_path = path

    papermill_engines.register("saved_at_the_end", SavedAtTheEnd)
    return "saved_at_the_end"


def _escape_braces(path: str) -> str:
    """Return a path for papermill, which replaces names in braces by parameters."""
    return path.replace("{", "{{").replace("}", "}}")
