"""Check the site's files for programs against docs/schema: no name may be missing, and none may be new."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).parents[1] / "docs" / "schema"
SCHEMA_OF = {"api/summary.json": "summary.json", "api/*.json": "monitor.json", "*/*/record.json": "record.json"}


def read_schemas() -> dict[str, Any]:
    """Return the schemas by file name, made stricter than they are for readers: a name they don't know is refused."""
    return {path.name: strict(json.loads(path.read_text(encoding="utf-8"))) for path in FOLDER.glob("*.json")}


def strict(schema: Any) -> Any:
    """Return a schema whose objects have no other names than it knows."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if schema.get("type") == "object" and "properties" in schema else {}
    return {name: strict(item) for name, item in schema.items()} | closed


def problems(site: Path) -> tuple[int, list[str]]:
    """Return how many files of the site have a schema, and what is not as it says."""
    schemas = read_schemas()
    registry = Registry().with_resources((name, DRAFT202012.create_resource(each)) for name, each in schemas.items())
    dates = FormatChecker(["date", "date-time"])
    checks = {name: Draft202012Validator({"$ref": name}, registry=registry, format_checker=dates) for name in schemas}
    schema_of = {path: name for pattern, name in reversed(SCHEMA_OF.items()) for path in site.glob(pattern)}
    found = [
        f"{path.relative_to(site)}: {error.json_path} {error.message[:200]}"
        for path, name in schema_of.items()
        for error in checks[name].iter_errors(json.loads(path.read_text(encoding="utf-8")))
    ]
    return len(schema_of), found
