from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from billdesk.domain.banking import (
    LineDetail,
    compare_with_known,
    count_occurrences,
    fingerprint,
    gap_before,
    imbalance,
    split_batch,
)
from builders.matching import a_line, a_statement

ACCOUNT = "BE68539007547034"


def test_a_statement_that_adds_up_has_no_imbalance() -> None:
    statement = a_statement(a_line("100.00"), a_line("-30.50"), opening=Decimal(10), closing=Decimal("79.50"))
    assert statement.difference == 0
    assert imbalance(statement) is None


def test_a_statement_that_does_not_add_up_tells_the_difference() -> None:
    problem = imbalance(a_statement(a_line("100.00"), opening=Decimal(10), closing=Decimal(100), number="11"))
    assert problem is not None
    assert (problem.code, problem.value) == ("statement_imbalance", "-10.00")
    assert dict(problem.details)["movement"] == "100.00"


def test_a_statement_without_balances_cannot_be_checked() -> None:
    assert a_statement(a_line()).difference is None
    assert imbalance(a_statement(a_line(), opening=Decimal(1))) is None


def test_a_gap_between_two_statements_is_told() -> None:
    assert gap_before(a_statement(opening=Decimal(90)), Decimal(100)) == Decimal(-10)
    assert gap_before(a_statement(opening=Decimal(90)), None) is None


def test_a_line_with_bank_reference_keeps_its_name_when_its_text_changes() -> None:
    one = a_line(bank_reference="B-1", texts=("first",))
    other = a_line(bank_reference="b-1 ", texts=("told otherwise",))
    assert fingerprint(one, ACCOUNT) == fingerprint(other, ACCOUNT)


def test_a_reference_that_a_bank_uses_again_names_another_line() -> None:
    one = a_line("10.00", bank_reference="B-1")
    assert fingerprint(one, ACCOUNT) != fingerprint(a_line("11.00", bank_reference="B-1"), ACCOUNT)
    assert fingerprint(one, ACCOUNT) != fingerprint(one, "BE71096123456769")


def test_two_equal_bookings_on_a_day_are_two() -> None:
    lines = count_occurrences([a_line(texts=("fee",)), a_line(texts=("fee",)), a_line(texts=("other",))], ACCOUNT)
    assert [line.occurrence for line in lines] == [1, 2, 1]


def test_an_overlapping_file_adds_only_what_is_new() -> None:
    lines = count_occurrences([a_line(texts=("fee",)), a_line(texts=("fee",))], ACCOUNT)
    known = frozenset({(fingerprint(lines[0], ACCOUNT), 1)})
    overlap = compare_with_known(lines, ACCOUNT, known)
    assert [line.occurrence for line in overlap.known] == [1]
    assert [line.occurrence for line in overlap.new] == [2]


def test_a_batch_is_split_into_its_payments() -> None:
    details = (LineDetail(Decimal(21), "EUR", "Anna"), LineDetail(Decimal(100), "EUR", "Bob"))
    parts = split_batch(a_line("-121.00", details=details))
    assert [(part.amount.minor, part.counterparty) for part in parts] == [(-2100, "Anna"), (-10000, "Bob")]


def test_a_batch_whose_payments_do_not_add_up_stays_whole() -> None:
    line = a_line("120.00", details=(LineDetail(Decimal(121), "EUR"),))
    assert split_batch(line) == (line,)
    unknown = a_line("120.00", details=(LineDetail(None),))
    assert split_batch(unknown) == (unknown,)


def test_the_texts_of_a_line_are_read_as_one() -> None:
    assert a_line(texts=("one", "two")).text == "one two"


@given(st.lists(st.sampled_from(["a", "b"]), max_size=8), st.randoms())
def test_the_names_of_lines_do_not_depend_on_their_order(texts: list[str], random: object) -> None:
    lines = [a_line(texts=(text,), booked_on=date(2026, 1, 1)) for text in texts]
    backwards = lines[::-1]
    names = sorted((fingerprint(line, ACCOUNT), line.occurrence) for line in count_occurrences(lines, ACCOUNT))
    assert names == sorted((fingerprint(one, ACCOUNT), one.occurrence) for one in count_occurrences(backwards, ACCOUNT))
    assert len(set(names)) == len(texts)
