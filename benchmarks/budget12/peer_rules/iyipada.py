"""iyipada, unchanged: PSI with a calculated threshold, false discovery rate 5%; drift if any column drifts."""

import json
import sys
from pathlib import Path

sys.path.pop(0)  # this file has the package's name

import numpy as np
from iyipada import Monitor

given = np.load(sys.argv[1])


def columns_of(rows):
    return {str(i): values[np.isfinite(values)] for i, values in enumerate(rows.T)}


monitor = Monitor(columns_of(given["reference"]))
names = list(monitor.detectors)
drifted = [monitor.check(columns_of(rows)).drifted for rows in given["days"]]
columns = [[name in found for name in names] for found in drifted]
Path(sys.argv[2]).write_text(json.dumps({"alarm": [any(flags) for flags in columns], "columns": columns}))
