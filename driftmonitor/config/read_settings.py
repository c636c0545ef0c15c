"""How data is read where its owner knows better: `read` in a params file, for both sides, one side or one column."""

import codecs
import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import adapter_of, validate

Sign = Annotated[str, Field(min_length=1, max_length=1)]


def _as_words(value: Any) -> Any:
    """Return words as text: a params file has -200 as a number."""
    if isinstance(value, list) and all(isinstance(word, str | int | float) for word in value):
        return tuple(map(str, value))
    if isinstance(value, tuple):
        return value
    raise PydanticCustomError("list_type", "not a list")


def _check_format(written: str) -> str:
    """Refuse a format that dates cannot be read by."""
    try:
        if "%" not in written:  # such as DD/MM/YYYY
            raise ValueError
        dt.datetime.strptime(dt.datetime(2026, 1, 31, 13, 14, 15).strftime(written), written)  # noqa: DTZ001, DTZ007
    except (ValueError, re.error):
        raise PydanticCustomError("date_format", "use directives of strptime, such as %d/%m/%Y") from None
    return written


def _check_encoding(name: str) -> str:
    """Refuse what is no encoding of text."""
    try:
        "a".encode(name)
        codecs.getincrementaldecoder(name)
    except (LookupError, UnicodeError):
        raise PydanticCustomError("encoding", "use one of Python's names, such as cp1252, latin-1 or utf-16") from None
    return name


def _check_sheet(sheet: Any) -> Any:
    """Refuse what is neither a name nor a position."""
    if sheet is None or (isinstance(sheet, str) and sheet) or (type(sheet) is int and sheet >= 1):
        return sheet
    raise PydanticCustomError("sheet", "give the name of a sheet, or its position from 1")


Words = Annotated[tuple[str, ...], BeforeValidator(_as_words)]


class ColumnSettings(BaseModel):
    """How the values of one column are written."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    decimal: Literal[".", ","] | None = Field(None, description="the decimal sign")
    thousands: Literal[",", ".", " ", "'"] | None = Field(None, description="the sign between thousands")
    date_format: Annotated[str, AfterValidator(_check_format)] | None = Field(
        None, description="of dates and times, as in strptime: %d/%m/%Y"
    )
    missing: Words | None = Field(None, description="texts that mean a missing value, besides the usual ones")
    only_missing: Words | None = Field(None, description="the only texts that mean a missing value")

    @property
    def decimal_sign(self) -> str:
        """The decimal sign: the usual point, unless that stands between thousands."""
        return self.decimal or ("," if self.thousands == "." else ".")

    @model_validator(mode="after")
    def two_signs(self) -> Self:
        """Refuse one sign for both uses."""
        if self.thousands is not None and self.thousands == self.decimal:
            raise PydanticCustomError("signs", "use two signs for decimal and thousands")
        return self


class SideSettings(ColumnSettings):
    """How the files of one side are written."""

    delimiter: Sign | None = Field(None, description="between the fields of a CSV file")
    comment: Sign | None = Field(None, description="lines that begin with it are skipped")
    encoding: Annotated[str, AfterValidator(_check_encoding)] | None = Field(
        None, description="of text files: any of Python's, such as cp1252; a mark in the file wins"
    )
    header: bool | None = Field(None, description="whether the first line of a CSV file has the names")
    skip_lines: int | None = Field(None, ge=0, description="lines before the header")
    sheet: Annotated[str | int | None, BeforeValidator(_check_sheet)] = Field(
        None, description="of an Excel workbook: its name, or its position from 1"
    )
    columns: dict[str, ColumnSettings] = Field({}, description="other settings for single columns")


class ReadSettings(SideSettings):
    """How both sides are read; what `reference` and `current` say wins for that side."""

    reference: SideSettings = SideSettings()
    current: SideSettings = SideSettings()

    def of_side(self, side: str) -> SideSettings:
        """Return the settings of one side."""
        own: SideSettings = getattr(self, side)
        return self.model_copy(update=_given(own))

    def of_column(self, side: str, name: str) -> ColumnSettings:
        """Return the settings of one column of a side: the side's own win, and then the column's."""
        own: SideSettings = getattr(self, side)
        found = ColumnSettings()
        for settings in (self, own, self.columns.get(name), own.columns.get(name)):
            found = found.model_copy(update=_given(settings, ColumnSettings)) if settings else found
        return found

    def are_usual_missing(self, side: str) -> bool:
        """Return whether no setting says what means a missing value on a side."""
        own: SideSettings = getattr(self, side)
        every = [self, own, *self.columns.values(), *own.columns.values()]
        return all(each.missing is None and each.only_missing is None for each in every)

    def names_signs(self, side: str, name: str) -> bool:
        """Return whether a decimal sign, or one between thousands, is given for a column."""
        own = self.of_column(side, name)
        return own.decimal is not None or own.thousands is not None

    def names_format(self, side: str, name: str) -> bool:
        """Return whether a date format is given for this very column."""
        columns = (settings.columns.get(name) for settings in (self, getattr(self, side)))
        return any(column and column.date_format for column in columns)


AS_IT_IS = ReadSettings()


def _given(settings: ColumnSettings, model: type[ColumnSettings] | None = None) -> dict[str, Any]:
    names = settings.model_fields_set & set((model or type(settings)).model_fields)
    return {name: getattr(settings, name) for name in names}


class _Parameters(BaseModel):
    read: ReadSettings


def parse_read(read: Mapping[str, Any], where: str = "") -> ReadSettings:
    """Return checked settings; DriftMonitorError, which begins with `where`, for the first that is wrong."""
    return validate(adapter_of(_Parameters), {"read": dict(read)}, where).read


def parse_timezone(name: str, where: str = "") -> str:
    """Return the name of a time zone, "UTC" for ""; DriftMonitorError, which begins with `where`, for another text."""
    try:
        return ZoneInfo(name or "UTC").key
    except (KeyError, ValueError, OSError):
        problem = f"timezone {name!r}: no such time zone; use a name such as Europe/Berlin"
        raise DriftMonitorError(f"{where}{problem}.") from None
