"""Invoices and credit notes for tests: `an_invoice(lines=(a_line(),))` adds up by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from billdesk.domain.entities import Address
from billdesk.domain.explain import NO_TRACE, Step, StepKind, Trace
from billdesk.domain.invoices import (
    DiscountShown,
    Document,
    DocumentKind,
    DocumentState,
    ExchangeRate,
    Line,
    LineKind,
    LineTax,
    Party,
    PaymentDetails,
    TaxCategory,
    TaxGroup,
)
from billdesk.kernel.money import Money, total
from billdesk.kernel.period import Period

VAT_21 = LineTax(TaxCategory.STANDARD, Decimal(21))
VAT_6 = LineTax(TaxCategory.STANDARD, Decimal(6))
REVERSE_CHARGE = LineTax(
    TaxCategory.REVERSE_CHARGE,
    Decimal(0),
    "VATEX-EU-AE",
    "Reverse charge: VAT due by the recipient, article 196 of Directive 2006/112/EC.",
)
JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))

SELLER = Party(
    "Acacia Cloud BV",
    Address("Scheldestraat 11", "", "2000", "Antwerpen", "", "BE"),
    "BE0417497106",
    "0417.497.106",
    "billing@acacia.example",
    "+32 3 555 01 23",
    "www.acacia.example",
)
BUYER = Party(
    "Brouwerij De Linde NV",
    Address("Stationsplein 3", "bus 2", "3000", "Leuven", "", "BE"),
    "BE0203430576",
    number="K0042",
)
PAYMENT = PaymentDetails("BE68539007547034", "KREDBEBB", "Acacia Cloud BV", "", "+++090/9337/55493+++")


def a_trace(quantity: str = "3", unit_price: str = "49.5") -> Trace:
    """Give the trace of a whole period at one price."""
    amount = str(Decimal(quantity) * Decimal(unit_price))
    return Trace(
        (
            Step(StepKind.QUANTITY, {"quantity": quantity, "source": "subscription"}),
            Step(StepKind.PART, {"quantity": quantity, "unit_price": unit_price, "flat": "0"}, amount),
            Step(StepKind.FULL, {}, amount),
            Step(StepKind.ROUND, {}, amount),
        )
    )


def a_line(
    description: str = "Team plan",
    *,
    position: int = 1,
    quantity: str = "3",
    unit_price: str | None = "49.50",
    minor: int = 14850,
    currency: str = "EUR",
    discount: int = 0,
    tax: LineTax = VAT_21,
    details: str = "",
    kind: LineKind = LineKind.CHARGE,
    unit_code: str = "C62",
    period: Period | None = JANUARY,
    trace: Trace = NO_TRACE,
) -> Line:
    """Give a line; `minor` is its amount before the discount."""
    price = None if unit_price is None else Decimal(unit_price)
    return Line(
        position,
        kind,
        description,
        Decimal(quantity),
        unit_code,
        price,
        Money(minor, currency),
        Money(discount, currency),
        tax,
        details,
        period,
        trace=trace,
    )


def lines_of(count: int, *, currency: str = "EUR") -> tuple[Line, ...]:
    """Give `count` lines that differ."""
    return tuple(
        a_line(f"Team plan, site {n}", position=n, quantity=str(n), minor=4950 * n, currency=currency)
        for n in range(1, count + 1)
    )


def tax_groups(lines: Sequence[Line], rate: ExchangeRate, local: str) -> tuple[TaxGroup, ...]:
    """Give the groups of lines, tax rounded per group."""
    groups = []
    for tax in dict.fromkeys(line.tax for line in lines):
        own = [line.net for line in lines if line.tax == tax]
        base = total(own, own[0].currency)
        amount = Money.of(base.major * tax.percent / 100, base.currency)
        groups.append(TaxGroup(tax, base, amount, Money.of(amount.major * rate.rate, local)))
    return tuple(groups)


def an_invoice(
    *,
    lines: Sequence[Line] = (),
    kind: DocumentKind = DocumentKind.INVOICE,
    state: DocumentState = DocumentState.ISSUED,
    number: str = "2026-00042",
    language: str = "en",
    seller: Party = SELLER,
    buyer: Party = BUYER,
    payment: PaymentDetails = PAYMENT,
    rate: ExchangeRate | None = None,
    discounts: tuple[DiscountShown, ...] = (),
    notes: str = "",
    footer: str = "",
    purchase_order: str = "",
) -> Document:
    """Give an issued invoice whose taxes and totals follow from its lines."""
    lines = tuple(lines) or (a_line(trace=a_trace()),)
    currency = lines[0].amount.currency
    rate = rate or ExchangeRate(Decimal(1), date(2026, 1, 31), "")
    taxes = tax_groups(lines, rate, "EUR" if rate.rate != 1 else currency)
    net, tax = total((line.net for line in lines), currency), total((g.amount for g in taxes), currency)
    return Document(
        7, kind, state, 1, 5, currency, language, date(2026, 1, 31), date(2026, 3, 2), seller, buyer,
        lines, taxes, net, tax, net + tax, rate, number, None, JANUARY, discounts,
        payment=payment, purchase_order=purchase_order, notes=notes, footer=footer,
    )  # fmt: skip


def a_credit_note(*, lines: Sequence[Line] = (), language: str = "en", corrects: str = "2026-00042") -> Document:
    """Give an issued credit note, negative as the book keeps it."""
    lines = tuple(lines) or (a_line("Team plan", quantity="-3", minor=-14850, kind=LineKind.CREDIT),)
    document = an_invoice(lines=lines, kind=DocumentKind.CREDIT_NOTE, number="C2026-0003", language=language)
    return replace(document, corrects_numbers=(corrects,))
