"""Alibi Detect's TabularDrift, unchanged: K-S and chi-squared, p < 0.05 after Bonferroni."""

import json
import sys
from pathlib import Path

sys.path.pop(0)  # this file has the package's name

import numpy as np
from alibi_detect.cd import TabularDrift

given = np.load(sys.argv[1])
reference = given["reference"]
detector = TabularDrift(reference, p_val=0.05, categories_per_feature={int(i): None for i in given["categories"]})
alarm, columns = [], []
for rows in given["days"]:
    told = detector.predict(rows, drift_type="batch")["data"]
    alarm.append(bool(told["is_drift"]))
    columns.append([bool(p < told["threshold"]) for p in told["p_val"]])
Path(sys.argv[2]).write_text(json.dumps({"alarm": alarm, "columns": columns}))
