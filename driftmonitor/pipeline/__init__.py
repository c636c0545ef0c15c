"""What the runner does: execute notebooks, record their results, publish the site and send alerts."""

import sys

# jsonschema's check of IRIs parses a grammar on import. That is half of papermill's start, and no IRI is checked here.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None makes the import fail
