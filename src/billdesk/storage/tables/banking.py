"""Bank statements as the bank gave them, the rules that book their lines, and payers learned from matches.

Statement lines are never deleted: undoing an import withdraws them, importing the file again brings them back,
so that what an earlier match said about a line stays true.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from billdesk.domain.payments import LineState
from billdesk.storage.tables.metadata import metadata
from billdesk.storage.types import Choice, Id, Json, Minor

statement = Table(
    "statement",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bank_account_id", Id, ForeignKey("bank_account.id"), nullable=False),
    Column("batch_id", Id, ForeignKey("import_batch.id"), nullable=False, index=True),
    Column("number", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("opening_minor", Minor),
    Column("closing_minor", Minor),
    # What a person accepted as missing when the file did not add up; zero for an honest statement.
    Column("difference_minor", Minor, nullable=False),
    # Whether it brought all of its lines; where files overlap, some came with an earlier statement.
    Column("is_complete", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Index("ix_statement_account", "bank_account_id", "last_day", "id"),
)

statement_line = Table(
    "statement_line",
    metadata,
    Column("id", Id, primary_key=True),
    Column("statement_id", Id, ForeignKey("statement.id"), nullable=False, index=True),
    Column("bank_account_id", Id, ForeignKey("bank_account.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    # What lists show and what finding a match starts from; `content` has all of the line.
    Column("counterparty", Text, nullable=False),
    Column("counterparty_account", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("structured_reference", Text, nullable=False),
    # Everything the bank said about the line, as read.
    Column("content", Json, nullable=False),
    # Who a line is, for ever: two equal bookings on a day differ by their occurrence.
    Column("fingerprint", Text, nullable=False),
    Column("occurrence", Integer, nullable=False),
    Column("state", Choice(LineState), nullable=False),
    # Lower case without accents, for one LIKE.
    Column("search_text", Text, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("bank_account_id", "fingerprint", "occurrence"),
    Index("ix_statement_line_list", "bank_account_id", "state", "booked_on", "id"),
    Index("ix_statement_line_day", "bank_account_id", "booked_on", "id"),
    Index("ix_statement_line_booked", "booked_on", "id"),
)

# Lines that a statement has too, but that came in with another: when that import is undone, they stay with this one.
statement_share = Table(
    "statement_share",
    metadata,
    Column("statement_id", Id, ForeignKey("statement.id"), primary_key=True, autoincrement=False),
    Column("line_id", Id, ForeignKey("statement_line.id"), primary_key=True, autoincrement=False),
    Index("ix_statement_share_line", "line_id", "statement_id"),
)

match_rule = Table(
    "match_rule",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entity_id", Id, ForeignKey("entity.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("conditions", Json, nullable=False),
    Column("account", Text, nullable=False),
    Column("customer_id", Id, ForeignKey("customer.id")),
    Column("text", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

learned_payer = Table(
    "learned_payer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("customer_id", Id, ForeignKey("customer.id"), nullable=False, index=True),
    Column("times", Integer, nullable=False),
    Column("last_on", Date, nullable=False),
    UniqueConstraint("kind", "value", "customer_id"),
)
