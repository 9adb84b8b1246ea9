"""The first schema: books are made with it, so there is nothing to change."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Leave the book as it was made."""
