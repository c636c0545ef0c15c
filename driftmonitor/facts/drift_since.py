"""When the drift of a run's day began: by it, labels of earlier days say whether that drift harms the model."""

import datetime as dt

from driftmonitor.facts.record import RunRecord


def date_drift(record: RunRecord, since: dt.date | None) -> RunRecord:
    """Return the record of a model's drift day with the first day of its drift; any other record as it is.

    `since`: of a drift that lasted until the run; without one, it began on the run's own day.
    """
    if record.model is None:
        return record
    own = (since or record.run_date) if record.status == "drift" else None
    if own == record.model.drift_since:
        return record
    return record.model_copy(update={"model": record.model.model_copy(update={"drift_since": own})})
