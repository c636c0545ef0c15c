"""The last stage: send the pending messages, and tell the heartbeat that the run is over."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from driftmonitor.formats import counted
from driftmonitor.pipeline import console
from driftmonitor.pipeline.job import Job

if TYPE_CHECKING:
    from driftmonitor.facts.record import RunRecord
    from driftmonitor.pipeline.alerts.delivery import DeliveryReport
    from driftmonitor.pipeline.history import History


def send_messages(history: "History", job: Job) -> "DeliveryReport":
    """Send the pending messages and print what came of each."""
    from driftmonitor.pipeline import channels
    from driftmonitor.pipeline.alerts import delivery

    monitors = job.all_monitors()
    retrain = {monitor.name: monitor.settings.retrain for monitor in monitors if monitor.settings.retrain}
    owners = {monitor.name: monitor.settings.owner for monitor in monitors}
    context = delivery.Context(os.environ, os.environ.get("SITE_URL"), job.reports_dir, retrain, owners)
    names = {settings.channel for settings in retrain.values()}
    for_retraining = [channel for name in sorted(names) if (channel := channels.channel_named(name))]
    report = delivery.deliver(history, [*channels.all_channels(), *for_retraining], context, job.clock)
    _print_report(report)
    if report.printed:
        settings = ", or ".join(channel.SETTING for channel in channels.all_channels())
        console.say(f"No alert channel is configured, so alerts are printed here. To send them, set {settings}.")
    return report


def _print_report(report: "DeliveryReport") -> None:
    from driftmonitor.pipeline.channels.text import for_console

    for message in report.printed:
        console.say(f"alert: {for_console(message)}")
    for each in report.sent:
        console.say(f"sent to {each.channel}: {each.monitor} {each.event} of {each.run_date}")
    for each in report.skipped:
        console.say(f"{each.channel} skipped {each.monitor} {each.event} of {each.run_date}: {each.reason}")
    for each in report.retry_later:
        console.say(f"pending for {each.channel}: {each.monitor} {each.event} of {each.run_date}: {each.reason}")
    for each in report.refused:
        console.complain(f"{each.channel} refused {each.monitor} {each.event} of {each.run_date}: {each.reason}")


def send_test_messages(job: Job) -> bool:
    """Send a test message through each configured channel, print what came of it, and return whether all worked."""
    from driftmonitor.pipeline.channels.channel_check import check_channels, make_test_message

    message = make_test_message(job.run_date, job.now, os.environ.get("SITE_URL"))
    checks = check_channels(os.environ, message)
    for check in checks:
        console.say(f"{check.channel:20}{check.text}")
    return all(check.delivered is not False for check in checks)


def ping_heartbeat(records: "Sequence[RunRecord]", done: bool) -> None:
    """Tell the heartbeat's service that the run is over; `done` is false if a later stage failed."""
    from driftmonitor.pipeline.channels import heartbeat

    failures = sum(record.status == "failed" for record in records)
    drifting = sum(record.status == "drift" for record in records)
    outcome = f"{counted(len(records), 'monitor')}, {drifting} drifting, {failures} failed"
    problem = heartbeat.ping(os.environ, bool(failures) or not done, outcome)
    if problem:
        console.complain(problem)
