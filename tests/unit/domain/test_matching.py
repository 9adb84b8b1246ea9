from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billdesk.domain.banking import LineDetail
from billdesk.domain.matching import Candidate, Knowledge, Proposal, Reason, propose
from builders.matching import a_candidate, a_line

NOBODY = Knowledge({})
ACME = Knowledge({"BE71096123456769": frozenset({7})})
FROM_ACME = {"counterparty_account": "BE71096123456769", "counterparty": "ACME CORP"}


def reasons_of(proposal: Proposal) -> set[Reason]:
    return {reason for reason, _points in proposal.reasons}


def test_a_structured_reference_with_the_exact_amount_is_clear() -> None:
    candidate = a_candidate(structured_reference="+++090/9337/55493+++")
    (best,) = propose(a_line(structured_reference="090933755493"), [candidate], NOBODY)
    assert best.is_clear
    assert best.reasons == ((Reason.STRUCTURED_REFERENCE, 20), (Reason.EXACT_OPEN_AMOUNT, 6))
    assert (best.points, best.rest_minor, best.shares[0].amount_minor) == (26, 0, 12100)


def test_a_reference_hidden_in_free_text_counts_as_much() -> None:
    candidate = a_candidate(structured_reference="RF18539007547034")
    (best,) = propose(a_line(texts=("Invoice RF18 5390 0754 7034",)), [candidate], NOBODY)
    assert Reason.STRUCTURED_REFERENCE in reasons_of(best)


@pytest.mark.parametrize("text", ["invoice 2026-0042", "fact.2026/0042 merci", "BETREFT 20260042"])
def test_a_document_number_is_recognised_however_it_is_typed(text: str) -> None:
    (best,) = propose(a_line(texts=(text,)), [a_candidate()], NOBODY)
    assert Reason.NUMBER_IN_TEXT in reasons_of(best)
    assert best.is_clear


def test_a_longer_number_is_not_mistaken_for_a_shorter_one() -> None:
    found = propose(a_line(texts=("invoice 2026-00421",)), [a_candidate()], NOBODY)
    assert [reasons_of(p) for p in found] == [{Reason.EXACT_OPEN_AMOUNT}]
    assert not found[0].is_clear


def test_the_right_amount_alone_is_shown_but_never_clear() -> None:
    (only,) = propose(a_line(), [a_candidate()], NOBODY)
    assert (only.points, only.is_clear) == (6, False)


def test_a_known_account_with_the_right_amount_and_name_is_clear() -> None:
    (best,) = propose(a_line(**FROM_ACME), [a_candidate()], ACME)
    assert reasons_of(best) == {Reason.KNOWN_ACCOUNT, Reason.NAME_SIMILAR, Reason.EXACT_OPEN_AMOUNT}
    assert best.is_clear


def test_two_documents_of_the_same_amount_are_not_clear_and_the_older_comes_first() -> None:
    older = a_candidate(document_id=2, number="2026-0041", due_date=date(2026, 10, 1), issue_date=date(2026, 9, 1))
    found = propose(a_line(**FROM_ACME), [a_candidate(), older], ACME)
    assert [p.shares[0].document_id for p in found if len(p.shares) == 1] == [2, 1]
    assert not any(p.is_clear for p in found)


def test_a_part_payment_with_the_reference_is_clear_and_leaves_the_rest_open() -> None:
    candidate = a_candidate(structured_reference="090933755493")
    (best,) = propose(a_line("50.00", structured_reference="090933755493"), [candidate], NOBODY)
    assert (best.shares[0].amount_minor, best.rest_minor, best.is_clear) == (5000, 0, True)
    assert Reason.PART_PAYMENT in reasons_of(best)


def test_an_overpayment_leaves_a_rest_and_asks() -> None:
    candidate = a_candidate(structured_reference="090933755493")
    (best,) = propose(a_line("150.00", structured_reference="090933755493"), [candidate], NOBODY)
    assert (best.shares[0].amount_minor, best.rest_minor, best.is_clear) == (12100, 2900, False)


def test_a_payment_short_of_a_small_fee_says_so() -> None:
    found = propose(a_line("1995.00", texts=("2026-0042",)), [a_candidate("2000.00")], NOBODY)
    assert Reason.AFTER_BANK_FEE in reasons_of(found[0])


def test_several_documents_named_together_are_one_clear_proposal() -> None:
    other = a_candidate("79.00", document_id=2, number="2026-0043")
    found = propose(a_line("200.00", texts=("2026-0042 en 2026-0043",)), [a_candidate(), other], NOBODY)
    assert [share.document_id for share in found[0].shares] == [1, 2]
    assert found[0].is_clear


def test_documents_of_a_known_payer_that_add_up_are_proposed() -> None:
    other = a_candidate("79.00", document_id=2, number="2026-0043")
    (best, *_rest) = propose(a_line("200.00", **FROM_ACME), [a_candidate(), other], ACME)
    assert reasons_of(best) == {Reason.SUM_OF_DOCUMENTS, Reason.KNOWN_ACCOUNT, Reason.NAME_SIMILAR}


def test_a_credit_note_is_taken_off_in_a_sum() -> None:
    credit = a_candidate("-21.00", document_id=2, number="2026-9001")
    (best, *_rest) = propose(a_line("100.00", **FROM_ACME), [a_candidate(), credit], ACME)
    assert [share.amount_minor for share in best.shares] == [12100, -2100]


def test_the_full_price_of_a_partly_paid_document_is_noticed() -> None:
    partly = a_candidate("100.00", total_minor=12100)
    (best,) = propose(a_line("121.00", texts=("2026-0042",)), [partly], NOBODY)
    assert {Reason.EXACT_TOTAL, Reason.OVERPAYMENT} <= reasons_of(best)
    assert best.rest_minor == 2100


def test_many_open_documents_paid_at_once_are_found() -> None:
    documents = [a_candidate("10.00", document_id=n, number=f"2026-10{n:02d}") for n in range(8)]
    found = propose(a_line("80.00", **FROM_ACME), documents, ACME)
    assert len(found[0].shares) == 8


def test_money_that_leaves_does_not_pay_an_invoice() -> None:
    found = propose(a_line("-121.00", texts=("2026-0042",), **FROM_ACME), [a_candidate()], ACME)
    assert reasons_of(found[0]) >= {Reason.WRONG_SIGN}
    assert not found[0].is_clear


def test_a_returned_debit_names_the_paid_document_and_asks() -> None:
    paid = a_candidate("0.00", total_minor=12100, end_to_end_ids=frozenset({"E2E-1"}))
    (best,) = propose(a_line("-121.00", return_reason="MD06", end_to_end_id="E2E-1"), [paid], NOBODY)
    assert {Reason.RETURN_OF_PAYMENT, Reason.END_TO_END_ID} <= reasons_of(best)
    assert not best.is_clear


def test_another_currency_is_never_clear() -> None:
    candidate = a_candidate(structured_reference="090933755493")
    (best,) = propose(a_line(currency="USD", structured_reference="090933755493"), [candidate], NOBODY)
    assert Reason.OTHER_CURRENCY in reasons_of(best)
    assert not best.is_clear


def test_a_payment_before_the_invoice_existed_asks() -> None:
    early = a_line(booked_on=date(2026, 10, 1), texts=("2026-0042",))
    (best,) = propose(early, [a_candidate()], NOBODY)
    assert Reason.BEFORE_ISSUE in reasons_of(best)
    assert not best.is_clear


def test_the_details_of_a_batch_speak_for_their_documents() -> None:
    line = a_line("200.00", details=(LineDetail(end_to_end_id="2026-0042", mandate_id="M-1"),))
    (best,) = propose(line, [a_candidate(mandate_ids=frozenset({"M-1"}))], NOBODY)
    assert {Reason.END_TO_END_ID, Reason.MANDATE} <= reasons_of(best)


def test_nothing_is_proposed_where_nothing_fits() -> None:
    assert propose(a_line("5.00"), [a_candidate()], NOBODY) == ()
    assert propose(a_line(), [a_candidate(number="7")], NOBODY)[0].reasons == ((Reason.EXACT_OPEN_AMOUNT, 6),)


_CANDIDATES = st.lists(
    st.builds(
        a_candidate,
        st.sampled_from(["10.00", "20.00", "30.00", "-10.00"]),
        number=st.sampled_from(["2026-0001", "2026-0002", "2026-0003"]),
        customer_id=st.integers(7, 8),
    ),
    max_size=6,
)


@given(_CANDIDATES, st.sampled_from(["10.00", "30.00", "60.00", "-10.00"]), st.randoms(use_true_random=False))
def test_the_order_of_documents_does_not_matter_and_at_most_one_is_clear(
    drawn: list[Candidate], amount: str, random: object
) -> None:
    documents = [a_candidate_with_id(candidate, number) for number, candidate in enumerate(drawn)]
    line = a_line(amount, texts=("2026-0001",), **FROM_ACME)
    found = propose(line, documents, ACME)
    assert set(propose(line, documents[::-1], ACME)) == set(found)
    assert sum(p.is_clear for p in found) <= 1
    assert all(p.points == sum(points for _reason, points in p.reasons) for p in found)


def a_candidate_with_id(candidate: Candidate, number: int) -> Candidate:
    values = {name: getattr(candidate, name) for name in ("number", "customer_id", "total_minor", "open_minor")}
    return a_candidate(document_id=number, **values)
