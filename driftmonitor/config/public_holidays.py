"""Look up public holidays, by the setting `holidays`: a country such as DE, or a part of one such as DE-BY.

The only module that uses the package `holidays`, which is imported for the monitors that set it.
"""

import datetime as dt
import difflib
from collections.abc import Container, Mapping
from functools import lru_cache

from driftmonitor import DriftMonitorError

LONGEST = 60  # characters of a place in an error
SHOWN = 20  # parts of a country in an error
CODE = 2  # letters of a country's code, and of most of its parts'


@lru_cache(maxsize=16)
def public_holidays(place: str) -> Container[dt.date]:
    """Return the public holidays of a country or a part of one, none for ""; DriftMonitorError if it is not known.

    Years that the package does not know have none.
    """
    if not place:
        return ()
    import holidays

    country, dash, part = place.partition("-")
    try:
        if dash and not part:
            raise NotImplementedError
        found: Container[dt.date] = holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise DriftMonitorError(f"holidays {place[:LONGEST]!r}: {_explain(country, part)}") from None
    return found


def check_holidays(place: object, where: str) -> None:
    """Refuse an unknown place; the DriftMonitorError begins with `where`."""
    if place is False:
        raise DriftMonitorError(f'{where}holidays is false; for Norway, write "NO" in quotes, and "" for none.')
    if isinstance(place, str):
        try:
            public_holidays(place)
        except DriftMonitorError as error:
            raise DriftMonitorError(f"{where}{error}") from None


def _explain(country: str, part: str) -> str:
    """Return what is wrong with an unknown place, and the nearest that is known."""
    from holidays import list_supported_countries
    from holidays.registry import COUNTRIES

    parts = list_supported_countries().get(country)
    if parts is None:
        close = _nearest(country, {alias: names[1] for names in COUNTRIES.values() for alias in names})
        return f"no such country; {f'did you mean {close}?' if close else 'use two letters, such as DE.'}"
    if not parts:
        return f"no parts of {country} are known; use {country}."
    if close := _nearest(part, dict(zip(parts, parts, strict=True))):
        return f"no such part of {country}; did you mean {country}-{close}?"
    shown = ", ".join(parts[:SHOWN]) + (", ..." if len(parts) > SHOWN else ".")
    return f"no such part of {country}; choose one of: {shown}"


def _nearest(name: str, known: Mapping[str, str]) -> str:
    """Return what the name stands for that is nearest to one which is not known; "" without any."""
    short = len(name) <= CODE
    alike = {each.upper(): stands_for for each, stands_for in known.items() if short == (len(each) <= CODE)}
    close = difflib.get_close_matches(name.upper(), alike, n=1, cutoff=0.5 if short else 0.7)
    return alike[close[0]] if close else ""
