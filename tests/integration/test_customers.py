from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from billdesk.domain.customers import Contact
from billdesk.domain.entities import Address
from billdesk.kernel.errors import NotFound, RowsRejected, StaleRecord
from billdesk.services import customers
from billdesk.services.book import Book
from billdesk.services.customers import CustomerFilter, CustomerSort
from builders.book import a_book
from builders.customers import a_customer


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as opened:
        yield opened


def test_what_is_entered_is_what_is_read(book: Book) -> None:
    other_address = Address("Kaai 1", "", "2000", "Antwerpen", "", "BE")
    made = book.run(customers.create_customer, a_customer(delivery_address=other_address)).value
    assert book.query(customers.load_customer, made.id) == made
    assert made.invoice_emails == ("els@linde.example",)


def test_a_customer_without_a_number_takes_the_next_one(book: Book) -> None:
    book.run(customers.create_customer, a_customer(number="K-0099"))
    assert book.run(customers.create_customer, a_customer(number="")).value.number == "K-0100"


@pytest.mark.parametrize("words", ["linde", "C00001", "0203430576", "els@linde", "LEUVEN", "linde leuv", "BREWERY"])
def test_a_customer_is_found_by_any_of_its_words(book: Book, words: str) -> None:
    book.run(customers.create_customer, a_customer())
    book.run(customers.create_customer, a_customer(number="C00002", name="Other", legal_name="", contacts=(), tags=(),
                                                   tax_id="", address=Address(city="Gent", country="BE")))  # fmt: skip
    assert [row.number for row in book.query(customers.find_customers, words)] == ["C00001"]


def test_accents_and_case_do_not_hide_a_customer(book: Book) -> None:
    book.run(customers.create_customer, a_customer(name="Müller Straßenbau", address=Address(city="Zürich")))
    for words in ("muller strassenbau", "ZURICH", "STRASSEN"):
        assert len(book.query(customers.find_customers, words)) == 1


def test_signs_of_a_pattern_are_looked_for_as_they_are(book: Book) -> None:
    book.run(customers.create_customer, a_customer(name="100% Natuur"))
    assert len(book.query(customers.find_customers, "100%")) == 1
    assert book.query(customers.find_customers, "1%0") == []


def test_wrong_fields_are_all_named_at_once(book: Book) -> None:
    wrong = a_customer(name=" ", currency="EURO", tax_id="BE0203430577", ibans=("BE68539007547035",),
                       contacts=(Contact("X", "no mail"),), payment_terms_days=400, language="xx")  # fmt: skip
    with pytest.raises(RowsRejected) as caught:
        book.run(customers.create_customer, wrong)
    assert [(problem.code, problem.place.field) for problem in caught.value.problems] == [
        ("value_missing", "name"),
        ("unknown_currency", "currency"),
        ("not_a_choice", "language"),
        ("too_large", "payment_terms_days"),
        ("tax_id_wrong", "tax_id"),
        ("iban_wrong", "iban"),
        ("email_wrong", "email"),
    ]


def test_tax_ids_and_ibans_are_kept_in_their_normal_form(book: Book) -> None:
    made = book.run(customers.create_customer, a_customer(tax_id="0203.430.576", ibans=("be68 5390 0754 7034",)))
    assert (made.value.tax_id, made.value.ibans) == ("BE0203430576", ("BE68539007547034",))


def test_a_number_is_used_once(book: Book) -> None:
    book.run(customers.create_customer, a_customer())
    with pytest.raises(RowsRejected, match="already_used"):
        book.run(customers.create_customer, a_customer(name="Second"))


def test_a_change_made_elsewhere_is_not_overwritten(book: Book) -> None:
    made = book.run(customers.create_customer, a_customer()).value
    book.run(customers.update_customer, replace(made, name="First"))
    with pytest.raises(StaleRecord) as caught:
        book.run(customers.update_customer, replace(made, name="Second"))
    assert caught.value.changed_by == "Ann"
    assert book.query(customers.load_customer, made.id).name == "First"


def test_a_customer_cannot_pay_for_its_own_payer(book: Book) -> None:
    parent = book.run(customers.create_customer, a_customer()).value
    child = book.run(customers.create_customer, a_customer(number="C2", parent_id=parent.id)).value
    with pytest.raises(RowsRejected, match="parent_circle"):
        book.run(customers.update_customer, replace(parent, parent_id=child.id))
    card = book.query(customers.load_customer_card, parent.id)
    assert [row.number for row in card.children] == ["C2"]


def test_an_archived_customer_leaves_the_list_and_can_come_back(book: Book) -> None:
    made = book.run(customers.create_customer, a_customer()).value
    book.run(customers.archive_customer, made.id)
    assert book.query(customers.count_customers) == 0
    book.run(customers.archive_customer, made.id, archived=False)
    assert book.query(customers.count_customers) == 1


def test_lists_are_filtered_sorted_and_paged_in_the_database(book: Book) -> None:
    for number, city in (("A1", "Gent"), ("A2", "Brugge"), ("A3", "Aalst")):
        country = "NL" if number == "A3" else "BE"
        book.run(
            customers.create_customer, a_customer(number=number, tax_id="", address=Address(city=city, country=country))
        )
    belgian = CustomerFilter(country="BE")
    page = book.query(customers.list_customers, belgian, sort=CustomerSort.CITY, offset=1, limit=1)
    assert (book.query(customers.count_customers, belgian), [row.number for row in page]) == (2, ["A1"])
    assert book.query(customers.count_customers, CustomerFilter(tag="brewery")) == 3
    assert book.query(customers.list_tags) == ["brewery"]


def test_an_unknown_customer_is_named(book: Book) -> None:
    with pytest.raises(NotFound):
        book.query(customers.load_customer, 99)
