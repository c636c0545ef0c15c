"""Say in a monitor's first alert what to expect of its rule: how often it is wrong, and what it detects."""

from driftmonitor.budget.budget_rule import say_budget_rule
from driftmonitor.budget.share_rule import expect
from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.record import RunRecord

FIRST = "This is the monitor's first alert."


def introduce(record: RunRecord, settings: AlertSettings) -> str:
    """Return what a first alert says of the rule that decided it."""
    if record.budgeted:
        sentences = say_budget_rule(settings.false_alarms_per_year, record)
    else:
        expectation = expect(record)
        sentences = [f"Expect {expectation.short()}."] if expectation and expectation.can_alert else []
    return " ".join([FIRST, *sentences])
