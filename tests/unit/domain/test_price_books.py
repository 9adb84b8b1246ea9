from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from billdesk.domain.catalog import (
    ALWAYS,
    BookKind,
    BookTerms,
    Catalog,
    Conversion,
    Ending,
    PriceBook,
    PriceTerms,
    Reach,
    Shelf,
    Validity,
)
from billdesk.domain.explain import StepKind
from billdesk.domain.price_books import check_book, check_entries, conflicts, is_reached, terms_on
from billdesk.domain.rating import plain_terms
from billdesk.domain.standing import monthly_minor
from billdesk.kernel.period import Interval, Unit
from builders.contracts import Clerk, a_catalog, a_price, a_subscription, cancelled, day, override, started

APRIL = date(2026, 4, 1)


def a_book(number: int, kind: BookKind = BookKind.REGION, *reach: str, priority: int = 1) -> PriceBook:
    return PriceBook(number, f"B{number}", f"Book {number}", kind, reach or ("BE",), priority)


def entry(book: int, amount: str, since: date | None = None, until: date | None = None) -> BookTerms:
    origin = (("source", "book"), ("book", f"Book {book}"))
    return BookTerms(book * 10, book, 1, PriceTerms("EUR", {"amount": amount}, origin=origin), Validity(since, until))


def a_shelf(*pairs: tuple[PriceBook, BookTerms], valid: Validity = ALWAYS) -> Shelf:
    terms: dict[tuple[int, int, str], tuple[BookTerms, ...]] = {}
    for book, found in pairs:
        terms[book.id, 1, "EUR"] = (*terms.get((book.id, 1, "EUR"), ()), found)
    books = {book.id: book for book, _found in pairs}
    return Shelf(books, terms, {1: tuple(Reach(key, valid) for key in books)})


def shelved(shelf: Shelf, catalog: Catalog | None = None) -> Catalog:
    return replace(catalog or a_catalog([a_price(1)]), shelf=shelf, compiled={})


def amount_on(shelf: Shelf, on: str) -> object:
    terms = terms_on(shelved(shelf), 1, a_price(1), "EUR", day(on))
    return None if terms is None else terms.parameters["amount"]


def test_the_customers_book_goes_before_the_segments_and_that_before_the_regions() -> None:
    region, segment = a_book(1), a_book(2, BookKind.SEGMENT, "vip")
    own = a_book(3, BookKind.CUSTOMER, "C1")
    books = [(region, entry(1, "90")), (segment, entry(2, "80")), (own, entry(3, "70"))]
    assert [amount_on(a_shelf(*books[:n]), "03-01") for n in (1, 2, 3)] == ["90", "80", "70"]


def test_of_two_segments_the_lower_priority_number_goes_first() -> None:
    first, second = a_book(1, BookKind.SEGMENT, "a", priority=2), a_book(2, BookKind.SEGMENT, "b", priority=1)
    assert amount_on(a_shelf((first, entry(1, "90")), (second, entry(2, "80"))), "03-01") == "80"


def test_terms_hold_from_their_day_up_to_their_end() -> None:
    book = a_book(1)
    shelf = a_shelf((book, entry(1, "90", APRIL, date(2026, 5, 1))))
    assert [amount_on(shelf, text) for text in ("03-31", "04-01", "04-30", "05-01")] == ["100", "90", "90", "100"]


def test_a_book_counts_only_while_it_and_its_customer_are_valid() -> None:
    book = replace(a_book(1), valid=Validity(None, APRIL))
    shelf = a_shelf((book, entry(1, "90")), valid=Validity(date(2026, 2, 1)))
    assert [amount_on(shelf, text) for text in ("01-31", "02-01", "03-31", "04-01")] == ["100", "90", "90", "100"]


def test_a_change_of_a_book_in_a_period_is_credited_and_charged_from_its_day_only() -> None:
    clerk = Clerk(a_catalog([a_price(1)]), a_subscription(started("01-01")))
    clerk.bill("04-01")
    clerk.catalog = shelved(a_shelf((a_book(1), entry(1, "70", date(2026, 4, 16)))), clerk.catalog)
    lines = clerk.bill("04-16")
    assert [(line.period.start.isoformat(), line.amount.minor) for line in lines] == [
        ("2026-04-16", -5000), ("2026-04-16", 3500),
    ]  # fmt: skip


def test_the_trace_names_the_book() -> None:
    clerk = Clerk(shelved(a_shelf((a_book(1), entry(1, "70")))), a_subscription(started("01-01")))
    (line,) = clerk.bill("01-01")
    steps = [step for step in line.trace.steps if step.kind is StepKind.TERMS]
    assert [dict(step.values) for step in steps] == [{"source": "book", "book": "Book 1"}]


def test_a_book_with_the_same_amounts_changes_nothing_that_is_billed() -> None:
    clerk = Clerk(a_catalog([a_price(1)]), a_subscription(started("01-01")))
    clerk.bill("03-01")
    clerk.catalog = shelved(a_shelf((a_book(1), entry(1, "100.00"))), clerk.catalog)
    assert clerk.bill("03-01") == []


def test_an_own_price_of_the_contract_goes_before_every_book_until_it_ends() -> None:
    own = override("01-01", 1, "2026-02-01", amount="60")
    shelf = a_shelf((a_book(1, BookKind.CUSTOMER, "C1"), entry(1, "70")))
    clerk = Clerk(shelved(shelf), a_subscription(started("01-01"), own))
    assert [line.amount.minor for line in clerk.bill("02-01")] == [6000, 7000]


def pounds(*quotes: tuple[str, str]) -> Clerk:
    price = replace(a_price(1, parameters={"amount": "49"}), conversion=Conversion("EUR", Ending.NINETY))
    shelf = Shelf(rates={"GBP": tuple((day(text), Decimal(rate)) for text, rate in quotes)})
    return Clerk(shelved(shelf, a_catalog([price])), a_subscription(started("01-01"), currency="GBP"))


def test_a_missing_currency_is_converted_at_the_rate_of_each_periods_first_day() -> None:
    clerk = pounds(("2025-12-31", "0.8532"), ("01-20", "0.8"), ("02-02", "0.9"))
    assert [str(line.amount) for line in clerk.bill("02-01")] == ["41.90 GBP", "38.90 GBP"]


def test_a_rate_that_becomes_known_later_leaves_what_is_billed() -> None:
    clerk = pounds(("2025-12-31", "0.8532"))
    clerk.bill("01-01")
    late = {"GBP": ((day("2025-12-31"), Decimal("0.8532")), (day("01-01"), Decimal("0.7")))}
    clerk.catalog = replace(clerk.catalog, shelf=Shelf(rates=late), compiled={})
    assert clerk.bill("01-31") == []


def test_a_year_that_is_cancelled_halfway_returns_its_share_of_what_was_billed_at_the_old_rate() -> None:
    clerk = pounds(("2025-12-31", "0.8532"), ("06-01", "0.5"))
    yearly = replace(clerk.catalog.prices[1], interval=Interval(Unit.YEAR))
    clerk.catalog = replace(clerk.catalog, prices={1: yearly}, compiled={})
    clerk.bill("01-01")
    clerk.subscription = replace(clerk.subscription, entries=(*clerk.subscription.entries, cancelled("07-01")))
    assert [str(line.amount) for line in clerk.bill("07-01")] == ["-21.12 GBP"]


def test_books_of_one_rank_conflict_where_they_share_a_region_and_days() -> None:
    one, other = a_book(1, BookKind.REGION, "BE", "NL"), a_book(2, BookKind.REGION, "NL")
    shelf = a_shelf((one, entry(1, "90", APRIL)))
    assert [problem.value for problem in conflicts(other, [entry(2, "80")], shelf)] == ["B1"]
    assert conflicts(other, [entry(2, "80", None, APRIL)], shelf) == []
    assert conflicts(replace(other, reach=("FR",)), [entry(2, "80")], shelf) == []
    assert conflicts(replace(other, priority=2), [entry(2, "80")], shelf) == []


def test_books_of_segments_need_priorities_of_their_own() -> None:
    one, other = a_book(1, BookKind.SEGMENT, "a"), a_book(2, BookKind.SEGMENT, "b")
    shelf = a_shelf((one, entry(1, "90")))
    assert [problem.code for problem in conflicts(other, [entry(2, "80")], shelf)] == ["book_conflict"]


def test_a_book_says_one_thing_about_a_price_on_a_day() -> None:
    assert [p.code for p in check_entries([entry(1, "90"), entry(1, "80", APRIL)])] == ["book_terms_twice"]
    assert check_entries([entry(1, "90", None, APRIL), entry(1, "80", APRIL)]) == []


def test_a_book_needs_a_code_a_name_somebody_to_reach_and_an_end_after_its_start() -> None:
    book = PriceBook(0, "", "", BookKind.REGION, (), 0, Validity(APRIL, APRIL))
    assert [(problem.code, problem.place.field) for problem in check_book(book)] == [
        ("value_missing", "code"), ("value_missing", "name"), ("value_missing", "reach"), ("too_small", "priority"),
        ("until_before_since", "until"),
    ]  # fmt: skip


def test_a_book_that_is_complete_has_no_problems() -> None:
    assert check_book(replace(a_book(1), valid=Validity(APRIL, date(2026, 5, 1)))) == []


def test_a_price_in_a_currency_it_lacks_and_does_not_convert_is_not_sold() -> None:
    assert terms_on(a_catalog([a_price(1)]), 1, a_price(1), "GBP", APRIL) is None


def test_revenue_that_is_converted_counts_at_the_days_rate_and_not_without_one() -> None:
    clerk = pounds(("2025-12-31", "0.8532"))
    assert monthly_minor(clerk.subscription, clerk.catalog, day("03-01")) == 4190
    assert plain_terms(clerk.catalog, clerk.catalog.prices[1], a_price(1).terms[0], APRIL) == a_price(1).terms[0]
    unknown = replace(clerk.catalog, shelf=Shelf(), compiled={})
    assert monthly_minor(clerk.subscription, unknown, day("03-01")) == 0
    marked = terms_on(unknown, 1, unknown.prices[1], "GBP", APRIL)
    assert marked is not None
    assert plain_terms(unknown, unknown.prices[1], marked, APRIL) is marked


def test_a_book_reaches_by_number_country_or_tag() -> None:
    assert is_reached(a_book(1, BookKind.CUSTOMER, "C1"), "C1", "BE", ())
    assert is_reached(a_book(1, BookKind.REGION, "BE"), "C1", "BE", ())
    assert is_reached(a_book(1, BookKind.SEGMENT, "vip"), "C1", "BE", ("new", "vip"))
    assert not is_reached(a_book(1, BookKind.SEGMENT, "vip"), "C1", "BE", ("new",))


CHANGES = st.dictionaries(st.dates(date(2026, 1, 2), date(2026, 8, 31)), st.integers(1, 200), max_size=6)


def _total(clerk: Clerk) -> int:
    return sum(line.amount.minor for line in clerk.lines)


def _dated(changes: dict[date, int]) -> Shelf:
    days = sorted(changes)
    pairs = zip(days, [*days[1:], None], strict=False)
    book = a_book(1)
    return a_shelf(*((book, entry(1, str(changes[since]), since, until)) for since, until in pairs))


@settings(max_examples=150, deadline=None)
@given(CHANGES)
def test_changes_of_a_book_come_to_the_same_however_late_they_are_learnt(changes: dict[date, int]) -> None:
    at_once = Clerk(shelved(_dated(changes)), a_subscription(started("01-01")))
    at_once.bill("09-15")
    learning = Clerk(a_catalog([a_price(1)]), a_subscription(started("01-01")))
    for month in range(1, 10):
        today = date(2026, month, 15)
        known = {day: amount for day, amount in changes.items() if day <= today}
        learning.catalog = shelved(_dated(known), learning.catalog)
        learning.bill(today)
    assert _total(learning) == _total(at_once)
