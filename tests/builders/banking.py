"""Bank statements for tests: `a_statement(a_line("121.00", …))` adds up by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from billdesk.domain.banking import Statement, StatementLine, count_occurrences
from billdesk.kernel.money import Money
from billdesk.services import banking
from billdesk.services.banking import LineFilter, MatchProposal
from billdesk.services.book import Book
from builders.payments import IBAN

MARCH_20 = date(2026, 3, 20)


def a_line(
    amount: str,
    text: str = "",
    *,
    day: date = MARCH_20,
    currency: str = "EUR",
    name: str = "",
    account: str = "",
    reference: str = "",
    **more: str,
) -> StatementLine:
    """Give a booked movement."""
    line = StatementLine(
        Money.of(Decimal(amount), currency),
        day,
        counterparty=name,
        counterparty_account=account,
        texts=(text,) if text else (),
        structured_reference=reference,
    )
    return replace(line, **more)  # type: ignore[arg-type]


def a_statement(
    *lines: StatementLine,
    opening: str | None = "1000.00",
    closing: str | None = None,
    iban: str = IBAN,
    currency: str = "EUR",
    number: str = "2026-3",
    day: date = MARCH_20,
) -> Statement:
    """Give a statement that adds up, unless `closing` says otherwise."""
    before = None if opening is None else Decimal(opening)
    after = None if before is None else before + sum((line.amount.major for line in lines), Decimal(0))
    return Statement(
        account_iban=iban,
        currency=currency,
        lines=count_occurrences(lines, iban),
        number=number,
        opening=before,
        closing=after if closing is None else Decimal(closing),
        from_day=day,
        to_day=day,
        source_format="camt053",
        source_file="march.xml",
        source_sha256="0" * 64,
    )


def take_in(book: Book, *lines: StatementLine, iban: str = IBAN, currency: str = "EUR") -> list[int]:
    """Bring lines into the book and give their ids, in the order given."""
    statement = a_statement(*lines, iban=iban, currency=currency)
    book.run(banking.import_statements, [statement])
    rows = book.query(banking.list_lines, LineFilter(), descending=False)
    return [row.id for row in rows][-len(lines) :]


def best(book: Book, line_id: int) -> MatchProposal:
    """Give the best proposal for a line."""
    return book.query(banking.propose_matches, [line_id])[line_id][0]
