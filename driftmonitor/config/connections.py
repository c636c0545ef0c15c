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
    problem, settings = _read(address)
    for name, value in settings:
        if SECRET.search(name) and value and not NAME.fullmatch(value):
            raise DriftMonitorError(
                f"{where}connection contains a {one_line(name)}, which would be published; write ${{NAME}} instead, "
                "set NAME in the environment, and add it to monitor.pass_env."
            )
    if problem:
        raise DriftMonitorError(f"{where}connection {problem}; write it as {EXAMPLE}.")


def _read(address: str) -> tuple[str, list[tuple[str, str]]]:
    """Return what is wrong with the form of an address, if anything, and the settings in it, the password first."""
    try:
        parts = urlsplit(address)
        settings = [("password", parts.password or ""), *parse_qsl(parts.query)]
        return "" if parts.hostname and parts.port != 0 else "names no host", settings
    except ValueError:
        return "cannot be read", []


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
        value = environ[whole[1]]
        if "://" not in value or value.partition("://")[0] not in ENGINES or _read(value)[0]:
            raise DriftMonitorError(f"connection: {address} is not an address of an engine; set it like {EXAMPLE}.")
        return value
    return NAME.sub(lambda name: quote(environ[name[1]], safe=""), address)
