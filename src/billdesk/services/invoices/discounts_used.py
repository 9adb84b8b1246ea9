"""Using discounts up at issue, and giving them back when a document is corrected (billing rules §7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from billdesk.domain.discount_use import Use, is_amount, is_overused, returned_shares, uses_of
from billdesk.kernel.errors import RuleBroken
from billdesk.storage import discounts, invoices
from billdesk.storage.database import Db
from billdesk.storage.discounts import NewUse
from billdesk.storage.invoices import ToIssue


def consume(db: Db, drafts: Sequence[ToIssue]) -> None:
    """Write what documents take of discounts, and what their credits return of amounts.

    Raises RuleBroken when one takes more than is left since it was drafted, because another document of the same
    receiver was issued meanwhile; a new run gives what is left.
    """
    ids = [draft.id for draft in drafts]
    shown = discounts.discounted_drafts(db, ids)
    taken = [
        NewUse(key, record.id, use) for record in invoices.load_documents(db, shown) for key, use in uses_of(record)
    ]
    uses = taken + _returned(db, drafts) if discounts.has_discounts(db) else taken
    if not uses:
        return
    discounts.insert_uses(db, uses)
    over = {
        one.discount.id for one in discounts.load_counted(db, {one.discount_id for one in uses}) if is_overused(one)
    }
    if over:
        late = {one.document_id for one in uses if one.discount_id in over}
        names = dict.fromkeys(draft.customer_name for draft in drafts if draft.id in late)
        raise RuleBroken("discount_outdated", (("customer", ", ".join(names)),))


def _returned(db: Db, drafts: Sequence[ToIssue]) -> list[NewUse]:
    credited = discounts.discounts_credited(db, [draft.id for draft in drafts])
    shown = discounts.amounts_shown(db, {one.corrected_id for one in credited})
    named = {discount_id for amounts in shown.values() for discount_id in amounts}
    amounts = {one.discount.id for one in discounts.load_counted(db, named) if is_amount(one.discount)}
    return [
        NewUse(discount_id, one.document_id, Use(one.day, one.day, -share, 0))
        for one in credited
        for discount_id, share in returned_shares(one.minor, shown.get(one.corrected_id, {})).items()
        if discount_id in amounts and share
    ]


def give_back(db: Db, document_id: int, credit_id: int) -> None:
    """Write that a credit note gives back all that a document took of discounts.

    Amounts came back with the credit note's lines when it was issued.
    """
    taken = discounts.uses_of_document(db, document_id)
    loaded = discounts.load_counted(db, {one.discount_id for one in taken})
    amounts = {one.discount.id for one in loaded if is_amount(one.discount)}
    back = [
        replace(one, document_id=credit_id, use=_negated(one.use, keeps_amount=one.discount_id in amounts))
        for one in taken
        if one.use.times
    ]
    discounts.insert_uses(db, back)


def _negated(use: Use, *, keeps_amount: bool) -> Use:
    return replace(use, minor=0 if keeps_amount else -use.minor, times=-use.times)
