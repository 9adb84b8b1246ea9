"""One document as its panel shows it: facts, lines, what happened to it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from billdesk.domain.invoices import Document, DocumentKind, DocumentState, Line, TaxCategory, TaxGroup
from billdesk.domain.payments import AllocationKind
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.money import Money
from billdesk.services import invoices
from billdesk.services.audit_words import describe_event
from billdesk.services.delivery.showing import Explained, explain_lines
from billdesk.services.invoices import DocumentRow, DocumentView
from billdesk.services.payments import DocumentSettlement
from billdesk.services.rates import MANUAL
from billdesk.ui.core.countries import country_name
from billdesk.ui.screens.invoices.columns import DELIVERIES, kind_word

_SETTLED: Final[Mapping[AllocationKind, str]] = {
    AllocationKind.PAYMENT: N_("Payment"),
    AllocationKind.CREDIT_NOTE: N_("Credit note {number}"),
    AllocationKind.WRITE_OFF: N_("Written off"),
    AllocationKind.BANK_FEE: N_("Bank fee"),
    AllocationKind.CASH_DISCOUNT: N_("Cash discount"),
    AllocationKind.EXCHANGE: N_("Exchange difference"),
    AllocationKind.ROUNDING: N_("Rounding"),
}


_UNTAXED: Final[Mapping[TaxCategory, str]] = {
    TaxCategory.EXEMPT: N_("Exempt from VAT"),
    TaxCategory.REVERSE_CHARGE: N_("VAT reverse-charged"),
    TaxCategory.INTRA_COMMUNITY: N_("Intra-community supply"),
    TaxCategory.EXPORT: N_("Export"),
    TaxCategory.OUTSIDE: N_("Outside VAT"),
}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line with how its amount came about."""

    title: str
    note: str
    amount: Money
    steps: tuple[Explained, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to the document on a day; `icon` tells its kind, `delivery_id` a mail to try again."""

    day: date
    text: str
    detail: str
    icon: str
    delivery_id: int | None = None


@dataclass(frozen=True, slots=True)
class Settling:
    """Something that settled (part of) the document; it can be taken back as a step."""

    settlement_id: int
    day: date
    text: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a person can do with the document in its present state."""

    key: str
    label: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class RecordState:
    """All that the panel of one document shows; the first of `deeds` is the primary one, two stand in the footer."""

    view: DocumentView
    title: str
    customer_note: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[ShownLine, ...]
    totals: tuple[tuple[str, Money], ...]
    settled: tuple[Settling, ...]
    happened: tuple[Happening, ...]
    deeds: tuple[Deed, ...]

    @property
    def row(self) -> DocumentRow:
        """The document as the list shows it."""
        return self.view.row


def load_record(db: Any, document_id: int, language: str) -> RecordState:  # noqa: ANN401 - the lane's Db
    """Read a document and put everything about it into words, in the lane of the book."""
    return describe(invoices.load_view(db, document_id), language)


def describe(view: DocumentView, language: str) -> RecordState:
    """Put a document into words."""
    document, row = view.document, view.row
    buyer = document.buyer
    return RecordState(
        view,
        document.number or kind_word(document.kind),
        " · ".join(filter(None, (buyer.address.city, buyer.tax_id))),
        tuple(_facts(view)),
        tuple(map(_line, document.lines, explain_lines(document, language))),
        tuple(_totals(document)),
        tuple(map(_settling, view.settlements)),
        tuple(sorted(_happenings(view), key=lambda one: one.day, reverse=True)),
        tuple(deeds_for(row)),
    )


def _facts(view: DocumentView) -> list[tuple[str, str]]:
    document, row, words = view.document, view.row, current()
    pairs = [(_("Date"), words.day(document.issue_date)), (_("Due"), words.day(document.due_date))]
    if document.period is not None:
        pairs.append((_("Period"), words.days(document.period.start, document.period.last_day)))
    if document.state is not DocumentState.DRAFT:
        pairs.append((_("Open amount"), words.money(row.open)))
    if document.rate.rate != 1:
        source = _("by hand") if document.rate.source == MANUAL else document.rate.source
        rate = (words.number(document.rate.rate), source, words.day(document.rate.day))
        pairs.append((_("Exchange rate"), " · ".join(filter(None, rate))))
    pairs.append((_("Reference"), row.structured_reference))
    pairs.append((_("Purchase order"), document.purchase_order))
    pairs += [(_("Corrected by") if one.corrects else _("Corrects"), one.number or _("Draft")) for one in view.related]
    return [(name, text) for name, text in pairs if text]


def _line(line: Line, steps: tuple[Explained, ...]) -> ShownLine:
    words = current()
    parts = [words.number(line.quantity)]
    if line.unit_price is not None:
        parts.append(words.number(line.unit_price, 2))
    period = words.days(line.period.start, line.period.last_day) if line.period else ""
    # The engine's details begin with the period in the customer's language.
    return ShownLine(
        line.description, " · ".join(filter(None, (" × ".join(parts), line.details or period))), line.amount, steps
    )


def _totals(document: Document) -> list[tuple[str, Money]]:
    discounts = [(one.label, -one.amount) for one in document.discounts]
    return [
        *discounts,
        (_("Before tax"), document.net),
        *((tax_word(group, document.seller.address.country), group.amount) for group in document.taxes),
        (_("Total"), document.total),
        *_to_pay(document),
    ]


def _to_pay(document: Document) -> list[tuple[str, Money]]:
    """Give what leads from the total to the amount due, where these differ."""
    credits_used = [(use.label, -use.amount) for use in document.credits]
    if document.credits_used and not credits_used:
        credits_used = [(_("Credit used"), -document.credits_used)]
    rounding = [(_("Cash rounding"), document.cash_rounding)] if document.cash_rounding else []
    steps = [*credits_used, *rounding]
    return [*steps, (_("Amount due"), document.amount_due)] if steps else []


def tax_word(group: TaxGroup, home: str = "") -> str:
    """Give the name of a tax with its percent, or why there is none, and what it is computed on.

    A country other than the seller's is named.
    """
    name = _("VAT {percent}", percent=current().percent(group.tax.percent))
    if home and group.tax.country not in {"", home}:
        name = f"{name} ({country_name(group.tax.country)})"
    if group.tax.category in _UNTAXED:
        name = _(_UNTAXED[group.tax.category])
    return _("{tax} of {base}", tax=name, base=current().money(group.base))


def _settling(one: DocumentSettlement) -> Settling:
    text = current().text(_SETTLED[one.kind], number=one.credit_number)
    return Settling(one.settlement_id, one.day, f"{text} · {one.note}" if one.note else text, one.amount)


def _happenings(view: DocumentView) -> list[Happening]:
    row = view.row
    found = []
    if row.issued_at is not None:
        found.append(Happening(row.issued_at.astimezone().date(), _("Issued"), row.number, "check"))
    for one in view.deliveries:
        day = (one.sent_at or one.queued_at).astimezone().date()
        detail = " · ".join(filter(None, (", ".join(one.recipients), one.answer)))
        again = one.id if one.state.value in {"failed", "cancelled"} else None
        found.append(Happening(day, _(DELIVERIES[one.state.value]), detail, "mail", again))
    for event in view.history:
        words = describe_event(event)
        found.append(Happening(event.at.astimezone().date(), words.title, words.details, "history"))
    return found


_DEEDS: Final[Mapping[str, Deed]] = {
    deed.key: deed
    for deed in (
        Deed("issue", N_("Issue"), "check"),
        Deed("edit", N_("Edit"), "pencil"),
        Deed("void", N_("Delete draft"), "trash-2"),
        Deed("pay", N_("Record payment"), "wallet"),
        Deed("send", N_("Send"), "send"),
        Deed("refund", N_("Pay back"), "wallet"),
        Deed("offset", N_("Set off against invoices…"), "arrow-right"),
        Deed("wallet", N_("Turn into prepaid credit…"), "wallet"),
        Deed("pdf", N_("Save PDF"), "download"),
        Deed("explained", N_("Save PDF with computation"), "download"),
        Deed("xlsx", N_("Save as spreadsheet"), "download"),
        Deed("balance", N_("Pay from balance"), "wallet"),
        Deed("correct", N_("Correct…"), "file-pen"),
        Deed("credit", N_("Credit…"), "undo"),
        Deed("write_off", N_("Write off…"), "ban"),
        Deed("uncollectible", N_("Mark as uncollectible…"), "ban"),
        Deed("check", N_("Compute again and compare"), "shield-check"),
    )
}


def deeds_for(row: DocumentRow) -> list[Deed]:
    """Give what can be done, the likeliest first."""
    is_invoice, is_open = row.kind is DocumentKind.INVOICE, bool(row.open.minor)
    if row.state is DocumentState.DRAFT:
        keys = ["issue", "edit", "pdf", "explained", "xlsx", "void"]
    elif row.state is not DocumentState.ISSUED:
        keys = ["pdf", "send", "explained", "xlsx", "check"]
    elif is_invoice:
        money = ["pay", "send", "balance"] if is_open else ["send", "pdf"]
        keys = [
            *money,
            "pdf",
            "explained",
            "xlsx",
            "correct",
            "credit",
            *(["write_off", "uncollectible"] if is_open else []),
            "check",
        ]
    else:
        keys = [*(["refund", "offset", "wallet"] if is_open else []), "send", "pdf", "explained", "xlsx", "check"]
    return [_DEEDS[key] for key in dict.fromkeys(keys)]
