from __future__ import annotations

from collections.abc import Mapping

import pytest

from billdesk.documents.explained import Explained, exact, exact_amount, explain
from billdesk.documents.printed import Printed
from billdesk.domain.explain import Step, StepKind
from builders.invoices import a_line, an_invoice

EN = Printed.of(an_invoice())
K = StepKind
JANUARY = {"from": "2026-01-01", "until": "2026-02-01"}

CASES: list[tuple[StepKind, Mapping[str, str], str, tuple[str, str, str]]] = [
    (K.QUANTITY, {"quantity": "1500", "source": "usage", "metric": "api calls", "events": "12", **JANUARY}, "",
     ("Quantity", "1,500, from usage, api calls, 12 events, 1–31 Jan 2026", "")),
    (K.QUANTITY, {"quantity": "1", "source": "one"}, "", ("Quantity", "1, one per period", "")),
    (K.QUANTITY, {"quantity": "1", "source": "elsewhere"}, "", ("Quantity", "1, elsewhere", "")),
    (K.TERMS, {"source": "book", "book": "Benelux"}, "", ("Price book", "Benelux", "")),
    (K.TERMS, {"source": "price", "base": "EUR", "amount": "49", "rate": "1.08", "day": "2026-01-02", "ending": ".99"},
     "", ("Converted", "from EUR 49.00 at 1.08 of 2 Jan 2026, to .99", "")),
    (K.QUANTITY, {"quantity": "3", "source": "term", "of": "12"}, "", ("Quantity", "3, months left of 12", "")),
    (K.TERMS, {"source": "renewal", "factors": "1.03 1.02", "book": "Benelux"}, "",
     ("Raised at renewals", "Benelux, × 1.03 × 1.02", "")),
    (K.PART, {"quantity": "4", "unit_price": "5", "package": "1000", "free": "50"}, "20",
     ("Packages of 1,000, 50 free", "4 × 5.00", "20.00")),
    (K.PART, {"quantity": "4", "unit_price": "5", "label": "EU / card", "tier": "0–10"}, "20",
     ("EU / card, Tier 0–10", "4 × 5.00", "20.00")),
    (K.PART, {"flat": "50", "label": "minimum"}, "50", ("Minimum of the period", "50.00", "50.00")),
    (K.PERCENT, {"value": "100", "rate": "2", "tier": "0–100"}, "2", ("Tier 0–100", "100 × 2 %", "2.00")),
    (K.PART, {"quantity": "3", "unit_price": "0.000125", "flat": "0"}, "0.000375",
     ("Price", "3 × 0.000125", "0.000375")),
    (K.PART, {"quantity": "3", "unit_price": "5", "flat": "2", "tier": "0–100"}, "17",
     ("Tier 0–100", "3 × 5.00 + 2.00", "17.00")),
    (K.PART, {"quantity": "2", "unit_price": "5", "label": "Packages"}, "10", ("Packages", "2 × 5.00", "10.00")),
    (K.PERCENT, {"value": "100", "rate": "2.9"}, "2.9", ("Percentage", "100 × 2.9 %", "2.90")),
    (K.PERCENT, {"value": "100", "rate": "2.9", "count": "4", "fixed": "0.25"}, "3.9",
     ("Percentage", "100 × 2.9 % + 4 × 0.25", "3.90")),
    (K.GIVEN, {"given": "12.345"}, "12.345", ("Amount of the events", "12.345", "12.345")),
    (K.GIVEN, {"given": "1", "label": "Fees"}, "1", ("Fees", "1.00", "1.00")),
    (K.QUANTITY, {"quantity": "9", "of": "12", "source": "term"}, "", ("Quantity", "9, months left of 12", "")),
    (K.TERMS, {"source": "renewal", "factors": "1.03 1.015"}, "", ("Raised at renewals", "× 1.03 × 1.015", "")),
    (K.FULL, {}, "100", ("Whole period", "", "100.00")),
    (K.LESS, {}, "-100", ("Less what counted before the change", "", "-100.00")),
    (K.PRORATE, {"days": "10", "of": "31"}, "1000/31", ("10 of 31 days", "× 10 ÷ 31", "~ 32.258065")),
    (K.PRORATE, {"days": "10", "of": "31", **JANUARY}, "", ("10 of 31 days", "1–31 Jan 2026", "")),
    (K.CONVERT, {"rate": "0.9213"}, "92.13", ("Exchange rate", "× 0.9213", "92.13")),
    (K.ROUND, {}, "92.13", ("Rounded", "", "92.13")),
    (K.RUNNING, {"carry": "1/300"}, "3", ("Running total", "rounded with ~ 0.003333 carried over", "3.00")),
    (K.LIMIT, {"limit": "minimum", "base": "50"}, "25", ("Up to the minimum", "of 50.00 so far", "25.00")),
    (K.LIMIT, {"limit": "maximum", "base": "50"}, "-25", ("Down to the maximum", "of 50.00 so far", "-25.00")),
    (K.BILLED, {"billed": "50"}, "25", ("Already billed", "− 50.00", "25.00")),
    (K.CREDIT, {"billed": "50", "left": "50"}, "-50", ("Credit", "of 50.00 billed", "-50.00")),
    (K.CREDIT, {"billed": "50", "left": "50", "document": "2026-1", "days": "5", "of": "31"}, "-8.06",
     ("Credit on 2026-1", "of 50.00 billed, 5 of 31 days", "-8.06")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "values", "amount", "shown"), CASES)
def test_a_step_is_put_into_words(
    kind: StepKind, values: Mapping[str, str], amount: str, shown: tuple[str, str, str]
) -> None:
    found = explain(Step(kind, values, amount), EN)
    assert (found.label, found.formula.replace("\u00a0", " "), found.amount) == shown


def test_every_kind_of_step_has_words() -> None:
    assert {case[0] for case in CASES} == set(StepKind)


def test_the_words_are_in_the_documents_language() -> None:
    dutch = Printed.of(an_invoice(language="nl"))
    shown = explain(Step(K.PART, {"quantity": "1500", "unit_price": "49.5", "tier": "0–10"}, "74250"), dutch)
    assert shown == Explained("Schijf 0–10", "1.500 × 49,50", "74.250,00")


def test_a_fraction_with_an_end_is_written_whole() -> None:
    assert exact("1/8", EN) == "0.125"
    assert exact_amount("1/2", EN) == "0.50"


def test_amounts_have_the_decimals_of_the_currency() -> None:
    yen = Printed.of(an_invoice(lines=(a_line(currency="JPY"),)))
    assert exact_amount("1200", yen) == "1,200"
    assert exact_amount("100/3", yen) == "~ 33.333333"
