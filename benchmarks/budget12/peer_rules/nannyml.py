"""NannyML's univariate drift, unchanged: Jensen-Shannon at its default threshold; drift if any column drifts."""

import json
import os
import sys
from pathlib import Path

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
sys.path.pop(0)  # this file has the package's name

import numpy as np
import pandas as pd
from nannyml import UnivariateDriftCalculator

given = np.load(sys.argv[1])
names = [f"c{i}" for i in range(given["reference"].shape[1])]
categories = [names[i] for i in given["categories"]]


def frame(rows):
    table = pd.DataFrame(rows.reshape(-1, len(names)), columns=names)
    table[categories] = table[categories].astype(int).astype(str).astype("category")
    return table


days = given["days"]
calculator = UnivariateDriftCalculator(column_names=names, treat_as_categorical=categories, chunk_size=days.shape[1])
calculator.fit(frame(given["reference"]))
told = calculator.calculate(frame(days)).filter(period="analysis").to_df()
flags = np.column_stack([told[name, "jensen_shannon", "alert"].to_numpy(dtype=bool) for name in names])
answer = {"alarm": flags.any(axis=1).tolist(), "columns": flags.tolist()}
Path(sys.argv[2]).write_text(json.dumps(answer))
