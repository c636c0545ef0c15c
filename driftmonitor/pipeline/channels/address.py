"""Where a channel may send: the addresses in the environment, checked without ever being printed."""

import ipaddress
import re
from collections.abc import Collection, Mapping
from urllib.parse import SplitResult, urlsplit

from driftmonitor.pipeline.channels import Refused

# What a web address may consist of. Without backslashes, spaces and quotes every parser sees the same host in it.
ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&()*+,;=%]+", re.IGNORECASE)


def read_address(environ: Mapping[str, str], setting: str, hosts: Collection[str] | None = None) -> str:
    """Return the address in the environment's `setting`; raise Refused, without printing it, if it can't be used.

    Only https to one of `hosts` (None: to any) is allowed, and plain http to this machine. `*.example.com` stands for
    every host below example.com.
    """
    value = environ.get(setting, "")
    if not value.strip():
        raise Refused(f"{setting} is empty; paste the webhook's address into it.")
    if not ADDRESS.fullmatch(value):
        raise Refused(f"{setting} is not a web address; paste it as https://..., without quotes, spaces or line ends.")
    parts = _split(value)
    if parts is None or not parts.hostname:
        raise Refused(f"{setting} is not a web address: its host or port cannot be read; paste it again.")
    if is_loopback(parts.hostname):
        return value
    if parts.scheme.lower() != "https":
        raise Refused(f"{setting} is plain http; use https.")
    if hosts is not None and (not _is_one_of(parts.hostname, hosts) or parts.username is not None):
        raise Refused(f"{setting} does not lead to {' or '.join(sorted(hosts))}; paste that service's address.")
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
    """Say whether `host` is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
