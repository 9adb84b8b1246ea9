"""Using discounts up at issue, and giving them back when a document is corrected (billing rules §7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from billdesk.domain.discount_use import Use, is_overused, uses_of
from billdesk.kernel.errors import RuleBroken
from billdesk.storage import discounts, invoices
from billdesk.storage.database import Db
from billdesk.storage.discounts import NewUse
from billdesk.storage.invoices import ToIssue


def consume(db: Db, drafts: Sequence[ToIssue]) -> None:
    """Write what documents take of discounts; raises RuleBroken when one takes more than is left since it was drafted.

    That happens when another document of the same receiver was issued meanwhile; a new run gives what is left.
    """
    shown = discounts.discounted_drafts(db, [draft.id for draft in drafts])
    if not shown:
        return
    uses = [
        NewUse(key, record.id, use) for record in invoices.load_documents(db, shown) for key, use in uses_of(record)
    ]
    discounts.insert_uses(db, uses)
    over = {
        one.discount.id for one in discounts.load_counted(db, {one.discount_id for one in uses}) if is_overused(one)
    }
    if over:
        late = {one.document_id for one in uses if one.discount_id in over}
        names = dict.fromkeys(draft.customer_name for draft in drafts if draft.id in late)
        raise RuleBroken("discount_outdated", (("customer", ", ".join(names)),))


def give_back(db: Db, document_id: int, credit_id: int) -> None:
    """Write that a credit note gives back all that a document took of discounts."""
    taken = discounts.uses_of_document(db, document_id)
    discounts.insert_uses(db, [replace(one, document_id=credit_id, use=_negated(one.use)) for one in taken])


def _negated(use: Use) -> Use:
    return replace(use, minor=-use.minor, times=-use.times)
