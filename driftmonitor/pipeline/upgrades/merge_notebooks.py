"""Merge two changed notebooks cell by cell. A cell is known by its id, so it can be edited here and moved there.

Nbdime, which the field uses, compares cells by content: a cell that one side moved and the other edited loses the edit.
"""

import difflib
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Cell = dict[str, Any]
Cells = dict[str, Cell]  # by the name that a cell has on all sides
MergeText = Callable[[str, str, str], tuple[str, bool]]  # base, ours, theirs: merged, and whether ours were kept

ALIKE = 0.6  # of the text: then a cell without an id is taken for one of the base's


class Merged(NamedTuple):
    """A merged notebook, and what a person must know, one line for each cell."""

    text: bytes
    kept: list[str]
    stayed_deleted: list[str]  # names of cells


def merge_notebooks(base: bytes, ours: bytes, theirs: bytes, merge_text: MergeText) -> Merged:
    """Merge two notebooks that began as `base`; ours wins, in text and in order. Raises ValueError if invalid."""
    notebooks = [_read(each) for each in (base, ours, theirs)]
    known = name_cells(notebooks[0]["cells"], {})
    sides = known, name_cells(notebooks[1]["cells"], known), name_cells(notebooks[2]["cells"], known)
    cells, kept = merge_cells(*sides, merge_text)
    deleted = [name for name in sides[2] if name in known and name not in sides[1]]
    changed = [name for name in deleted if source(sides[2][name]) != source(known[name])]
    names = order(list(sides[0]), list(sides[1]), list(sides[2]), set(cells))
    with_ids = [{"id": name, **cells[name]} for name in names]
    return Merged(_write(notebooks, with_ids), kept, changed)


def _read(text: bytes) -> dict[str, Any]:
    notebook = json.loads(text)
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise ValueError("no notebook of format 4")
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) and "cell_type" in cell for cell in cells):
        raise ValueError("no cells")
    return notebook


def name_cells(cells: Sequence[Cell], known: Cells) -> Cells:
    """Return cells by name: their id or, without one that `known` has, the name of a known cell that is alike."""
    names = [str(cell.get("id") or "") for cell in cells]
    names = [name if name not in names[:place] else "" for place, name in enumerate(names)]
    free = {name: cell for name, cell in known.items() if name not in names}
    for least in (1.0, ALIKE):  # first those that are the same, so that none is taken from them
        for place, cell in enumerate(cells):
            if names[place] not in known and (name := _find_alike(cell, free, least)):
                del free[name]
                names[place] = name
    return {name or _make_name(place, cell): cell for place, (name, cell) in enumerate(zip(names, cells, strict=True))}


def _make_name(place: int, cell: Cell) -> str:
    return f"cell-{place}-{hashlib.sha256(source(cell).encode('utf-8', 'replace')).hexdigest()[:8]}"


def _find_alike(cell: Cell, free: Cells, least: float) -> str:
    """Return the name of the free cell that is most like this one, or nothing."""
    alike = {name: _likeness(cell, other) for name, other in free.items()}
    best = max(alike, key=alike.__getitem__, default="")
    return best if best and alike[best] >= least else ""


def _likeness(one: Cell, other: Cell) -> float:
    if one["cell_type"] != other["cell_type"]:
        return 0.0
    texts = source(one), source(other)
    if texts[0] == texts[1]:
        return 1.0
    compared = difflib.SequenceMatcher(None, *texts, autojunk=False)
    return min(compared.ratio(), 0.99) if compared.real_quick_ratio() >= ALIKE else 0.0


def source(cell: Mapping[str, Any]) -> str:
    """Return a cell's text, which the file may have as a list of lines."""
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(map(str, text))


def merge_cells(base: Cells, ours: Cells, theirs: Cells, merge_text: MergeText) -> tuple[Cells, list[str]]:
    """Return the cells that the merged notebook has, and a line for each of ours that differs from the new version."""
    cells: Cells = {}
    kept = []
    for name in {**ours, **theirs}:
        old, own, new = base.get(name), ours.get(name), theirs.get(name)
        if own and new:
            cells[name], both_changed = _merge_cell(old or {}, own, new, merge_text)
            kept += [f"cell {name}: changed by you and by the new version; your lines stay"] if both_changed else []
        elif not old:
            cells[name] = own or new or {}
        elif own and source(own) != source(old):
            cells[name] = own
            kept.append(f"cell {name}: changed by you, and gone in the new version; it stays")
    return cells, kept


def _merge_cell(old: Cell, own: Cell, new: Cell, merge_text: MergeText) -> tuple[Cell, bool]:
    before, mine, later = source(old), source(own), source(new)
    text, both_changed = (later, False) if mine == before else (mine, False)
    if before not in (mine, later) and mine != later:
        text, both_changed = merge_text(before, mine, later)
    changed = own if own.get("metadata") != old.get("metadata") or own["cell_type"] != old.get("cell_type") else new
    cell = {**changed, "source": text.splitlines(keepends=True)}
    if cell["cell_type"] == "code":
        results = own if text == mine and own["cell_type"] == "code" else {}
        cell |= {"outputs": results.get("outputs", []), "execution_count": results.get("execution_count")}
    return cell, both_changed


def order(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], wanted: set[str]) -> list[str]:
    """Return the wanted names in the new version's order, or in ours if we moved a cell.

    A name that this order lacks follows the one that it followed.
    """
    common = {*base} & {*ours} & {*theirs}
    moved = [name for name in ours if name in common] != [name for name in base if name in common]
    first, second = (ours, theirs) if moved else (theirs, ours)
    names = [name for name in first if name in wanted]
    for place, name in enumerate(second):
        if name in wanted and name not in names:
            before = next((each for each in reversed(second[:place]) if each in names), None)
            names.insert(names.index(before) + 1 if before is not None else 0, name)
    return names


def _write(notebooks: Sequence[dict[str, Any]], cells: Sequence[Cell]) -> bytes:
    """Return the notebook as Jupyter writes it; what is not in its cells is ours, if we changed it."""
    base, ours, theirs = ({name: each.get(name) for name in ("metadata", "nbformat_minor")} for each in notebooks)
    about = {name: theirs[name] if ours[name] == base[name] else ours[name] for name in ours}
    minor = max(5, about["nbformat_minor"] or 0)  # from 4.5 on, cells have ids
    notebook = {"cells": cells, "metadata": about["metadata"] or {}, "nbformat": 4, "nbformat_minor": minor}
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n".encode("utf-8", "surrogatepass")
