"""Paying new invoices from open credit notes and customers' balances, oldest first (billing rules §7.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from billdesk.domain.payments import OpenItem
from billdesk.kernel.money import Money
from billdesk.services import payments
from billdesk.services.payments import CreditToUse
from billdesk.storage import invoices as storage
from billdesk.storage.database import Db
from billdesk.storage.invoices import ToIssue


def apply(db: Db, drafts: Sequence[ToIssue]) -> None:
    """Use what customers have left for these invoices, which were just issued."""
    balances = payments.load_balances(db, {draft.customer_id for draft in drafts})
    left: dict[tuple[int, str], int] = {
        (customer_id, amount.currency): amount.minor
        for customer_id, amounts in balances.items()
        for amount in amounts
        if amount.minor > 0
    }
    notes = _open_notes(db, drafts)
    uses = [(draft, use) for draft in drafts for use in _uses(draft, notes, left)]
    key = _step_key
    for (_entity_id, day), group in groupby(sorted(uses, key=key), key=key):
        payments.use_credits(db, [use for _draft, use in group], day)


def _step_key(pair: tuple[ToIssue, CreditToUse]) -> tuple[int, date]:
    return pair[0].entity_id, pair[0].issue_date


def _open_notes(db: Db, drafts: Sequence[ToIssue]) -> dict[tuple[int, int, str], list[list[int]]]:
    """Give [id, what is left] of open credit notes by entity, customer and currency, oldest first."""
    result: dict[tuple[int, int, str], list[list[int]]] = {}
    for entity_id in sorted({draft.entity_id for draft in drafts}):
        for item in _credit_notes(db, entity_id):
            key = (entity_id, item.customer_id, item.open.currency)
            result.setdefault(key, []).append([item.document_id, -item.open.minor])
    return result


def _credit_notes(db: Db, entity_id: int) -> list[OpenItem]:
    found = storage.open_items(db, entity_id=entity_id, credit_notes=True)
    return sorted(found, key=lambda item: (item.issue_date, item.document_id))


def _uses(
    draft: ToIssue, notes: dict[tuple[int, int, str], list[list[int]]], left: dict[tuple[int, str], int]
) -> list[CreditToUse]:
    currency, wanted = draft.due.currency, draft.due.minor
    uses = []
    balance = (draft.customer_id, currency)
    amount = min(wanted, left.get(balance, 0))
    if amount > 0:
        left[balance] -= amount
        wanted -= amount
        uses.append(CreditToUse(draft.id, Money(amount, currency)))
    for note in notes.get((draft.entity_id, draft.customer_id, currency), ()):
        amount = min(wanted, note[1])
        if amount > 0:
            note[1] -= amount
            wanted -= amount
            uses.append(CreditToUse(draft.id, Money(amount, currency), note[0]))
    return uses
