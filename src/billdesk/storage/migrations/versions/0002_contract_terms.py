"""Contract terms, price books and what else the second schema knows: added beside what is there, nothing moves."""

import sqlalchemy as sa
from alembic import op

from billdesk.storage.types import Id, Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the new columns and tables; every old row gets the value that means "as before"."""
    _extend_wallets_and_alerts()


def _extend_wallets_and_alerts() -> None:
    op.add_column("wallet", sa.Column("topped_up_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("wallet_movement", sa.Column("settlement_id", Id))
    op.create_index("ix_wallet_movement_settlement_id", "wallet_movement", ["settlement_id"])
    op.add_column("alert", sa.Column("days_before", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("alert", sa.Column("deleted_at", Instant))
