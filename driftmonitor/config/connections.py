"""Check and complete the address of a database in a params file.

The address is published with the executed notebook, so it names passwords as `${NAME}`, from the environment.
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
    """Refuse an address of an unknown engine and one that contains a secret, without repeating it in the error."""
    if not address or NAME.fullmatch(address):
        return
    engine_of(address, where)
    try:
        parts = urlsplit(address)
        settings = [("password", parts.password or ""), *parse_qsl(parts.query)]
        problem = "" if parts.hostname and parts.port != 0 else "names no host"
    except ValueError:
        settings, problem = [], "cannot be read"
    for name, value in settings:
        if SECRET.search(name) and value and not NAME.fullmatch(value):
            raise DriftMonitorError(
                f"{where}connection contains a {one_line(name)}, which would be published; write ${{NAME}} instead, "
                "set NAME in the environment, and add it to monitor.pass_env."
            )
    if problem:
        raise DriftMonitorError(f"{where}connection {problem}; write it as {EXAMPLE}.")


def engine_of(address: str, where: str = "") -> str:
    """Return Ibis' name of the engine in an address."""
    scheme, separator, _ = address.partition("://")
    if not separator or not re.fullmatch(r"[a-z0-9+.-]+", scheme):
        raise DriftMonitorError(f"{where}connection is not an address; write it as {EXAMPLE}.")
    if scheme not in ENGINES:
        raise DriftMonitorError(f"{where}connection {scheme}://: no such engine{nearest(scheme, ENGINES)}")
    return ENGINES[scheme]


def names_in(address: str) -> list[str]:
    """Return the environment variables that an address refers to."""
    return NAME.findall(address)


def fill_address(address: str, environ: Mapping[str, str]) -> str:
    """Return the address with the values from the environment, percent-encoded unless one is the whole address."""
    check_connection(address)
    for name in names_in(address):
        if not environ.get(name):
            raise DriftMonitorError(
                f"connection: ${{{name}}} is not set; set {name} in the environment, and add it to monitor.pass_env."
            )
    if whole := NAME.fullmatch(address):
        engine_of(environ[whole[1]])
        return environ[whole[1]]
    return NAME.sub(lambda name: quote(environ[name[1]], safe=""), address)


def hide_values(text: str, address: str, environ: Mapping[str, str]) -> str:
    """Return text with *** in place of every value that the address takes from the environment."""
    values = {environ[name] for name in names_in(address) if environ.get(name)}
    for shown in sorted(values | {quote(value, safe="") for value in values}, key=len, reverse=True):
        text = text.replace(shown, "***")
    return text
