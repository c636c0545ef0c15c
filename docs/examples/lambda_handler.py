"""An AWS Lambda function that drift-monitor invokes when drift starts.

Its handler is `lambda_handler.handler`. Replace the body of `start_training` with your own training; keep the rest.
"""

seen: set[str] = set()  # kept as long as this Lambda instance exists


def handler(event, context):
    """Start one training for each event; return what was done, which appears in the function's log.

    AWS may deliver the same event twice, so the second is ignored. `seen` only covers this instance, so pass
    `event["event_id"]` on as the idempotency token of the job that you start.
    """
    if event["event_id"] in seen:
        return {"started": False, "reason": "this event was already handled"}
    job = start_training(event["monitor"], event["run_date"], drifted_columns(event), token=event["event_id"])
    seen.add(event["event_id"])
    return {"started": True, "job": job}


def drifted_columns(event):
    """Return the names of the drifted columns; if `record_complete` is false, only of the most drifted."""
    record = event["record"] or {"columns": []}
    return [column["name"] for column in record["columns"] if column["status"] == "drifted"]


def start_training(monitor, run_date, columns, token):
    """Start the training and return its name. An example with SageMaker Pipelines:

    boto3.client("sagemaker").start_pipeline_execution(
        PipelineName=f"retrain-{monitor}", ClientRequestToken=token.ljust(32, "-"),
        PipelineParameters=[{"Name": "RunDate", "Value": run_date}])
    """
    print(f"training {monitor} with data up to {run_date}, because of {', '.join(columns)}")
    return f"{monitor}-{run_date}"
