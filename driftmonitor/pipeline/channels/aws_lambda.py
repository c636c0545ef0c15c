"""Start retraining with an AWS Lambda function, invoked without waiting for it. Region and credentials are AWS's own.

AWS delivers such a call at least once; by the event id in the payload the function can recognise a repeated call.
Each missing setting has its own error, because each has its own remedy.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from driftmonitor.pipeline.alerts.messages import Message
from driftmonitor.pipeline.channels import Refused, Unavailable, http, payload, time_limits
from driftmonitor.pipeline.channels.muted_loggers import muted_loggers

NAME = "aws_lambda"
PURPOSE = "retrain"
SETTING = "AWS's own credentials and AWS_REGION"
ENVIRONMENT = ("AWS_REGION",)  # boto3 finds the credentials
LIMIT_BYTES = 1_000_000  # AWS accepts 1 MB in an asynchronous call


def configured(environ: Mapping[str, str]) -> bool:
    """Return True: if a monitor names a function, a missing setting must be reported."""
    return True


def send(message: Message, environ: Mapping[str, str], receipt: str | None = None) -> str | None:
    """Invoke the function that the monitor names; return AWS's id of the request."""
    function = message.retrain.aws_lambda if message.retrain else None
    if not function:
        raise Refused("aws_lambda: no function is named; set monitor.retrain.aws_lambda in the params file.")
    request = payload.retraining(message, LIMIT_BYTES)
    region = environ.get("AWS_REGION") or None  # boto3 alone reads only AWS_DEFAULT_REGION
    result = time_limits.within(time_limits.seconds_left(), partial(_invoke, function, region, request))
    if isinstance(result, str):
        return result or None
    raise result or Unavailable(f"Lambda {function}: no answer in time.")


def _invoke(function: str, region: str | None, request: dict[str, Any]) -> str | Exception:
    """Return AWS's id of the request, or the exception to raise."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        return Refused("aws_lambda: boto3 is not installed; run `pip install boto3` (the extra named aws).")
    limits = time_limits.LIMITS
    config = Config(
        connect_timeout=limits.connect_seconds,
        read_timeout=limits.read_seconds,
        retries={"total_max_attempts": 1},  # the outbox tries again
        user_agent_extra="drift-monitor",
    )
    try:
        with muted_loggers():
            # A new session, because boto3's shared one keeps the credentials that it found first.
            client = boto3.session.Session().client("lambda", region_name=region, config=config)
            answer = client.invoke(FunctionName=function, InvocationType="Event", Payload=payload.encode(request))
    except Exception as error:
        return _explain(function, error)
    return answer.get("ResponseMetadata", {}).get("RequestId", "")


def _explain(function: str, error: Exception) -> Exception:
    """Return what to raise for an exception of boto3: Refused if the user has to fix something."""
    response = getattr(error, "response", None) or {}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = response.get("Error", {}).get("Code", "") or type(error).__name__
    if code in REMEDIES:
        kind, remedy = REMEDIES[code]
        return kind(f"Lambda {function}: {remedy}.")
    if 400 <= status < 500 and status not in http.TEMPORARY:
        return Refused(f"Lambda {function}: AWS answered {status} {code}.")
    return Unavailable(f"Lambda {function}: {f'AWS answered {status} ' if status else ''}{code}.")


_no_region = "no region is set; set AWS_REGION"
_no_credentials = "no AWS credentials were found; let the job assume a role (docs/retraining.md)"
_half = "one of the AWS credentials is missing; set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_no_function = "no such function in this account and region; check its name and AWS_REGION"
_not_allowed = "this role may not invoke it; allow lambda:InvokeFunction on it (docs/retraining.md)"
_not_valid = "the AWS credentials are invalid; check the role or the keys"
_expired = "the AWS credentials have expired; the next run gets new ones"
_bad_name = "invalid function name or ARN; fix monitor.retrain.aws_lambda"

REMEDIES: dict[str, tuple[Callable[[str], Exception], str]] = {
    "NoRegionError": (Refused, _no_region),
    "InvalidRegionError": (Refused, "AWS_REGION is not a region of AWS; set it again"),
    "NoCredentialsError": (Refused, _no_credentials),
    "PartialCredentialsError": (Refused, _half),
    "ProfileNotFound": (Refused, "the profile in AWS_PROFILE is not on this machine; unset it, or create the profile"),
    "ResourceNotFoundException": (Refused, _no_function),
    "AccessDeniedException": (Refused, _not_allowed),
    "AccessDenied": (Refused, _not_allowed),
    "UnrecognizedClientException": (Refused, _not_valid),
    "InvalidClientTokenId": (Refused, _not_valid),
    "InvalidSignatureException": (Refused, _not_valid),
    "SignatureDoesNotMatch": (Refused, _not_valid),
    "ExpiredTokenException": (Unavailable, _expired),
    "ExpiredToken": (Unavailable, _expired),
    "ValidationException": (Refused, _bad_name),
    "ParamValidationError": (Refused, _bad_name),
    "ValueError": (Refused, "AWS_ENDPOINT_URL_LAMBDA is not a web address; set it again, or unset it"),
    "TooManyRequestsException": (Unavailable, "AWS asks to wait"),
    "ThrottlingException": (Unavailable, "AWS asks to wait"),
    "EndpointConnectionError": (Unavailable, "no connection to AWS"),
    "ConnectTimeoutError": (Unavailable, "no connection to AWS in time"),
    "ReadTimeoutError": (Unavailable, "no answer from AWS in time"),
    "ConnectionClosedError": (Unavailable, "AWS closed the connection"),
    "SSLError": (Unavailable, "the certificate is not trusted"),
}
