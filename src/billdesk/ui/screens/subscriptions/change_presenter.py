"""State of the dialogs that change or begin a contract: what can be chosen, and what a choice comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.catalog import Catalog, PlanVersion, PriceTerms, QuantitySource, VersionState
from billdesk.domain.contract_changes import seats_on
from billdesk.domain.renewals import RunningTerm
from billdesk.domain.subscriptions import EntryKind, Override, PauseKind, Subscription, SubscriptionState
from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.i18n import N_, _
from billdesk.services.billing import ContractPreview, preview_changed_contract, preview_new_contract
from billdesk.services.catalog import load_catalog
from billdesk.services.customers import find_customers, load_customer
from billdesk.services.indexes import list_indexes
from billdesk.services.subscriptions import (
    Change,
    Ending,
    Start,
    When,
    change_subscription,
    load_ending,
    load_subscription_card,
    start_subscription,
    suggest_subscription_number,
)
from billdesk.ui.core.record_picker import Hit
from billdesk.ui.core.tasks import OwnedTasks

PHASES: Final = "phases"
"""Own prices that follow one another; the book keeps them as so many own prices."""

KIND_WORDS: Final[Mapping[str, str]] = {
    EntryKind.CHANGE_QUANTITY: N_("Change the quantity"),
    EntryKind.CHANGE_PLAN: N_("Change the plan"),
    EntryKind.OVERRIDE_PRICE: N_("Agree on an own price"),
    PHASES: N_("Agree on prices in phases"),
    EntryKind.SET_TERM: N_("Agree on a term"),
    EntryKind.RENEW: N_("Renew"),
    EntryKind.PAUSE: N_("Pause"),
    EntryKind.RESUME: N_("Resume"),
    EntryKind.CONVERT: N_("End the trial and start paying"),
    EntryKind.CANCEL: N_("End the contract"),
}
WHEN_WORDS: Final[Mapping[When, str]] = {
    When.UPGRADE_NOW: N_("Now if it costs more, else when the period ends"),
    When.NOW: N_("Now"),
    When.PERIOD_END: N_("When the period ends"),
    When.TERM_END: N_("When the term ends"),
    When.EARLIEST: N_("As soon as the term allows"),
    When.DATE: N_("On a day"),
}
PAUSE_WORDS: Final[Mapping[PauseKind, str]] = {
    PauseKind.SERVICE: N_("The service stops: unused days are credited"),
    PauseKind.BILLING_KEEP: N_("Billing waits: drafts are held back"),
    PauseKind.BILLING_SKIP: N_("These days are not charged"),
    PauseKind.BILLING_WAIVE: N_("These days are waived, billed ones credited"),
}
WITH_TERM: Final[Mapping[str, frozenset[When]]] = {
    EntryKind.RENEW: frozenset({When.TERM_END}),
    EntryKind.CANCEL: frozenset({When.EARLIEST, When.TERM_END}),
}
"""The days that a term decides, by the kinds of change that may have them."""
FIRST_WHEN: Final[Mapping[str, When]] = {
    EntryKind.CHANGE_QUANTITY: When.UPGRADE_NOW,
    EntryKind.CHANGE_PLAN: When.UPGRADE_NOW,
    EntryKind.OVERRIDE_PRICE: When.PERIOD_END,
    EntryKind.CANCEL: When.PERIOD_END,
    PHASES: When.PERIOD_END,
}
_RUNNING: Final = (
    EntryKind.CHANGE_QUANTITY,
    EntryKind.CHANGE_PLAN,
    EntryKind.OVERRIDE_PRICE,
    PHASES,
    EntryKind.SET_TERM,
    EntryKind.RENEW,
)
_KINDS: Final[Mapping[SubscriptionState, tuple[str, ...]]] = {
    SubscriptionState.ACTIVE: (*_RUNNING, EntryKind.PAUSE, EntryKind.CANCEL),
    SubscriptionState.ENDING: (*_RUNNING, EntryKind.PAUSE, EntryKind.CANCEL),
    SubscriptionState.TRIAL: (EntryKind.CONVERT, *_RUNNING, EntryKind.PAUSE, EntryKind.CANCEL),
    SubscriptionState.PAUSED: (EntryKind.RESUME, EntryKind.SET_TERM, EntryKind.RENEW, EntryKind.CANCEL),
    SubscriptionState.FUTURE: (EntryKind.CANCEL,),
}


@dataclass(frozen=True, slots=True)
class Seat:
    """A price whose quantity the contract says."""

    price_id: int
    name: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """A plan version that is sold, with the seats it starts with."""

    version_id: int
    words: str
    seats: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class PriceChoice:
    """A price in force with its model and terms."""

    price_id: int
    name: str
    model: str
    terms: PriceTerms


@dataclass(frozen=True, slots=True)
class ChangeOptions:
    """What can be chosen for one contract today; `indexes` are codes and names of price indexes."""

    subscription: Subscription
    customer: str
    today: date
    kinds: tuple[str, ...]
    seats: tuple[Seat, ...]
    plans: tuple[PlanChoice, ...]
    prices: tuple[PriceChoice, ...]
    term: RunningTerm | None = None
    ending: Ending | None = None
    indexes: tuple[tuple[str, str], ...] = ()


def load_change_options(db: Any, subscription_id: int) -> ChangeOptions:  # noqa: ANN401
    """Give what can be chosen for a contract."""
    card, catalog = load_subscription_card(db, subscription_id), load_catalog(db)
    record = card.subscription
    seats = tuple(
        Seat(price_id, catalog.prices[price_id].name, quantity)
        for price_id, quantity in seats_on(record, catalog, db.today).items()
    )
    kinds = tuple(k for k in _KINDS.get(card.standing.state, ()) if seats or k is not EntryKind.CHANGE_QUANTITY)
    plans = tuple(choice for choice in _plans(catalog, record.currency) if choice.version_id != _version(card.version))
    prices = tuple(PriceChoice(term.price.id, term.price.name, term.price.model, term.terms) for term in card.terms)
    return ChangeOptions(
        record,
        card.customer.name,
        db.today,
        tuple(kind for kind in kinds if kind != EntryKind.RENEW or card.term is not None),
        seats,
        plans,
        prices,
        term=card.term,
        ending=load_ending(db, subscription_id),
        indexes=index_choices(db),
    )


def index_choices(db: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401
    """Give the indexes that prices may follow."""
    return tuple((index.code, index.name) for index in list_indexes(db))


def _version(version: PlanVersion | None) -> int:
    return version.id if version else 0


def _plans(catalog: Catalog, currency: str) -> list[PlanChoice]:
    """Give the versions that are sold in a currency."""
    found = []
    for version in catalog.plan_versions.values():
        plan = catalog.plans.get(version.plan_id)
        prices = [catalog.prices[item.price_id] for item in version.items]
        is_sold = all(price.is_sold_in(currency) for price in prices)
        if plan is None or plan.archived or version.state is not VersionState.LIVE or not is_sold:
            continue
        seats = tuple(
            Seat(item.price_id, catalog.prices[item.price_id].name, item.quantity)
            for item in version.items
            if catalog.prices[item.price_id].quantity_source is QuantitySource.SUBSCRIPTION
        )
        words = _("{plan}, version {number}", plan=plan.name, number=version.number)
        found.append(PlanChoice(version.id, words, seats))
    return sorted(found, key=lambda choice: choice.words)


@dataclass(frozen=True, slots=True)
class Wish:
    """A change as the dialog has it; `fields` are those of the kind."""

    kind: str
    when: When
    day: date | None
    reason: str
    fields: Mapping[str, Any]

    def change(self) -> Change:
        """Give the change for the services."""
        kind = EntryKind.OVERRIDE_PRICE if self.kind == PHASES else EntryKind(self.kind)
        return replace(Change(kind, self.when, self.day, reason=self.reason), **self.fields)


def own_price(choice: PriceChoice, parameters: Mapping[str, object], until: date | None, reason: str) -> Override:
    """Give an own price from the fields of its model."""
    return Override(choice.price_id, replace(choice.terms, parameters=dict(parameters)), reason, until)


@dataclass(frozen=True, slots=True)
class StartOptions:
    """What a new contract can have: plans by currency, the suggested number, the customer's terms."""

    number: str
    today: date
    currency: str
    entity_id: int
    customer: str
    plans: tuple[PlanChoice, ...]
    indexes: tuple[tuple[str, str], ...] = ()


def find_customer_hits(db: Any, words: str) -> list[Hit]:  # noqa: ANN401
    """Find customers for the picker."""
    return [Hit(str(row.id), row.name, f"{row.number} {row.city}".strip()) for row in find_customers(db, words)]


def load_start_options(db: Any, customer_id: int) -> StartOptions:  # noqa: ANN401
    """Give what a new contract of a customer can have."""
    customer, catalog = load_customer(db, customer_id), load_catalog(db)
    plans = tuple(_plans(catalog, customer.currency))
    number = suggest_subscription_number(db)
    indexes = index_choices(db)
    return StartOptions(number, db.today, customer.currency, customer.entity_id, customer.name, plans, indexes)


class ChangePresenter:
    """Previews and carries out changes; the newest preview wins."""

    def __init__(self, tasks: OwnedTasks) -> None:
        self._tasks = tasks

    def load(self, subscription_id: int, then: Callable[[ChangeOptions], object]) -> None:
        """Load what can be chosen."""
        self._tasks.query(load_change_options, subscription_id, then=then)

    def preview(
        self,
        subscription_id: int,
        wish: Wish,
        then: Callable[[ContractPreview], object],
        failed: Callable[[BillDeskError], object],
    ) -> None:
        """Work out the next documents with the change."""
        self._tasks.query(
            preview_changed_contract, subscription_id, wish.change(), then=then, failed=failed, latest="preview"
        )

    def save(
        self,
        subscription_id: int,
        wish: Wish,
        then: Callable[[Subscription], object],
        failed: Callable[[BillDeskError], object],
    ) -> None:
        """Carry the change out."""
        self._tasks.command(change_subscription, subscription_id, wish.change(), then=then, failed=failed)

    def load_start(self, customer_id: int, then: Callable[[StartOptions], object]) -> None:
        """Load what a new contract of a customer can have."""
        self._tasks.query(load_start_options, customer_id, then=then, latest="start")

    def preview_start(
        self,
        record: Subscription,
        start: Start,
        then: Callable[[ContractPreview], object],
        failed: Callable[[BillDeskError], object],
    ) -> None:
        """Work out the first documents of a new contract."""
        self._tasks.query(preview_new_contract, record, start, then=then, failed=failed, latest="preview")

    def begin(
        self,
        record: Subscription,
        start: Start,
        then: Callable[[Subscription], object],
        failed: Callable[[BillDeskError], object],
    ) -> None:
        """Begin the contract."""
        self._tasks.command(start_subscription, record, start, then=then, failed=failed)
