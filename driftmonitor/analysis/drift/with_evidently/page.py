"""Evidently's report as a page that is fit to publish: light, and with nothing of the data's that could run.

Left as it is, a report carries 3.5 MB of script and 0.13 MB of font, and a column called `</script><script>...` runs in
the reader's browser. So all reports share one script, and a page holds its data as escaped JSON.
"""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from driftmonitor import DriftMonitorError, reports
from driftmonitor.analysis.drift.with_evidently.drawn import TOKEN
from driftmonitor.analysis.drift.with_evidently.slim import Parts, UnknownLayout, embed, page_data, take_apart
from driftmonitor.regular_files import Folder

BOOT, STYLE = Path(__file__).with_name("page.js"), Path(__file__).with_name("page.css")
POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "connect-src 'none'; base-uri 'none'; form-action 'none'"
)
SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
HEAD = """<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Evidently drift report</title>
<style>
{style}</style>
"""
HEADER = """<header>
<nav aria-label="drift-monitor"><a href="index.html">This run</a><a href="../index.html">This monitor</a><a
 href="../../index.html">All monitors</a></nav>
<h1>Evidently's tests</h1>
{notes}
</header>
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
{head}</head>
<body>
{header}<main id="report"></main>
<noscript><p>Evidently's report needs JavaScript. The same numbers are on the page of <a
 href="index.html">this run</a>.</p></noscript>
{body}</body>
</html>
"""


@dataclass(frozen=True)
class Page:
    """What a published report is made of: Evidently's HTML, or the error instead, and the sentences above it."""

    evidently: str | None
    error: str | None
    labels: Mapping[str, str] = field(default_factory=dict)  # token: name to show, the most severe column first
    verdict: str = ""
    notes: tuple[str, ...] = ()


def save_page(page: Page, output_dir: Path) -> Path:
    """Write the page to `output_dir`/evidently.html and the shared script to ../../assets; return the page's path."""
    folder = output_dir.resolve()
    path, assets = folder / "evidently.html", folder.parent.parent / "assets"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, build_page(page, assets))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DriftMonitorError(f"{path}: cannot be written ({reason}); choose another folder.") from None
    return path


def build_page(page: Page, assets: Path) -> str:
    """Return the page's HTML; write the shared script to `assets` if it is not there yet."""
    if page.evidently is None:
        return _shared_page(page, "", f"Evidently could not draw its report ({page.error}). The scores are complete.")
    try:
        parts = take_apart(page.evidently)
    except UnknownLayout as error:
        return _whole_page(page, page.evidently, error)
    body = f'<script type="application/json" id="report-data">{page_data(parts, page.labels)}</script>\n'
    body += f'<script src="../../assets/{save_shared(shared_script(parts), assets)}"></script>\n'
    return _shared_page(page, body)


def _shared_page(page: Page, body: str, *more: str) -> str:
    return PAGE.format(head=_head("'self'"), header=_header(page, *more), body=body)


def _whole_page(page: Page, evidently: str, problem: UnknownLayout) -> str:
    """Return Evidently's HTML as it is, with our header, allowed to run the scripts that it came with and no other."""
    labelled = TOKEN.sub(lambda match: embed(page.labels.get(match[0], match[0]))[1:-1], evidently)
    digests = [hashlib.sha256(script.encode()).digest() for script in SCRIPT.findall(labelled)]
    scripts = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests) or "'none'"
    header = _header(page, f"This page has a script of its own, because {problem}.")
    head, body = (re.search(rf"<{tag}\b[^>]*>", labelled) for tag in ("head", "body"))
    if not head or not body:
        return _shared_page(page, "", f"Evidently could not draw its report ({problem}). The scores are complete.")
    between = labelled[head.end() : body.end()]
    return f"{labelled[: head.end()]}\n{_head(scripts)}{between}\n{header}{labelled[body.end() :]}"


def _head(scripts: str) -> str:
    return HEAD.format(policy=POLICY.format(scripts=scripts), style=STYLE.read_text(encoding="utf-8"))


def _header(page: Page, *more: str) -> str:
    notes = [note for note in (page.verdict, *page.notes, *more) if note]
    return HEADER.format(notes="\n".join(f"<p>{html.escape(note)}</p>" for note in notes))


def shared_script(parts: Parts) -> str:
    """Return the script that all reports share: Evidently's bundle, its icon font, and what draws a page's data."""
    font = f'new FontFace("Material Icons", "url(data:font/woff2;base64,{parts.font})")'
    icons = f"document.fonts.add({font});\n" if parts.font else ""
    return f"var global = globalThis;\n{parts.bundle}\n;{icons}{BOOT.read_text(encoding='utf-8')}"


def save_shared(script: str, assets: Path) -> str:
    """Write the shared script once, under the hash of its content; return the file's name."""
    content = script.encode()
    path = assets / f"evidently-{hashlib.sha256(content).hexdigest()[:16]}.js"
    if assets.is_symlink() or (assets.exists() and not assets.is_dir()):
        assets.unlink(missing_ok=True)  # another notebook may have put anything there, or may just be making the folder
    if path.name not in dict(reports.shared_scripts(Folder(assets.parent))):
        assets.mkdir(parents=True, exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            reports.remove(path)
        write_whole(path, script)  # in place of a file or a link, so that another notebook always finds it whole
    return path.name


def write_whole(path: Path, text: str) -> None:
    """Write a file that no reader finds half written."""
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        unfinished.write_text(text, encoding="utf-8", errors="replace")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
