"""Watch a model on public tables of real days: late flights, the price of electricity, cancelled rooms, and rain.

Usage: python -m benchmarks.model.public FOLDER

FOLDER holds the tables of docs/real_tables.md that `TABLES` names; one that is missing is left out. A model is
fitted to the first days, the days after them are the reference, and the rest are judged in the order of the calendar,
with labels that are known on the next day or after two weeks. Columns as in `benchmarks.model.tables`; at the end, on
how many days the estimate said harmful though the day's own labels show no loss beyond what is tolerated, and on how
many they show one, chance included.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from benchmarks.model.tables import HEAD, Table, judge, say_row

MINUTES_LATE = 15
WEEK = 7  # days
HALF_HOURS = 48  # of a day
MORE = "falsely by estimate | lost more than tolerated |"
DELAYS = {"next day": 1, "two weeks": 14}


def read_flights(folder: Path) -> Table:
    """Return flights from New York: is one late at its arrival, as known at its departure? A day has about 900."""
    rows = pd.read_csv(folder / "flights.csv").dropna(subset=["arr_delay", "dep_delay"])
    day = pd.to_datetime(rows[["year", "month", "day"]])
    columns = rows[["hour", "dep_delay", "distance", "carrier", "origin", "dest"]]
    made = columns.assign(weekday=day.dt.weekday, day=day, late=(rows["arr_delay"] > MINUTES_LATE).astype(int))
    return fit(made.sort_values("day", kind="stable"), "late", ("2013-02-01", "2013-03-01"))


def read_electricity(folder: Path) -> Table:
    """Return New South Wales (elec2), in weeks of 336 rows: is the price above the mean of its last day?"""
    rows = pd.read_csv(folder / "electricity_nsw.csv")
    day = pd.Timestamp("1996-05-07") + pd.to_timedelta(rows.index // HALF_HOURS // WEEK * WEEK, "D")
    rises = rows["class"].isin([1, "1", "UP"]).astype(int)
    made = rows[["period", "nswprice", "nswdemand", "transfer"]].assign(day=day, rises=rises)
    return fit(made, "rises", ("1996-11-05", "1997-05-06"))


def read_hotels(folder: Path) -> Table:
    """Return two hotels, in weeks of about 1,000 rows: is a room that was booked for the day cancelled?"""
    rows = pd.read_csv(folder / "hotels.csv")
    parts = (rows[f"arrival_date_{part}"].astype(str) for part in ("year", "month", "day_of_month"))
    date = pd.to_datetime(pd.Series(map(" ".join, zip(*parts, strict=True))), format="%Y %B %d")
    late = ("assigned_room_type", "reservation_status", "reservation_status_date", "agent", "company", "country")
    known = [name for name in rows if not name.startswith("arrival") and name not in ("is_canceled", *late)]
    made = rows[known].assign(day=_weeks(date, "2015-07-01"), cancelled=rows["is_canceled"])
    return fit(made.sort_values("day", kind="stable"), "cancelled", ("2015-11-01", "2016-02-03"))


def read_australia(folder: Path) -> Table:
    """Return Australian weather stations, in weeks of about 320 rows: does it rain tomorrow?"""
    rows = pd.read_csv(folder / "weather_australia.csv")
    day = _weeks(pd.to_datetime(rows["Date"]), "2009-01-05")
    known = rows.drop(columns=["Date", "Location", "RISK_MM", "RainTomorrow"])
    made = known.assign(day=day, rain=(rows["RainTomorrow"] == "Yes").astype(int))[day >= "2009-01-05"]
    return fit(made.sort_values("day", kind="stable"), "rain", ("2010-01-04", "2010-12-27"))


def _weeks(date: pd.Series, first: str) -> pd.Series:
    """Return the first day of each date's week, counted from `first`."""
    start = pd.Timestamp(first)
    return start + pd.to_timedelta((date - start).dt.days // WEEK * WEEK, "D")


def fit(rows: pd.DataFrame, label: str, parts: tuple[str, str]) -> Table:
    """Return the rows after the first part, which a model is fitted to, with its score."""
    names = [name for name in rows if name not in ("day", label)]
    coded = rows[names].apply(lambda column: column if column.dtype.kind in "if" else pd.factorize(column)[0])
    train = rows["day"] < parts[0]
    model = HistGradientBoostingClassifier(random_state=0).fit(coded[train], rows.loc[train, label])
    scored = rows.assign(score=model.predict_proba(coded)[:, 1]).reset_index(drop=True)
    days = scored["day"]
    reference = scored[(days >= parts[0]) & (days < parts[1])].reset_index(drop=True)
    return Table(reference, scored[days >= parts[1]], ["score"], label, day="day")


TABLES: dict[str, tuple[str, Callable[[Path], Table], int]] = {
    "flights, days": ("flights.csv", read_flights, 1),
    "electricity, weeks": ("electricity_nsw.csv", read_electricity, WEEK),
    "hotels, weeks": ("hotels.csv", read_hotels, WEEK),
    "rain in Australia, weeks": ("weather_australia.csv", read_australia, WEEK),
}


def measure(folder: Path) -> Iterator[str]:
    """Yield a row for each table that is there, and each delay of its labels."""
    for name, (file, read, days) in TABLES.items():
        if not (folder / file).is_file():
            continue
        table = read(folder)
        for delay, later in DELAYS.items():
            found = judge(replace(table, delay=max(1, later // days)))
            false = found.by_estimate & ~found.lost
            yield f"{say_row(f'{name}; labels {delay}', found)} {false.sum()} | {found.lost.sum()} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row for each table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    print(f"{HEAD} {MORE}\n|{'---|' * 10}", flush=True)
    for row in measure(options.folder):
        print(row, flush=True)


if __name__ == "__main__":
    main()
