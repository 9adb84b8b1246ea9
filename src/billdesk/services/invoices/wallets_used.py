"""Paying invoices from wallets at issue, and giving back what a correction frees (billing rules §7.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from billdesk.domain.billing.assembling import cash_rounding
from billdesk.domain.entities import Entity
from billdesk.domain.invoices import CreditUse, Document, DocumentKind, Line
from billdesk.domain.wallets import MovementKind, Purse, use_credits
from billdesk.kernel.money import Money
from billdesk.storage import invoices, wallets
from billdesk.storage.database import Db
from billdesk.storage.invoices import CreditsAtIssue, ToIssue
from billdesk.storage.wallets import Movement, WalletRow


@dataclass(frozen=True, slots=True)
class WalletPart:
    """What one wallet pays of a document, negative where it is given back; `local_minor` as its liability stands."""

    wallet: WalletRow
    minor: int
    local_minor: int


@dataclass(frozen=True, slots=True)
class _Till:
    """Wallets with what is on them while one document after another is paid."""

    rows: Mapping[int, WalletRow]
    balances: dict[int, int]

    def purse(self, draft: ToIssue) -> Purse:
        own = (
            row
            for row in self.rows.values()
            if (row.customer_id, row.entity_id) == (draft.customer_id, draft.entity_id)
        )
        return Purse(tuple(replace(row.wallet, balance=self._balance(row)) for row in own))

    def _balance(self, row: WalletRow) -> Money:
        return Money(self.balances[row.wallet.id], row.granted.currency)

    def take(self, use: CreditUse) -> WalletPart:
        row = self.rows[use.wallet_id or 0]
        before = self.balances[row.wallet.id]
        after = self.balances[row.wallet.id] = before - use.amount.minor
        return WalletPart(row, use.amount.minor, row.local_at(before) - row.local_at(after))


Paid = Mapping[int, tuple[WalletPart, ...]]
"""What wallets pay, by document."""


def settle(db: Db, drafts: Sequence[ToIssue], entities: Mapping[int, Entity]) -> tuple[list[ToIssue], Paid]:
    """Work out what wallets pay of drafts on their day of issue, in order, and write it on those where it changed."""
    named = {use.wallet_id for draft in drafts for use in draft.credits if use.wallet_id is not None}
    held = wallets.open_wallets(db, {draft.customer_id for draft in drafts}) if wallets.has_wallets(db) else []
    if not named and not held:
        return list(drafts), {}
    rows = {row.wallet.id: row for row in held} | wallets.load_rows(db, named)
    till = _Till(rows, {key: row.wallet.balance.minor for key, row in rows.items()})
    owners = {row.customer_id for row in rows.values()}
    mine = [draft.id for draft in drafts if draft.customer_id in owners and draft.kind is DocumentKind.INVOICE]
    lines = {record.id: record.lines for record in invoices.load_documents(db, mine)}
    result, paid, changed = [], {}, []
    for draft in drafts:
        settled, parts = _settle(draft, lines.get(draft.id, ()), till, entities[draft.entity_id])
        result.append(settled)
        if parts:
            paid[draft.id] = parts
        if settled is not draft:
            changed.append(CreditsAtIssue(draft.id, settled.credits, settled.cash_rounding, settled.due))
    invoices.save_credits(db, changed)
    return result, paid


def _settle(
    draft: ToIssue, lines: Sequence[Line], till: _Till, entity: Entity
) -> tuple[ToIssue, tuple[WalletPart, ...]]:
    if draft.kind is DocumentKind.CREDIT_NOTE:
        return draft, tuple(till.take(use) for use in draft.credits if use.wallet_id is not None)
    uses, _left = use_credits(till.purse(draft), draft.total, lines, draft.issue_date)
    parts = tuple(till.take(use) for use in uses)
    if uses == draft.credits:
        return draft, parts
    used = Money(sum(use.amount.minor for use in uses), draft.total.currency)
    rounding = cash_rounding(entity, draft.kind, draft.total, used)
    due = draft.total - used + rounding if rounding else draft.total - used
    return replace(draft, credits=uses, cash_rounding=rounding, due=due), parts


def write(db: Db, drafts: Sequence[ToIssue], paid: Paid) -> None:
    """Write the movements of wallets that documents came to."""
    wallets.move(
        db,
        [
            Movement(
                wallet_id=part.wallet.wallet.id,
                kind=MovementKind.USE if part.minor > 0 else MovementKind.RETURN,
                amount=Money(-part.minor, draft.total.currency),
                day=draft.issue_date,
                document_id=draft.id,
            )
            for draft in drafts
            for part in paid.get(draft.id, ())
        ],
    )


def returned(invoice: Document, credit: Document) -> Document:
    """Give a credit note of a whole invoice with what wallets paid of that given back to them."""
    left = -credit.total.minor
    uses = []
    for use in invoice.credits:
        back = min(left, use.amount.minor) if use.wallet_id is not None else 0
        if back > 0:
            uses.append(replace(use, amount=Money(-back, credit.currency)))
            left -= back
    if not uses:
        return credit
    used = Money(sum(use.amount.minor for use in uses), credit.currency)
    return replace(credit, credits=tuple(uses), credits_used=used)
