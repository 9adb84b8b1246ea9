"""State of the subscriptions screen: the filter of the list and the contract beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.catalog import QuantitySource
from billdesk.domain.invoices import Document
from billdesk.domain.subscriptions import SubscriptionState
from billdesk.domain.timeline import OPEN_END, Term
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.services.billing import upcoming_documents
from billdesk.services.catalog import list_charge_models
from billdesk.services.subscriptions import (
    Recurring,
    SubscriptionCard,
    SubscriptionFilter,
    SubscriptionRow,
    SubscriptionSort,
    count_states,
    count_subscriptions,
    list_subscriptions,
    load_subscription_card,
    monthly_revenue,
    revoke_entry,
)
from billdesk.services.term_words import after_text, fee_text, length_text, notice_length, uplift_text
from billdesk.ui.core.table_columns import Column, Kind, Request, Status, Summary
from billdesk.ui.core.tasks import OwnedTasks
from billdesk.ui.core.tokens import Tone

STATUSES: Final[Mapping[str, Status]] = {
    SubscriptionState.TRIAL: Status(N_("Trial"), Tone.BLUE),
    SubscriptionState.ACTIVE: Status(N_("Active"), Tone.GREEN),
    SubscriptionState.PAUSED: Status(N_("Paused"), Tone.AMBER),
    SubscriptionState.ENDING: Status(N_("Ending"), Tone.AMBER),
    SubscriptionState.ENDED: Status(N_("Ended"), Tone.GREY),
    SubscriptionState.FUTURE: Status(N_("Future"), Tone.GREY),
}
ALL: Final = "all"
NOTICE: Final = "notice_"
NOTICE_DAYS: Final = (30, 60, 90)
_SEAT_MODELS: Final = frozenset({"per_unit"})


def _last_day(record: SubscriptionRow) -> date | None:
    return record.term_end - timedelta(days=1) if record.term_end else None


COLUMNS: Final[tuple[Column[SubscriptionRow], ...]] = (
    Column("number", N_("Number"), lambda r: r.number, Kind.MUTED, rank=1),
    Column("customer", N_("Customer"), lambda r: r.customer_name, stretch=3, is_strong=True),
    Column("plan", N_("Plan"), lambda r: r.plan_name, rank=2, stretch=1),
    Column("state", N_("State"), lambda r: r.state.value, Kind.STATUS, statuses=STATUSES),
    Column("started", N_("Started"), lambda r: r.started, Kind.DATE, rank=4),
    Column("next_due", N_("Next document"), lambda r: r.next_due, Kind.DATE, rank=3),
    Column(
        "mrr", N_("Per month"), lambda r: Money(r.mrr_minor, r.currency), Kind.MONEY, is_strong=True, is_summed=True
    ),
    Column("term_end", N_("Term ends"), _last_day, Kind.DATE, is_optional=True),
    Column("notice_by", N_("Notice by"), lambda r: r.notice_by, Kind.DATE, is_optional=True),
    Column("name", N_("Name"), lambda r: r.name, is_optional=True, is_sortable=False),
    Column("version", N_("Plan version"), lambda r: r.plan_version, Kind.NUMBER, is_optional=True, is_sortable=False),
)


@dataclass(frozen=True, slots=True)
class ListSummary(Summary):
    """What the tabs and the header say beside the count and sums of the list."""

    states: tuple[tuple[str, int], ...] = ()


def fetch_subscriptions(db: Any, request: Request[SubscriptionFilter]) -> Sequence[SubscriptionRow]:  # noqa: ANN401
    """Give one page of the list."""
    sort = SubscriptionSort(request.sort or SubscriptionSort.NUMBER)
    return list_subscriptions(
        db, request.filter, sort=sort, descending=request.descending, offset=request.offset, limit=request.limit
    )


def summarize_subscriptions(db: Any, wanted: SubscriptionFilter) -> ListSummary:  # noqa: ANN401
    """Count the list, its states and its monthly revenue."""
    count = count_subscriptions(db, wanted)
    hidden = 0 if count else count_subscriptions(db)
    states = count_states(db, replace(wanted, states=()))
    return ListSummary(
        count, _sums(monthly_revenue(db, wanted)), hidden, tuple((s.value, n) for s, n in states.items())
    )


def _sums(found: Sequence[Recurring]) -> tuple[Money, ...]:
    """Give sums by currency, the one of most contracts first."""
    order = sorted(found, key=lambda one: -one.count)
    return tuple(Money(one.mrr_minor, one.currency) for one in order if one.mrr_minor)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline; while it lies ahead it can be taken back or moved."""

    entry_id: int
    effective: date
    day: str
    text: str
    note: str
    is_future: bool
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class ContractState:
    """The contract in the panel, as words."""

    card: SubscriptionCard
    today: date
    status: Status
    per_month: Money
    facts: tuple[tuple[str, str], ...]
    agreed: tuple[tuple[str, str], ...]
    terms: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]


class SubscriptionsPresenter:
    """Holds the filter; loads one contract and, apart from it, its coming documents."""

    def __init__(self, tasks: OwnedTasks) -> None:
        self._tasks = tasks
        self.filter = SubscriptionFilter()
        self.contract: ContractState | None = None

    def choose_state(self, key: str) -> SubscriptionFilter:
        """Show contracts of one state, or all."""
        states = () if key == ALL else (SubscriptionState(key),)
        self.filter = replace(self.filter, states=states, to_bill=False)
        return self.filter

    def search(self, text: str) -> SubscriptionFilter:
        """Show contracts that have these words."""
        self.filter = replace(self.filter, search=text)
        return self.filter

    def narrow_to_notice(self, days: int | None) -> SubscriptionFilter:
        """Show contracts whose notice date comes within so many days, or all."""
        self.filter = replace(self.filter, notice_within=days)
        return self.filter

    def view(self, name: str) -> SubscriptionFilter:
        """Show a preset: `to_bill`, `notice_30` (days until the notice date), or the name of a state."""
        if name == "to_bill":
            self.filter = SubscriptionFilter(to_bill=True)
            return self.filter
        if name.startswith(NOTICE):
            self.filter = SubscriptionFilter(notice_within=int(name.removeprefix(NOTICE)))
            return self.filter
        self.filter = SubscriptionFilter()
        return self.choose_state(name if name in STATUSES else ALL)

    def load(self, subscription_id: int, then: Callable[[ContractState], object]) -> None:
        """Load one contract."""

        def take(card: SubscriptionCard) -> None:
            self.contract = contract_state(card)
            then(self.contract)

        self._tasks.query(load_subscription_card, subscription_id, then=take, latest="card")

    def load_upcoming(self, subscription_id: int, then: Callable[[tuple[Document, ...]], object]) -> None:
        """Work out the documents of the next twelve months."""
        self._tasks.query(
            upcoming_documents, subscription_id, then=then, failed=lambda _error: then(()), latest="upcoming"
        )

    def revoke(self, entry_id: int, then: Callable[[object], object]) -> None:
        """Take a planned change back."""
        if self.contract is not None:
            self._tasks.command(revoke_entry, self.contract.card.subscription.id, entry_id, then=then)


def contract_state(card: SubscriptionCard) -> ContractState:
    """Put one contract into words."""
    record, language = card.subscription, current()
    facts = [(_("Plan"), card.plan_name or "–")]
    days = (
        (_("Started"), card.standing.started),
        (_("Ends"), card.standing.ended),
        (_("Next document"), card.next_due),
    )
    facts += [(name, language.day(day)) for name, day in days if day is not None]
    more = ((_("Name"), record.name), (_("Purchase order"), record.purchase_order), (_("Notes"), record.notes))
    facts += [(name, text) for name, text in more if text]
    return ContractState(
        card,
        card.today,
        STATUSES[card.standing.state],
        Money(card.standing.mrr_minor, record.currency),
        tuple(facts),
        tuple(_agreed(card)),
        tuple((term.price.name, term_words(term)) for term in card.terms),
        tuple(_steps(card)),
    )


def _agreed(card: SubscriptionCard) -> list[tuple[str, str]]:
    """Say what is agreed about the term: how long, when it ends, until when notice may be given, what comes then."""
    if card.term is None:
        return []
    language, term, renewal = current(), card.term, card.renewal
    found = [(_("Term"), length_text(term.term))]
    if term.end is not None:
        found.append((_("Last day"), language.day(term.end - timedelta(days=1))))
        found.append((_("At its end"), after_text(term.term)))
    if notice_length(term.term):
        found.append((_("Notice"), notice_length(term.term)))
    if card.standing.notice_by is not None:
        found.append((_("Notice by"), language.day(card.standing.notice_by)))
    if renewal is not None:
        found.append((_("Renews on"), language.day(renewal.day)))
        found.append((_("Then"), uplift_text(renewal.uplift)))
    found.append((_("Leaving early"), fee_text(term.term.fee)))
    return found


def _steps(card: SubscriptionCard) -> list[Step]:
    language = current()
    steps = []
    for item in reversed(card.timeline):
        parts = (item.reason, item.user, _("taken back") if item.revoked else "")
        steps.append(
            Step(
                item.entry_id,
                item.effective,
                language.day(item.effective),
                item.text,
                " · ".join(part for part in parts if part),
                item.is_future and not item.revoked,
                item.revoked,
            )
        )
    return steps


def term_words(term: Term) -> str:
    """Say what a price in force costs: an amount, a quantity times an amount, or the name of its model."""
    parameters, currency = term.terms.parameters, term.terms.currency
    words = model_word(term.price.model)
    if term.price.model == "flat":
        words = current().money(Money.of(Decimal(str(parameters["amount"])), currency))
    elif term.price.model in _SEAT_MODELS:
        words = f"{current().number(Decimal(str(parameters['unit_price'])), 2)} {currency}"
    if term.price.quantity_source is QuantitySource.SUBSCRIPTION:
        words = f"{current().number(term.quantity)} × {words}"
    if term.period.end != OPEN_END:
        words = _("{terms}, until {day}", terms=words, day=current().day(term.period.last_day))
    return words


def model_word(key: str) -> str:
    """Give the name of a charge model."""
    return next((_(model.label) for model in list_charge_models() if model.key == key), key)


def note_of(summary: ListSummary) -> str:
    """Give the line below the title; all sums stand at the foot of the list."""
    count = ngettext("{n} contract", "{n} contracts", summary.count)
    if not summary.sums:
        return count
    first = current().money(summary.sums[0])
    others = len(summary.sums) - 1
    if not others:
        return _("{count} · {sum} per month", count=count, sum=first)
    more = ngettext("{n} more currency", "{n} more currencies", others)
    return _("{count} · {sum} per month, and {more}", count=count, sum=first, more=more)


def segment_counts(summary: ListSummary) -> dict[str, str]:
    """Give the counts on the tabs."""
    found = dict(summary.states)
    counts = {key: current().number(found.get(key, 0)) for key in STATUSES}
    return {ALL: current().number(sum(found.values())), **counts}
