from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billdesk.domain.customers import CustomerKind
from billdesk.domain.entities import Address, Entity, TaxRegistration, TaxScheme
from billdesk.domain.invoices import LineTax, TaxCategory, TaxPart
from billdesk.domain.taxes import (
    Buyer,
    TaxRate,
    TaxTable,
    change_rate,
    check_rates,
    determine,
    in_eu,
)
from billdesk.domain.taxtexts import legal_text
from billdesk.kernel.errors import RuleBroken

DAY = date(2026, 1, 15)
SELLER = Entity(1, "BD", "Desk", "EUR", address=Address(country="BE"))
RATES = (
    TaxRate(1, "BE", Decimal(21), date(2020, 1, 1)),
    TaxRate(2, "BE", Decimal(6), date(2020, 1, 1), "reduced"),
    TaxRate(3, "FR", Decimal(20), date(2020, 1, 1)),
    TaxRate(4, "US", Decimal(4), date(2020, 1, 1), region="NY"),
    TaxRate(5, "US", Decimal("8.875"), date(2020, 1, 1), region="NY-C"),
    TaxRate(6, "CH", Decimal("7.7"), date(2018, 1, 1), until=date(2024, 1, 1)),
)
TABLE = TaxTable(RATES)
COMPANY = CustomerKind.BUSINESS
PERSON = CustomerKind.CONSUMER


def tax(buyer: Buyer, tax_class: str = "standard", seller: Entity = SELLER, day: date = DAY) -> LineTax:
    return determine(seller, buyer, tax_class, day, TABLE)


def registered(*registrations: TaxRegistration) -> Entity:
    return replace(SELLER, id=2, registrations=registrations)


@pytest.mark.parametrize(
    ("buyer", "tax_class", "category", "percent", "code"),
    [
        (Buyer("BE"), "standard", "S", "21", ""),
        (Buyer(""), "standard", "S", "21", ""),
        (Buyer("BE"), "reduced", "S", "6", ""),
        (Buyer("BE"), "unknown", "S", "21", ""),
        (Buyer("BE", tax_id="BE1"), "reverse_charge", "AE", "0", "VATEX-EU-AE"),
        (Buyer("FR", COMPANY, "FR1"), "standard", "AE", "0", "VATEX-EU-AE"),
        (Buyer("FR", COMPANY, "FR1"), "goods", "K", "0", "VATEX-EU-IC"),
        (Buyer("FR", COMPANY), "standard", "S", "21", ""),
        (Buyer("FR", PERSON, "FR1"), "standard", "S", "21", ""),
        (Buyer("FR", PERSON, past_threshold=True), "standard", "S", "20", ""),
        (Buyer("FR", COMPANY, "FR1", past_threshold=True), "standard", "AE", "0", "VATEX-EU-AE"),
        (Buyer("BE", PERSON), "exempt", "E", "0", ""),
        (Buyer("FR", PERSON), "exempt", "E", "0", ""),
        (Buyer("US", COMPANY), "goods", "G", "0", "VATEX-EU-G"),
        (Buyer("US", PERSON), "standard", "O", "0", "VATEX-EU-O"),
        (Buyer("BE", exempt_reason="Diplomatic mission"), "standard", "E", "0", ""),
    ],
)
def test_the_rules_pick_category_rate_and_code(
    buyer: Buyer, tax_class: str, category: str, percent: str, code: str
) -> None:
    found = tax(buyer, tax_class)
    assert (found.category.value, str(found.percent), found.reason_code) == (category, percent, code)


def test_a_seller_with_oss_charges_the_rate_of_the_destination() -> None:
    seller = registered(TaxRegistration("BE", "BE1", TaxScheme.OSS, since=date(2021, 7, 1)))
    found = tax(Buyer("FR", PERSON), seller=seller)
    assert (found.percent, found.country) == (Decimal(20), "FR")


def test_a_registration_abroad_makes_a_sale_there_domestic() -> None:
    seller = registered(TaxRegistration("FR", "FR9"))
    assert tax(Buyer("FR", COMPANY, "FR1"), seller=seller).percent == 20
    ended = registered(TaxRegistration("FR", "FR9", until=date(2025, 1, 1)))
    assert tax(Buyer("FR", COMPANY, "FR1"), seller=replace(ended, id=3)).category is TaxCategory.REVERSE_CHARGE


def test_a_small_business_charges_nothing_and_says_so_in_the_law_of_its_country() -> None:
    seller = registered(TaxRegistration("BE", "BE1", TaxScheme.SMALL_BUSINESS))
    found = tax(Buyer("BE", language="fr"), seller=seller)
    assert (found.category, found.percent) == (TaxCategory.EXEMPT, Decimal(0))
    assert found.reason.startswith("Petite entreprise soumise")


def test_a_small_business_charges_consumers_abroad_nothing_below_the_threshold() -> None:
    seller = replace(registered(TaxRegistration("BE", "BE1", TaxScheme.SMALL_BUSINESS)), id=7)
    below, above = (tax(Buyer("FR", PERSON, past_threshold=past), seller=seller) for past in (False, True))
    assert (below.category, below.country, below.percent) == (TaxCategory.EXEMPT, "BE", Decimal(0))
    assert (above.category, above.country, above.percent) == (TaxCategory.STANDARD, "FR", Decimal(20))


def test_a_french_small_business_has_a_code_of_its_own() -> None:
    small = registered(TaxRegistration("FR", "FR1", TaxScheme.SMALL_BUSINESS))
    seller = replace(small, id=8, address=Address(country="FR"))
    found = tax(Buyer("FR", language="fr"), seller=seller)
    assert (found.reason_code, found.reason) == ("VATEX-FR-FRANCHISE", "TVA non applicable, art. 293 B du CGI")


def test_an_exempt_class_prints_the_reason_that_is_kept_with_it() -> None:
    kept = TaxRate(9, "BE", Decimal(0), date(2020, 1, 1), "exempt", reason_code="VATEX-EU-132", reason="Art. 44 WBTW")
    found = determine(SELLER, Buyer("BE"), "exempt", DAY, TaxTable((*RATES, kept)))
    assert (found.reason_code, found.reason) == ("VATEX-EU-132", "Art. 44 WBTW")


def test_a_zero_rate_that_a_country_does_not_have_is_refused_rather_than_taxed() -> None:
    with pytest.raises(RuleBroken) as caught:
        tax(Buyer("BE"), "zero")
    assert caught.value.rule == "tax_rate_missing"


def test_the_buyer_reads_the_law_in_the_language_of_the_document() -> None:
    starts = {"en": "Reverse charge", "nl": "Btw verlegd", "fr": "Autoliquidation", "de": "Steuerschuldnerschaft"}
    for language, start in starts.items():
        assert tax(Buyer("FR", COMPANY, "FR1", language=language)).reason.startswith(start)
    assert legal_text("reverse_charge", "sv") == legal_text("reverse_charge", "en")
    assert legal_text("domestic", "en") == ""


def test_an_exemption_prints_its_own_reason() -> None:
    assert tax(Buyer("BE", exempt_reason="Diplomatic mission")).reason == "Diplomatic mission"


def test_the_narrowest_region_wins() -> None:
    american = Entity(5, "US", "Inc", "USD", address=Address(country="US"))
    assert tax(Buyer("US", region="NY-CITY"), seller=american).percent == Decimal("8.875")
    assert tax(Buyer("US", region="NY-ALBANY"), seller=american).percent == 4


def test_the_beginning_of_postcodes_narrows_a_rate_too() -> None:
    austin = TaxRate(8, "US", Decimal("8.25"), date(2020, 1, 1), region="787")
    american = Entity(9, "US", "Inc", "USD", address=Address(country="US"))
    table = TaxTable((TaxRate(7, "US", Decimal("6.25"), date(2020, 1, 1), region="TX"), austin))
    found = [
        determine(american, Buyer("US", region="TX", postcode=code), "standard", DAY, table)
        for code in ("78701", "75001")
    ]
    assert [tax.percent for tax in found] == [Decimal("8.25"), Decimal("6.25")]


def test_a_day_without_a_rate_is_refused() -> None:
    swiss = Entity(6, "CH", "AG", "CHF", address=Address(country="CH"))
    assert tax(Buyer("CH"), seller=swiss, day=date(2023, 12, 31)).percent == Decimal("7.7")
    with pytest.raises(RuleBroken) as caught:
        tax(Buyer("CH"), seller=swiss, day=date(2024, 1, 1))
    assert caught.value.rule == "tax_rate_missing"


def test_rules_that_fit_nothing_leave_a_sale_outside_the_scope() -> None:
    assert determine(SELLER, Buyer("BE"), "standard", DAY, TaxTable(RATES, rules=())).category is TaxCategory.OUTSIDE


def test_a_bulk_change_ends_the_old_rate_and_starts_the_new() -> None:
    ended, new = change_rate(RATES[5:], RATES[5], Decimal("8.1"), date(2024, 1, 1))
    assert (ended.until, new.since, new.percent) == (date(2024, 1, 1), date(2024, 1, 1), Decimal("8.1"))
    others = change_rate(RATES[:2], RATES[0], Decimal(22), date(2027, 1, 1))
    assert [rate.until for rate in others] == [date(2027, 1, 1), None, None]


@pytest.mark.parametrize(
    ("rates", "code"),
    [
        ((TaxRate(1, "BE", Decimal(101), DAY),), "percent_out_of_range"),
        ((TaxRate(1, "BE", Decimal(1), DAY, until=DAY),), "validity_ends_before_start"),
        ((TaxRate(1, "US", Decimal(8), DAY, parts=(TaxPart("State", Decimal(7)),)),), "tax_parts_do_not_add_up"),
        ((TaxRate(1, "BE", Decimal(21), DAY), TaxRate(2, "BE", Decimal(22), DAY)), "tax_rates_overlap"),
    ],
)
def test_rates_that_contradict_each_other_are_refused(rates: tuple[TaxRate, ...], code: str) -> None:
    assert [problem.code for problem in check_rates(rates)] == [code]


def test_rates_that_follow_each_other_are_accepted() -> None:
    assert check_rates(RATES) == []
    assert check_rates(change_rate((RATES[0],), RATES[0], Decimal(22), DAY)) == []


def test_britain_left_the_union() -> None:
    assert in_eu("GB", date(2020, 12, 31))
    assert not in_eu("GB", date(2021, 1, 1))
