"""Evidently's HTML taken apart, and its data as JSON: under the columns' own names, without what is not drawn."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from driftmonitor.analysis.drift.with_evidently.drawn import NOT_TESTABLE, restore_labels

DIGITS = 4  # kept of a drawn series, relative to its span: finer than a pixel


class UnknownLayout(ValueError):  # noqa: N818  it is a fact about the HTML
    """The HTML is laid out differently from that of Evidently 0.7.23."""


@dataclass(frozen=True)
class Parts:
    """The parts of Evidently's HTML; `font` is base64 of a woff2 file."""

    dashboard: dict[str, Any]
    graphs: dict[str, Any]
    bundle: str
    font: str


def take_apart(evidently: str) -> Parts:
    """Return the parts of Evidently's standalone HTML; UnknownLayout if they are not where 0.7.23 puts them."""
    decoder = json.JSONDecoder()
    try:
        dashboard, end = decoder.raw_decode(evidently, _after(evidently, r"<script>\s*var metric_\w+ = "))
        graphs, end = decoder.raw_decode(evidently, _after(evidently, r";\s*var additional_graphs_metric_\w+ = ", end))
        start = _after(evidently, r";\s*</script>.*?<script>var global = globalThis</script>\s*<script>", end)
        end = evidently.rindex("</script>", start, evidently.rindex("window.drawDashboard(metric_"))
    except ValueError:
        raise UnknownLayout("Evidently's HTML is laid out differently from that of 0.7.23") from None
    font = re.search(r"url\(data:font/ttf;base64,([A-Za-z0-9+/=]+)\)", evidently)
    return Parts(dashboard, graphs, evidently[start:end], font[1] if font else "")


def _after(text: str, pattern: str, start: int = 0) -> int:
    match = re.compile(pattern, re.DOTALL).search(text, start)
    if not match:
        raise ValueError(f"no {pattern}")
    return match.end()


def page_data(parts: Parts, labels: Mapping[str, str]) -> str:
    """Return the page's data as JSON that is safe inside a script element, with the columns' own names.

    Evidently orders columns by score, which puts the smallest p-values last; here they have the order of `labels`.
    """
    template, graphs = _without_template(parts.graphs)
    rank = {name: i for i, name in enumerate(labels)}
    data = {"dashboard": _ordered(_slim(parts.dashboard), rank), "graphs": _slim(graphs), "template": template}
    return embed(restore_labels(data, labels))


def _without_template(graphs: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return Plotly's template, which is 7 kB and the same in every figure, and the graphs without it."""
    template, slim = None, {}
    for key, graph in graphs.items():
        layout = (graph.get("params") or {}).get("layout") or {}
        template = template or layout.get("template")
        if template and layout.get("template") == template:
            graph = graph | {"params": graph["params"] | {"layout": layout | {"template": "shared"}}}
        slim[key] = graph
    return template, slim


def _slim(value: Any) -> Any:
    """Return JSON data without what is not drawn: second copies of graphs, digits finer than a pixel, NaN."""
    if isinstance(value, dict):
        if str(value.get("stattest_name", "")).startswith(NOT_TESTABLE):
            value = value | {"data_drift": "Not testable"}
        return {key: _slim(item) for key, item in value.items() if key != "additionalGraphs"}
    if isinstance(value, list):
        numbers = [item for item in value if isinstance(item, float) and math.isfinite(item)]
        return _rounded(value, numbers) if numbers else [_slim(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _rounded(series: Sequence[Any], numbers: Sequence[float]) -> list[Any]:
    span = (max(numbers) - min(numbers)) or abs(numbers[0])
    if not 0 < span < math.inf:
        return [_slim(item) for item in series]
    digits = DIGITS - math.floor(math.log10(span))
    return [round(item, digits) if isinstance(item, float) and math.isfinite(item) else _slim(item) for item in series]


def _ordered(value: Any, rank: Mapping[str, int]) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(item, rank) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if value and all(isinstance(item, dict) and item.get("column_name") in rank for item in value):
        return sorted(value, key=lambda row: rank[row["column_name"]])
    return [_ordered(item, rank) for item in value]


def embed(data: Any) -> str:
    """Return `data` as JSON that cannot end the script element around it, or a line of JavaScript."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
