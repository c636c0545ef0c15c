"""The address of another engine, as it stands in a params file: which engines there are, and no secret in plain sight.

An address is published with the executed notebook, so a password comes from the environment: `${NAME}` stands for it.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import nearest
from driftmonitor.formats import one_line

ENGINES = {
    "postgres": "postgres", "postgresql": "postgres", "spark": "pyspark", "trino": "trino", "bigquery": "bigquery",
    "snowflake": "snowflake", "clickhouse": "clickhouse",
}  # fmt: skip
EXAMPLE = "postgres://reader:${PGPASSWORD}@host:5432/database"
NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
SECRET = re.compile(r"pass|pwd|secret|token|credential|auth|(private|access|api|account)_?key", re.IGNORECASE)


def check_connection(address: str, where: str = "") -> None:
    """Refuse an address of no engine we know, and one that holds a secret; the error doesn't repeat it."""
    if not address or NAME.fullmatch(address):
        return
    engine_of(address, where)
    try:
        parts = urlsplit(address)
        given = [("password", parts.password or ""), *parse_qsl(parts.query)]
        wrong = "" if parts.hostname and parts.port != 0 else "names no host"
    except ValueError:
        given, wrong = [], "can't be read"
    for name, value in given:
        if SECRET.search(name) and value and not NAME.fullmatch(value):
            raise DriftMonitorError(
                f"{where}connection holds a {one_line(name)}, which would be published; write ${{NAME}} in its place, "
                "set NAME in the environment, and name it in monitor.pass_env."
            )
    if wrong:
        raise DriftMonitorError(f"{where}connection {wrong}; write it as {EXAMPLE}.")


def engine_of(address: str, where: str = "") -> str:
    """Return Ibis' name of the engine that an address leads to."""
    scheme, found, _ = address.partition("://")
    if not found or not re.fullmatch(r"[a-z0-9+.-]+", scheme):
        raise DriftMonitorError(f"{where}connection is no address; write it as {EXAMPLE}.")
    if scheme not in ENGINES:
        raise DriftMonitorError(f"{where}connection {scheme}://: no such engine{nearest(scheme, ENGINES)}")
    return ENGINES[scheme]


def names_in(address: str) -> list[str]:
    """Return the names of environment variables that an address asks for."""
    return NAME.findall(address)


def fill_address(address: str, environ: Mapping[str, str]) -> str:
    """Return the address with the values of the environment, quoted where they are a part of it."""
    check_connection(address)
    for name in names_in(address):
        if not environ.get(name):
            raise DriftMonitorError(
                f"connection: ${{{name}}} is not set; set {name} in the environment, and name it in monitor.pass_env."
            )
    if whole := NAME.fullmatch(address):
        engine_of(environ[whole[1]])
        return environ[whole[1]]
    return NAME.sub(lambda found: quote(environ[found[1]], safe=""), address)


def hide_values(text: str, address: str, environ: Mapping[str, str]) -> str:
    """Return text in which no value stands that the address takes from the environment."""
    values = {environ[name] for name in names_in(address) if environ.get(name)}
    for shown in sorted(values | {quote(value, safe="") for value in values}, key=len, reverse=True):
        text = text.replace(shown, "***")
    return text
