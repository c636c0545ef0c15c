"""Whose each file is: an upgrade leaves the user's alone, and merges the others."""

from typing import NamedTuple


class Users(NamedTuple):
    """The user's own files and folders."""

    files: tuple[str, ...] = ("README.md",)
    folders: tuple[str, ...] = ("params/", "data/")


USERS = Users()


def is_users(path: str) -> bool:
    """Return whether a file is the user's own."""
    return path in USERS.files or path.startswith(USERS.folders)
