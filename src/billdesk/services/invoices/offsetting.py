"""Setting credit notes off against open invoices: what they correct first, then the first due (billing rules §6.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from billdesk.domain.customers import CreditPolicy
from billdesk.domain.invoices import DocumentKind
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import NotFound, RuleBroken
from billdesk.kernel.money import Money
from billdesk.services import audit, payments
from billdesk.services.payments import CreditToUse, Settled
from billdesk.services.payments.till import CHANGED
from billdesk.services.result import Result
from billdesk.storage import customers
from billdesk.storage import invoices as storage
from billdesk.storage.database import Db
from billdesk.storage.invoices import ToIssue, corrections
from billdesk.storage.invoices.corrections import OpenInvoice


@dataclass(frozen=True, slots=True)
class _Note:
    """A credit note with what is left of it, as a positive amount."""

    document_id: int
    entity_id: int
    customer_id: int
    day: date
    left: Money


def offset_issued(db: Db, drafts: Sequence[ToIssue]) -> None:
    """Set off the credit notes among these documents, just issued, whose customers want that."""
    notes = [draft for draft in drafts if draft.kind is DocumentKind.CREDIT_NOTE and draft.due.minor < 0]
    people = customers.load_many(db, {draft.customer_id for draft in notes})
    wanted = [
        _Note(draft.id, draft.entity_id, draft.customer_id, draft.issue_date, -draft.due)
        for draft in notes
        if draft.customer_id in people and people[draft.customer_id].credit_policy is CreditPolicy.OFFSET
    ]
    _offset(db, wanted)


def offset_note(db: Db, credit_note_id: int) -> Result[tuple[Settled, ...]]:
    """Set one credit note off against the open invoices of its customer, whatever the customer usually wants.

    Raises RuleBroken `nothing_open_to_refund` when nothing is left of it, `nothing_to_offset` without open invoices.
    """
    found = storage.load_receivables(db, [credit_note_id])
    if not found:
        raise NotFound("invoices", str(credit_note_id))
    (note,) = found
    if not note.is_issued or note.open_minor >= 0:
        raise RuleBroken("nothing_open_to_refund", (("number", note.number),))
    left = Money(-note.open_minor, note.currency)
    settled = _offset(db, [_Note(note.document_id, note.entity_id, note.customer_id, db.today, left)])
    if not settled:
        raise RuleBroken("nothing_to_offset", (("number", note.number),))
    details = {"credit_note": note.number, "steps": len(settled)}
    audit.record(db, command="offset_note", noun=Noun.INVOICES, subject=str(credit_note_id), details=details)
    return Result(settled, CHANGED)


def _offset(db: Db, notes: Sequence[_Note]) -> tuple[Settled, ...]:
    if not notes:
        return ()
    invoices = corrections.open_invoices(db, {note.customer_id for note in notes})
    left = {one.document_id: one.open.minor for one in invoices}
    corrected = corrections.corrected_by(db, [note.document_id for note in notes])
    uses = [
        (note, use)
        for note in sorted(notes, key=_step_key)
        for use in _uses(note, invoices, left, corrected.get(note.document_id, ()))
    ]
    settled: list[Settled] = []
    for (_entity_id, day), group in groupby(uses, key=lambda pair: _step_key(pair[0])):
        settled += payments.use_credits(db, [use for _note, use in group], day).value
    return tuple(settled)


def _step_key(note: _Note) -> tuple[int, date]:
    return note.entity_id, note.day


def _uses(
    note: _Note, invoices: Sequence[OpenInvoice], left: dict[int, int], corrected: Sequence[int]
) -> list[CreditToUse]:
    own = [
        one
        for one in invoices
        if (one.entity_id, one.customer_id, one.open.currency) == (note.entity_id, note.customer_id, note.left.currency)
    ]
    rest, uses = note.left.minor, []
    for invoice in sorted(own, key=lambda one: one.document_id not in corrected):
        amount = min(rest, left[invoice.document_id])
        if amount > 0:
            left[invoice.document_id] -= amount
            rest -= amount
            uses.append(CreditToUse(invoice.document_id, Money(amount, note.left.currency), note.document_id))
    return uses
