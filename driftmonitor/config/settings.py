"""The runner's settings, under `monitor:` in a params file: each with its default, check and meaning."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from driftmonitor.facts.judgement import FALSE_ALARMS_PER_YEAR, Rule

BUDGET_CLEAR_RUNS = 7
BUDGET_REMIND_AFTER_DAYS = 30


class Settings(BaseModel):
    """A mapping under `monitor:`; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _iso_date(value: Any) -> dt.date | None:
    """Return the date that ISO text names: papermill needs dates as text, so the YAML reader leaves them as text."""
    if value is None or type(value) is dt.date:
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise PydanticCustomError("date_parsing", "not a date") from None


class AlertSettings(Settings):
    """Alert settings: which rule decides, when an incident opens and closes, and how often to remind.

    The defaults favour recall: the first drift day alerts.
    """

    rule: Rule = Field("share", description="what decides: the share of drifted columns, or how unusual the day is")
    false_alarms_per_year: float = Field(
        FALSE_ALARMS_PER_YEAR, ge=0.5, le=50, description="rule budget: how many false alarms a year are accepted"
    )
    for_runs: int = Field(1, ge=1, description="drift days in a row before an incident opens")
    clear_runs: int = Field(1, ge=1, description="healthy runs in a row before it closes; 7 with rule budget")
    remind_after_days: int = Field(
        7, ge=0, description="days between reminders of an open incident; 0 sends none; 30 with rule budget"
    )
    silence_until: Annotated[dt.date | None, BeforeValidator(_iso_date)] = Field(
        None, description="no messages for run dates before this day; incidents still open on it are then announced"
    )
    silence_reason: str = Field("", max_length=500, description="shown with the silence")

    @model_validator(mode="after")
    def budget_needs_its_rule(self) -> "AlertSettings":
        """Refuse a budget that no rule keeps: `rule: budget` was forgotten."""
        if "false_alarms_per_year" in self.model_fields_set and self.rule != "budget":
            remedy = "add rule: budget, or remove false_alarms_per_year, which the share rule does not keep"
            raise PydanticCustomError("no_budget", remedy)
        return self

    def silent_on(self, run_date: dt.date) -> bool:
        """Return whether no messages are sent for this run date."""
        return self.silence_until is not None and run_date < self.silence_until

    def say_silence(self, say_date: Callable[[dt.date], str] = str) -> str:
        """Return `silenced until 2026-12-01 (the reason)`, with the date as `say_date` writes it; empty without one."""
        if self.silence_until is None:
            return ""
        reason = f" ({' '.join(self.silence_reason.split())})" if self.silence_reason.strip() else ""
        return f"silenced until {say_date(self.silence_until)}{reason}"

    @model_validator(mode="before")
    @classmethod
    def allow_for_budget(cls, given: Any) -> Any:
        """Set what is not given with rule budget: one change is one incident, not seven, and seldom repeated."""
        if isinstance(given, dict) and given.get("rule") == "budget":
            return {"clear_runs": BUDGET_CLEAR_RUNS, "remind_after_days": BUDGET_REMIND_AFTER_DAYS, **given}
        return given


def _written(pattern: str, remedy: str) -> AfterValidator:
    """Return a check that text matches `pattern` in full; `remedy` is its error."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise PydanticCustomError("not_written_so", remedy)
        return text

    return AfterValidator(check)


def _on_one_line(text: str) -> str:
    """Return a name without spaces around it; refuse line breaks and what cannot be seen."""
    text = text.strip()
    if not text.isprintable():
        raise PydanticCustomError("not_one_line", "give one line without invisible characters")
    return text


ShownName = Annotated[str, AfterValidator(_on_one_line)]
VariableName = Annotated[str, _written(r"[A-Za-z_][A-Za-z0-9_]*", "give the name of an environment variable")]
FunctionName = Annotated[str, _written(r"[A-Za-z0-9_.:$-]{1,170}", "give a function's name or ARN")]
Repository = Annotated[str, _written(r"this|[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}", "write owner/name, or this")]
EventType = Annotated[str, _written(r"[A-Za-z0-9_.-]{1,100}", "use letters, digits, _ . and -, at most 100")]


class RetrainSettings(Settings):
    """What starts a retraining: exactly one of a Lambda function, a repository's workflows and a webhook."""

    aws_lambda: FunctionName | None = Field(None, description="a function's name or ARN")
    repository_dispatch: Repository | None = Field(None, description="owner/name of a GitHub repository, or this")
    event_type: EventType = Field("drift", description="of the repository_dispatch")
    webhook: bool = Field(False, description="post to the address in RETRAIN_WEBHOOK")
    events: tuple[Literal["drift_started", "drift_continues", "drift_worsened"], ...] = Field(
        ("drift_started",), strict=False, min_length=1, description="the events that start it"
    )
    when: Literal["drift", "harmful"] = Field("drift", description="harmful: only if drift harms the model")
    cooldown_days: int = Field(7, ge=0, description="days after a retraining in which no other starts")

    @model_validator(mode="after")
    def one_target(self) -> "RetrainSettings":
        """Refuse none and several: it is unclear which one was meant."""
        if len(self._targets()) != 1:
            raise PydanticCustomError("targets", "name exactly one of aws_lambda, repository_dispatch and webhook")
        return self

    @property
    def starters(self) -> tuple[str, ...]:
        """The events that start it; harm is a failing check."""
        return ("check_failed",) if self.when == "harmful" else self.events

    @property
    def channel(self) -> str:
        """The name of the channel that starts it."""
        return self._targets()[0]

    def _targets(self) -> list[str]:
        targets = {
            "aws_lambda": self.aws_lambda,
            "repository_dispatch": self.repository_dispatch,
            "retrain_webhook": self.webhook,
        }
        return [name for name, target in targets.items() if target]

    def cooldown_until(self, run_date: dt.date, started_on: dt.date | None) -> dt.date | None:
        """Return the first day after the cooldown if `run_date` is in it; the last retraining was for `started_on`."""
        if started_on is None or (run_date - started_on).days >= self.cooldown_days:
            return None
        return started_on + dt.timedelta(days=self.cooldown_days)


class MonitorSettings(Settings):
    """The settings of the runner, which the notebook never sees."""

    title: str = Field("", max_length=200, description="shown on the pages; the monitor's name if empty")
    group: ShownName = Field("", max_length=60, description="under which the index lists the monitor")
    owner: ShownName = Field("", max_length=100, description="who looks after it; shown on its page and in messages")
    notebook: str = Field("notebooks/drift_report.ipynb", description="relative to the repository's root")
    timeout_seconds: int = Field(1800, ge=1, description="limit on the whole run of the notebook")
    pass_env: tuple[VariableName, ...] = Field(
        (), strict=False, description="environment variables that the notebook may read"
    )
    keep_reports_days: int = Field(90, ge=1, description="days a report's pages are kept")
    events: str = Field(
        "", max_length=1000, description="dated notes, such as deployments: a .csv or .yaml file, or tags"
    )
    alert: AlertSettings = AlertSettings()
    retrain: RetrainSettings | None = Field(None, description="a retraining that drift starts; none by default")
