"""What receivers have to come off their documents: discounts and wallets, read once per chunk of customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from billdesk.domain.billing import ProposedLine
from billdesk.domain.discount_use import Granted, Use, is_amount, returned_shares, terms_left, uses_of, with_uses
from billdesk.domain.discounts import Discount
from billdesk.domain.invoices import Document
from billdesk.domain.wallets import Purse, Wallet
from billdesk.storage import discounts, wallets
from billdesk.storage.database import Db


@dataclass(frozen=True, slots=True)
class Offers:
    """The discounts of one receiver and its contracts, and its wallets with the entity that granted each."""

    granted: tuple[Granted, ...] = ()
    wallets: tuple[tuple[int, Wallet], ...] = ()

    def discounts(self) -> tuple[Discount, ...]:
        """Give what the discounts still do."""
        return tuple(terms for one in self.granted for terms in terms_left(one))

    def purse(self, entity_id: int) -> Purse | None:
        """Give the wallets that pay an entity's documents, None without any."""
        found = tuple(wallet for owner, wallet in self.wallets if owner == entity_id)
        return Purse(found) if found else None

    def after(self, documents: Iterable[Document]) -> Offers:
        """Give what is left when these documents are issued."""
        granted = {one.discount.id: one for one in self.granted}
        paid: dict[int | None, int] = {}
        for document in documents:
            for key, use in uses_of(document):
                if key in granted:
                    granted[key] = with_uses(granted[key], [use])
            for credit in document.credits:
                paid[credit.wallet_id] = paid.get(credit.wallet_id, 0) + credit.amount.minor
        left = tuple((owner, _less(wallet, paid.get(wallet.id, 0))) for owner, wallet in self.wallets)
        return Offers(tuple(granted.values()), left)


NO_OFFERS = Offers()


def with_returns(
    db: Db, offers: Mapping[int, Offers], lines: Mapping[int, Sequence[ProposedLine]]
) -> Mapping[int, Offers]:
    """Give amounts what proposed credits return of them; `lines` are by receiver.

    So an upgrade does not lose the amount that the line had which it replaces.
    """
    credited = {
        payer: [(line, line.corrects.document_id) for line in found if line.corrects is not None and line.discount]
        for payer, found in lines.items()
        if any(is_amount(one.discount) for one in offers.get(payer, NO_OFFERS).granted)
    }
    shown = discounts.amounts_shown(db, {key for found in credited.values() for _line, key in found})
    result = dict(offers)
    for payer, found in credited.items():
        back: dict[int, list[Use]] = {}
        for line, key in found:
            minor = -line.discount.minor if line.discount is not None else 0
            for discount_id, share in returned_shares(minor, shown.get(key, {})).items():
                back.setdefault(discount_id, []).append(Use(line.period.start, line.period.start, -share, 0))
        granted = [_given_back(one, back.get(one.discount.id, ())) for one in offers[payer].granted]
        result[payer] = replace(offers[payer], granted=tuple(granted))
    return result


def _given_back(granted: Granted, uses: Sequence[Use]) -> Granted:
    return with_uses(granted, uses) if uses and is_amount(granted.discount) else granted


def _less(wallet: Wallet, minor: int) -> Wallet:
    return replace(wallet, balance=replace(wallet.balance, minor=wallet.balance.minor - minor)) if minor else wallet


def load_offers(db: Db, payer_of: Mapping[int, int], lines: Iterable[ProposedLine] = ()) -> dict[int, Offers]:
    """Give the offers of those receivers who have any; `payer_of` gives the receiver of each contract.

    `lines` are those for which they are wanted: what their periods had of lasting amounts is read too.
    """
    payers = set(payer_of.values())
    granted: dict[int, list[Granted]] = {}
    if discounts.has_discounts(db):
        since = min((min(line.due, line.period.start) for line in lines), default=None)
        for one in discounts.load_granted(db, payers, payer_of, since=since):
            payer = one.customer_id or payer_of[one.discount.subscription_id or 0]
            granted.setdefault(payer, []).append(one)
    held: dict[int, list[tuple[int, Wallet]]] = {}
    if wallets.has_wallets(db):
        for row in wallets.open_wallets(db, payers):
            held.setdefault(row.customer_id, []).append((row.entity_id, row.wallet))
    return {key: Offers(tuple(granted.get(key, ())), tuple(held.get(key, ()))) for key in granted.keys() | held.keys()}
