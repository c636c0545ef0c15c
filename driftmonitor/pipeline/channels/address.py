"""Read and check the addresses in the environment that a channel may send to, without ever printing them."""

import ipaddress
import re
from collections.abc import Collection, Mapping
from urllib.parse import SplitResult, urlsplit

from driftmonitor.pipeline.channels import Refused

# The characters of a web address. Without backslashes, spaces and quotes every parser finds the same host in it.
ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&()*+,;=%]+", re.IGNORECASE)


def read_address(environ: Mapping[str, str], setting: str, hosts: Collection[str] | None = None) -> str:
    """Return the address in the environment's `setting`; raise Refused, without printing it, if it is invalid.

    Allowed are https to one of `hosts` (None: to any), and plain http to this machine. `*.example.com` stands for every
    host below example.com.
    """
    value = environ.get(setting, "")
    if not value.strip():
        raise Refused(f"{setting} is empty; set it to the webhook's address.")
    if not ADDRESS.fullmatch(value):
        raise Refused(f"{setting} is not a web address; set it to https://..., without quotes, spaces or line ends.")
    parts = _split(value)
    if parts is None or not parts.hostname:
        raise Refused(f"{setting} is not a web address: its host or port is invalid; set it again.")
    if is_loopback(parts.hostname):
        return value
    if parts.scheme.lower() != "https":
        raise Refused(f"{setting} is plain http; use https.")
    if hosts is not None and (not _is_one_of(parts.hostname or "", hosts) or parts.username is not None):
        raise Refused(f"{setting} is not an address of {' or '.join(sorted(hosts))}; set it to that service's address.")
    return value


def _split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _is_one_of(host: str, hosts: Collection[str]) -> bool:
    return host in hosts or any(name.startswith("*.") and host.endswith(name[1:]) for name in hosts)


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
