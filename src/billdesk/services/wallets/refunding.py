"""Turning what a customer is owed into prepaid credit: an open credit note, or what a cancelled contract gives back.

The credit note is closed through the clearing account and the credit is granted from it, so that the account ends
where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from billdesk.domain.invoices import DocumentKind
from billdesk.domain.payments import Receivable
from billdesk.domain.wallets import MovementKind
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import NotFound, RuleBroken
from billdesk.kernel.i18n import _
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import billing, invoices, payments
from billdesk.services.billing import Scope
from billdesk.services.payments import DocumentShare, PaymentInput, PaymentMethod
from billdesk.services.result import Result
from billdesk.services.wallets.granting import USUAL_PRIORITY, Grant, open_wallet
from billdesk.services.wallets.moving import CHANGED, done, move
from billdesk.storage import invoices as documents
from billdesk.storage import subscriptions
from billdesk.storage import wallets as storage
from billdesk.storage.database import Db
from billdesk.storage.wallets import Movement, WalletRow


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """How the credit is granted: `amount` is all that is open when left out, `label` names the credit note."""

    label: str = ""
    amount: Money | None = None
    priority: int = USUAL_PRIORITY
    expires_on: date | None = None
    product_ids: frozenset[int] = frozenset()
    reason: str = ""


AS_USUAL: Final = RefundTerms()
"""All that is open, usable for everything and for ever."""

_CHANGED: Final = CHANGED | {Noun.INVOICES, Noun.PAYMENTS}


def refund_into_wallet(db: Db, document_id: int, terms: RefundTerms = AS_USUAL) -> Result[WalletRow]:
    """Turn what is open on an issued credit note into prepaid credit of its receiver, in one step.

    Raises RuleBroken when nothing is open on it, or less than `terms.amount`, and RowsRejected for wrong terms.
    """
    note = _open_note(db, document_id)
    amount = terms.amount or Money(-note.open_minor, note.currency)
    made = open_wallet(
        db,
        Grant(
            customer_id=note.customer_id,
            entity_id=note.entity_id,
            label=terms.label.strip() or _("Credit of {number}", number=note.number),
            amount=amount,
            priority=terms.priority,
            expires_on=terms.expires_on,
            product_ids=terms.product_ids,
        ),
    )
    given = PaymentInput(
        entity_id=note.entity_id,
        customer_id=note.customer_id,
        amount=amount,
        day=db.today,
        method=PaymentMethod.OTHER,
        shares=(DocumentShare(document_id, -amount),),
        note=made.wallet.label,
    )
    settled = payments.refund_customer(db, given).value
    movement = Movement(
        made.wallet.id,
        MovementKind.REFUND,
        amount,
        db.today,
        document_id=document_id,
        settlement_id=settled.settlement_id,
        reason=terms.reason,
    )
    move(db, [(made, movement)])
    details = {"amount": str(amount), "customer": note.customer_id, "document": note.number}
    return Result(done(db, made.wallet.id, "refund_into_wallet", details).value, _CHANGED)


def _open_note(db: Db, document_id: int) -> Receivable:
    found = documents.load_receivables(db, [document_id])
    if not found:
        raise NotFound("invoices", str(document_id))
    (note,) = found
    if not note.is_issued or note.open_minor >= 0:
        raise RuleBroken("nothing_open_to_refund", (("number", note.number or _("the draft")),))
    return note


def undo_refund_into_wallet(db: Db, wallet_id: int) -> Result[WalletRow]:
    """Take credit that came from a credit note back and open the note again; raises RuleBroken once it was used."""
    row = storage.load_row(db, wallet_id)
    (first, *_later) = storage.list_movements(db, wallet_id)
    if first.settlement_id is None or not storage.refunded(db, first.settlement_id):
        raise RuleBroken("wallet_not_refund", (("label", row.wallet.label),))
    if row.wallet.balance != row.granted or row.granted != first.amount:
        raise RuleBroken("wallet_used", (("label", row.wallet.label), ("left", str(row.wallet.balance))))
    back = Movement(
        wallet_id,
        MovementKind.WITHDRAW,
        -first.amount,
        db.today,
        document_id=first.document_id,
        settlement_id=first.settlement_id,
    )
    move(db, [(row, back)])
    payments.take_back(db, first.settlement_id)
    made = done(db, wallet_id, "undo_refund_into_wallet", {"amount": str(first.amount)})
    return Result(made.value, _CHANGED)


def refund_contract_into_wallet(
    db: Db, subscription_id: int, terms: RefundTerms = AS_USUAL, *, progress: Progress
) -> Result[tuple[WalletRow, ...]]:
    """Credit what a cancelled or changed contract gives back today, and turn the credit notes into prepaid credit.

    The credit notes are drafted, issued and sent as a billing run of this contract would.
    Raises RuleBroken when the contract gives nothing back.
    """
    contract = subscriptions.load(db, subscription_id)
    scope = Scope(subscription_ids=frozenset({subscription_id}))
    outcome = billing.run_billing(db, db.today, scope, progress=progress).value
    ids = [
        row.document_id
        for row in outcome.preview.rows
        if row.document_id is not None and row.kind is DocumentKind.CREDIT_NOTE
    ]
    if not ids:
        raise RuleBroken("contract_gives_nothing_back", (("contract", contract.number),))
    issued = invoices.issue_documents(db, ids, None, progress=progress).value
    made = tuple(refund_into_wallet(db, key, replace(terms, amount=None)).value for key in issued.ids)
    return Result(made, _CHANGED | {Noun.SUBSCRIPTIONS})
