"""The window, the appendix and the workbook show one trace, for every charge model and every way a line comes about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import Any

import pytest

from billdesk.documents.explained import Explained, explain
from billdesk.documents.pdf import render_invoice
from billdesk.documents.printed import Printed
from billdesk.documents.xlsx import invoice_workbook
from billdesk.domain.billing import Assembly, ProposedLine, SettledState, SettleOptions, Wording, assemble
from billdesk.domain.catalog import Catalog, Commitment, Price
from billdesk.domain.customers import Customer
from billdesk.domain.discounts import Discount
from billdesk.domain.entities import Address, Entity
from billdesk.domain.explain import recompute
from billdesk.domain.invoices import Document
from billdesk.domain.rating import charge_models
from billdesk.domain.subscriptions import Entry
from billdesk.domain.taxes import TaxRate, TaxTable
from billdesk.domain.usage import UsageTotal, UsageWindow
from billdesk.kernel.i18n import Language
from builders.contracts import (
    MONTH,
    Clerk,
    a_catalog,
    a_price,
    a_subscription,
    cancelled,
    day,
    metered,
    override,
    per_unit,
    plan_change,
    seats,
    started,
)
from builders.pdfs import texts_of
from builders.workbooks import Workbook

BELGIUM = Address(country="BE")
ENTITY = Entity(1, "BD", "Desk", "EUR", address=BELGIUM)
CUSTOMER = Customer(1, "C1", "Linde", 1, "EUR", address=BELGIUM)
TAXES = TaxTable((TaxRate(1, "BE", Decimal(21), date(2020, 1, 1)),))
TIERS = [{"up_to": "100", "unit_price": "0.333", "flat": "5"}, {"unit_price": "0.125", "size": "10"}]
ROWS = [
    {"value": "EU", "model": "per_unit", "price": "0.07"},
    {"value": "US", "model": "graduated", "tiers": "100: 0.10 + 5 | 0.08"},
    {"value": "", "model": "package", "price": "3", "size": "50"},
]
SHARES = [{"up_to": "1000", "rate": "2.9", "flat": "1"}, {"rate": "1.4"}]
LIMITS = {"rate": "2.9", "fixed": "0.25", "minimum": "0.50", "free_events": "1"}


@dataclass
class Meter(Clerk):
    """Gives one total for every window."""

    total_used: UsageTotal = field(default_factory=lambda: UsageTotal(Decimal("237.5"), 12))

    def measured(self, window: UsageWindow) -> UsageTotal:  # noqa: ARG002 - every window has the same
        return self.total_used


def _contract(*plans: tuple[Price, ...], entries: tuple[Entry, ...] = ()) -> Clerk:
    return Clerk(a_catalog(*plans), a_subscription(started("01-01"), *entries))


def _used(model: str, parameters: Mapping[str, Any], **total: Any) -> Callable[[], tuple[Clerk, list[ProposedLine]]]:
    def make() -> tuple[Clerk, list[ProposedLine]]:
        used = UsageTotal(Decimal("237.5"), 12, **total)
        catalog = a_catalog((metered(3, model, parameters),))
        clerk = Meter(catalog, a_subscription(started("01-01")), total_used=used)
        return clerk, clerk.bill("02-01")

    return make


def _limited(*limits: Decimal | None) -> Callable[[], tuple[Clerk, list[ProposedLine]]]:
    def make() -> tuple[Clerk, list[ProposedLine]]:
        price = metered(3, "per_unit", {"unit_price": "1"}, limits=limits)
        clerk = _contract((price,), entries=(cancelled("01-11"),))
        clerk.events.append((day("01-05"), Decimal(20)))
        return clerk, clerk.bill("01-11")

    return make


def _seat_minimum() -> tuple[Clerk, list[ProposedLine]]:
    clerk = _contract((per_unit(2, "9.99", limits=(Decimal(100),)),), entries=(seats("01-01", 2, 3),))
    return clerk, clerk.bill("01-01")


def _stub() -> tuple[Clerk, list[ProposedLine]]:
    clerk = _contract((a_price(1), per_unit(2, "9.99")), entries=(seats("01-01", 2, 3), cancelled("01-11")))
    return clerk, clerk.bill("01-11")


def _upgrade() -> tuple[Clerk, list[ProposedLine]]:
    clerk = _contract((a_price(1),), (a_price(4, parameters={"amount": "149.99"}),))
    clerk.bill("01-01")
    clerk.know(plan_change("01-11", 2))
    clerk.know(plan_change("01-22", 1))
    return clerk, clerk.bill("01-22")


def _late() -> tuple[Clerk, list[ProposedLine]]:
    clerk = _contract((metered(3, "graduated", {"tiers": TIERS}),))
    clerk.events.append((day("01-05"), Decimal(90)))
    clerk.bill("02-01")
    clerk.events.append((day("01-06"), Decimal(20)))
    return clerk, clerk.bill("02-02", SettleOptions(SettledState(day("02-01"), day("01-06"))))


def _overstated() -> tuple[Clerk, list[ProposedLine]]:
    clerk, _lines = _late()
    clerk.events[:] = [(day("01-05"), Decimal(40))]
    return clerk, clerk.bill("02-03", SettleOptions(SettledState(day("02-02"), day("01-05"))))


def _repriced() -> tuple[Clerk, list[ProposedLine]]:
    price = metered(3, "per_unit", {"unit_price": "0.10"})
    clerk = _contract((price,), entries=(override("01-15", 3, unit_price="0.123"),))
    clerk.events += [(day("01-05"), Decimal(90)), (day("01-25"), Decimal(60))]
    return clerk, clerk.bill("02-01")


def _committed() -> tuple[Clerk, list[ProposedLine]]:
    catalog = a_catalog((metered(3, "per_unit", {"unit_price": "1"}),))
    promised = replace(catalog.plan_versions[1], commitment=Commitment(MONTH, (("EUR", Decimal(500)),)))
    clerk = Clerk(replace(catalog, plan_versions={1: promised}), a_subscription(started("01-01")))
    clerk.events.append((day("01-05"), Decimal(120)))
    return clerk, clerk.bill("02-01")


CASES: Mapping[str, Callable[[], tuple[Clerk, list[ProposedLine]]]] = {
    "flat": _used("flat", {"amount": "12.345"}),
    "per_unit": _used("per_unit", {"unit_price": "0.0123"}),
    "graduated": _used("graduated", {"tiers": TIERS}),
    "volume": _used("volume", {"tiers": TIERS}),
    "stairstep": _used("stairstep", {"tiers": [{"up_to": "100", "flat": "5"}, {"flat": "17.5"}]}),
    "package": _used("package", {"size": "50", "price": "4.25", "free": "20"}),
    "percentage": _used("percentage", {"rate": "2.9", "fixed": "0.25"}),
    "percentage with limits": _used("percentage", LIMITS, fees=Decimal("9.123")),
    "graduated_percentage": _used("graduated_percentage", {"tiers": SHARES}),
    "matrix": _used(
        "matrix", {"first": "region", "rows": ROWS},
        cells=((("EU",), Decimal(120)), (("US",), Decimal(110)), (("other",), Decimal("7.5"))),
    ),
    "dynamic": _used("dynamic", {"property": "cost"}, amount=Decimal("33.3333")),
    "a minimum of a stub": _limited(Decimal(100)),
    "a maximum of a stub": _limited(None, Decimal(31)),
    "a minimum of seats": _seat_minimum,
    "a stub of seats": _stub,
    "two upgrades in a period": _upgrade,
    "late usage": _late,
    "usage that was too high": _overstated,
    "two prices in a period": _repriced,
    "a commitment": _committed,
}  # fmt: skip


def _document(catalog: Catalog, lines: list[ProposedLine], language: str) -> Document:
    texts = Wording(Language(language, "documents"), catalog)
    customer = replace(CUSTOMER, language=language)
    assembly = Assembly(ENTITY, customer, catalog, TAXES, texts, day("02-01"))
    return assemble(lines, replace(assembly, discounts=(Discount(1, "Ten", percent=Decimal(10)),)))[0]


def _shown(document: Document) -> list[list[Explained]]:
    printed = Printed.of(document)
    return [[explain(step, printed) for step in line.trace.steps] for line in document.lines]


def _plain(*texts: str) -> str:
    return "".join("".join(texts).split())


def test_every_charge_model_is_among_the_cases() -> None:
    assert {model.key for model in charge_models()} <= set(CASES)


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("name", CASES)
def test_appendix_and_workbook_show_what_the_window_shows(name: str, language: str) -> None:
    clerk, lines = CASES[name]()
    document = _document(clerk.catalog, lines, language)
    assert len(document.lines) == len(lines) > 0
    steps = list(chain.from_iterable(_shown(document)))
    appendix = _plain(*texts_of(render_invoice(document, explain=True))[1:])
    book = Workbook(invoice_workbook(document))
    back = book.book[book.sheet_names[1]]
    written = [(row[1].value or "", row[2].value or "") for row in back.iter_rows(min_row=2)]
    for step in steps:
        assert _plain(step.formula, step.amount) in appendix
        assert (step.label, step.formula) in written


@pytest.mark.parametrize("name", CASES)
def test_the_workbook_computes_each_line_to_its_cent(name: str) -> None:
    clerk, lines = CASES[name]()
    document = _document(clerk.catalog, lines, "en")
    book = Workbook(invoice_workbook(document))
    printed = Printed.of(document)
    for row, line in enumerate(document.lines, start=10):
        assert recompute(line.trace, "EUR") == line.amount
        assert book.value(book.sheet_names[0], f"H{row}") == Fraction(printed.shown(line.amount).major)
    last = book.book[book.sheet_names[0]].max_row
    assert book.value(book.sheet_names[0], f"B{last}") == "The formulas match the document"


def test_no_word_of_the_engine_is_left_in_english() -> None:
    known = {"minimum", "maximum", "billed", "fees", "events", "charge", "commitment", "rounding", "package"}
    for make in CASES.values():
        clerk, lines = make()
        labels = {step.label for step in chain.from_iterable(_shown(_document(clerk.catalog, lines, "nl")))}
        assert not labels & known
