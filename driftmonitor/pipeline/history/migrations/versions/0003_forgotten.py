"""Change no table: from here on runs can be forgotten, which an earlier version would show as runs."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass
