"""Why a drift day has no origin yet: nobody has looked for it."""

from driftmonitor.facts.record import RunRecord

WHY = "its rows were not searched, because it was judged later; backfill the day, or run it again"


def as_unsearched(record: RunRecord) -> RunRecord:
    """Return the record of a drift day without an origin with the reason that it was not looked for."""
    if record.status != "drift" or record.where:
        return record
    return record.model_copy(update={"where_unknown": WHY})
