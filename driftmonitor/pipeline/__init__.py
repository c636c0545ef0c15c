"""Every day's work: execute, record, publish, alert. Everything the runner calls."""

import sys

# jsonschema's check of IRIs parses a grammar on import: half of papermill's start, and nothing here has an IRI.
sys.modules.setdefault("rfc3987_syntax", None)
