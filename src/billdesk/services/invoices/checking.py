"""What must always be true of documents, read from the data itself, for the book's self-test."""

from __future__ import annotations

from billdesk.kernel.errors import Problem
from billdesk.storage.database import Db
from billdesk.storage.invoices import checking


def check_documents(db: Db) -> list[Problem]:
    """Give every contradiction: wrong sums, days charged twice, credits beyond the charge."""
    problems = [Problem("document_sums_differ", value=number) for number in checking.wrong_sums(db)]
    problems += [
        Problem("day_charged_twice", value=f"{one}, {other}") for one, other in checking.days_charged_twice(db)
    ]
    problems += [Problem("credited_more_than_billed", value=str(key)) for key in checking.credited_too_much(db)]
    return problems
