"""What drift starts: a Lambda function (the docs' handler is really run), a repository's workflows, a webhook."""

import datetime as dt
import json
import os
import sys
from pathlib import Path

import pytest

from driftmonitor.config.settings import RetrainSettings
from driftmonitor.facts.checks import MODEL_CHECK, Check
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.channels import (
    Refused,
    Unavailable,
    aws_lambda,
    channel_named,
    payload,
    repository_dispatch,
    retrain_webhook,
    time_limits,
)
from driftmonitor.pipeline.history import open_history
from tests.failures import everything_said
from tests.jobs import Job, folders, main
from tests.message_samples import DAY, make_message, make_nasty, make_record, make_score
from tests.samples import make_record as make_run
from tests.servers import Answer, Hang, HangUp, Lambda, Recorder

DOCS = Path(__file__).parents[1] / "docs"
AWS_NAMES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ROLE_ARN", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION")


@pytest.fixture
def aws(monkeypatch, tmp_path):
    """An AWS that knows one function, `retrain`, and forbids `locked`."""
    function = Lambda(DOCS / "examples" / "lambda_handler.py")
    for name in AWS_NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-key")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with Recorder(function.answer) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        yield function


def ask(message=None, **target):
    """Send a message to the Lambda function that a monitor's settings name."""
    message = message or make_message(record=make_record((make_score(),)))
    target = target or {"aws_lambda": "retrain"}
    return aws_lambda.send(make_message(**vars(message) | {"retrain": RetrainSettings(**target)}), os.environ)


# Lambda


def test_lambda_runs_the_handler_with_the_event_the_record_and_the_links(aws, capsys):
    receipt = ask()

    assert aws.returned == [{"started": True, "job": "salary_shift-2026-11-24"}]
    assert "because of salary" in capsys.readouterr().out
    assert receipt == "c1b0"


def test_an_event_that_aws_delivers_twice_starts_one_training(aws):
    ask()
    ask()

    assert [each["started"] for each in aws.returned] == [True, False]


def test_a_function_that_does_not_exist_is_refused_with_the_remedy(aws):
    with pytest.raises(Refused) as caught:
        ask(aws_lambda="retrian")

    assert str(caught.value) == (
        "Lambda retrian: no such function in this account and region; check its name and AWS_REGION."
    )


def test_a_missing_permission_is_refused_with_the_remedy(aws):
    with pytest.raises(Refused, match="may not invoke it; allow lambda:InvokeFunction") as caught:
        ask(aws_lambda="locked")

    assert "123456789012" not in everything_said(caught.value)


@pytest.mark.parametrize(
    ("unset", "said"),
    [
        (["AWS_REGION"], "no region is set; set AWS_REGION"),
        (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "no AWS credentials were found"),
        (["AWS_SECRET_ACCESS_KEY"], "one of the AWS credentials is missing"),
    ],
)
def test_missing_settings_are_distinguished(aws, monkeypatch, unset, said):
    for name in unset:
        monkeypatch.delenv(name)

    with pytest.raises(Refused, match=said):
        ask()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AWS_REGION", "us east", "AWS_REGION is not a region"),
        ("AWS_PROFILE", "nobody", "the profile in AWS_PROFILE is not on this machine"),
        ("AWS_ENDPOINT_URL_LAMBDA", "nonsense", "AWS_ENDPOINT_URL_LAMBDA is not a web address"),
    ],
)
def test_invalid_settings_are_distinguished(aws, monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)

    with pytest.raises(Refused, match=said):
        ask()


def refusal(status, code):
    return Answer(status, {"Message": "no"}, {"x-amzn-ErrorType": code})


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (refusal(403, "ExpiredTokenException"), Unavailable),
        (refusal(403, "UnrecognizedClientException"), Refused),
        (refusal(403, "InvalidSignatureException"), Refused),
        (refusal(413, "RequestTooLargeException"), Refused),
        (refusal(429, "TooManyRequestsException"), Unavailable),
        (refusal(500, "ServiceException"), Unavailable),
        (refusal(503, "Anything"), Unavailable),
        (Answer(502, b"<html>"), Unavailable),
        (Answer(301, b"", {"Location": "http://127.0.0.1:9/"}), Unavailable),
        (HangUp(), Unavailable),
        (Hang(), Unavailable),
    ],
)
def test_what_aws_may_take_later_is_tried_again_by_the_outbox_alone(aws, monkeypatch, step, error):
    monkeypatch.setattr(time_limits, "LIMITS", time_limits.Limits(1, 1, 3, 3))
    with Recorder(step) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        with pytest.raises(error) as caught:
            ask()

    assert len(server.requests) == 1
    assert "a-secret-key" not in everything_said(caught.value)
    assert "\n" not in str(caught.value)


def test_no_connection_to_aws_is_tried_again(aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9")

    with pytest.raises(Unavailable, match="Lambda retrain: no connection to AWS"):
        ask()


def test_without_boto3_the_remedy_is_said(aws, monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(Refused, match="boto3 is not installed; run `pip install boto3`"):
        ask()


def test_a_monitor_that_names_no_function_is_refused():
    with pytest.raises(Refused, match="no function is named"):
        aws_lambda.send(make_message(), {})


# repository_dispatch


GITHUB = {"GITHUB_TOKEN": "ghs_job", "GITHUB_REPOSITORY": "owner/repo"}


def dispatch(environ, answer=None, message=None, **settings):
    retrain = RetrainSettings(**settings or {"repository_dispatch": "this"})
    with Recorder(answer or Answer(204)) as server:
        message = make_message(**vars(message or make_message()) | {"retrain": retrain})
        repository_dispatch.send(message, GITHUB | environ | {"GITHUB_API_URL": server.url})
    return server.requests[0]


def test_repository_dispatch_sends_the_event_to_this_repository():
    request = dispatch({}, message=make_message(record=make_record((make_score(),))))

    told = request.json()
    assert (request.method, request.path) == ("POST", "/repos/owner/repo/dispatches")
    assert request.headers["authorization"] == "Bearer ghs_job"
    assert told["event_type"] == "drift"
    assert told["client_payload"]["monitor"] == "salary_shift"
    assert told["client_payload"]["record"]["columns"][0]["name"] == "salary"
    assert told["client_payload"]["record_complete"] is True


def test_another_repository_is_opened_with_its_own_token():
    request = dispatch(
        {"RETRAIN_GITHUB_TOKEN": "github_pat_1"}, repository_dispatch="team/models", event_type="retrain-now"
    )

    assert request.path == "/repos/team/models/dispatches"
    assert request.headers["authorization"] == "Bearer github_pat_1"
    assert request.json()["event_type"] == "retrain-now"


def test_repository_dispatch_stays_within_githubs_limits():
    request = dispatch({}, message=make_nasty())

    told = request.json()["client_payload"]
    assert len(told) <= 10
    assert len(request.body) < 65_536
    assert told["record_complete"] is False
    assert 10 < len(told["record"]["columns"]) < 300


def test_repository_dispatch_without_a_token_names_the_one_to_set():
    with pytest.raises(Refused, match="RETRAIN_GITHUB_TOKEN is empty"):
        dispatch({"GITHUB_TOKEN": ""})


@pytest.mark.parametrize(("status", "said"), [(401, "token is invalid"), (403, "contents: write"), (404, "no such")])
def test_repository_dispatch_refused_says_what_is_missing(status, said):
    with pytest.raises(Refused, match=said):
        dispatch({}, Answer(status))


# webhook


def test_the_retraining_webhook_gets_the_whole_record_signed():
    record = make_record(tuple(make_score(f"c{number}") for number in range(300)))
    with Recorder() as server:
        environ = {"RETRAIN_WEBHOOK": f"{server.url}/train", "RETRAIN_WEBHOOK_SECRET": "whsec_c2VjcmV0IQ=="}
        retrain_webhook.send(make_message(record=record, retrain=RetrainSettings(webhook=True)), environ)

    (request,) = server.requests
    assert request.json()["type"] == "retrain"
    assert request.json()["data"]["record"] == record.to_dict()
    assert request.headers["webhook-signature"].startswith("v1,")


def test_a_retraining_webhook_that_is_not_set_is_refused():
    with pytest.raises(Refused, match="RETRAIN_WEBHOOK is empty"):
        retrain_webhook.send(make_message(), {})


# what is sent, and when


@pytest.mark.parametrize("limit", [3_000, 60_000, 1_000_000])
def test_a_record_too_large_loses_its_least_drifted_columns(limit):
    told = payload.retraining(make_nasty(), limit)

    assert payload.size(told) <= limit
    assert told["record_complete"] is False
    assert told["links"]["page"] == "https://owner.github.io/drift/salary_shift/"


def test_a_run_without_a_record_is_sent_without_one():
    told = payload.retraining(make_message(), 1_000)

    assert (told["record"], told["record_complete"]) == (None, False)


@pytest.mark.parametrize(("days_since_last", "rests_for"), [(None, None), (6, 1), (7, None), (-2, 9)])
def test_drift_sets_off_one_retraining_in_seven_days(days_since_last, rests_for):
    fired_on = None if days_since_last is None else DAY - dt.timedelta(days=days_since_last)

    free_on = RetrainSettings(webhook=True).cooldown_until(DAY, fired_on)

    assert free_on == (None if rests_for is None else DAY + dt.timedelta(days=rests_for))


def test_a_retraining_that_comes_too_early_is_said_to_be_skipped_and_until_when(tmp_path, capsys, monkeypatch):
    job = Job(tmp_path, shop="rows: 100\nmonitor: {{retrain: {{webhook: true}}}}")
    with open_history(job.state / "history.db") as history:
        for number, status in enumerate(["drift", "healthy", "drift"]):
            history.record(make_run(number, status, monitor="shop"), planner(), dt.datetime.now(dt.UTC))
    with Recorder() as server:
        monkeypatch.setenv("RETRAIN_WEBHOOK", f"{server.url}/train")
        alerted = main(capsys, "alert", *folders(job))[1]
    main(capsys, "publish", *folders(job))
    status = main(capsys, "status", *folders(job), "--date", "2026-03-03")[1]

    why = "in cooldown: the last retraining was for 1 Mar 2026; the next can start on 8 Mar 2026"
    assert len(server.requests) == 1
    assert f"retrain_webhook skipped shop drift_started of 2026-03-03: {why}" in alerted
    assert f"skipped for retrain_webhook: {why}" in (job.site / "shop/index.html").read_text()
    assert "no retraining before 2026-03-08" in status


def test_a_retraining_that_asks_for_harm_is_not_started_by_drift_or_by_another_check(tmp_path, capsys, monkeypatch):
    job = Job(tmp_path, shop="rows: 100\nmonitor: {{retrain: {{webhook: true, when: harmful}}}}")
    model = Check(
        name=MODEL_CHECK, value=0.84, must="a loss of at most 0.02", holds=False, words="AUC was 0.84: harmful"
    )
    runs = [make_run(0, "drift", monitor="shop"), make_run(1, "drift+check", monitor="shop")]
    runs.append(runs[1].model_copy(update={"run_date": dt.date(2026, 3, 3), "checks": (*runs[1].checks, model)}))
    with open_history(job.state / "history.db") as history:
        for run in runs:
            history.record(run, planner(), dt.datetime.now(dt.UTC))
    with Recorder() as server:
        monkeypatch.setenv("RETRAIN_WEBHOOK", f"{server.url}/train")
        alerted = main(capsys, "alert", *folders(job))[1]

    assert [json.loads(request.body)["data"]["run_date"] for request in server.requests] == ["2026-03-03"]
    assert "skipped shop check_failed of 2026-03-02: not started: the checks that fail do not say" in alerted


@pytest.mark.parametrize(
    "target", [{"aws_lambda": "x"}, {"repository_dispatch": "this"}, {"webhook": True}], ids=lambda target: min(target)
)
def test_every_target_has_a_channel_that_is_always_configured(target):
    channel = channel_named(RetrainSettings(**target).channel)

    assert channel.PURPOSE == "retrain"
    assert channel.configured({}) is True


def test_the_policy_in_the_docs_allows_one_action_on_one_function():
    (statement,) = json.loads((DOCS / "examples" / "lambda_invoke_policy.json").read_text())["Statement"]

    assert statement["Action"] == "lambda:InvokeFunction"
    assert statement["Resource"].endswith(":function:retrain")
