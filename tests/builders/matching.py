"""Bank lines and open documents for tests, ordinary unless said otherwise."""

from datetime import date
from decimal import Decimal
from typing import Any

from billdesk.domain.banking import Statement, StatementLine
from billdesk.domain.matching import Candidate
from billdesk.kernel.money import Money


def a_line(amount: str = "121.00", **values: Any) -> StatementLine:
    return StatementLine(
        amount=Money.of(Decimal(amount), values.pop("currency", "EUR")),
        booked_on=values.pop("booked_on", date(2026, 11, 20)),
        **values,
    )


def a_statement(*lines: StatementLine, **values: Any) -> Statement:
    return Statement(
        account_iban=values.pop("account_iban", "BE68539007547034"),
        currency=values.pop("currency", "EUR"),
        lines=lines,
        **values,
    )


def a_candidate(open_amount: str = "121.00", **values: Any) -> Candidate:
    open_minor = int(Decimal(open_amount) * 100)
    facts: dict[str, Any] = {
        "document_id": 1,
        "number": "2026-0042",
        "customer_id": 7,
        "customer_name": "Acme Corp",
        "currency": "EUR",
        "total_minor": open_minor,
        "open_minor": open_minor,
        "issue_date": date(2026, 11, 1),
        "due_date": date(2026, 12, 1),
    }
    return Candidate(**{**facts, **values})
