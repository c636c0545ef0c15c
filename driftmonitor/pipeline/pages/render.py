"""Turn an executed notebook into a page without scripts or outside requests: the only module that uses nbconvert.

Importing nbconvert takes most of a second, so it happens on first use; `warm()` does it early, in a thread.
"""

import base64
import json
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from markupsafe import Markup

from driftmonitor.facts.record import MEDIA_TYPE, OF_THE_RUN
from driftmonitor.lazy_packages import hiding, importing_later
from driftmonitor.pipeline.pages.as_text import count_parts, cut, notebook_as_text, or_as_text, remove_tags
from driftmonitor.pipeline.pages.cpu_limits import TooLong, limited
from driftmonitor.pipeline.pages.folding import fold
from driftmonitor.pipeline.pages.pictures import read_png_size
from driftmonitor.pipeline.pages.run_page import RunPage
from driftmonitor.pipeline.pages.templates import FOLDER, get_template
from driftmonitor.regular_files import Folder, Missing, Unreadable

# The first of these that an output has is shown. Scripts and widgets are left out.
SHOWN_TYPES = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain")
PAGE_SECONDS = 5.0  # on the processor; most pages take a tenth of one
MOST_PARTS = 20_000  # cells and outputs: a page of more is too long for a browser
MULTIPLES_SHOWN = 12  # columns; the others are folded
REPORT = '<section class="report'  # where the notebook begins on a page
SAME_CELLS = 200  # that are formatted once: the notebooks of all monitors share most of their text and code
MOST_HTML = 300_000  # cleaning a megabyte takes two seconds


@dataclass(frozen=True)
class Failure:
    """The first error in a notebook."""

    name: str
    message: str
    traceback: Markup


class Invalid(Exception):  # noqa: N818  it says what is wrong
    """A file that is JSON, but no notebook."""


class Heading(NamedTuple):
    """An entry of the table of contents."""

    anchor: str
    text: str


@dataclass(frozen=True)
class Body:
    """What a run's page shows of its notebook, or the problem with it."""

    cells: Markup | str = ""
    contents: Sequence[Heading] = ()
    failure: Failure | None = None
    problem: str = ""


def render_notebook(report: Folder, page: RunPage) -> str:
    """Return the page of one run as HTML; if its notebook is missing or incomplete, the page says so."""
    notebook, problem = _read(report)
    body = _show(notebook, page) if notebook else Body(problem=problem)
    return _fill(page, report=None, **vars(body))


def _show(notebook: Any, page: RunPage) -> Body:
    """Return a notebook formatted or, if that takes too long or cannot be done, as text."""
    warm()  # the imports are not part of its time
    try:
        if count_parts(notebook) > MOST_PARTS:
            raise TooLong
        with limited(PAGE_SECONDS):
            return _format(notebook, page)
    except TooLong:
        _exporter.cache_clear()  # it was interrupted anywhere
        problem = "This notebook takes too long to format, so only its text is shown."
    except Invalid:
        return Body(problem="The notebook of this run is invalid and cannot be shown; it can still be downloaded.")
    except Exception as error:  # a cell can hold anything, and must not cost the other pages
        problem = f"A cell of this notebook cannot be shown ({type(error).__name__}), so only its text is shown."
    return Body(notebook_as_text(notebook), problem=problem)


def _format(notebook: Any, page: RunPage) -> Body:
    valid = _validate(notebook)
    failure = _find_failure(valid) if page.status == "failed" else None
    if failure:
        valid["cells"] = valid["cells"][: _count_until_error(valid["cells"])]
    return Body(*_number_headings(_export(valid)), failure)


def render_problem(page: RunPage) -> str:
    """Return a page without its notebook; the page's headline says why."""
    return _fill(page, report=None, **vars(Body()))


def replace_frame(html: str, page: RunPage) -> str:
    """Return a successful run's page with everything around its notebook replaced, and the notebook unchanged."""
    report = html[html.index(REPORT) : html.rindex("</section>") + len("</section>")]
    return _fill(page, report=Markup(report), failure=None)  # noqa: S704


def _fill(page: RunPage, **parts: Any) -> str:
    frame = {"script": None, "feed": None, "checked_at": None, "stylesheet": page.stylesheet, "favicon": page.favicon}
    return get_template("run.html.j2").render(page=page, shown=MULTIPLES_SHOWN, **frame, **parts)


@cache
def warm() -> None:
    """Import nbconvert and compile the templates, so that the first page does not wait for them."""
    get_template("run.html.j2")
    cell = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": 1}
    text = {"cell_type": "markdown", "metadata": {}, "source": "*text*"}
    _export({"cells": [cell, text], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def _read(report: Folder) -> tuple[Any, str]:
    """Return what is in the notebook's file, or None and why there is nothing to show."""
    try:
        notebook = json.loads(report.read("notebook.ipynb"))
    except Missing:
        return None, "The run ended before its notebook was saved."
    except Unreadable as error:
        return None, f"The notebook of this run {error.strerror} and cannot be shown."
    except (ValueError, RecursionError):
        return None, "The notebook of this run is incomplete and cannot be read."
    return notebook, "" if notebook else "The notebook of this run is empty."


def _validate(notebook: Any) -> Any:
    """Return a notebook as nbconvert needs it; raise Invalid for anything else."""
    import nbformat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a cell without an id makes no difference to the page
            nbformat.validate(notebook)
        return nbformat.v4.reads(json.dumps(notebook))
    except (nbformat.ValidationError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise Invalid from error


def _export(notebook: Any) -> str:
    """Return the notebook's cells as HTML."""
    import nbformat

    return _exporter().from_notebook_node(nbformat.from_dict(notebook))[0]


@cache
def _exporter() -> Any:
    """Return an exporter of the cells alone; HTMLExporter would parse the whole page a second time."""
    with importing_later("bs4"), hiding("nbconvert.postprocessors.serve"):  # to embed pictures, and to show pages
        import nbconvert
        from nbconvert.exporters.templateexporter import TemplateExporter

    from driftmonitor.pipeline.pages.templates.kept_templates import keep_compiled

    exporter = TemplateExporter(
        template_name="notebook",
        extra_template_basedirs=[str(FOLDER)],
        file_extension=".html",
        default_preprocessors=[],
        filters=_make_filters(),
    )
    exporter.environment.autoescape = True
    keep_compiled(exporter.environment, f"nbconvert {nbconvert.__version__}")
    return exporter


def _make_filters() -> dict[str, Callable[..., Any]]:
    from nbconvert.filters import Highlight2HTML
    from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

    from driftmonitor.pipeline.pages.sanitize import clean_html
    from driftmonitor.pipeline.pages.table_alignment import align_numbers

    def clean(html: str) -> Markup:
        return Markup(align_numbers(clean_html(html)))  # noqa: S704

    def format_text(source: str, attachments: dict[str, dict[str, str]] | None = None) -> Markup:
        renderer = IPythonRenderer(escape=False, exclude_anchor_links=True, attachments=attachments)
        try:
            return clean(MarkdownWithMath(renderer=renderer).render(source))
        except InvalidNotebook:  # it names a picture that is gone: its description is shown
            return format_text(source.replace("attachment:", "#missing-"))

    def markdown(source: str, attachments: dict[str, dict[str, str]] | None = None) -> Markup:
        return format_text(source, attachments) if attachments else format_same_text(source)

    def format_code(source: str) -> Markup:
        return Markup(highlight(cut(source)))  # noqa: S704

    highlight = Highlight2HTML(pygments_lexer="python")  # the ipython3 lexer imports all of IPython
    format_same_text, format_same_code = map(lru_cache(SAME_CELLS), (format_text, format_code))
    return {
        "fold": fold,
        "filter_data_type": _choose_type,
        "clean": or_as_text(clean, remove_tags),
        "markdown": or_as_text(markdown),
        "code": or_as_text(format_same_code),
        "ansi": or_as_text(lambda text: _colour(cut(_keep_last_states(text)))),
        "cut": cut,
        "base64": lambda text: base64.b64encode(text.encode("utf-8", "replace")).decode(),
        "size": _find_size,
    }


def _choose_type(data: dict[str, Any]) -> list[str]:
    """Return the media type in which an output is shown, in a list as nbconvert's template expects.

    [] for the scraps of the whole run; that of a check has its words.
    """
    if MEDIA_TYPE in data:
        scrap = data[MEDIA_TYPE]
        is_check = isinstance(scrap, dict) and scrap.get("name") not in OF_THE_RUN and "text/plain" in data
        return ["text/plain"] if is_check else []
    present = [name for name in SHOWN_TYPES if isinstance(data.get(name), str)]
    if present[:1] == ["text/html"] and len(data["text/html"]) > MOST_HTML:
        present = [name for name in present if name != "text/html"]
    return present[:1] or ["other"]


def _colour(text: str) -> Markup:
    """Return terminal output as HTML, with its sixteen colours as classes and without its other styles."""
    from nbconvert.filters import ansi2html

    # The page's policy forbids inline styles. Quotes in the text itself are escaped.
    return Markup(re.sub(r' style="[^"]*"', "", ansi2html(text)))  # noqa: S704


def _keep_last_states(text: str) -> str:
    """Return printed text as a terminal shows it in the end: a progress bar redrawn with \\r appears once."""
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))


def _find_size(data: str, media_type: str, about: dict[str, Any]) -> dict[str, int]:
    """Return a picture's width and height in pixels, so that the page does not jump while it loads."""
    given = {side: about[side] for side in ("width", "height") if isinstance(about.get(side), int)}
    if given or media_type != "image/png":
        return given
    try:
        size = read_png_size(base64.b64decode(data[:32]))
    except ValueError:
        return {}
    return dict(zip(("width", "height"), size, strict=True)) if size else {}


def _number_headings(cells: str) -> tuple[Markup, list[Heading]]:
    """Return the cells with their headings one level below the page's title, and those for the table of contents."""
    contents: list[Heading] = []
    down = 2 - min(map(int, re.findall(r"<h([1-6])>", cells)), default=1)

    def number(match: re.Match[str]) -> str:
        level, inner = int(match[1]), match[2]
        shown, anchor = min(level + down, 6), ""
        if level == 2:
            contents.append(Heading(f"part-{len(contents) + 1}", Markup(inner).striptags()))  # noqa: S704  cleaned
            anchor = f' id="{contents[-1].anchor}"'
        return f"<h{shown}{anchor}>{inner}</h{shown}>"

    return Markup(re.sub(r"<h([1-6])>(.*?)</h\1>", number, cells, flags=re.DOTALL)), contents  # noqa: S704


def _count_until_error(cells: Sequence[Any]) -> int:
    """Return the number of cells up to the last one that raised an error; those after it did not run."""
    raised = [any(output["output_type"] == "error" for output in cell.get("outputs", [])) for cell in cells]
    return len(raised) - raised[::-1].index(True)


def _find_failure(notebook: Any) -> Failure | None:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                traceback = cut("\n".join(output["traceback"]))
                return Failure(output["ename"], cut(output["evalue"]), _colour(traceback))
    return None
