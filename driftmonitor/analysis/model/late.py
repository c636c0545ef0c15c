"""Read the late labels of a day: once for all days, unless their place has a {date}."""

import datetime as dt
from dataclasses import replace

from driftmonitor.analysis.model.labels import LateLabels, take_labels
from driftmonitor.analysis.sources import Data
from driftmonitor.analysis.sources.labels import fill_dates, read_labels
from driftmonitor.config.data_settings import has_date
from driftmonitor.config.model_settings import ModelSettings


def find_late_labels(data: Data, settings: ModelSettings, day: dt.date | None = None) -> LateLabels | None:
    """Return the labels that are known now, of the data's day or another; None if the data has its own."""
    request = data.request
    if not settings.labels or request is None:
        return None
    own = day or request.run_date
    place = fill_dates(settings.labels, own, request.run_date)

    def read() -> LateLabels:
        found = read_labels(request, settings.labels, settings.key, settings.label, own)
        return replace(take_labels(found.frame, settings.key, settings.label), absent=found.absent)

    return request.memory.recall("labels", (place, settings.key, settings.label), read)


def differ_by_day(settings: ModelSettings) -> bool:
    """Return whether each day has a place of labels of its own."""
    return has_date(settings.labels)
