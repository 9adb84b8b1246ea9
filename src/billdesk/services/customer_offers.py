"""What a customer or a contract has to come off its documents, and what can be chosen when giving more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from billdesk.domain.discounts import DiscountScope
from billdesk.services.discounts import DiscountRow, list_discounts
from billdesk.services.identifiers import currencies
from billdesk.services.wallets import WalletRow, list_wallets
from billdesk.storage import catalog, customers, entities, subscriptions
from billdesk.storage.database import Db
from billdesk.storage.usage.metrics import list_metrics

_SHOWN: Final = 50
_SPENT_SHOWN: Final = 5
_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose offers are meant: a customer, or one contract of it."""

    customer_id: int | None = None
    subscription_id: int | None = None


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """Something of the catalogue that a discount can be limited to; `unit` is what a meter counts."""

    scope: DiscountScope
    id: int
    name: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class OffersCard:
    """Discounts and credit of an owner; `receiver_id` is who receives the documents, in whose wallets credit lies."""

    owner: Owner
    receiver_id: int
    receiver_name: str
    entity_id: int
    currency: str
    today: date
    discounts: tuple[DiscountRow, ...]
    wallets: tuple[WalletRow, ...]
    choices: tuple[ScopeChoice, ...]

    @property
    def gets_documents(self) -> bool:
        """Whether the owner is a contract, or a customer whose documents go to no other one."""
        return self.owner.subscription_id is not None or self.owner.customer_id == self.receiver_id


@dataclass(frozen=True, slots=True)
class CouponChoices:
    """What can be chosen when a coupon is made: parts of the catalogue, and currencies, the company's own first."""

    choices: tuple[ScopeChoice, ...]
    currencies: tuple[str, ...]
    today: date


def load_coupon_choices(db: Db) -> CouponChoices:
    """Give what can be chosen when a coupon is made."""
    own = [one.currency for one in entities.list_entities(db)]
    return CouponChoices(_choices(db), tuple(dict.fromkeys((*own, *sorted(currencies())))), db.today)


def load_offers(db: Db, owner: Owner) -> OffersCard:
    """Give the discounts and wallets of a customer or contract; raises NotFound."""
    if owner.subscription_id is not None:
        contract = subscriptions.load(db, owner.subscription_id)
        customer_id, currency, entity_id = contract.customer_id, contract.currency, contract.entity_id
    else:
        customer_id, currency, entity_id = owner.customer_id or 0, "", 0
    customer = customers.load(db, customer_id)
    receiver = customer if customer.parent_id is None else customers.load(db, customer.parent_id)
    found = list_discounts(db, customer_id=owner.customer_id, subscription_id=owner.subscription_id, limit=_SHOWN)
    return OffersCard(
        owner=owner,
        receiver_id=receiver.id,
        receiver_name=receiver.name,
        entity_id=entity_id or customer.entity_id or entities.list_entities(db)[0].id,
        currency=currency or customer.currency,
        today=db.today,
        discounts=tuple(found),
        wallets=_wallets(db, receiver.id),
        choices=_choices(db),
    )


def _wallets(db: Db, customer_id: int) -> tuple[WalletRow, ...]:
    """Give wallets that have something on them, then those used up last, whose movements somebody may want to see."""
    found = list_wallets(db, customer_id=customer_id, spent=True, limit=_MOST)
    left = [one for one in found if one.wallet.balance]
    spent = [one for one in reversed(found) if not one.wallet.balance]
    return (*left[:_SHOWN], *spent[:_SPENT_SHOWN])


def _choices(db: Db) -> tuple[ScopeChoice, ...]:
    found = [ScopeChoice(DiscountScope.PLANS, one.id, one.name) for one in catalog.load_plans(db).values()]
    found += [ScopeChoice(DiscountScope.PRODUCTS, one.id, one.name) for one in catalog.load_products(db).values()]
    found += [ScopeChoice(DiscountScope.METRICS, one.id, one.name, one.unit or one.name) for one in list_metrics(db)]
    return tuple(found)
