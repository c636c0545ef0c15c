"""Numbers that the notebook watches beside the columns: `check(...)` in a cell, and `checks` of the params file."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from driftmonitor.analysis.checks.taken import check, forget_all, taken

if TYPE_CHECKING:
    import pandas as pd

    from driftmonitor.analysis.sources import Data, Snapshot


def run_checks(checks: Mapping[str, Any], data: "Data | Snapshot") -> "pd.DataFrame | None":
    """Make the `checks` of the params file, and return a table of all checks so far, those that fail first.

    If there are none, print so.
    """
    from driftmonitor.analysis.checks.of_params import make_checks

    table = make_checks(checks, data)
    if table.empty:
        print("No checks so far.")
        return None
    return table


__all__ = ["check", "forget_all", "run_checks", "taken"]
