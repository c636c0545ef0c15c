"""Link a column of the monitor's page: to its own page, or to its row in the table while it has none."""

from driftmonitor.pipeline.pages import column_ids

HAS_PAGES = False


def link_column(name: str, row: int) -> str:
    """Return the address of a column, relative to its monitor's page; the script adds `?day=` to that of a page."""
    return column_ids.link_column(name) if HAS_PAGES else f"#column-{row}"
