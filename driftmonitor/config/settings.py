"""What may stand under `monitor:` in a params file: the runner's settings, each with its default, check and meaning."""

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

BUDGET_CLEAR_RUNS = 7


class Settings(BaseModel):
    """A mapping under `monitor:`; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _iso_date(value: Any) -> dt.date | None:
    """Return the date that ISO text names: dates arrive as text, because papermill needs them so."""
    if value is None or type(value) is dt.date:
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise PydanticCustomError("date_parsing", "not a date") from None


class AlertSettings(Settings):
    """When a monitor speaks. The defaults are those of high recall: the first drifted day alerts."""

    rule: Literal["share", "budget"] = Field("share", description="what decides: the share, or how strange the day is")
    false_alarms_per_year: float = Field(4, ge=0.5, le=50, description="rule budget: how often it may cry wolf")
    for_runs: int = Field(1, ge=1, description="drifted runs in a row before drift_started")
    clear_runs: int = Field(1, ge=1, description="healthy runs in a row before drift_ended; 7 with rule budget")
    remind_after_days: int = Field(7, ge=0, description="days between reminders while it lasts; 0 sends none")
    silence_until: Annotated[dt.date | None, BeforeValidator(_iso_date)] = Field(
        None, description="nothing is sent for run dates before this day; what still lasts on it is said"
    )
    silence_reason: str = Field("", max_length=500, description="shown beside the silence")

    def silent_on(self, run_date: dt.date) -> bool:
        """Say whether nothing is sent for this run date."""
        return self.silence_until is not None and run_date < self.silence_until

    def say_silence(self) -> str:
        """Return until when nothing is sent, and why, in words."""
        reason = f" ({' '.join(self.silence_reason.split())})" if self.silence_reason.strip() else ""
        return f"silent until {self.silence_until}{reason}"

    @model_validator(mode="before")
    @classmethod
    def mute_for_a_week(cls, given: Any) -> Any:
        """With rule budget an incident lasts until seven ordinary runs: one cause is one alarm, not seven."""
        if isinstance(given, dict) and given.get("rule") == "budget":
            return {"clear_runs": BUDGET_CLEAR_RUNS, **given}
        return given


def _written(pattern: str, remedy: str) -> AfterValidator:
    """Return the check that text fits `pattern` in full."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise PydanticCustomError("not_written_so", remedy)
        return text

    return AfterValidator(check)


FunctionName = Annotated[str, _written(r"[A-Za-z0-9_.:$-]{1,170}", "give a function's name or ARN")]
Repository = Annotated[str, _written(r"this|[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}", "write owner/name, or this")]
EventType = Annotated[str, _written(r"[A-Za-z0-9_.-]{1,100}", "use letters, digits, _ . and -, at most 100")]


class RetrainSettings(Settings):
    """What is set off when a monitor drifts: exactly one of a Lambda function, a repository's workflows, a webhook."""

    aws_lambda: FunctionName | None = Field(None, description="a function's name or ARN")
    repository_dispatch: Repository | None = Field(None, description="owner/name of a GitHub repository, or this")
    event_type: EventType = Field("drift", description="of the repository_dispatch")
    webhook: bool = Field(False, description="post to the address in RETRAIN_WEBHOOK")
    events: tuple[Literal["drift_started", "drift_continues", "drift_worsened"], ...] = Field(
        ("drift_started",), strict=False, min_length=1, description="which events set it off"
    )
    cooldown_days: int = Field(7, ge=0, description="days after one retraining in which none is set off")

    @model_validator(mode="after")
    def one_target(self) -> "RetrainSettings":
        """Refuse none and several: what was meant can't be known."""
        if len(self._targets()) != 1:
            raise PydanticCustomError("targets", "name exactly one of aws_lambda, repository_dispatch and webhook")
        return self

    @property
    def channel(self) -> str:
        """The name of the channel that sets it off."""
        return self._targets()[0]

    def _targets(self) -> list[str]:
        targets = {
            "aws_lambda": self.aws_lambda,
            "repository_dispatch": self.repository_dispatch,
            "retrain_webhook": self.webhook,
        }
        return [name for name, target in targets.items() if target]

    def rests_until(self, run_date: dt.date, fired_on: dt.date | None) -> dt.date | None:
        """Return the first day that may set it off, if `run_date` is too early; `fired_on` is the last that did."""
        cooling = fired_on is not None and (run_date - fired_on).days < self.cooldown_days
        return fired_on + dt.timedelta(days=self.cooldown_days) if cooling else None


class MonitorSettings(Settings):
    """What the runner reads and the notebook never sees."""

    title: str = Field("", max_length=200, description="shown on the pages; the monitor's name when empty")
    notebook: str = Field("notebooks/drift_report.ipynb", description="relative to the repository's root")
    timeout_seconds: int = Field(1800, ge=1, description="limit on the whole run of the notebook")
    pass_env: tuple[str, ...] = Field((), strict=False, description="environment names the notebook may see")
    keep_reports_days: int = Field(90, ge=1, description="days a report's pages are kept")
    alert: AlertSettings = AlertSettings()
    retrain: RetrainSettings | None = Field(None, description="what drift sets off; nothing by default")
