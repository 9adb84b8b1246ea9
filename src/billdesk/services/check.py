"""The book's self-test: what must always be true, read from the data itself."""

from __future__ import annotations

from billdesk.kernel.errors import Problem
from billdesk.services import audit
from billdesk.services.discounts import check_discounts
from billdesk.services.invoices import check_documents
from billdesk.services.ledger import check_ledger
from billdesk.services.payments import check_money
from billdesk.services.usage import check_usage
from billdesk.services.wallets import check_wallets
from billdesk.storage import numbering
from billdesk.storage.database import Db
from billdesk.storage.numbering import SeriesFault


def check_book(db: Db) -> list[Problem]:
    """Give every broken promise of the book, empty when it is sound; `value` names the rows."""
    problems: list[Problem] = []
    broken = audit.first_broken_event(db)
    if broken is not None:
        problems.append(Problem("audit_chain_broken", value=str(broken.id)))
    problems += check_documents(db)
    problems += [_series_problem(fault) for fault in numbering.faulty_series(db)]
    problems += [*check_discounts(db), *check_wallets(db)]
    return [*problems, *check_ledger(db), *check_money(db), *check_usage(db)]


def _series_problem(fault: SeriesFault) -> Problem:
    details = (("documents", str(fault.documents)), ("highest", str(fault.highest)), ("next", str(fault.next_number)))
    return Problem("series_faulty", value=f"{fault.kind} {fault.year}", details=details)
