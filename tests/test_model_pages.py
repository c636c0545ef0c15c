"""A model's performance in history, pages, API and messages: what the newest run knows of each day."""

import datetime as dt
import html
import json
import re
import types
from pathlib import Path

from driftmonitor.config.params import Monitor
from driftmonitor.facts.checks import Check
from driftmonitor.facts.judgement import Cause, Judgement
from driftmonitor.facts.model import Importance, ModelDay, ModelRecord
from driftmonitor.facts.performance import Decisive, Estimate, Estimated, Harm, Metric, Performance
from driftmonitor.pipeline.alerts import delivery
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.channels import text
from driftmonitor.pipeline.clock import Clock
from driftmonitor.pipeline.earlier_days import earlier_days_of
from driftmonitor.words.model import say_check as say_model_check
from driftmonitor.words.model import say_harm, say_part
from driftmonitor.words.verdicts import say_verdict
from tests.page_samples import NOW, TODAY, good_record, healthy_record, score, watched

MODEL = Monitor("salary", Path("params/salary.yaml"), {"label": "churned"})


def performance(auc: float | None, labelled: int = 1000) -> Performance:
    if auc is None:
        return Performance(kind="binary", rows=1000, labelled=0, metrics={"auc": Metric()}, unknown="no_labels")
    return Performance(
        kind="binary", rows=1000, labelled=labelled,
        metrics={"auc": Metric(value=auc, low=auc - 0.01, high=auc + 0.01), "f1": Metric(value=0.8)},
        decisive=Decisive(value=auc, variance=1e-4, weight=400),
    )  # fmt: skip


ESTIMATE = Estimate(
    kind="binary",
    rows=1000,
    metrics={"auc": Estimated(value=0.93, low=0.91, high=0.95, label_variance=1e-5, calibration_variance=1e-6)},
)
HARMFUL = Harm(verdict="harmful", by="day", loss=0.1, error=0.012, z=6.4, limit=3.2, days=1)
UNKNOWN = Harm(verdict="not_known_yet", unknown="no_labels")


def day(before: int, auc: float | None, labelled: int = 1000) -> ModelDay:
    return ModelDay(date=TODAY - dt.timedelta(before), performance=performance(auc, labelled), estimate=ESTIMATE)


def with_model(record, harm: Harm, *days: ModelDay):
    model = ModelRecord(
        kind="binary", metric="auc", tolerated_loss=0.02, reference=performance(0.94), days=days, harm=harm,
        harm_day=days[0].date, labels_due=record.run_date + dt.timedelta(14),
    )  # fmt: skip
    fails = harm.verdict == "harmful"
    words = "AUC of 10 Nov 2026 was 0.84, 0.1 below the reference's 0.94 (a loss of 0.02 is tolerated): harmful"
    check = Check(name="model performance", value=0.84, must="a loss of at most 0.02", holds=not fails, words=words)
    return record.model_copy(update={"model": model, "checks": (check,) if fails else ()})


def read(world, path: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", world.text(path)).split()))


def test_of_each_day_counts_what_the_newest_run_knows_and_a_run_knows_only_what_came_before(world):
    run = TODAY - dt.timedelta(1)
    world.run(with_model(healthy_record(run_date=run), UNKNOWN, day(1, None)))
    world.run(with_model(healthy_record(), HARMFUL, day(1, 0.84, 900), day(0, None)))

    points = world.history.model_points(dt.date.min, "salary")
    known = world.history.model_days("salary", TODAY, 400)

    assert [(point.day, point.labelled, point.value, point.estimate) for point in points] == [
        (run, 900, 0.84, 0.93), (TODAY, 0, None, 0.93),
    ]  # fmt: skip
    assert [each["performance"]["labelled"] for each in known] == [0]
    world.history.record(with_model(healthy_record(), UNKNOWN, day(0, None)), None, NOW)
    assert [point.labelled for point in world.history.model_points(dt.date.min, "salary")] == [0, 0]


def test_the_pages_say_that_a_healthy_day_s_model_is_harmed_and_show_it_by_day(world):
    for before in range(20, 0, -1):
        known = [day(before + 14, 0.94 if before > 3 else 0.84)]
        harm = UNKNOWN if before > 3 else HARMFUL
        run = healthy_record(run_date=TODAY - dt.timedelta(before))
        world.run(with_model(run, harm, *known, day(before, None)))
    world.publish(watched("salary", "Churn"))

    page, run_page = read(world, "salary/index.html"), read(world, f"salary/{TODAY - dt.timedelta(1)}/index.html")
    api = json.loads(world.text("api/salary.json"))

    assert "1 check fails, since" in page
    assert "Harmful: the AUC is 0.1 below the reference's (a loss of 0.02 is tolerated)." in page
    assert "AUC 0.84 (0.83 to 0.85) 0.94" in page
    assert "labels of 1,000 of 1,000 rows (100%)" in page
    assert 'class="estimates" d="M' in world.text("salary/index.html")
    assert "Harmful: the AUC is 0.1 below" in run_page
    assert (api["state"], api["model"]["harm"]["verdict"]) == ("check_failed", "harmful")


def test_the_newest_labelled_day_is_shown_though_the_last_run_looked_at_an_older_one(world):
    world.run(with_model(healthy_record(run_date=TODAY - dt.timedelta(1)), HARMFUL, day(5, 0.84), day(1, None)))
    world.run(with_model(healthy_record(), HARMFUL, day(0, None), day(9, 0.94)))
    world.publish(watched("salary", "Churn"))

    assert "AUC 0.84 (0.83 to 0.85) 0.94" in read(world, "salary/index.html")


def test_labels_of_the_days_before_a_drift_do_not_make_it_harmless():
    calm = Harm(verdict="harmless_so_far", by="window", loss=0.004, error=0.005, z=-3.1, limit=3.6, days=7)
    expected = Harm(verdict="not_known_yet", by="estimate", expects_no_loss=True, loss=0.001, error=0.004, limit=2.78)
    model = with_model(good_record(), calm, day(3, 0.94), day(0, None)).model

    assert say_harm(model, TODAY) == (
        "Harmless so far: the AUC is 0.004 below the reference's (a loss of 0.02 is tolerated). "
        "By the labels of 7 days up to 21 Nov 2026."
    )
    assert say_harm(model, TODAY, drifts=True) == (
        "Whether this day's drift harms is known on 8 Dec 2026. Until 21 Nov 2026, the AUC was 0.004 below the "
        "reference's (a loss of 0.02 is tolerated)."
    )
    no_loss = (
        "No loss is expected from the change of the columns; whether labels changed their meaning is known on 8 Dec"
    )
    assert say_harm(model.model_copy(update={"estimated": expected}), TODAY, drifts=True).startswith(no_loss)
    few = calm.model_copy(update={"verdict": "not_known_yet", "unknown": "loss_not_excluded", "days": 1})
    assert say_harm(model.model_copy(update={"estimated": expected, "harm": few}), TODAY) == (
        f"{no_loss} 2026. By the labels of 21 Nov 2026, a loss beyond what is tolerated can be neither shown nor "
        "excluded."
    )


def test_a_drift_is_harmless_once_the_labels_of_enough_days_since_it_began_are_known(world):
    calm = Harm(verdict="harmless_so_far", by="window", loss=0.004, error=0.005, z=-3.1, limit=3.6, days=7)
    for before in range(20, -1, -1):
        run = good_record(run_date=TODAY - dt.timedelta(before))
        known = with_model(run, calm, day(before + 3, 0.94), day(before, None)).model
        first = run.run_date - dt.timedelta(9)
        world.run(run.model_copy(update={"model": known.model_copy(update={"harm_from": first})}))
    world.publish(watched("salary", "Churn"))

    page, sixth, tenth = [
        read(world, f"salary/{path}index.html")
        for path in ("", f"{TODAY - dt.timedelta(14)}/", f"{TODAY - dt.timedelta(11)}/")
    ]

    loss = "Harmless so far: the AUC is 0.004 below the reference's (a loss of 0.02 is tolerated)."
    assert f"{loss} By the labels of 7 days up to 21 Nov 2026." in page
    assert f"{loss} By the labels of 7 days up to 10 Nov 2026." in tenth
    assert "Whether this day's drift harms is known on 24 Nov 2026. Until 7 Nov 2026, the AUC was 0.004" in sixth


def test_a_drift_message_says_whether_it_harms(world):
    told = []
    channel = types.SimpleNamespace(
        NAME="list", PURPOSE="alert", configured=lambda environ: True,
        send=lambda message, environ, receipt=None: told.append((message.kind, text.notes(message))),
    )  # fmt: skip
    record = with_model(good_record(), UNKNOWN, day(0, None))
    world.history.record(record, planner(title="Churn"), NOW)

    delivery.deliver(world.history, [channel], delivery.Context(), Clock(now=lambda: NOW, sleep=lambda seconds: None))

    ((kind, notes),) = told
    assert kind == "drift_started"
    assert notes[0].startswith("Not known yet whether it harms: no row of the day has a label yet.")


def test_a_column_that_does_little_to_the_score_is_not_the_first_that_is_named(world):
    columns = [score("salary", True, 0.9), score("age", True, 0.2), score("p_churn", True, 0.11)]
    parts = Importance(parts={"age": 0.7, "clicks": 0.29, "salary": 0.01}, explained=0.9)
    record = with_model(good_record(columns=columns), UNKNOWN, day(0, None))
    record = record.model_copy(update={"model": record.model.model_copy(update={"importance": parts})})
    world.run(record)
    world.publish(watched("salary", "Churn"))

    page, known = read(world, "salary/index.html"), earlier_days_of(world.history, MODEL, TODAY + dt.timedelta(1))

    assert [column.name for column in record.drifted_columns] == ["p_churn", "age", "salary"]
    assert "The columns that drifted account for 71% of the score." in page
    assert re.search(r"Distance Part in the score p .* age Drifted .* 70% .* salary Drifted .* 1% ", page)
    unexplained = parts.model_copy(update={"explained": 0.3})
    other = record.model_copy(update={"model": record.model.model_copy(update={"importance": unexplained})})
    assert (other.parts, say_part(other)) == ({}, "")
    assert known["importance"] == {"explained": 0.9, "parts": parts.parts, "reference": ""}


def test_under_the_budget_rule_causes_in_columns_that_do_nothing_to_the_score_come_last():
    causes = [
        Cause(signal="level", columns=(name,), value=9.0, change="level", words=f"{name}: mean rose")
        for name in ("noise", "age")
    ]
    judgement = Judgement(
        rule="budget", false_alarms_per_year=4, alarm=True, mode="pool", strangeness=9, limit=4, pool_days=219,
        pool_needed=219, causes=causes,
    )  # fmt: skip
    record = with_model(good_record(columns=[score("noise"), score("age")]), UNKNOWN, day(0, None))
    model = record.model.model_copy(update={"importance": Importance(parts={"age": 0.995, "noise": 0.005})})
    record = record.model_copy(update={"judgement": judgement, "model": model})

    assert [column.name for column in record.drifted_columns] == ["age", "noise"]
    assert say_verdict(record).endswith("(budget: 4 false alarms a year). age: mean rose; noise: mean rose.")


def test_a_check_tells_the_loss_of_the_days_that_decide_and_not_of_the_last_one_alone():
    week = Harm(verdict="harmful", by="sum", loss=0.12, error=0.02, z=6.0, limit=3.2, days=7)
    model = with_model(healthy_record(), week, day(0, 0.939)).model

    words = say_model_check(model, 0.939, dt.date(2026, 11, 10), 0.94)

    assert words == (
        "AUC of 7 days up to 10 Nov 2026 was 0.12 below the reference's 0.94 (a loss of 0.02 is tolerated): harmful "
        "(0.939 on the last one)"
    )
