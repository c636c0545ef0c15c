"""What the engines' errors mean to a user.

No text of a driver reaches an error of ours: PostgreSQL's name host and user, and a mistyped address puts parts of the
password where the host should be.
"""

import sqlite3

from sqlalchemy import exc


def _state(error: BaseException) -> str:
    """Return PostgreSQL's five-letter state of an error, or ''."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


def passes(error: exc.DBAPIError) -> bool:
    """Return whether the same transaction may well succeed in a moment: lost connection, deadlock, restart."""
    if isinstance(getattr(error, "orig", None), sqlite3.Error):
        return False  # SQLite has waited already
    state = _state(error)
    refused = not state and isinstance(error, exc.OperationalError)
    return error.connection_invalidated or refused or state in ("40001", "40P01") or state.startswith(("57P", "08"))


SQLITE_REASONS = {
    sqlite3.SQLITE_BUSY: "locked by another process; wait for that one to end",
    sqlite3.SQLITE_LOCKED: "locked by another process; wait for that one to end",
    sqlite3.SQLITE_FULL: "the disk is full; make room and run again",
    sqlite3.SQLITE_IOERR: "the disk could not be read or written; make room or check the disk, and run again",
    sqlite3.SQLITE_CORRUPT: "damaged; put back a copy, or move it away to begin a new history",
    sqlite3.SQLITE_NOTADB: "not a SQLite database; put back a copy, or move it away to begin a new history",
    sqlite3.SQLITE_READONLY: "can't be written; allow writing to it and to its folder",
    sqlite3.SQLITE_CANTOPEN: "can't be opened; allow reading and writing in its folder",
    sqlite3.SQLITE_PERM: "can't be opened; allow reading and writing in its folder",
}

POSTGRES_REASONS = {
    "28": "the server refuses this user or password; check the address",
    "3D": "the server has no such database; create it, or check the address",
    "53100": "the server's disk is full; make room and run again",
    "53": "the server has no room or connections left; run again later",
    "42501": "this user may not do that; grant it the tables, and CREATE on the schema for the first run",
    "42P07": "a table of that name is there already; give the history a database of its own",
    "42P01": "a table is missing; give the history a database of its own",
    "55P03": "locked by another process; wait for that one to end",
    "57": "the server is stopping or starting; run again in a moment",
    "08": "the connection was lost; run again",
    "25006": "the server takes no writes (a standby); check the address",
    "40": "too many processes write at once; run again",
}

UNREACHABLE = {
    "could not translate host": "the host's name is not known; check the address",
    "failed to resolve": "the host's name is not known; check the address",
    "not known": "the host's name is not known; check the address",
    "authentication failed": POSTGRES_REASONS["28"],
    "no password supplied": POSTGRES_REASONS["28"],
    "does not exist": POSTGRES_REASONS["3D"],
    "refused": "no server answers there; start it, or check the address",
    "timeout": "the server doesn't answer in time; check the address and the firewall",
    "ssl": "no secure connection to the server; check sslmode in the address",
    "too many": POSTGRES_REASONS["53"],
    "starting up": POSTGRES_REASONS["57"],
}


def explain(error: BaseException) -> str | None:
    """Return what an error means to a user and what would do, or None for a bug of ours."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        return SQLITE_REASONS.get((getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF)
    if isinstance(cause, OSError):
        return f"{cause.strerror or 'cannot be read or written'}; check the disk"
    state = _state(error)
    for known in sorted(POSTGRES_REASONS, key=len, reverse=True):
        if state.startswith(known):
            return POSTGRES_REASONS[known]
    if not state and isinstance(error, exc.OperationalError):
        text = str(cause).lower()
        return next((reason for hint, reason in UNREACHABLE.items() if hint in text), "the server can't be reached")
    return None
