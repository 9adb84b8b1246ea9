"""The one computation behind preview and run: customers in chunks, from contracts to draft documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from billdesk.domain.alerts import Alert, reached
from billdesk.domain.billing import BilledLine, Case, LateAmount, ProposedLine, SettledState, Settlement, SettleOptions
from billdesk.domain.billing.assembling import Assembly, assemble, document_groups
from billdesk.domain.billing.checks import check_document
from billdesk.domain.billing.wording import Wording
from billdesk.domain.catalog import Catalog
from billdesk.domain.customers import Customer
from billdesk.domain.entities import BankAccount, Entity
from billdesk.domain.invoices import Document, ExchangeRate, PaymentDetails
from billdesk.domain.subscriptions import Subscription
from billdesk.domain.taxes import TaxTable
from billdesk.domain.usage import UsageTotal, UsageWindow
from billdesk.kernel.errors import Problem, RuleBroken
from billdesk.kernel.i18n import Language
from billdesk.kernel.progress import Progress
from billdesk.kernel.records import quick
from billdesk.services import rates, taxes
from billdesk.services.billing import findings
from billdesk.services.billing.offers import NO_OFFERS, Offers, load_offers, with_returns
from billdesk.services.billing.records import Finding
from billdesk.services.billing.running_usage import unbilled_level, usage_prices
from billdesk.services.payment_details import payment_details
from billdesk.services.settings import load_settings
from billdesk.services.taxes import Counters
from billdesk.storage import alerts, catalog, customers, entities, late_usage, subscriptions
from billdesk.storage import billing as storage
from billdesk.storage.billing import Scope
from billdesk.storage.database import Db
from billdesk.storage.subscriptions import Settled
from billdesk.storage.usage.totals import usage_totals

PAYERS: Final = 500
"""Customers whose contracts are computed together: one query of each kind for all of them."""


@quick
@dataclass(frozen=True, slots=True)
class Computed:
    """A draft that should exist, for whom, and what is remarkable about it."""

    document: Document
    customer: Customer
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What some customers should receive; `replaces` are the drafts of earlier runs that this takes the place of."""

    payers: tuple[int, ...]
    computed: tuple[Computed, ...]
    findings: tuple[Finding, ...]
    settled: tuple[Settled, ...]
    replaces: tuple[int, ...]
    subscriptions: int
    late: Mapping[int, Sequence[LateAmount]]


@dataclass
class Desk:
    """What a whole run shares: catalogue, taxes, entities, rates and words, each read once."""

    db: Db
    as_of: date
    scope: Scope
    catalog: Catalog
    taxes: TaxTable
    entities: Mapping[int, Entity]
    accounts: Sequence[BankAccount]
    settings: Mapping[str, Any]
    pending: Mapping[int, list[int]]
    waiting: Mapping[int, date]
    words: dict[str, Wording] = field(default_factory=dict)
    rates: dict[tuple[str, str], ExchangeRate | None] = field(default_factory=dict)
    payments: dict[tuple[int, str, str, int], PaymentDetails] = field(default_factory=dict)
    counters: Counters = field(default_factory=dict)
    run_id: int | None = None
    # Prices whose running periods are looked at too, as if a threshold had been crossed.
    progressive: frozenset[int] = frozenset()
    # Unbilled usage that reaches one of these is billed at once.
    thresholds: Sequence[Alert] = ()

    @classmethod
    def open(cls, db: Db, as_of: date, scope: Scope) -> Desk:
        """Read what every customer needs."""
        return cls(
            db=db,
            as_of=as_of,
            scope=scope,
            catalog=catalog.load_catalog(db),
            taxes=taxes.tax_table(db),
            entities={record.id: record for record in entities.list_entities(db)},
            accounts=entities.list_bank_accounts(db),
            settings=load_settings(db),
            pending=storage.pending_drafts(db),
            waiting=storage.waiting_subscriptions(db),
            thresholds=[one for one in alerts.load_active(db) if one.kind.bills],
        )

    def wording(self, language: str) -> Wording:
        """Give the words of a language, made once."""
        if language not in self.words:
            self.words[language] = Wording(Language(language, "documents"), self.catalog)
        return self.words[language]

    def rate(self, currency: str, entity: Entity) -> ExchangeRate | None:
        """Give the rate of a document currency, None when no rate is known."""
        key = (currency, entity.currency)
        if key not in self.rates:
            try:
                self.rates[key] = rates.rate_on(self.db, currency, entity.currency, self.as_of)
            except RuleBroken:
                # The engine names the missing rate for each customer who needs it.
                self.rates[key] = None
        return self.rates[key]

    def payment(self, entity: Entity, currency: str, language: str, days: int) -> PaymentDetails:
        """Give where and how documents of a currency are paid."""
        key = (entity.id, currency, language, days)
        if key not in self.payments:
            self.payments[key] = payment_details(entity, self.accounts, currency, language, days)
        return self.payments[key]


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one chunk of customers."""

    subscriptions: Mapping[int, Subscription]
    customers: Mapping[int, Customer]
    payer_of: Mapping[int, int]
    settlements: Mapping[int, Settlement]
    windows: Mapping[int, tuple[UsageWindow, ...]]
    usage: Mapping[UsageWindow, UsageTotal]
    offers: Mapping[int, Offers]
    refused: Mapping[int, RuleBroken] = field(default_factory=dict)


def compute(desk: Desk, progress: Progress) -> Iterator[Chunk]:
    """Give what all customers in scope should receive, chunk by chunk; nothing is written here."""
    return compute_payers(desk, storage.due_payers(desk.db, desk.as_of, desk.scope), progress)


def compute_payers(desk: Desk, payers: Sequence[int], progress: Progress) -> Iterator[Chunk]:
    """Give what some customers should receive, chunk by chunk."""
    for start in range(0, len(payers), PAYERS):
        progress.step(start, len(payers))
        yield _chunk(desk, payers[start : start + PAYERS])
    progress.step(len(payers), len(payers))


def _chunk(desk: Desk, payers: Sequence[int]) -> Chunk:
    drafts = [key for payer in payers for key in desk.pending.get(payer, ())]
    drafted = storage.draft_subscriptions(desk.db, drafts)
    due = storage.due_subscriptions(desk.db, payers, desk.as_of, desk.scope)
    wanted = sorted({*due, *drafted} - set(desk.waiting))
    batch = _settle(desk, wanted, drafted)
    found = [*_waiting(desk, due)]
    computed: list[Computed] = []
    refused: set[int] = set()
    known = storage.customers_billed(desk.db, payers)
    last = storage.last_documents(desk.db, known)
    for payer, keys in _by_payer(batch).items():
        try:
            documents = documents_of(desk, batch, payer, keys)
            passing = taxes.count_sales(desk.counters, documents)
            found += [findings.of_distance_sales(batch.customers[payer]) for _document in passing]
        except RuleBroken as broken:
            refused.add(payer)
            found.append(findings.of_problem(Problem(broken.rule, details=broken.details), batch.customers[payer]))
            continue
        computed += [_computed(desk, document, batch.customers[payer], known, last) for document in documents]
        found += [remark for key in keys for remark in _remarks(desk, batch, key)]
    settled = [
        Settled(key, desk.as_of, batch.settlements[key].next_due)
        for key in wanted
        if key in batch.settlements and batch.payer_of[key] not in refused
    ]
    kept = {key for payer in refused for key in desk.pending.get(payer, ())}
    return Chunk(
        payers=tuple(payers),
        computed=tuple(computed),
        findings=tuple(found),
        settled=tuple(settled),
        replaces=tuple(key for key in drafts if key not in kept),
        subscriptions=len(wanted),
        late={one.subscription_id: batch.settlements[one.subscription_id].late for one in settled},
    )


def _settle(desk: Desk, wanted: Sequence[int], drafted: Mapping[int, date]) -> Batch:
    records, states = subscriptions.load_many(desk.db, wanted), settled_states(desk.db, wanted, drafted)
    cases = cases_of(desk, records, states) | _crossed(desk, records, states)
    return settle_cases(desk, cases, storage.load_billed(desk.db, look_back(cases)))


def _crossed(desk: Desk, records: Mapping[int, Subscription], states: Mapping[int, SettledState]) -> dict[int, Case]:
    """Lay out with their running usage the contracts that owe so much of it that a threshold bills it."""
    if not desk.thresholds or desk.progressive:
        return {}
    watched = {
        key: record
        for key, record in records.items()
        if any(one.watches(record.customer_id, key) for one in desk.thresholds)
    }
    eager = replace(desk, progressive=usage_prices(desk.catalog))
    cases = cases_of(eager, watched, states)
    found = settle_cases(eager, cases, storage.load_billed(desk.db, look_back(cases)), offers={}).settlements
    levels = [unbilled_level(record, found[key], eager.progressive, desk.as_of) for key, record in watched.items()]
    keys = {level.subscription_id for _threshold, level in reached(desk.thresholds, levels, desk.as_of)}
    return cases_of(eager, {key: record for key, record in watched.items() if key in keys}, states)


def cases_of(desk: Desk, records: Mapping[int, Subscription], states: Mapping[int, SettledState]) -> dict[int, Case]:
    """Lay contracts out, each once for all that is asked about it."""
    accepted = late_usage.accepted(desk.db, records)
    options = {key: SettleOptions(states.get(key), desk.progressive, accepted.get(key, frozenset())) for key in records}
    return {key: Case(record, desk.catalog, desk.as_of, options[key]) for key, record in records.items()}


def look_back(cases: Mapping[int, Case]) -> dict[int, date | None]:
    """Give since when the issued lines of each contract matter."""
    return {key: case.looks_from() for key, case in cases.items()}


def settle_cases(
    desk: Desk,
    cases: Mapping[int, Case],
    billed: Mapping[int, Sequence[BilledLine]],
    *,
    offers: Mapping[int, Offers] | None = None,
) -> Batch:
    """Settle contracts as given, which a preview may have changed, against what is billed.

    Discounts and wallets are the stored ones unless `offers` gives what is left of them, by receiver.
    """
    db, records = desk.db, {key: case.subscription for key, case in cases.items()}
    owners = customers.load_many(db, {record.customer_id for record in records.values()})
    people = owners | customers.load_many(db, {one.parent_id for one in owners.values() if one.parent_id} - set(owners))
    refused: dict[int, RuleBroken] = {}
    windows = {key: _needed(case, refused) for key, case in cases.items()}
    usage = usage_totals(db, [window for group in windows.values() for window in group])
    settlements = {key: _settled(case, billed[key], usage, refused) for key, case in cases.items()}
    payer_of = {key: people[record.customer_id].parent_id or record.customer_id for key, record in records.items()}
    if offers is None:
        offers = load_offers(db, payer_of, (line for one in settlements.values() for line in one.lines))
    if offers:
        offers = with_returns(db, offers, _lines_by_payer(settlements, payer_of))
    return Batch(records, people, payer_of, settlements, windows, usage, offers, refused)


def _needed(case: Case, refused: dict[int, RuleBroken]) -> tuple[UsageWindow, ...]:
    """Give the usage that a contract needs, none when it cannot be priced."""
    try:
        return case.needed_usage()
    except RuleBroken as broken:
        refused[case.subscription.id] = broken
        return ()


def _settled(
    case: Case, billed: Sequence[BilledLine], usage: Mapping[UsageWindow, UsageTotal], refused: dict[int, RuleBroken]
) -> Settlement:
    """Settle one contract; one that cannot be priced is named when its receiver's documents are made."""
    try:
        return case.settle(usage, billed)
    except RuleBroken as broken:
        refused[case.subscription.id] = broken
        return Settlement(case.subscription.id)


def _lines_by_payer(
    settlements: Mapping[int, Settlement], payer_of: Mapping[int, int]
) -> dict[int, list[ProposedLine]]:
    result: dict[int, list[ProposedLine]] = {}
    for key, settlement in settlements.items():
        result.setdefault(payer_of[key], []).extend(settlement.lines)
    return result


def settled_states(db: Db, wanted: Iterable[int], drafted: Mapping[int, date]) -> dict[int, SettledState]:
    """Give how far contracts are settled; days that stand on a draft are not settled yet."""
    states = storage.settled_states(db, wanted)
    for key, first in drafted.items():
        state = states.get(key)
        if state is not None:
            touched = first if state.touched is None else min(first, state.touched)
            states[key] = replace(state, through=min(first, state.through), touched=touched)
    return states


def _by_payer(batch: Batch) -> dict[int, list[int]]:
    result: dict[int, list[int]] = {}
    for key in batch.settlements:
        result.setdefault(batch.payer_of[key], []).append(key)
    return result


def documents_of(desk: Desk, batch: Batch, payer: int, keys: Sequence[int]) -> list[Document]:
    """Assemble what a payer's contracts come to into checked documents; raises RuleBroken."""
    by_entity: dict[int, list[ProposedLine]] = {}
    broken = next((batch.refused[key] for key in keys if key in batch.refused), None)
    if broken is not None:
        raise broken
    for key in keys:
        if batch.settlements[key].lines:
            by_entity.setdefault(batch.subscriptions[key].entity_id, []).extend(batch.settlements[key].lines)
    documents: list[Document] = []
    offers = batch.offers.get(payer, NO_OFFERS)
    for entity_id, lines in sorted(by_entity.items()):
        assembly = _assembly(desk, batch, payer, desk.entities[entity_id], lines)
        if offers is NO_OFFERS:
            documents += assemble(lines, assembly)
            continue
        for group in document_groups(lines, assembly.customer):
            given = replace(assembly, discounts=offers.discounts(), purse=offers.purse(entity_id))
            made = assemble(group, given)
            offers = offers.after(made)
            if assembly.distance is not None:
                assembly = replace(assembly, distance=assembly.distance.after(made))
            documents += made
    for document in documents:
        check_document(document)
    return documents


def _assembly(desk: Desk, batch: Batch, payer: int, entity: Entity, lines: Sequence[ProposedLine]) -> Assembly:
    customer = batch.customers[payer]
    currencies = sorted({line.amount.currency for line in lines})
    known = {currency: desk.rate(currency, entity) for currency in currencies}
    days = entity.payment_terms_days if customer.payment_terms_days is None else customer.payment_terms_days
    others = {
        line.subscription_id: batch.customers[owner].name
        for line in lines
        if (owner := batch.subscriptions[line.subscription_id].customer_id) != payer
    }
    return Assembly(
        entity=entity,
        customer=customer,
        catalog=desk.catalog,
        taxes=desk.taxes,
        texts=desk.wording(customer.language),
        as_of=desk.as_of,
        rates={currency: rate for currency, rate in known.items() if rate is not None},
        distance=taxes.counter_for(desk.db, desk.counters, entity, customer, desk.as_of),
        subscriptions=batch.subscriptions,
        beneficiaries=others,
        payments={currency: desk.payment(entity, currency, customer.language, days) for currency in currencies},
        run_id=desk.run_id,
    )


def _computed(
    desk: Desk, document: Document, customer: Customer, known: set[int], last: Mapping[tuple[int, str], int]
) -> Computed:
    found = findings.of_document(
        document,
        customer,
        is_known=customer.id in known,
        last_net=last.get((customer.id, document.currency)),
        warn_percent=int(desk.settings["change_warning_percent"]),
    )
    return Computed(document, customer, tuple(found))


def _remarks(desk: Desk, batch: Batch, key: int) -> list[Finding]:
    customer = batch.customers[batch.payer_of[key]]
    silent = findings.missing_usage(batch.windows[key], batch.usage, customer, desk.catalog)
    return [*findings.of_settlement(batch.settlements[key], customer), *silent]


def _waiting(desk: Desk, due: Mapping[int, int]) -> list[Finding]:
    """Name contracts that are left out because a draft made by hand is about them."""
    keys = [key for key in due if key in desk.waiting]
    people = customers.load_many(desk.db, {due[key] for key in keys})
    return [Finding("draft_waiting", due[key], people[due[key]].name, key) for key in keys]
