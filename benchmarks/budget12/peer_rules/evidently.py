"""Evidently's DataDriftPreset, unchanged: it chooses the methods, and finds drift if half of the columns drift."""

import json
import os
import sys
from pathlib import Path

os.environ["DO_NOT_TRACK"] = "1"
sys.path.pop(0)  # this file has the package's name

import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

given = np.load(sys.argv[1])
names = [f"c{i}" for i in range(given["reference"].shape[1])]
categories = [names[i] for i in given["categories"]]
definition = DataDefinition(
    numerical_columns=[name for name in names if name not in categories], categorical_columns=categories
)


def frame(rows):
    table = pd.DataFrame(rows, columns=names)
    table[categories] = table[categories].astype(int).astype(str)
    return Dataset.from_pandas(table, data_definition=definition)


reference = frame(given["reference"])
alarm, columns = [], []
for rows in given["days"]:
    told = Report([DataDriftPreset()]).run(frame(rows), reference).dict()["metrics"]
    count = next(metric for metric in told if metric["config"]["type"].endswith(":DriftedColumnsCount"))
    drifts = [metric for metric in told if metric["config"]["type"].endswith(":ValueDrift")]
    flagged = {}
    for metric in drifts:
        config = metric["config"]
        low = "p_value" in str(config["method"])
        flagged[config["column"]] = (metric["value"] < config["threshold"]) == low
    alarm.append(bool(count["value"]["share"] >= count["config"]["drift_share"]))
    columns.append([bool(flagged.get(name)) for name in names])
Path(sys.argv[2]).write_text(json.dumps({"alarm": alarm, "columns": columns}))
