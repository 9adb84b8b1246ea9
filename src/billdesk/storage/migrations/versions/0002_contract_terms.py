"""Contract terms, price books and what else the second schema knows: added beside what is there, nothing moves."""

import sqlalchemy as sa
from alembic import op

from billdesk.storage.migrations.distance_sales import count_issued
from billdesk.storage.types import Id, Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the new columns and tables; every old row gets the value that means "as before"."""
    _extend_wallets_and_alerts()
    _count_distance_sales()
    _add_price_books()
    _add_contract_terms()
    _add_late_usage()
    _share_statement_lines()
    # New documents go into the word index in one statement for all of them.
    op.execute("DROP TRIGGER document_search_insert")


def _count_distance_sales() -> None:
    op.create_table(
        "distance_sale",
        sa.Column("document_id", Id, sa.ForeignKey("document.id"), primary_key=True, autoincrement=False),
        sa.Column("entity_id", Id, sa.ForeignKey("entity.id"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("euro_minor", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_distance_sale_entity_id", "distance_sale", ["entity_id", "day", "document_id", "euro_minor"])
    count_issued(op.get_bind())


def _share_statement_lines() -> None:
    op.create_table(
        "statement_share",
        sa.Column("statement_id", Id, sa.ForeignKey("statement.id"), primary_key=True, autoincrement=False),
        sa.Column("line_id", Id, sa.ForeignKey("statement_line.id"), primary_key=True, autoincrement=False),
    )
    op.create_index("ix_statement_share_line", "statement_share", ["line_id", "statement_id"])


def _extend_wallets_and_alerts() -> None:
    op.add_column("wallet", sa.Column("topped_up_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("wallet_movement", sa.Column("settlement_id", Id))
    op.create_index("ix_wallet_movement_settlement_id", "wallet_movement", ["settlement_id"])
    op.add_column("alert", sa.Column("days_before", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("alert", sa.Column("deleted_at", Instant))


def _add_price_books() -> None:
    op.add_column("price", sa.Column("convert_from", sa.Text()))
    op.add_column("price", sa.Column("ending", sa.Text()))
    op.create_table(
        "price_book",
        sa.Column("id", Id, primary_key=True),
        sa.Column("code", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date()),
        sa.Column("until", sa.Date()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
    )
    op.create_table(
        "price_book_terms",
        sa.Column("id", Id, primary_key=True),
        sa.Column("book_id", Id, sa.ForeignKey("price_book.id"), nullable=False, index=True),
        sa.Column("price_id", Id, sa.ForeignKey("price.id"), nullable=False, index=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("since", sa.Date()),
        sa.Column("until", sa.Date()),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("minimum", sa.Text()),
        sa.Column("maximum", sa.Text()),
    )
    op.create_table(
        "price_book_member",
        sa.Column("id", Id, primary_key=True),
        sa.Column("book_id", Id, sa.ForeignKey("price_book.id"), nullable=False, index=True),
        sa.Column("customer_id", Id, sa.ForeignKey("customer.id"), nullable=False, index=True),
        sa.Column("since", sa.Date()),
        sa.Column("until", sa.Date()),
    )


def _add_contract_terms() -> None:
    op.add_column("subscription", sa.Column("term_end", sa.Date()))
    op.add_column("subscription", sa.Column("notice_by", sa.Date()))
    op.create_index("ix_subscription_notice_by", "subscription", ["notice_by"])
    op.add_column("subscription_entry", sa.Column("term", sa.Text()))
    op.add_column("subscription_entry", sa.Column("uplift", sa.Text()))
    op.add_column("subscription_entry", sa.Column("notice_given", sa.Date()))
    op.add_column(
        "subscription_entry", sa.Column("fee_waived", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "price_index",
        sa.Column("id", Id, primary_key=True),
        sa.Column("code", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
    )
    op.create_table(
        "price_index_value",
        sa.Column("index_id", Id, sa.ForeignKey("price_index.id"), primary_key=True, autoincrement=False),
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )


def _add_late_usage() -> None:
    op.create_table(
        "late_usage",
        sa.Column("id", Id, primary_key=True),
        sa.Column("subscription_id", Id, sa.ForeignKey("subscription.id"), nullable=False),
        sa.Column("price_id", Id, sa.ForeignKey("price.id"), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("lacks_minor", sa.BigInteger(), nullable=False),
        sa.Column("comes_to_minor", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", Instant, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant),
        sa.Column("decided_by", sa.Text(), nullable=False),
    )
    op.create_index("ix_late_usage_key", "late_usage", ["subscription_id", "price_id", "period_start"], unique=True)
