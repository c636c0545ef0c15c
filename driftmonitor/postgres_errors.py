"""Say what PostgreSQL's errors mean to a user, by their code. No text of the server or the driver is shown.

It names host and user, quotes rows under DETAIL, and in a mistyped address a part of the password is read as the host.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

REFUSED = "the server refuses this user or password; check the address"
NO_DATABASE = "the server has no such database; create it, or check the address"
TOO_MANY = "the server has no memory or connections left; run again later"
BAD_OPTION = "an option in the address has an invalid value; check what follows the ?"
STARTING = "the server is stopping or starting; run again in a moment"

REASONS = {  # by the beginning of SQLSTATE; the longest that fits counts
    "28": REFUSED,
    "3D": NO_DATABASE,
    "53100": "the server's disk is full; free some space and run again",
    "53": TOO_MANY,
    "42501": "this user lacks permission; grant access to the tables",
    "55P03": "locked by another process; wait for it to end",
    "57014": "the server ended a query at its time limit (statement_timeout); raise the limit, or ask for less",
    "57P04": NO_DATABASE,
    "57P05": "the server ended the connection at its time limit (idle_session_timeout); raise the limit",
    "25P03": "the server ended the connection at its time limit (idle_in_transaction_session_timeout); raise the limit",
    "25P04": "the server ended a query at its time limit (transaction_timeout); raise the limit, or ask for less",
    "57": STARTING,
    "08": "the connection was lost; run again",
    "25006": "the server is read-only (a standby); check the address",
    "40": "too many processes write at once; run again",
}

UNREACHABLE = {  # a driver that got no session has no SQLSTATE: by a pattern in its text; the first that fits counts
    r"invalid [\w -]*(value|number|argument)|unrecognized configuration": BAD_OPTION,
    "could not translate host": "unknown host; check the address",
    "failed to resolve": "unknown host; check the address",
    "not known": "unknown host; check the address",
    "authentication failed": REFUSED,
    "no password supplied": REFUSED,
    "no pg_hba.conf entry": "the server refuses this user from here; allow it in pg_hba.conf, or check the address",
    "does not exist": NO_DATABASE,
    "refused": "no server answers at this address; start it, or check the address",
    "timeout": "the server does not answer in time; check the address and the firewall",
    "ssl": "the secure connection to the server failed; check sslmode in the address",
    "too many": TOO_MANY,
    "starting up": STARTING,
}
NO_ANSWER = "the server cannot be reached; check the address"
UNKNOWN_OPTION = "an option in the address is not known to the driver; check what follows the ?"


def explain_state(state: str, own: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """Return what an SQLSTATE means and what to do; None for one that is not about the server. `own` goes first."""
    reasons = REASONS | dict(own)
    return next(
        (reasons[prefix] for prefix in sorted(reasons, key=len, reverse=True) if state.startswith(prefix)), None
    )


def explain_unreachable(text: str) -> str:
    """Return why there is no connection, and what to do, from a driver's text."""
    return next((reason for hint, reason in UNREACHABLE.items() if re.search(hint, text.lower())), NO_ANSWER)
