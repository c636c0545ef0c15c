"""Describe what a pandas column of any type contains, and return its usable values as numbers or as text."""

import datetime as dt
from decimal import Decimal
from numbers import Number
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd
from pandas.api import types

Kind = Literal["numerical", "categorical"]
Content = Literal["number", "text", "boolean", "time", "mixed", "empty"]
# pandas' names for what an object column contains; lists, bytes, times of day and the like count as text.
OBJECT_TYPES: dict[str, Content] = {
    "boolean": "boolean", "integer": "number", "floating": "number", "mixed-integer-float": "number",
    "decimal": "number", "timedelta": "number", "timedelta64": "number", "datetime": "time", "datetime64": "time",
    "date": "time", "period": "time", "empty": "empty",
}  # fmt: skip
DAY = pd.Timedelta(days=1)


class NamedColumn(Protocol):
    """A Column or a ColumnScore."""

    @property
    def name(self) -> str:
        """The column's name."""

    @property
    def kind(self) -> Kind | None:
        """How it is compared."""


def describe_type(series: pd.Series) -> Content:
    """Return what a column contains: number, text, boolean, time, mixed (numbers and text) or empty."""
    dtype = series.dtype
    if dtype.kind in "iu" and len(series) and isinstance(dtype, np.dtype):
        return "number"
    if not series.notna().any():
        return "empty"
    if dtype == np.float64:
        return "number"
    if isinstance(dtype, pd.CategoricalDtype | pd.StringDtype):
        return "text"
    if types.is_bool_dtype(dtype):
        return "boolean"
    if types.is_datetime64_any_dtype(dtype):
        return "time"
    return "number" if _is_number(dtype) else _describe_objects(series.dropna().astype(object))


def _is_number(dtype: Any) -> bool:
    return types.is_timedelta64_dtype(dtype) or (types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype))


def _describe_objects(values: pd.Series) -> Content:
    inferred = types.infer_dtype(values, skipna=True)
    if inferred not in ("mixed", "mixed-integer"):
        return OBJECT_TYPES.get(inferred, "text")
    classes = set(map(type, values))
    numbers = {c for c in classes if issubclass(c, Number | Decimal | np.bool_) and not issubclass(c, complex)}
    if numbers == classes:
        return "number"
    return "mixed" if numbers - {bool, np.bool_} else "text"


def aligned_numbers(series: pd.Series) -> np.ndarray:
    """Return every value as float64, row by row, NaN where there is no finite number."""
    numbers = np.array(to_floats(series), dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def to_floats(series: pd.Series) -> np.ndarray:
    """Return every value as float64: times as days since 1970, durations as seconds, text if it is a number, or NaN.

    Do not write to it: it may be the column itself.
    """
    dtype = series.dtype
    if types.is_datetime64_any_dtype(dtype):
        series = pd.Series(series.to_numpy(dtype="datetime64[us]")) - pd.Timestamp(0)
        return (series / DAY).to_numpy(dtype=np.float64)
    if types.is_timedelta64_dtype(dtype):
        return series.dt.total_seconds().to_numpy(dtype=np.float64)
    if dtype == np.float64:
        return np.ascontiguousarray(series.to_numpy())
    if _is_number(dtype):
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    values = series.to_numpy(dtype=object)
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError, OverflowError):  # not all are numbers
        return np.array([_to_float(value) for value in values], dtype=np.float64)


def _to_float(value: Any) -> float:
    """Return one value of an object column as a number, or NaN."""
    try:
        if isinstance(value, dt.timedelta):
            return value.total_seconds()
        if isinstance(value, pd.Period):
            value = value.start_time
        if isinstance(value, dt.date):
            return (pd.to_datetime(value, utc=True) - pd.Timestamp(0, tz="UTC")) / DAY
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return np.nan


def to_text(series: pd.Series) -> np.ndarray:
    """Return the values that are not missing as an object array of str; 1.0 is "1", as in a column of integers."""
    codes, words = to_codes(series, describe_type(series))
    return words[codes]


def aligned_words(series: pd.Series) -> np.ndarray:
    """Return every value as text, row by row, as `to_text` has it; None where it is missing, or no finite number."""
    usable = series.notna().to_numpy(dtype=bool)
    inferred = types.infer_dtype(series, skipna=True)
    if inferred in ("string", "integer"):  # quicker where all are different, as keys are
        given = series.to_numpy(dtype=object, copy=True)
        if inferred == "integer":
            given[usable] = list(map(str, given[usable]))
        given[~usable] = None
        return given
    content = describe_type(series)
    if content == "number":
        usable = usable & np.isfinite(to_floats(series))
    codes, words = to_codes(series, content)
    found = np.full(len(series), None, dtype=object)
    found[usable] = words[codes]
    return found


def to_codes(series: pd.Series, content: Content) -> tuple[np.ndarray, np.ndarray]:
    """Return the text of each value that is not missing as a code, and the different texts by code."""
    if content == "number":
        series = series[np.isfinite(to_floats(series))]
    try:
        codes, different = pd.factorize(series)
    except TypeError:  # lists and dicts
        return pd.factorize(np.array([_to_word(value) for value in series.dropna()], dtype=object))
    words = np.array([_to_word(value) for value in pd.Index(different).astype(object)], dtype=object)
    usable = codes if codes.min(initial=0) >= 0 else codes[codes >= 0]
    if len(set(words)) == len(words):
        return usable, words
    again, texts = pd.factorize(words)  # 1 and "1" have the same text
    return again[usable], texts


def _to_word(value: Any) -> str:
    if isinstance(value, float | np.floating | Decimal):
        value = float(value) if isinstance(value, Decimal) else value
        return str(int(value)) if np.isfinite(value) and value == np.floor(value) else str(value)
    text = str(value)
    # A lone surrogate cannot be written to any file.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
