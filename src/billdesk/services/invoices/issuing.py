"""Issuing: number, freeze, post and queue drafts, all in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any, Final

from billdesk.domain.customers import CreditPolicy
from billdesk.domain.entities import Entity, NumberSeries
from billdesk.domain.invoices import DocumentKind, DocumentState, LineKind
from billdesk.domain.references import format_ogm, make_ogm, make_rf
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.collector import patient_collector
from billdesk.kernel.errors import NotFound, RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services import audit, delivery, ledger, rates
from billdesk.services.invoices import credits_used, discounts_used, distance_issued, wallets_used
from billdesk.services.invoices.offsetting import offset_issued
from billdesk.services.invoices.parties import refresh_parties
from billdesk.services.invoices.postings import deferrals_of, entry_of
from billdesk.services.invoices.wallets_used import Paid
from billdesk.services.result import Result
from billdesk.services.settings import load_settings
from billdesk.storage import billing, customers, entities
from billdesk.storage import invoices as storage
from billdesk.storage import ledger as journal
from billdesk.storage.billing import ChargedDays, CreditedDays
from billdesk.storage.database import Db
from billdesk.storage.invoices import LineToIssue, Numbered, ToIssue, checking, corrections

CHANGED: Final[Changes] = frozenset({Noun.INVOICES, Noun.BILLING, Noun.LEDGER, Noun.CUSTOMERS, Noun.PAYMENTS})
_CHUNK: Final = 1_000
_HUNDRED: Final = 100
_MILLION: Final = 10**6


@dataclass(frozen=True, slots=True)
class Issued:
    """What was issued: ids in the order of their numbers, and totals by currency (credit notes negative)."""

    ids: tuple[int, ...]
    numbers: tuple[str, ...]
    totals: tuple[Money, ...]
    queued: int


@dataclass
class _Desk:
    """What one issue shares between its documents: entities, patterns, and series as far as they are used."""

    db: Db
    entities: Mapping[int, Entity]
    settings: Mapping[str, Any]
    series: dict[tuple[int, str, int], NumberSeries] = field(default_factory=dict)
    last: dict[tuple[int, str, int], date | None] = field(default_factory=dict)
    paid: Paid = field(default_factory=dict)


def issue_run(
    db: Db, run_id: int, issue_date: date | None = None, *, deliver: bool = True, progress: Progress
) -> Result[Issued]:
    """Issue the drafts of a billing run; drafts of paused contracts stay behind."""
    return issue_documents(db, storage.list_draft_ids(db, run_id), issue_date, deliver=deliver, progress=progress)


@patient_collector()
def issue_documents(
    db: Db, ids: Sequence[int], issue_date: date | None = None, *, deliver: bool = True, progress: Progress
) -> Result[Issued]:
    """Issue drafts on `issue_date`, or each on its own date: all of them or none.

    Numbers follow the date and then the order of the drafts. Raises RuleBroken for a document that is not a
    draft, is held back, would be dated before the last number of its series, or falls in a closed period.
    """
    issued, queued = issue_drafts(db, ids, issue_date, deliver=deliver, progress=progress)
    details = {"numbers": [one.number for one in issued], "ids": [one.id for one in issued]}
    subject = str(issued[0].id) if len(issued) == 1 else ""
    audit.record(db, command="issue_documents", noun=Noun.INVOICES, subject=subject, details=details)
    return Result(
        Issued(tuple(one.id for one in issued), tuple(one.number for one in issued), _totals(issued), queued), CHANGED
    )


def _totals(issued: Sequence[Numbered]) -> tuple[Money, ...]:
    sums: dict[str, Money] = {}
    for one in issued:
        currency = one.open.currency
        sums[currency] = sums.get(currency, Money.zero(currency)) + one.open
    return tuple(sums[currency] for currency in sorted(sums))


def issue_drafts(
    db: Db, ids: Sequence[int], issue_date: date | None, *, deliver: bool, progress: Progress, offset: bool = True
) -> tuple[list[Numbered], int]:
    """Issue drafts as part of another step, which writes its own audit event; gives them and how many were queued.

    With `offset` credit notes are set off at once where customers want that; the step may do it its own way.
    """
    drafts = _load(db, ids, issue_date)
    desk = _Desk(db, {record.id: record for record in entities.list_entities(db)}, load_settings(db))
    drafts, desk.paid = wallets_used.settle(db, drafts, desk.entities)
    issued: list[Numbered] = []
    queued = 0
    for start in range(0, len(drafts), _CHUNK):
        progress.step(start, len(drafts), issued[-1].number if issued else "")
        chunk = drafts[start : start + _CHUNK]
        numbered = [_number(desk, draft) for draft in chunk]
        _write(desk, chunk, numbered)
        if deliver:
            queued += delivery.queue_issued(db, [one.id for one in numbered])
        issued += numbered
    for series in desk.series.values():
        entities.save_series(db, series)
    discounts_used.consume(db, drafts)
    distance_issued.record(db, drafts, desk.entities)
    wallets_used.write(db, drafts, desk.paid)
    _use_credits(db, drafts)
    if offset:
        offset_issued(db, drafts)
    progress.step(len(drafts), len(drafts))
    return issued, queued


def _load(db: Db, ids: Sequence[int], issue_date: date | None) -> list[ToIssue]:
    drafts = storage.load_to_issue(db, ids)
    missing = set(ids) - {draft.id for draft in drafts}
    if missing:
        raise NotFound("invoices", str(min(missing)))
    for draft in drafts:
        if draft.state is not DocumentState.DRAFT:
            raise RuleBroken("not_a_draft", (("document", str(draft.id)),))
        if draft.hold:
            raise RuleBroken("billing_paused", (("customer", draft.customer_name),))
    drafts = refresh_parties(db, drafts)
    if issue_date is not None:
        drafts = _redate(db, drafts, issue_date)
    return sorted(drafts, key=lambda draft: (draft.issue_date, draft.id))


def _redate(db: Db, drafts: Sequence[ToIssue], day: date) -> list[ToIssue]:
    frozen = []
    result = []
    for draft in drafts:
        moved = replace(draft, issue_date=day, due_date=day + (draft.due_date - draft.issue_date))
        if day != draft.issue_date and draft.total.currency != draft.local_currency:
            rate = rates.rate_on(db, draft.total.currency, draft.local_currency, day)
            frozen.append((draft.id, rate, storage.local_minor(draft.total, rate.rate, draft.local_currency)))
        result.append(moved)
    if not frozen:
        return result
    storage.freeze_rates(db, frozen, {draft.id: draft.local_currency for draft in drafts})
    again = {draft.id: draft for draft in storage.load_to_issue(db, [key for key, _rate, _total in frozen])}
    return [
        replace(draft, rate=again[draft.id].rate, tax_local_minor=again[draft.id].tax_local_minor)
        if draft.id in again
        else draft
        for draft in result
    ]


def _number(desk: _Desk, draft: ToIssue) -> Numbered:
    key = (draft.entity_id, draft.kind.value, draft.issue_date.year)
    if key not in desk.series:
        desk.series[key] = _open_series(desk, key)
        desk.last[key] = storage.last_issue_date(desk.db, draft.entity_id, draft.kind, draft.issue_date.year)
    _require_order(draft, desk.last[key])
    before = desk.series[key]
    number, desk.series[key] = before.take()
    reference, printed = _reference(desk.entities[draft.entity_id], draft, before, number)
    return Numbered(
        id=draft.id,
        number=number,
        year=before.year,
        sequence=before.next_number,
        issue_date=draft.issue_date,
        due_date=draft.due_date,
        structured_reference=reference,
        printed_reference=printed,
        customer_name=draft.customer_name,
        purchase_order=draft.purchase_order,
        open=draft.due,
        payment=draft.payment,
    )


def _open_series(desk: _Desk, key: tuple[int, str, int]) -> NumberSeries:
    entity_id, kind, year = key
    known = entities.load_series(desk.db, entity_id, kind, year)
    name = "invoice_pattern" if kind == DocumentKind.INVOICE.value else "credit_note_pattern"
    return known or NumberSeries(entity_id, kind, year, str(desk.settings[name]))


def _require_order(draft: ToIssue, last: date | None) -> None:
    if last is not None and draft.issue_date < last:
        details = (("date", draft.issue_date.isoformat()), ("last", last.isoformat()))
        raise RuleBroken("date_before_last_number", details)


def _reference(entity: Entity, draft: ToIssue, series: NumberSeries, number: str) -> tuple[str, str]:
    """Give the payment reference of an invoice, for look-ups and as printed."""
    if draft.kind is not DocumentKind.INVOICE:
        return "", ""
    if entity.address.country != "BE":
        reference = make_rf(number)
        return reference, reference
    base = (entity.id % _HUNDRED * _HUNDRED + series.year % _HUNDRED) * _MILLION + series.next_number % _MILLION
    digits = make_ogm(base)
    return digits, format_ogm(digits)


def _write(desk: _Desk, drafts: Sequence[ToIssue], numbered: Sequence[Numbered]) -> None:
    db = desk.db
    lines: dict[int, list[LineToIssue]] = {
        key: list(group)
        for key, group in groupby(
            storage.load_lines_to_issue(db, [draft.id for draft in drafts]), key=lambda line: line.document_id
        )
    }
    storage.mark_issued(db, numbered)
    _move_days(db, drafts, [line for group in lines.values() for line in group])
    pairs = list(zip(drafts, numbered, strict=True))
    ledger.post(
        db,
        [
            entry_of(draft, lines.get(draft.id, ()), one.number, one.issue_date, paid=desk.paid.get(draft.id, ()))
            for draft, one in pairs
        ],
    )
    journal.insert_deferrals(
        db, [deferral for draft in drafts for deferral in deferrals_of(draft, lines.get(draft.id, ()))]
    )


def _move_days(db: Db, drafts: Sequence[ToIssue], lines: Sequence[LineToIssue]) -> None:
    # Credits first: an upgrade takes days back and charges the same days anew.
    credited = [
        CreditedDays(line.corrects_line_id, line.start, line.end)
        for line in lines
        if line.kind is LineKind.CREDIT and line.corrects_line_id and line.start and line.end
    ]
    charged = [
        ChargedDays(line.subscription_id, line.price_id, line.start, line.end, line.id)
        for line in lines
        if line.kind is LineKind.CHARGE and line.subscription_id and line.price_id and line.start and line.end
    ]
    billing.free_days(db, credited)
    corrected = sorted({line.corrects_line_id for line in lines if line.corrects_line_id})
    too_much = checking.credited_too_much(db, corrected)
    if too_much:
        # A credit that was drafted before another one was issued; what is left is known only now.
        names = [draft.customer_name for draft in drafts if draft.id in _drafts_on(lines, set(too_much))]
        raise RuleBroken("credit_outdated", (("customer", ", ".join(dict.fromkeys(names))),))
    # Days of which all money was given back may be charged anew without a credit of nothing.
    billing.free_lines(db, checking.credited_in_full(db, corrected))
    billing.charge_days(db, charged)


def _drafts_on(lines: Sequence[LineToIssue], corrected: set[int]) -> set[int]:
    return {line.document_id for line in lines if line.corrects_line_id in corrected}


def _use_credits(db: Db, drafts: Sequence[ToIssue]) -> None:
    """Pay new invoices from what customers have left, unless they want it refunded (billing rules §7.4).

    An invoice in the place of another one always gets what was paid on that.
    """
    invoices = [draft for draft in drafts if draft.kind is DocumentKind.INVOICE and draft.due.minor > 0]
    people = customers.load_many(db, {draft.customer_id for draft in invoices})
    refunded = {key for key, customer in people.items() if customer.credit_policy is CreditPolicy.REFUND}
    moved = corrections.replacements(db, [draft.id for draft in invoices if draft.customer_id in refunded])
    wanted = [draft for draft in invoices if draft.customer_id not in refunded or draft.id in moved]
    credits_used.apply(db, wanted)
