"""An AWS Lambda function that drift-monitor invokes when a monitor starts to drift.

Its handler is `lambda_handler.handler`. Put your own training where `start_training` is; the rest can stay.
"""

seen: set[str] = set()  # lives as long as this Lambda instance


def handler(event, context):
    """Start one training for one event; return what was done, which stands in the function's log.

    AWS may deliver the same event twice, so the second is dropped. `seen` only knows this instance: hand
    `event["event_id"]` on as the idempotency token of whatever you start.
    """
    if event["event_id"] in seen:
        return {"started": False, "reason": "this event was here before"}
    job = start_training(event["monitor"], event["run_date"], drifted_columns(event), token=event["event_id"])
    seen.add(event["event_id"])
    return {"started": True, "job": job}


def drifted_columns(event):
    """Return the names of the drifted columns. With `record_complete` false only the most drifted are there."""
    record = event["record"] or {"columns": []}
    return [column["name"] for column in record["columns"] if column["status"] == "drifted"]


def start_training(monitor, run_date, columns, token):
    """Start the training and return its name. With SageMaker Pipelines, for example:

    boto3.client("sagemaker").start_pipeline_execution(
        PipelineName=f"retrain-{monitor}", ClientRequestToken=token.ljust(32, "-"),
        PipelineParameters=[{"Name": "RunDate", "Value": run_date}])
    """
    print(f"training {monitor} with data up to {run_date}, because of {', '.join(columns)}")
    return f"{monitor}-{run_date}"
