"""Distance sales in business words: the seller's rate up to 10,000 euro a year, then the consumer's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.customers import CustomerKind
from billdesk.domain.entities import Address, TaxRegistration, TaxScheme
from billdesk.domain.invoices import Document
from billdesk.kernel.errors import NotFound, RuleBroken
from billdesk.services import billing, customers, entities, invoices, taxes
from billdesk.services.invoices import DraftInput, DraftLine
from billdesk.services.rates import set_rate
from billdesk.services.reports import run_report
from billdesk.services.result import Result
from billdesk.services.taxes import RateChange, Taxed
from billdesk.storage.database import Db
from billdesk.storage.migrations.distance_sales import count_issued
from builders.billing import issue
from builders.customers import a_customer
from builders.offers import OffersDesk, an_offers_desk

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
PARIS = Address("Rue de Rivoli 1", "", "75001", "Paris", "", "FR")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OffersDesk]:
    with an_offers_desk(tmp_path) as made:
        made.clock.now = datetime(2026, 6, 1, 9, tzinfo=UTC)
        yield made


def _consumer(desk: OffersDesk, number: str = "C100") -> int:
    marie = a_customer(number=number, name="Marie", legal_name="", kind=CustomerKind.CONSUMER, tax_id="", address=PARIS)
    return desk.book.run(customers.create_customer, marie).value.id


def _typed(customer_id: int, amount: str, day: date = JUNE, currency: str = "EUR") -> DraftInput:
    return DraftInput(1, customer_id, currency, day, (DraftLine("Course", Decimal(1), Decimal(amount)),))


def _sell(desk: OffersDesk, customer_id: int, amount: str, day: date = JUNE) -> Document:
    key = desk.book.run(invoices.create_draft, _typed(customer_id, amount, day)).value
    issue(desk.book, key)
    return desk.book.query(invoices.load_document, key)


def _rate(document: Document) -> tuple[str, Decimal]:
    (group,) = document.taxes
    return group.tax.country, group.tax.percent


def test_the_sale_that_passes_ten_thousand_is_taxed_where_the_consumer_lives(desk: OffersDesk) -> None:
    marie = _consumer(desk)
    assert _rate(_sell(desk, marie, "9999.99")) == ("BE", Decimal(21))
    assert _rate(_sell(desk, marie, "0.01")) == ("BE", Decimal(21))
    assert _rate(_sell(desk, marie, "0.01")) == ("FR", Decimal(20))
    (standing,) = desk.book.query(taxes.list_standings)
    assert (standing.taxed, standing.sold.minor, standing.percent) == (Taxed.PASSED, 1_000_001, 100)
    assert standing.passed is not None
    assert standing.passed.number == "2026-00003"


def test_the_year_after_the_passing_is_taxed_abroad_too_and_the_next_is_not(desk: OffersDesk) -> None:
    marie = _consumer(desk)
    _sell(desk, marie, "10000.01")
    for day, country in ((date(2027, 1, 1), "FR"), (date(2028, 1, 1), "BE")):
        desk.clock.now = datetime(day.year, 1, 1, 9, tzinfo=UTC)
        assert _rate(_sell(desk, marie, "10", day))[0] == country
    assert desk.book.query(taxes.list_standings, date(2027, 5, 1))[0].taxed is Taxed.PASSED_LAST_YEAR


def test_a_run_counts_its_own_drafts_in_order(desk: OffersDesk) -> None:
    first, second = _consumer(desk), _consumer(desk, "C101")
    _sell(desk, first, "9900")
    for customer_id in (first, second):
        desk.start(JUNE, seats=1, customer_id=customer_id)
    outcome = desk.run(JUNE)
    assert [(one.code, one.customer_id) for one in outcome.preview.findings if one.code == "distance_passed"] == [
        ("distance_passed", second)
    ]
    documents = desk.issue(outcome)
    assert [_rate(one) for one in documents] == [("BE", Decimal(21)), ("FR", Decimal(20))]
    assert desk.run(JUNE).created == 0


def test_a_draft_whose_tax_other_sales_changed_is_not_issued(desk: OffersDesk) -> None:
    marie = _consumer(desk)
    waiting = desk.book.run(invoices.create_draft, _typed(marie, "500")).value
    _sell(desk, marie, "9900")
    with pytest.raises(RuleBroken) as refused:
        issue(desk.book, waiting)
    assert refused.value.rule == "distance_sales_moved"
    desk.book.run(invoices.update_draft, waiting, 1, _again(desk, waiting, marie))
    issue(desk.book, waiting)
    assert _rate(desk.book.query(invoices.load_document, waiting)) == ("FR", Decimal(20))


def _again(desk: OffersDesk, draft_id: int, customer_id: int) -> DraftInput:
    (line,) = desk.book.query(invoices.load_document, draft_id).lines
    typed = _typed(customer_id, "500")
    return replace(typed, lines=(replace(typed.lines[0], line_id=line.id),))


def test_a_correction_keeps_the_tax_of_what_it_replaces(desk: OffersDesk) -> None:
    marie = _consumer(desk)
    early = _sell(desk, marie, "100")
    _sell(desk, marie, "9950")
    made = desk.book.run(invoices.correct_document, early.id, "name").value
    issue(desk.book, made.draft_id)
    assert _rate(desk.book.query(invoices.load_document, made.draft_id)) == ("BE", Decimal(21))
    assert desk.book.query(taxes.list_standings)[0].sold.minor == 1_005_000


def test_whoever_chose_the_one_stop_shop_taxes_the_first_sale_abroad(desk: OffersDesk) -> None:
    seller = desk.book.query(entities.load_entity, 1)
    chosen = (TaxRegistration("BE", "BE0417497106"), TaxRegistration("BE", "OSS1", TaxScheme.OSS))
    desk.book.run(entities.change_entity, replace(seller, registrations=chosen))
    assert _rate(_sell(desk, _consumer(desk), "10")) == ("FR", Decimal(20))
    assert desk.book.query(taxes.list_standings)[0].taxed is Taxed.BY_CHOICE


def test_sales_in_pounds_count_at_the_rate_of_their_day_and_businesses_do_not(desk: OffersDesk) -> None:
    desk.book.run(set_rate, "GBP", JUNE, Decimal("0.8"))
    key = desk.book.run(invoices.create_draft, _typed(_consumer(desk), "80", currency="GBP")).value
    issue(desk.book, key)
    firm = a_customer(number="C200", tax_id="FR40303265045", address=PARIS)
    _sell(desk, desk.book.run(customers.create_customer, firm).value.id, "5000")
    assert desk.book.query(taxes.list_standings)[0].sold.minor == 10_000


def test_the_report_adds_up_and_says_where_each_sale_is_taxed(desk: OffersDesk) -> None:
    marie = _consumer(desk)
    for amount in ("9000", "2000"):
        _sell(desk, marie, amount)
    rows = desk.book.query(run_report, "distance_sales", {"first": "2026-01-01", "last": "2026-12-31"}).rows
    assert [(row[1], row[3], row[4], str(row[5]), str(row[6])) for row in rows] == [
        ("2026-00001", "FR", "BE", "9000.00 EUR", "9000.00 EUR"),
        ("2026-00002", "FR", "FR", "2000.00 EUR", "11000.00 EUR"),
    ]


def test_a_preview_of_the_run_says_the_same_as_its_drafts(desk: OffersDesk) -> None:
    marie = _consumer(desk)
    _sell(desk, marie, "9990")
    desk.start(JUNE, seats=1, customer_id=marie)
    (shown,) = desk.book.query(billing.preview_documents, JUNE, marie)
    (made,) = desk.bill(JUNE)
    assert (_rate(shown), shown.total) == (_rate(made), made.total) == (("FR", Decimal(20)), made.total)


def _count_again(db: Db) -> Result[None]:
    db.connection.exec_driver_sql("DROP TRIGGER distance_sale_no_delete")
    db.connection.exec_driver_sql("DELETE FROM distance_sale")
    count_issued(db.connection)
    return Result(None)


def test_a_book_from_before_counts_what_it_had_issued(desk: OffersDesk) -> None:
    desk.book.run(set_rate, "GBP", JUNE, Decimal("0.8"))
    marie = _consumer(desk)
    for amount in ("9000", "2000"):
        _sell(desk, marie, amount)
    issue(desk.book, desk.book.run(invoices.create_draft, _typed(marie, "80", currency="GBP")).value)
    desk.start(JUNE)
    desk.bill(JUNE)
    before = desk.book.query(taxes.list_distance_sales, 1, 2026)
    assert len(before) == 3
    desk.book.run(_count_again)
    assert desk.book.query(taxes.list_distance_sales, 1, 2026) == before


def test_each_standing_and_change_is_put_into_words(desk: OffersDesk) -> None:
    marie = _consumer(desk)
    waiting = desk.book.run(invoices.create_draft, _typed(marie, "10")).value
    _sell(desk, marie, "10000.01")
    (standing,) = desk.book.query(taxes.list_standings)
    assert taxes.describe_standing(standing) == (
        "€10,000.01 of €10,000.00 in 2026, €0.00 in 2025. Passed with 2026-00001 on 1 Jun 2026: consumers in other EU"
        " countries pay the rate of their country until the end of 2027."
    )
    chosen = taxes.describe_standing(replace(standing, taxed=Taxed.BY_CHOICE))
    assert chosen.endswith("as you chose with the one-stop shop.")
    (belgian,) = desk.book.query(taxes.find_rates, JUNE, country="BE", tax_class="standard")
    reach = desk.book.query(taxes.preview_rate_change, RateChange((belgian.id,), Decimal(22), JUNE))
    assert (reach.customers, reach.drafts, reach.issued) == (1, 1, 0)
    assert taxes.describe_change(reach)[-1] == "1 draft dated from then has the old percent: run billing again"
    desk.book.run(invoices.void_drafts, [waiting])


def test_a_change_of_a_rate_that_is_gone_is_refused(desk: OffersDesk) -> None:
    with pytest.raises(NotFound):
        desk.book.query(taxes.preview_rate_change, RateChange((999,), Decimal(22), JUNE))
    with pytest.raises(NotFound):
        desk.book.run(taxes.revoke_rate_change, [999])
