"""Evidently's HTML made fit to publish: its script shared by all reports, its data as escaped JSON that runs nothing.

Left as it is, each report carries 3.5 MB of script and 0.13 MB of font, and a column called `</script><script>...`
runs in the reader's browser.
"""

import hashlib
import html
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift.evidently_input import NOT_TESTABLE, restore_labels

BOOT = Path(__file__).with_name("evidently_page.js")
DIGITS = 4  # kept of a drawn series, relative to its span: finer than a pixel
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "connect-src 'none'; base-uri 'none'; form-action 'none'"
)

TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
body {{ margin: 0; font-family: system-ui, sans-serif; color: #1c1c1c; background: #fff }}
header {{ padding: .6rem 1rem; border-bottom: 1px solid #d0d0d0; font-size: .95rem; line-height: 1.5 }}
header nav a {{ margin-right: 1.2rem; color: #0b57d0 }}
header p {{ margin: .3rem 0 0; max-width: 75rem; overflow-wrap: anywhere }}
#report {{ overflow-x: auto }}
#report > * {{ min-width: 48rem }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #e4e4e4; background: #121212 }}
  header {{ border-color: #444 }}
  header nav a {{ color: #8ab4f8 }}
}}
.center-align {{ text-align: center }}
.material-icons {{ font: normal 24px/1 "Material Icons"; letter-spacing: normal; text-transform: none;
  display: inline-block; white-space: nowrap; direction: ltr; -webkit-font-smoothing: antialiased }}
</style>
</head>
<body>
<header>
<nav aria-label="drift-monitor"><a href="index.html">This run</a><a href="../index.html">This monitor</a><a
 href="../../index.html">All monitors</a></nav>
{notes}
</header>
<main id="report"></main>
<noscript><p>Evidently's report is drawn by a script; the same numbers stand on the page of <a
 href="index.html">this run</a>.</p></noscript>
{body}
</body>
</html>
"""


@dataclass(frozen=True)
class Page:
    """What the published report is made of: Evidently's HTML (or why there is none), and our words around it."""

    evidently: str | None
    error: str | None
    labels: Mapping[str, str] = field(default_factory=dict)  # token: name to show, the strongest evidence first
    verdict: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parts:
    """Evidently's HTML taken apart."""

    dashboard: dict[str, Any]
    graphs: dict[str, Any]
    bundle: str
    font: str  # base64, woff2


def take_apart(evidently: str) -> Parts:
    """Return the parts of Evidently's standalone HTML; ValueError if it isn't laid out as 0.7.23 lays it out."""
    decoder = json.JSONDecoder()
    dashboard, end = decoder.raw_decode(evidently, _after(evidently, r"<script>\s*var metric_\w+ = "))
    graphs, end = decoder.raw_decode(evidently, _after(evidently, r";\s*var additional_graphs_metric_\w+ = ", end))
    start = _after(evidently, r";\s*</script>.*?<script>var global = globalThis</script>\s*<script>", end)
    bundle = evidently[start : evidently.rindex("</script>", start, evidently.rindex("window.drawDashboard(metric_"))]
    font = re.search(r"url\(data:font/ttf;base64,([A-Za-z0-9+/=]+)\)", evidently)
    return Parts(dashboard, graphs, bundle, font[1] if font else "")


def _after(text: str, pattern: str, start: int = 0) -> int:
    found = re.compile(pattern, re.DOTALL).search(text, start)
    if not found:
        raise ValueError("Evidently's HTML is laid out differently from that of 0.7.23")
    return found.end()


def shared_script(parts: Parts) -> str:
    """Return the script that every report shares: Evidently's bundle, its icon font, and what draws a page's data."""
    font = f'new FontFace("Material Icons", "url(data:font/woff2;base64,{parts.font})")'
    icons = f"document.fonts.add({font});\n" if parts.font else ""
    return f"var global = globalThis;\n{parts.bundle}\n;{icons}{BOOT.read_text(encoding='utf-8')}"


def page_data(parts: Parts, labels: Mapping[str, str]) -> str:
    """Return the page's data as JSON that is safe inside a script element, with the names people know.

    Evidently orders columns by score, which puts the surest p-values last; here they stand in the order of `labels`.
    """
    template, graphs = _without_template(parts.graphs)
    rank = {name: i for i, name in enumerate(labels)}
    data = {"dashboard": _ordered(_slim(parts.dashboard), rank), "graphs": _slim(graphs), "template": template}
    return embed(restore_labels(data, labels))


def _without_template(graphs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return Plotly's template, 7 kB and the same in every figure, and the graphs without it."""
    template, slim = None, {}
    for key, graph in graphs.items():
        layout = (graph.get("params") or {}).get("layout") or {}
        template = template or layout.get("template")
        if template and layout.get("template") == template:
            graph = graph | {"params": graph["params"] | {"layout": layout | {"template": "shared"}}}
        slim[key] = graph
    return template, slim


def _slim(value: Any) -> Any:
    """Return JSON data without what isn't drawn: graphs a second time, digits finer than a pixel, NaN."""
    if isinstance(value, dict):
        if str(value.get("stattest_name", "")).startswith(NOT_TESTABLE):
            value = value | {"data_drift": "Not testable"}
        return {key: _slim(item) for key, item in value.items() if key != "additionalGraphs"}
    if isinstance(value, list):
        numbers = [item for item in value if isinstance(item, float) and math.isfinite(item)]
        return _rounded(value, numbers) if numbers else [_slim(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _ordered(value: Any, rank: Mapping[str, int]) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(item, rank) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if value and all(isinstance(item, dict) and item.get("column_name") in rank for item in value):
        return sorted(value, key=lambda row: rank[row["column_name"]])
    return [_ordered(item, rank) for item in value]


def _rounded(series: list, numbers: list[float]) -> list:
    span = (max(numbers) - min(numbers)) or abs(numbers[0])
    if not 0 < span < math.inf:
        return [_slim(item) for item in series]
    digits = DIGITS - math.floor(math.log10(span))
    return [round(item, digits) if isinstance(item, float) and math.isfinite(item) else _slim(item) for item in series]


def embed(data: Any) -> str:
    """Return `data` as JSON that can't end the script element it stands in, nor a line of JavaScript."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def save_page(page: Page, output_dir: Path) -> Path:
    """Write the page to `output_dir`/evidently.html and the shared script to ../../assets; return the page's path."""
    folder = output_dir.resolve()
    path, assets = folder / "evidently.html", folder.parent.parent / "assets"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, build_page(page, assets))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DriftMonitorError(f"{path}: can't be written ({reason}); give a folder that can.") from None
    return path


def build_page(page: Page, assets: Path) -> str:
    """Return the page's HTML; the shared script is put into `assets` if it isn't there."""
    body, notes = "", [page.verdict, *page.notes]
    try:
        if page.evidently is None:
            raise ValueError(page.error)
        parts = take_apart(page.evidently)
        body = f'<script type="application/json" id="report-data">{page_data(parts, page.labels)}</script>\n'
        body += f'<script src="../../assets/{save_shared(shared_script(parts), assets)}"></script>'
    except ValueError as error:
        notes.append(f"Evidently could not draw its report ({error}). The scores are not touched by this.")
    paragraphs = "\n".join(f"<p>{html.escape(note)}</p>" for note in notes if note)
    return TEMPLATE.format(policy=POLICY, title="Evidently drift report", notes=paragraphs, body=body)


def save_shared(script: str, assets: Path) -> str:
    """Write the shared script under its content's hash, once; return the file's name."""
    content = script.encode()
    path = assets / f"evidently-{hashlib.sha256(content).hexdigest()[:16]}.js"
    if not path.exists():
        assets.mkdir(parents=True, exist_ok=True)
        write_whole(path, script)
    return path.name


def write_whole(path: Path, text: str) -> None:
    """Write a file that is never seen half written."""
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        beside.write_text(text, encoding="utf-8", errors="replace")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
