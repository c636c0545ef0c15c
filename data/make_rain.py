"""Make rain.parquet: fit a model that says whether it rains within three hours, and keep its scores of other days.

    python data/make_rain.py

Of any three days in a row, the model learns from the first. Half of the other hours are the reference.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

HERE = Path(__file__).parent
STATION = "origin"
FEATURES = [STATION, "hour", "temp", "humid", "wind_speed", "pressure", "visib"]
SOON, LATER = range(1, 4), range(12, 16)  # hours from now


def main() -> None:
    """Write the table."""
    make(HERE / "weather.parquet").to_parquet(HERE / "rain.parquet", index=False, compression="zstd")


def make(weather: Path) -> pd.DataFrame:
    """Return the rows of the reference and the current data, with scores, labels and an id in no order of time."""
    hours = pd.read_parquet(weather).sort_values([STATION, "time_hour"])
    hours = pd.concat(_add_labels(station) for _, station in hours.groupby(STATION))
    hours["hour"] = hours["time_hour"].dt.hour
    learnt = hours["time_hour"].dt.dayofyear % 3 == 0
    hours["p_rain"] = _fit(hours[learnt]).predict_proba(_encode(hours))[:, 1].round(3)
    kept = hours[~learnt].sample(frac=1, random_state=0)
    kept["id"] = np.arange(len(kept)) // 2
    kept["part"] = np.where(np.arange(len(kept)) % 2, "reference", "current")
    kept = kept.sort_values("part", kind="stable")
    return kept[["part", "id", *FEATURES, "p_rain", "rains_within_3h", "rains_after_12h"]].reset_index(drop=True)


def _add_labels(station: pd.DataFrame) -> pd.DataFrame:
    """Return the hours of a station for which it is known whether it rains in the hours that follow."""
    by_hour = station.drop_duplicates("time_hour").set_index("time_hour").asfreq("h")
    rains = by_hour["precip"].gt(0).astype(float).where(by_hour["precip"].notna())
    for name, hours in {"rains_within_3h": SOON, "rains_after_12h": LATER}.items():
        by_hour[name] = np.max([rains.shift(-hour) for hour in hours], axis=0)  # NaN if one is
    known = by_hour.dropna(subset=[STATION, "temp", "humid", "wind_speed", "rains_within_3h", "rains_after_12h"])
    labels = dict.fromkeys(("rains_within_3h", "rains_after_12h"), "int8")
    return known.astype(labels).reset_index()


def _fit(rows: pd.DataFrame) -> HistGradientBoostingClassifier:
    model = HistGradientBoostingClassifier(max_iter=60, learning_rate=0.06, max_leaf_nodes=15, random_state=0)
    return model.fit(_encode(rows), rows["rains_within_3h"])


def _encode(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[FEATURES].assign(**{STATION: rows[STATION].map({"EWR": 0, "JFK": 1, "LGA": 2})})


if __name__ == "__main__":
    main()
