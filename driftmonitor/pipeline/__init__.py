"""What the runner does: execute notebooks, record their results, publish the site and send alerts."""

import sys

# jsonschema imports a grammar of IRIs, and libraries for URIs and durations, for checks that no notebook needs. The
# grammar alone is half of papermill's start.
for _name in ("rfc3987_syntax", "rfc3986_validator", "isoduration"):
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]  # None makes the import fail
