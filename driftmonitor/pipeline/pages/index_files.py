"""Make what covers all monitors: the index, its JSON and the feed."""

from collections.abc import Sequence

from driftmonitor import __version__
from driftmonitor.pipeline.pages import api, cards, listing
from driftmonitor.pipeline.pages.feed import feed_xml
from driftmonitor.pipeline.pages.frame import make_frame
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.templates import get_template

__all__ = ["feed_xml", "make_index"]


def make_index(views: Sequence[MonitorView], root: str, newer: str) -> tuple[str, str]:
    """Return the index and its JSON."""
    all_cards = [(view, cards.make_card(view)) for view in views]
    current = [card for view, card in all_cards if not view.retired]
    recorded_at = max((view.recorded_at for view in views if view.recorded_at), default=None)
    summary = cards.summarise(current, recorded_at)
    page = get_template("index.html.j2").render(
        **make_frame("", max((view.checked_at for view in views if view.checked_at), default=None)),
        summary=summary,
        parts=listing.make_parts(current),
        finder=listing.make_finder(current),
        incidents=listing.list_incidents([view for view in views if not view.retired]),
        retired=[card for view, card in all_cards if view.retired],
        version=__version__,
        newer=newer,
    )
    return page, api.summary_json(views, summary, root or "../")
