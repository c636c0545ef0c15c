"""Frouros' K-S test for numbers and its chi-squared test for categories; drift if any p < 0.05."""

import json
import sys
from pathlib import Path

sys.path.pop(0)  # this file has the package's name

import numpy as np
from frouros.detectors.data_drift import ChiSquareTest, KSTest

given = np.load(sys.argv[1])
categories = {int(i) for i in given["categories"]}
tests = []
for column, values in enumerate(given["reference"].T):
    test = ChiSquareTest() if column in categories else KSTest()
    test.fit(X=values.astype(int) if column in categories else values)
    tests.append(test)
columns = []
for rows in given["days"]:
    flags = []
    for column, test in enumerate(tests):
        values = rows[:, column][np.isfinite(rows[:, column])]
        told, _ = test.compare(X=values.astype(int) if column in categories else values)
        flags.append(bool(told.p_value < 0.05))
    columns.append(flags)
answer = {"alarm": [any(flags) for flags in columns], "columns": columns}
Path(sys.argv[2]).write_text(json.dumps(answer))
