"""The last stage: send pending messages, and tell the heartbeat that the run is over."""

import os
from collections.abc import Sequence

from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline import console
from driftmonitor.pipeline.job import Job


def deliver_messages(history, job: Job):
    """Send what is due, say what came of it, and return the delivery's report."""
    from driftmonitor.pipeline import channels
    from driftmonitor.pipeline.alerts import delivery

    retrain = {monitor.name: monitor.settings.retrain for monitor in job.all_monitors() if monitor.settings.retrain}
    context = delivery.Context(os.environ, os.environ.get("SITE_URL"), job.reports_dir, retrain)
    retrainers = {settings.channel: channels.channel_named(settings.channel) for settings in retrain.values()}
    report = delivery.deliver(history, [*channels.all_channels(), *retrainers.values()], context, job.clock)
    for message in report.printed:
        console.say(f"alert: {channels.say(message)}")
    for each in report.sent:
        console.say(f"sent to {each.channel}: {each.monitor} {each.event} of {each.run_date}")
    for each in report.skipped:
        what = f"{each.monitor} {each.event} of {each.run_date}"
        console.say(f"{each.channel} skipped for {what}: {each.reason}")
    for each in report.retry_later:
        console.say(f"not sent yet to {each.channel}: {each.monitor} {each.event}: {each.reason}")
    for each in report.dead:
        console.complain(f"{each.channel} refused {each.monitor} {each.event}: {each.reason}")
    if not any(channel.configured(os.environ) for channel in channels.all_channels()):
        settings = ", or ".join(channel.SETTING for channel in channels.all_channels())
        console.say(f"No alert channel is configured, so alerts are printed here. To send them, set {settings}.")
    return report


def send_heartbeat(monitors: Sequence[str], records: Sequence[RunRecord], delivered: bool) -> None:
    """Tell the heartbeat's watcher that the run is over, and how it went."""
    from driftmonitor.pipeline.channels import heartbeat

    failures = sum(record.status == "failed" for record in records)
    drifting = sum(record.status == "drift" for record in records)
    outcome = f"{len(monitors)} monitors, {drifting} drifting, {failures} failed"
    problem = heartbeat.ping(os.environ, bool(failures) or not delivered, outcome)
    if problem:
        console.complain(problem)


def test_channels(job: Job) -> bool:
    """Send a test message through each configured channel, say what came of each, and return whether all worked."""
    from driftmonitor.pipeline.channels import channel_test

    message = channel_test.test_message(job.run_date, job.now, os.environ.get("SITE_URL"))
    trials = channel_test.try_channels(os.environ, message)
    for each in trials:
        console.say(f"{each.channel:20}{each.said}")
    return all(each.delivered is not False for each in trials)
