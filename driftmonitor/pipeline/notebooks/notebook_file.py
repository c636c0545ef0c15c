"""Read a notebook file: the variables that its parameters cell assigns, and the number of its cells."""

import ast
import hashlib
import io
import json
import re
import tokenize
from dataclasses import dataclass
from typing import Any

from driftmonitor import ROOT, DriftMonitorError
from driftmonitor.config.notebook_parameters import NotebookParameter
from driftmonitor.config.params import Monitor
from driftmonitor.pipeline.notebooks.quiet import quiet_libraries
from driftmonitor.regular_files import Missing, Unreadable, read_file

# The code of notebooks/drift_report.ipynb, for which analysis/without_notebook.py stands: change them together.
SHIPPED = "3e7775c23c0c15029736c35abebe08f173ec2ee33f2ebfb7241bb8d65d5b2d52"
MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)  # lines for IPython, such as %matplotlib inline


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook."""

    kind: str
    source: str
    tags: tuple[str, ...]


def notebook_parameters(notebook: str) -> dict[str, NotebookParameter]:
    """Return the parameters of a notebook, given its path relative to the repository's root.

    The notebook must be in Python; its kernelspec need not be installed.
    """
    cell = next((cell for cell in _read(notebook) if "parameters" in cell.tags), None)
    try:
        parameters = _parse(MAGIC.sub("", cell.source)) if cell else {}
    except (SyntaxError, tokenize.TokenError, ValueError):
        raise DriftMonitorError(
            f"{notebook}: the parameters cell is not plain Python; keep only assignments."
        ) from None
    if not parameters:
        raise DriftMonitorError(f"{notebook}: no parameters cell; tag one cell with `parameters`.")
    return parameters


def effective_parameters(monitor: Monitor) -> dict[str, Any]:
    """Return a monitor's notebook parameters, the notebook's own defaults included."""
    defaults = {name: each.default for name, each in notebook_parameters(monitor.settings.notebook).items()}
    return defaults | dict(monitor.parameters)


def count_cells(notebook: str) -> int:
    """Return the number of a notebook's code cells, for the progress bar."""
    return sum(cell.kind == "code" for cell in _read(notebook))


def computes_as_shipped(notebook: str) -> bool:
    """Return whether a notebook's code is that of the shipped one, whatever its text, comments and defaults are.

    Then its days can be compared without running it.
    """
    cells = (cell for cell in _read(notebook) if cell.kind == "code" and "parameters" not in cell.tags)
    lines = (line.rstrip() for cell in cells for line in cell.source.splitlines())
    code = "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))
    return hashlib.sha256(code.encode()).hexdigest() == SHIPPED


def _parse(source: str) -> dict[str, NotebookParameter]:
    """Return the variables that a cell assigns, each with the comment at the end of its last line as help.

    papermill's own reading leaves out a line with two equals signs, such as `where: str = "country=DE"`.
    """
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    parameters = {}
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and node.value:
            annotation = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else None
            type_comment, text = _split_comment(comments.get(node.end_lineno or node.lineno, ""))
            value = _literal_value(node.value)
            parameters[target.id] = NotebookParameter(target.id, annotation or type_comment, text, value)
    return parameters


def _split_comment(comment: str) -> tuple[str | None, str]:
    """Return the type of an old type comment (`# type: int help`), if it is one, and the rest."""
    if not comment.startswith("type:"):
        return None, comment
    type_name, _, text = comment.removeprefix("type:").strip().partition(" ")
    return type_name or None, text.strip()


def _read(notebook: str) -> list[Cell]:
    """Return the cells of a notebook in Python; raise DriftMonitorError for anything else."""
    try:
        content = _parse_json(read_file(ROOT / notebook).decode("utf-8"))
        kernel = content["metadata"].get("kernelspec", {})
        language = kernel.get("language") or content["metadata"].get("language_info", {}).get("name") or "python"
        in_python = "python" in language.lower()
        cells = [_take(cell) for cell in content["cells"]]
    except Missing:
        raise DriftMonitorError(f"{notebook}: no such notebook; set monitor.notebook to one that exists.") from None
    except Unreadable as error:
        raise DriftMonitorError(f"{notebook}: {error.strerror}; set monitor.notebook to a notebook's file.") from None
    except Exception:  # a file that is no notebook can fail in any way
        raise DriftMonitorError(f"{notebook}: not a readable notebook; restore it, or save it again.") from None
    if not in_python:
        raise DriftMonitorError(f"{notebook}: is in {language[:40]}; use a notebook in Python.")
    return cells


def _parse_json(text: str) -> dict[str, Any]:
    """Return a notebook's content in Jupyter's format 4, with nbformat, slow to import, only if it is older."""
    content: dict[str, Any] = json.loads(text)
    if content["nbformat"] >= 4:
        return content
    import nbformat

    with quiet_libraries():
        return dict(nbformat.reads(text, as_version=4))


def _take(cell: dict[str, Any]) -> Cell:
    return Cell(cell["cell_type"], "".join(cell["source"]), tuple(cell["metadata"].get("tags", ())))


def _literal_value(node: ast.expr) -> Any:
    """Return the value of a default that is a literal; None for one that would have to be executed."""
    try:
        return ast.literal_eval(node)
    except (ValueError, SyntaxError):
        return None
