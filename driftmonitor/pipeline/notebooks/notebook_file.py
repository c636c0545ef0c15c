"""Read a notebook file: the parameters cell as papermill reads it, and the number of cells."""

import ast
import sys
from typing import Any

from driftmonitor import ROOT, DriftMonitorError
from driftmonitor.config.notebook_parameters import NotebookParameter
from driftmonitor.config.params import Monitor
from driftmonitor.pipeline.notebooks.quiet import quiet_libraries


def notebook_parameters(notebook: str) -> dict[str, NotebookParameter]:
    """Return the parameters of a notebook, given its path relative to the repository's root.

    The notebook must be in Python; its kernelspec need not be installed.
    """
    _import_papermill()
    from papermill.translators import PythonTranslator

    cells = _read(notebook).cells
    cell = next((cell for cell in cells if "parameters" in cell.metadata.get("tags", [])), None)
    with quiet_libraries():
        entries = PythonTranslator.inspect(cell) if cell else []
    if not entries:
        raise DriftMonitorError(f"{notebook}: no parameters cell; tag one cell with `parameters`.")
    return {
        entry.name: NotebookParameter(
            entry.name, _type_name(entry.inferred_type_name), entry.help, _literal_value(entry.default)
        )
        for entry in entries
    }


def effective_parameters(monitor: Monitor) -> dict[str, Any]:
    """Return a monitor's notebook parameters, the notebook's own defaults included."""
    defaults = {name: each.default for name, each in notebook_parameters(monitor.settings.notebook).items()}
    return defaults | dict(monitor.parameters)


def count_cells(notebook: str) -> int:
    """Return the number of a notebook's code cells, for the progress bar."""
    return sum(cell.cell_type == "code" for cell in _read(notebook).cells)


def _import_papermill() -> None:
    """Import papermill without its readers of HDFS and S3: looking for them takes a third of its import."""
    hidden = [name for name in ("pyarrow", "boto3") if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # makes its import fail, which papermill expects
    try:
        import papermill  # noqa: F401
    finally:
        for name in hidden:
            del sys.modules[name]


def _read(notebook: str) -> Any:
    """Return a notebook in Python; raise DriftMonitorError for anything else."""
    import nbformat

    try:
        with quiet_libraries():
            content = nbformat.read(ROOT / notebook, as_version=4)
            kernel = content.metadata.get("kernelspec", {})
            language = kernel.get("language") or content.metadata.get("language_info", {}).get("name") or "python"
    except FileNotFoundError:
        raise DriftMonitorError(f"{notebook}: no such notebook; set monitor.notebook to one that exists.") from None
    except Exception:  # a file that is no notebook can fail in any way
        raise DriftMonitorError(f"{notebook}: not a readable notebook; restore it, or save it again.") from None
    if "python" not in language.lower():
        raise DriftMonitorError(f"{notebook}: is in {language[:40]}; use a notebook in Python.")
    return content


def _type_name(inferred: str) -> str | None:
    return None if inferred == "None" else inferred


def _literal_value(text: str) -> Any:
    """Return the value of a default that is a literal; None for one that would have to be executed."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
