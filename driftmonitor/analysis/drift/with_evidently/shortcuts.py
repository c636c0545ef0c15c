"""What is replaced in Evidently while it makes a report: it would do much twice, and draw every column of its table.

Where a version has no function of that name, nothing is replaced.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from typing import Any

from plotly import basedatatypes

from driftmonitor.analysis.drift.with_evidently.names import (
    RichTableDataRow,
    RowDetails,
    data_drift,
    data_drift_table,
    dataset_drift_metric,
    datasets,
    text_widget,
)

NO_PICTURE = "No picture: only the columns that changed most have one."


@contextmanager
def each_once() -> Iterator[None]:
    """Prepare each column once for both of Evidently's metrics, and parse each of Plotly's names once.

    Plotly copies the whole template with each figure, several times, and Evidently computes numbers of each column that
    its page does not show.
    """
    with ExitStack() as stack:
        stack.enter_context(_replaced(data_drift, "get_one_column_drift", _once_a_column))
        stack.enter_context(_replaced(basedatatypes, "_str_to_dict_path_full", cache))
        stack.enter_context(_replaced(basedatatypes, "deepcopy", lambda _: _copy))
        for name in ("_collect_numerical_stats", "_collect_categorical_stats"):
            stack.enter_context(_replaced(datasets, name, lambda _: lambda values: None))
        yield


@contextmanager
def listed(rows: Sequence[Mapping[str, Any]], totals: Mapping[str, Any]) -> Iterator[None]:
    """Add rows of columns that Evidently does not draw to its table, and count all columns: `totals` are its fields."""
    with ExitStack() as stack:
        for module in (data_drift_table, dataset_drift_metric):
            stack.enter_context(_replaced(module, "get_drift_for_columns", partial(_count_all, totals)))
        stack.enter_context(_replaced(data_drift_table, "rich_table_data", partial(_list_all, rows)))
        yield


@contextmanager
def _replaced(owner: Any, name: str, wrap: Callable[[Callable], Callable]) -> Iterator[None]:
    """Replace a function of a module or class by what `wrap` makes of it, if there is one of that name."""
    function = getattr(owner, name, None)
    if function is None:
        yield
        return
    setattr(owner, name, wrap(function))
    try:
        yield
    finally:
        setattr(owner, name, function)


def _copy(value: Any) -> Any:
    """Return a copy of a figure's properties; arrays and texts, which nobody changes, are shared."""
    if isinstance(value, dict):
        return {name: _copy(item) for name, item in value.items()}
    return [*map(_copy, value)] if isinstance(value, list) else value


def _once_a_column(prepare: Callable) -> Callable:
    prepared: dict[Any, Any] = {}

    def prepare_once(*args: Any, **given: Any) -> Any:
        name = given.get("column_name")
        if args or name is None:
            return prepare(*args, **given)
        if name not in prepared:
            prepared[name] = prepare(**given)
        return prepared[name]

    return prepare_once


def _count_all(totals: Mapping[str, Any], compute: Callable) -> Callable:
    return lambda **given: compute(**given).copy(update=totals)


def _list_all(rows: Sequence[Mapping[str, Any]], make_table: Callable) -> Callable:
    details = RowDetails().with_part("", text_widget(text=NO_PICTURE))

    def make_longer(*, data: Sequence[Any], **given: Any) -> Any:
        return make_table(data=[*data, *(RichTableDataRow(dict(row), details) for row in rows)], **given)

    return make_longer
