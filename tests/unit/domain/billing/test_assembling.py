from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billdesk.domain.billing import Assembly, ProposedLine, Wording, assemble, check_billed, check_document
from billdesk.domain.catalog import PriceTerms
from billdesk.domain.customers import Contact, Customer, CustomerKind, InvoiceGrouping
from billdesk.domain.discounts import Discount, DiscountFrequency
from billdesk.domain.entities import Address, Entity, TaxRegistration, TaxRounding
from billdesk.domain.invoices import Document, DocumentKind, ExchangeRate, LineKind, PaymentDetails, TaxPart
from billdesk.domain.subscriptions import Subscription
from billdesk.domain.taxes import TaxRate, TaxTable
from billdesk.domain.wallets import OpenCredit, Purse, Wallet
from billdesk.kernel.errors import InvariantBroken, RuleBroken
from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period
from builders.contracts import (
    Clerk,
    a_catalog,
    a_price,
    a_subscription,
    cancelled,
    day,
    metered,
    per_unit,
    plan_change,
    started,
)

BELGIUM = Address(country="BE")
ENTITY = Entity(1, "BD", "Desk", "EUR", "Desk NV", BELGIUM, registrations=(TaxRegistration("BE", "BE0123"),))
CUSTOMER = Customer(1, "C1", "Linde", 1, "EUR", address=BELGIUM, contacts=(Contact("An", "an@linde.be"),))
RATES = (TaxRate(1, "BE", Decimal(21), date(2020, 1, 1)),)
BASE = a_price(1)


def an_assembly(catalog: Any = None, **changes: Any) -> Assembly:
    sold = catalog or a_catalog((BASE, per_unit(2, "10")))
    texts = Wording(Language("en", "documents"), sold)
    plain = Assembly(ENTITY, CUSTOMER, sold, TaxTable(RATES), texts, day("01-01"))
    return replace(plain, **changes)


def a_document(*prices: Any, as_of: str = "01-01", **changes: Any) -> Document:
    catalog = a_catalog(prices or (BASE,))
    lines = Clerk(catalog, a_subscription(started("01-01"))).bill(as_of)
    document = assemble(lines, an_assembly(catalog, as_of=day(as_of), **changes))[0]
    check_document(document)
    return document


def sums(document: Document) -> tuple[str, str, str]:
    return (f"{document.net.major}", f"{document.tax.major}", f"{document.total.major}")


def test_an_invoice_has_lines_taxes_and_terms() -> None:
    document = a_document(BASE, per_unit(2, "10"))
    assert sums(document) == ("110.00", "23.10", "133.10")
    assert (document.kind, document.due_date, document.buyer.contact) == (DocumentKind.INVOICE, day("01-31"), "An")
    assert [line.details for line in document.lines] == ["1–31 Jan 2026"] * 2
    assert document.seller.tax_id == "BE0123"


def test_each_currency_has_an_account_of_its_own() -> None:
    catalog = a_catalog(
        (a_price(1, terms=(PriceTerms("EUR", {"amount": "100"}), PriceTerms("USD", {"amount": "120"}))),)
    )
    lines = [
        *Clerk(catalog, a_subscription(started("01-01"))).bill("01-01"),
        *Clerk(catalog, replace(a_subscription(started("01-01")), currency="USD")).bill("01-01"),
    ]
    rates = {"USD": ExchangeRate(Decimal("0.9"), day("01-01"), "ECB")}
    accounts = {"EUR": PaymentDetails("BE68539007547034"), "USD": PaymentDetails("BE43068999999501")}
    documents = assemble(lines, an_assembly(catalog, rates=rates, payments=accounts))
    assert [(one.currency, one.payment.iban) for one in documents] == [
        ("EUR", "BE68539007547034"), ("USD", "BE43068999999501"),
    ]  # fmt: skip


def test_a_net_credit_is_a_credit_note_that_names_what_it_corrects() -> None:
    clerk = Clerk(a_catalog((BASE,)), a_subscription(started("01-01")))
    clerk.bill("01-01")
    clerk.know(cancelled("01-16"))
    document = assemble(clerk.bill("01-16"), an_assembly(clerk.catalog))[0]
    check_document(document)
    assert (document.kind, document.corrects_numbers, document.corrects_ids) == (
        DocumentKind.CREDIT_NOTE, ("INV-1",), (1,))  # fmt: skip
    assert document.lines[0].description == "Credit: Product 1 – Price 1"
    assert document.lines[0].details == "16–31 Jan 2026 · 16 of 31 days · corrects INV-1"
    assert sums(document) == ("-51.61", "-10.84", "-62.45")


def test_an_upgrade_is_one_invoice_with_a_credit_line() -> None:
    catalog = a_catalog((BASE,), (a_price(2, "flat", {"amount": "300"}),))
    clerk = Clerk(catalog, a_subscription(started("01-01")))
    clerk.bill("01-01")
    clerk.know(plan_change("01-16", 2))
    document = assemble(clerk.bill("01-16"), an_assembly(catalog))[0]
    assert (document.kind, document.corrects_numbers, document.net.minor) == (DocumentKind.INVOICE, ("INV-1",), 10323)


def test_nothing_to_bill_makes_no_document() -> None:
    assert assemble([], an_assembly()) == ()


def test_documents_are_split_by_subscription_currency_hold_and_correction() -> None:
    line = Clerk(a_catalog((BASE,)), a_subscription(started("01-01"))).bill("01-01")[0]
    other = replace(line, subscription_id=2)
    assert len(assemble([line, other], an_assembly())) == 1
    grouped = replace(CUSTOMER, grouping=InvoiceGrouping.SUBSCRIPTION)
    assert len(assemble([line, other], an_assembly(customer=grouped))) == 2
    apart = [line, replace(line, hold=True), replace(line, separate=True)]
    assert [one.hold for one in assemble(apart, an_assembly())] == [False, True, False]


def test_a_foreign_currency_needs_a_rate_and_states_its_tax_at_home() -> None:
    dollars = replace(BASE, terms=(replace(BASE.terms[0], currency="USD"),))
    line = Clerk(a_catalog((dollars,)), a_subscription(started("01-01"), currency="USD")).bill("01-01")[0]
    with pytest.raises(RuleBroken):
        assemble([line], an_assembly())
    rates = {"USD": ExchangeRate(Decimal("0.9"), day("01-01"), "ECB")}
    document = assemble([line], an_assembly(rates=rates))[0]
    assert document.taxes[0].amount_local == Money(1890, "EUR")


def test_the_rate_is_the_one_of_the_day_on_which_a_line_fell_due() -> None:
    swiss = (TaxRate(1, "BE", Decimal("7.7"), date(2020, 1, 1), until=day("02-01")),
             TaxRate(2, "BE", Decimal("8.1"), day("02-01")))  # fmt: skip
    document = a_document(as_of="02-01", taxes=TaxTable(swiss))
    assert [str(group.tax.percent) for group in document.taxes] == ["7.7", "8.1"]


def test_a_price_with_tax_inside_keeps_its_gross_total() -> None:
    document = a_document(a_price(1, "flat", {"amount": "99.99"}, tax_inclusive=True))
    assert sums(document) == ("82.64", "17.35", "99.99")
    assert document.lines[0].included_tax == Money(1735, "EUR")


def test_tax_per_line_rounds_each_line() -> None:
    prices = [a_price(n, "flat", {"amount": amount}) for n, amount in ((1, "55.55"), (2, "11.11"))]
    rates = (TaxRate(1, "BE", Decimal(23), date(2020, 1, 1)),)
    assert a_document(*prices, taxes=TaxTable(rates)).tax.minor == 1533
    by_line = replace(ENTITY, tax_rounding=TaxRounding.PER_LINE)
    assert a_document(*prices, taxes=TaxTable(rates), entity=by_line).tax.minor == 1534
    gross = [replace(price, tax_inclusive=True) for price in prices]
    assert a_document(*gross, taxes=TaxTable(rates), entity=by_line).total.minor == 6666


def test_an_added_up_rate_is_one_group_whose_parts_add_up() -> None:
    parts = (TaxPart("State", Decimal(4)), TaxPart("County", Decimal("0.25")), TaxPart("City", Decimal("4.5")))
    rate = TaxRate(1, "BE", Decimal("8.75"), date(2020, 1, 1), parts=parts)
    group = a_document(a_price(1, "flat", {"amount": "99.99"}), taxes=TaxTable((rate,))).taxes[0]
    assert [part.amount.minor for part in group.tax.parts if part.amount] == [400, 25, 450]


def test_discounts_are_shown_between_lines_and_tax() -> None:
    discounts = (Discount(1, "Welcome", Decimal(10)), Discount(2, "Five off", amount=Money(500, "EUR"), position=1))
    document = a_document(BASE, per_unit(2, "10"), discounts=discounts)
    assert [line.discount.minor for line in document.lines] == [1455, 145]
    assert [shown.amount.minor for shown in document.discounts] == [1100, 500]
    assert sums(document) == ("94.00", "19.74", "113.74")


def test_a_discount_for_some_periods_stops_in_a_catch_up() -> None:
    discount = Discount(1, "Start", Decimal(50), frequency=DiscountFrequency.PERIODS, periods_left=2)
    document = a_document(as_of="03-01", discounts=(discount,))
    assert [line.discount.minor for line in document.lines] == [5000, 5000, 0]


def test_credits_pay_in_their_order_and_the_rest_is_due() -> None:
    wallet = Wallet(7, "Prepaid", Money(5000, "EUR"), day("01-01"))
    notes = (OpenCredit(9, "CN-1", Money(1000, "EUR"), day("01-01")),)
    purse = Purse((wallet,), (Money(2000, "EUR"),), notes, "Balance")
    document = a_document(purse=purse)
    assert [(use.label, use.amount.minor) for use in document.credits] == [
        ("Prepaid", 5000), ("Balance", 2000), ("CN-1", 1000)]  # fmt: skip
    assert document.amount_due == Money(4100, "EUR")


def test_swiss_cash_is_rounded_only_in_the_amount_due() -> None:
    swiss = replace(ENTITY, currency="CHF", cash_rounding_minor=5, address=Address(country="CH"))
    francs = replace(BASE, terms=(replace(BASE.terms[0], currency="CHF", parameters={"amount": "10.01"}),))
    line = Clerk(a_catalog((francs,)), a_subscription(started("01-01"), currency="CHF")).bill("01-01")[0]
    table = TaxTable((TaxRate(1, "CH", Decimal("8.1"), date(2024, 1, 1)),))
    home = replace(CUSTOMER, address=Address(country="CH"))
    document = assemble([line], an_assembly(entity=swiss, taxes=table, customer=home))[0]
    assert (document.total.minor, document.cash_rounding, document.amount_due.minor) == (1082, Money(-2, "CHF"), 1080)
    assert assemble([line, line], an_assembly(entity=swiss, taxes=table, customer=home))[0].amount_due.minor % 5 == 0


def test_a_parent_pays_for_its_child_and_reads_for_whom() -> None:
    document = a_document(beneficiaries={1: "Linde Gent"})
    assert document.lines[0].details == "1–31 Jan 2026 · for Linde Gent"


def test_the_purchase_order_is_the_contracts_or_the_customers() -> None:
    contract = Subscription(1, "S1", 1, 1, "EUR", day("01-01"), (), purchase_order="PO-7")
    assert a_document(subscriptions={1: contract}).purchase_order == "PO-7"
    assert a_document(customer=replace(CUSTOMER, purchase_order="PO-1", contacts=())).purchase_order == "PO-1"


def test_a_line_of_a_price_that_is_no_longer_sold_still_reads() -> None:
    line = Clerk(a_catalog((BASE,)), a_subscription(started("01-01"))).bill("01-01")[0]
    empty = a_catalog()
    assert assemble([line], an_assembly(empty))[0].lines[0].description == ""
    nameless = replace(a_catalog((BASE,)), products={})
    assert assemble([line], an_assembly(nameless))[0].lines[0].description == "Price 1"


def test_days_and_quantities_are_shown_where_a_part_is_charged() -> None:
    lines = Clerk(a_catalog((per_unit(2, "10"),)), a_subscription(started("01-16"), anchor="01-01")).bill("01-16")
    line = assemble(lines, an_assembly())[0].lines[0]
    assert (str(line.quantity), line.unit_price, line.details) == ("1", None, "16–31 Jan 2026 · 16 of 31 days")


def test_a_consumer_abroad_without_oss_pays_the_sellers_rate() -> None:
    dutch = replace(CUSTOMER, kind=CustomerKind.CONSUMER, address=Address(country="NL"))
    assert a_document(customer=dutch).taxes[0].tax.country == "BE"


def _broken(document: Document, **changes: Any) -> str:
    with pytest.raises(InvariantBroken) as caught:
        check_document(replace(document, **changes))
    return caught.value.invariant


def test_a_document_that_contradicts_itself_is_refused() -> None:
    document = a_document()
    line = document.lines[0]
    one = Money(1, "EUR")
    assert _broken(document, lines=()) == "document_without_lines"
    assert _broken(document, net=one) == "net_is_not_sum_of_lines"
    assert _broken(document, taxes=()) == "net_is_not_sum_of_tax_bases"
    assert _broken(document, tax=one) == "tax_is_not_sum_of_groups"
    assert _broken(document, total=one) == "total_is_not_net_plus_tax"
    assert _broken(document, kind=DocumentKind.CREDIT_NOTE) == "credit_note_is_not_negative"
    assert _broken(document, credits_used=Money(99999, "EUR")) == "amount_due_is_negative"
    assert _broken(document, currency="USD") == "currencies_differ"
    more = replace(line, amount=Money(10001, "EUR"), discount=one)
    assert _broken(document, lines=(more,)) == "discounts_shown_differ"
    zero = replace(line, position=2, amount=Money(0, "EUR"))
    assert _broken(document, lines=(line, zero)) == "line_is_zero"
    assert _broken(document, lines=(replace(line, amount=Money(9000, "EUR"), discount=Money(-1000, "EUR")),)) == (
        "discount_exceeds_line")  # fmt: skip


def test_a_trace_that_tells_another_amount_is_refused() -> None:
    document = a_document(as_of="02-01")
    first, second = document.lines
    wrong = (replace(first, amount=Money(9999, "EUR")), replace(second, amount=Money(10001, "EUR")))
    assert _broken(document, lines=wrong) == "trace_differs_from_line"


def test_billed_lines_that_contradict_each_other_are_refused() -> None:
    clerk = Clerk(a_catalog((BASE,)), a_subscription(started("01-01")))
    clerk.bill("01-01")
    line = clerk.billed[0]
    twice = replace(line, line_id=2)
    over = replace(line, line_id=3, kind=LineKind.CREDIT, amount=-10001, corrects_line_id=1)
    lost = replace(over, corrects_line_id=77)
    for more, invariant in (
        (twice, "day_billed_twice"),
        (over, "credited_more_than_billed"),
        (lost, "credit_without_charge"),
    ):
        with pytest.raises(InvariantBroken) as caught:
            check_billed([line, more])
        assert caught.value.invariant == invariant


def test_usage_may_be_billed_again_for_the_same_days() -> None:
    clerk = Clerk(a_catalog((metered(3, "per_unit", {"unit_price": "1"}),)), a_subscription(started("01-01")))
    clerk.events.append((day("01-02"), Decimal(1)))
    clerk.bill("02-01")
    check_billed([clerk.billed[0], replace(clerk.billed[0], line_id=2)])


def test_a_line_without_days_says_that_it_is_rounding() -> None:
    line = Clerk(a_catalog((BASE,)), a_subscription(started("01-01"))).bill("01-01")[0]
    cents: ProposedLine = replace(line, period=Period(day("01-01"), day("01-01")))
    assert assemble([cents], an_assembly())[0].lines[0].details == "rounding"


amounts = st.lists(st.integers(1, 10**7), min_size=1, max_size=6)


@given(
    amounts, amounts, st.sampled_from(list(TaxRounding)), st.integers(0, 100), st.sampled_from(["0", "6", "8.1", "21"])
)
@settings(max_examples=60, deadline=None)
def test_total_is_lines_less_discounts_plus_tax_whatever_the_amounts(
    charges: list[int], gross: list[int], rounding: TaxRounding, percent: int, rate: str
) -> None:
    prices = [_priced(number, minor, tax_inclusive=False) for number, minor in enumerate(charges, 1)]
    prices += [_priced(number, minor, tax_inclusive=True) for number, minor in enumerate(gross, 50)]
    discounts = (Discount(1, "d", Decimal(percent)),) if percent else ()
    table = TaxTable((TaxRate(1, "BE", Decimal(rate), date(2020, 1, 1)),))
    entity = replace(ENTITY, tax_rounding=rounding)
    document = a_document(*prices, entity=entity, discounts=discounts, taxes=table)
    lines = sum(line.amount.minor - line.discount.minor for line in document.lines)
    inside = sum(line.included_tax.minor for line in document.lines if line.included_tax)
    assert document.total.minor == lines - inside + document.tax.minor


def _priced(number: int, minor: int, *, tax_inclusive: bool) -> Any:
    return a_price(number, "flat", {"amount": f"{Decimal(minor).scaleb(-2):f}"}, tax_inclusive=tax_inclusive)
