"""popmon's stability metrics, unchanged, with the reference as days; drift if any column has a red traffic light.

These days are as long as the others, so a small reference is one day, of which nothing shows how days differ. Its own
Pandas reader fails with a table as the reference, so that the reference is given as histograms.
"""

import json
import logging
import sys
import warnings
from pathlib import Path

sys.path.pop(0)  # this file has the package's name

import numpy as np
import pandas as pd
from popmon import df_stability_metrics
from popmon.hist.filling import make_histograms

warnings.filterwarnings("ignore")
logging.disable()

given = np.load(sys.argv[1])
categories = {int(i) for i in given["categories"]}


def make_table(rows, days, start):
    table = pd.DataFrame(rows, columns=[f"c{i}" for i in range(rows.shape[1])])
    for i in categories:
        table[f"c{i}"] = ["level " + str(int(level)) for level in table[f"c{i}"]]
    table["day"] = pd.Timestamp(start) + pd.to_timedelta(np.arange(len(rows)) * days // len(rows), unit="D")
    return table


days = given["days"]
reference = make_table(given["reference"], len(given["reference"]) // days.shape[1], "2020-01-01")
current = make_table(days.reshape(-1, days.shape[2]), len(days), "2021-01-01")
known = make_histograms(reference, time_axis="day", time_width="1D")
alerts = df_stability_metrics(current, time_axis="day", reference_type="external", reference=known)["alerts"]
columns = [(alerts[f"c{i}"]["n_red"].to_numpy() > 0).tolist() for i in range(days.shape[2])]
columns = np.transpose(columns).tolist()
Path(sys.argv[2]).write_text(json.dumps({"alarm": [any(flags) for flags in columns], "columns": columns}))
