"""Statistics by name: `@statistic` registers a function under the name that `num_method` and `methods` can give.

    @statistic("numerical")
    def kuiper(reference, current):
        return value, p_value

The function may be in a notebook cell, or in a file of this folder, where every notebook and backtest finds it.
CONTRIBUTING.md has the recipe.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any, TypeVar

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift.scores import Answer, Method, Pair
from driftmonitor.analysis.values import Kind
from driftmonitor.foreign_errors import describe_error
from driftmonitor.formats import one_line

ARGUMENTS: dict[str, tuple[str, ...]] = {"numerical": ("reference", "current"), "categorical": ("counts",)}
NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Statistic:
    """A function that compares the two sides of one column, under the name that a params file uses.

    `threshold` is that of a distance; without one the function gives a p-value.
    """

    name: str
    kind: Kind
    function: Callable[..., Any]
    label: str
    threshold: float | None
    replaces_evidently: bool

    def method(self) -> Method:
        """Return the statistic as the comparison uses it."""
        gives_p_value = self.threshold is None
        label = f"{self.label} p_value" if gives_p_value else self.label
        return Method(self.name, label, gives_p_value, self.threshold or 0.05, self.answer, self.kind == "categorical")

    def answer(self, pair: Pair, threshold: float) -> Answer:
        """Return the answer for one column. The function gets copies: whatever it does to them, the data stays."""
        if self.kind == "categorical":
            result = self.function(pair.counts.copy())
        else:
            result = self.function(pair.reference.values.copy(), pair.current.values.copy())
        if self.threshold is not None:
            distance = _number(result, "a number, the distance")
            return Answer(distance, distance, distance >= threshold)
        value, p_value = _read_test(result)
        return Answer(p_value, value, p_value < threshold)


def statistic(
    kind: Kind,
    *,
    threshold: float | None = None,
    name: str = "",
    label: str = "",
    replaces_evidently: bool = False,
) -> Callable[[Function], Function]:
    """Register a function as a statistic for "numerical" or "categorical" columns; it stays callable as it was.

    A numerical function gets two float arrays, (reference, current), without missing values. A categorical one gets one
    table: a row for each category, with the columns `reference` and `current` for its rows on each side.

    It returns a p-value, a pair (statistic, p-value) or a result of scipy.stats. With `threshold` it returns a distance
    instead, which means drift from that threshold on. A p-value also needs `min_distance`, as with every test.

    `name` is the function's own by default, and `label` what Evidently's report shows. A name of one of Evidently's
    methods is refused unless `replaces_evidently` is set. DriftMonitorError for anything that cannot be used.
    """

    def register(function: Function) -> Function:
        chosen = name or getattr(function, "__name__", "")
        where = f"statistic {one_line(chosen)!r}"
        if not NAME.fullmatch(chosen):
            raise DriftMonitorError(f"{where}: give it a name of letters, digits, _ . and -, such as name='kuiper'.")
        _check(where, kind, function, threshold)
        _refuse_taken(where, (kind, chosen), function)
        REGISTERED[kind, chosen] = Statistic(chosen, kind, function, label or chosen, threshold, replaces_evidently)
        return function

    return register


REGISTERED: dict[tuple[Kind, str], Statistic] = {}


def find_statistics() -> dict[tuple[Kind, str], Statistic]:
    """Return every statistic by (kind, name), after importing the files of this folder."""
    for file in pkgutil.iter_modules(__path__):
        try:
            importlib.import_module(f"{__name__}.{file.name}")
        except DriftMonitorError:
            raise
        except Exception as error:
            where = f"{__name__.replace('.', '/')}/{file.name}.py"
            reason = describe_error(error)
            raise DriftMonitorError(f"{where} cannot be imported ({reason}); fix or remove the file.") from error
    return REGISTERED


def _check(where: str, kind: str, function: Callable[..., Any], threshold: float | None) -> None:
    if kind not in ARGUMENTS:
        raise DriftMonitorError(f"{where}: the kind is {kind!r}; use 'numerical' or 'categorical'.")
    if threshold is not None and (isinstance(threshold, bool) or not isinstance(threshold, Real) or threshold <= 0):
        raise DriftMonitorError(f"{where}: threshold is {threshold!r}; give a distance above 0.")
    try:
        inspect.signature(function).bind(*ARGUMENTS[kind])
    except TypeError:
        raise DriftMonitorError(f"{where}: a {kind} function must take ({', '.join(ARGUMENTS[kind])}).") from None
    except ValueError:
        pass  # some functions written in C have no signature


def _refuse_taken(where: str, key: tuple[Kind, str], function: Callable[..., Any]) -> None:
    """Refuse a name that another file uses. A cell or a file that is run again replaces its own statistic."""
    registered = REGISTERED.get(key)
    if registered and registered.function.__module__ != function.__module__:
        raise DriftMonitorError(f"{where} is defined in {registered.function.__module__} too; choose another name.")


def _read_test(result: Any) -> tuple[float | None, float]:
    """Return (statistic, p-value) of a test's result; an error, which says what it should be, for any other."""
    wanted = "a p-value, (statistic, p-value) or a result of scipy.stats"
    if hasattr(result, "pvalue"):
        result = getattr(result, "statistic", None), result.pvalue
    value, p_value = result if isinstance(result, tuple | list) and len(result) == 2 else (None, result)
    p_value = _number(p_value, wanted)
    if not (0 <= p_value <= 1 or p_value != p_value):
        raise DriftMonitorError(f"gave the p-value {p_value:g}; return one from 0 to 1")
    return None if value is None else _number(value, wanted), p_value


def _number(value: Any, wanted: str) -> float:
    """Return a number of Python's or numpy's as a float; an error, which names what is `wanted`, for any other."""
    plain = value.item() if getattr(value, "shape", None) == () else value
    if isinstance(plain, bool) or not isinstance(plain, Real):
        kind = "nothing" if value is None else f"a {type(value).__name__}"  # the value itself may be of the data
        raise DriftMonitorError(f"returned {kind}; return {wanted}")
    return float(plain)
