"""Turn a figure into a picture: one style, text that is never parsed, small PNGs, display with alt text.

Figures are made without pyplot, and their style applies to them alone: an analyst's own plots do not change.
"""

import base64
import io
import sys
import textwrap
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import Event
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from driftmonitor import DriftMonitorError
from driftmonitor.formats import one_line

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

_PICTURES: WeakKeyDictionary[Figure, bytes] = WeakKeyDictionary()  # of figures, as they were last drawn here

Style = dict[str, Any]  # keyword arguments of an artist, which matplotlib itself leaves untyped

# Two colours of Okabe and Ito (2008), distinct for any colour vision; each is also drawn in its own shape.
REFERENCE, CURRENT = "#0072B2", "#D55E00"
INK, QUIET, FAINT = "#1f2328", "#57606a", "#d8dee4"
DASHED = (0, (4, 3))
WIDTH = 6.0  # inches; 11 point text is then legible on a phone 390 pixels wide
EDGE = 0.12  # inches left free on all sides
LEFT, RIGHT = 0.72, 0.28  # inches left and right of the axes, for the labels of their ticks
DPI = 150  # sharp at 660 CSS pixels on high-resolution screens too
SHOWN_WIDTH = 660  # CSS pixels
COLOURS = 16  # of a picture: four bits a pixel

STYLE: "dict[RcKeyType, Any]" = {
    "font.family": ["DejaVu Sans"],
    "font.size": 11,
    "text.hinting": "no_hinting",  # a third faster, and as sharp at this size
    "text.color": INK,
    "text.parse_math": False,  # a column may be called $x_1$
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "xtick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.color": QUIET,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "figure.facecolor": "white",  # opaque: dark ink must stay legible on a dark page
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in this project's style, whatever style the analyst has set; theirs is restored afterwards."""
    defaults = {name: value for name, value in matplotlib.rcParamsDefault.items() if not name.startswith("backend")}
    with matplotlib.rc_context(defaults | STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # an emoji is drawn as a box
        yield


def start_figure(title: str, caption: str, body_height: float, dpi: int = DPI) -> Figure:
    """Return a figure with the finding as its title, a small caption, and `body_height` free inches below them."""
    lines = textwrap.wrap(title, 56, max_lines=2, placeholder=" …")
    notes = textwrap.wrap(caption, 84, max_lines=4, placeholder=" …")
    height = body_height + 0.23 * len(lines) + 0.185 * len(notes) + 0.25
    figure = Figure(figsize=(WIDTH, height), dpi=dpi)
    FigureCanvasAgg(figure)
    y = height - 0.12
    for line in lines:
        add_text(figure, EDGE, y, line, va="top", size=13, weight="bold")
        y -= 0.23
    for line in notes:
        add_text(figure, EDGE, y - 0.03, line, va="top", size=10, color=QUIET)
        y -= 0.185
    return figure


def add_text(figure: Figure, x: float, y: float, words: str, room: float | None = None, **style: Any) -> Text:
    """Add text at (`x`, `y`) inches from the lower left, made smaller if it is wider than `room` inches."""
    text = figure.text(x / WIDTH, y / figure.get_figheight(), words, **style)
    room = WIDTH - x - EDGE if room is None else room
    width = text.get_window_extent().width / figure.dpi
    if width > room:
        text.set_fontsize(float(text.get_fontsize()) * room / width)
    return text


def add_axes(figure: Figure, bottom: float, height: float, left: float = LEFT, right: float = RIGHT) -> Axes:
    """Return axes `bottom` inches above the figure's lower edge, `height` inches high, with margins in inches."""
    whole = figure.get_figheight()
    axes = figure.add_axes((left / WIDTH, bottom / whole, (WIDTH - left - right) / WIDTH, height / whole))
    axes.tick_params(length=3)
    return axes


def add_legend(figure: Figure, keys: Sequence[Artist], y: float, **style: Any) -> None:
    """Add the legend's `keys` in one line that ends at the right edge, `y` inches above the lower edge."""
    anchor = ((WIDTH - EDGE) / WIDTH, (y - 0.04) / figure.get_figheight())
    style = {"handlelength": 1.6, "handletextpad": 0.5, "columnspacing": 1.2} | style
    columns = max(1, len(keys))
    figure.legend(
        handles=keys, loc="lower right", bbox_to_anchor=anchor, ncols=columns, borderpad=0, borderaxespad=0, **style
    )


def label_width(names: Sequence[str]) -> float:
    """Return the inches on the left that the names of rows need."""
    return min(2.2, 0.35 + 0.085 * max(map(len, names), default=0))


def label_rows(
    figure: Figure, bottom: float, pitch: float, names: Sequence[str], notes: Sequence[str], room: float
) -> None:
    """Add each row's name on the left of its axes and its note in the `room` inches on the right, first row on top."""
    left = label_width(names)
    for row, (name, note) in enumerate(zip(names, notes, strict=True)):
        y = bottom + pitch * (len(names) - row - 0.5)
        add_text(figure, left - 0.1, y, name, left - EDGE - 0.1, va="center_baseline", ha="right")
        add_text(figure, WIDTH - room, y, note, room - EDGE, va="center_baseline", size=10)


def to_png(figure: Figure) -> bytes:
    """Return the figure as a PNG of 16 colours, a quarter of the size of full colour, or less.

    A picture that is saved and displayed is drawn once, unless the figure was changed in between.
    """
    if figure.stale or figure not in _PICTURES:
        picture = _draw(figure)
        _PICTURES[figure] = picture
        figure.canvas.mpl_connect("draw_event", _forget)  # someone else may draw it after a change
    return _PICTURES[figure]


def _draw(figure: Figure) -> bytes:
    with house_style():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    image = Image.fromarray(np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3]))
    few, stream = image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE), io.BytesIO()
    few.save(stream, "png", compress_level=6, compress_type=zlib.Z_RLE)  # a twentieth of the time of level 9, 3% larger
    return stream.getvalue()


def _forget(event: Event) -> None:
    _PICTURES.pop(event.canvas.figure, None)


def show(figure: Figure, alt_text: str, width: int | None = None) -> None:
    """Display `figure` in the notebook as one PNG, 660 CSS pixels wide or `width`, with its alt text for the page."""
    from IPython.display import display

    data, metadata = display_data(figure, alt_text, width)
    display(data, raw=True, metadata=metadata)
    if "matplotlib.pyplot" in sys.modules:  # pyplot would show a figure that an analyst made with it again
        sys.modules["matplotlib.pyplot"].close(figure)


def display_data(
    figure: Figure, alt_text: str, width: int | None = None
) -> tuple[dict[str, str], dict[str, dict[str, str | int]]]:
    """Return what Jupyter displays of `figure`, by media type, and the metadata: its alt text and size."""
    width = width or SHOWN_WIDTH
    alt = one_line(alt_text, 1000)
    height = round(width * figure.get_figheight() / figure.get_figwidth())
    data = {"image/png": base64.b64encode(to_png(figure)).decode(), "text/plain": alt}
    return data, {"image/png": {"alt": alt, "width": width, "height": height}}


def save_picture(figure: Figure, path: Path | str) -> Path:
    """Write `figure` as the PNG that is displayed, 900 pixels wide, for an alert; return its path."""
    path = Path(path)
    try:
        path.write_bytes(to_png(figure))
    except OSError as error:
        raise DriftMonitorError(f"{path}: cannot be written: {error.strerror}; choose another folder.") from None
    return path
