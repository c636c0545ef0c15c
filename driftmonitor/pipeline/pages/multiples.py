"""Show every column of one run as a small picture: its distribution beside the reference, the most severe first."""

from collections.abc import Collection, Sequence

from driftmonitor.facts.record import ColumnScore, RunRecord
from driftmonitor.pipeline.pages.column_ids import column_id
from driftmonitor.pipeline.pages.distribution_view import draw_distribution
from driftmonitor.pipeline.pages.run_page import Multiple
from driftmonitor.pipeline.pages.wording import list_columns


def make_multiples(record: RunRecord, root: str, with_page: Collection[str]) -> Sequence[Multiple]:
    """Return the columns of a run, unusual ones first; `root` leads to the site's, from the run's page."""
    shown = [
        Multiple(
            column._replace(test=f"{column.test}{_say_cut_off(record, score)}"),
            _link(record, score.name, root) if score.name in with_page else "",
            draw_distribution(score.distribution),
        )
        for score, column in zip(record.worst_columns, list_columns(record), strict=True)
    ]
    return sorted(shown, key=lambda each: each.column.state != "unusual")


def _say_cut_off(record: RunRecord, score: ColumnScore) -> str:
    """Return the cut-off of the distance where that alone makes a column stable."""
    is_small = score.distance is not None and score.distance < record.min_distance
    p, threshold = score.p_value, score.threshold
    is_significant = p is not None and threshold is not None and p < threshold
    return f"; less than the cut-off of {record.min_distance:g}" if is_small and is_significant else ""


def _link(record: RunRecord, name: str, root: str) -> str:
    return f"{root}{record.monitor}/columns/{column_id(name)}/index.html?day={record.run_date}"
