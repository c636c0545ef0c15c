"""psiwatch's analysis, unchanged: its own thresholds; drift if it finds any column drifted."""

import json
import sys
from pathlib import Path

sys.path.pop(0)  # this file has the package's name

import numpy as np
import psiwatch

given = np.load(sys.argv[1])
categories = {int(i) for i in given["categories"]}


def columns_of(rows):
    return {f"c{i}": list_values(i, values[np.isfinite(values)]) for i, values in enumerate(rows.T)}


def list_values(column, values):
    return [f"level {int(each)}" for each in values] if column in categories else values.tolist()


reference = columns_of(given["reference"])
columns = []
for rows in given["days"]:
    found = psiwatch.analyze(reference, columns_of(rows))["summary"]["drifted_columns"]
    columns.append([name in found for name in reference])
Path(sys.argv[2]).write_text(json.dumps({"alarm": [any(flags) for flags in columns], "columns": columns}))
