from __future__ import annotations

from dataclasses import replace
from datetime import date

from billdesk.domain.earlier_payments import EarlierPayment, propose_earlier
from billdesk.domain.matching import Knowledge, Reason
from builders.banking import a_line
from builders.payments import eur

PAID = EarlierPayment(
    7, 1, "De Linde", eur("121.00"), date(2026, 3, 5), is_noted=False, end_to_end_id="E7", numbers=("2026-00042",)
)
NOTED = replace(PAID, payment_id=8, is_noted=True, reference="+++090/9337/55493+++", end_to_end_id="")
KNOWN = Knowledge({"BE71": frozenset({1})})


def test_a_bounce_with_its_end_to_end_id_is_clear() -> None:
    line = a_line("-121.00", "terug", end_to_end_id="E7", return_reason="AM04")
    (found,) = propose_earlier(line, [PAID], KNOWN)
    assert [reason for reason, _points in found.reasons] == [
        Reason.EXACT_OPEN_AMOUNT,
        Reason.RETURN_OF_PAYMENT,
        Reason.END_TO_END_ID,
    ]
    assert (found.points, found.is_clear) == (25, True)


def test_two_payments_alike_are_not_clear_and_the_later_comes_first() -> None:
    other = replace(PAID, payment_id=9, received_on=date(2026, 3, 9))
    found = propose_earlier(a_line("-121.00", end_to_end_id="E7", return_reason="AM04"), [PAID, other], KNOWN)
    assert [(one.payment.payment_id, one.is_clear) for one in found] == [(9, False), (7, False)]


def test_a_noted_payment_is_confirmed_by_a_line_of_the_same_amount_and_reference() -> None:
    line = a_line("121.00", reference="090933755493", account="BE71", name="de linde", day=date(2026, 3, 8))
    (found,) = propose_earlier(line, [NOTED], KNOWN)
    assert {reason for reason, _points in found.reasons} == {
        Reason.EXACT_OPEN_AMOUNT,
        Reason.STRUCTURED_REFERENCE,
        Reason.KNOWN_ACCOUNT,
        Reason.NAME_SIMILAR,
    }


def test_other_amounts_and_far_days_are_not_proposed() -> None:
    assert propose_earlier(a_line("121.00", day=date(2026, 4, 8)), [NOTED], KNOWN) == ()
    assert propose_earlier(a_line("-121.00", day=date(2026, 3, 1)), [PAID], KNOWN) == ()
    assert propose_earlier(a_line("-120.00"), [PAID, NOTED], KNOWN) == ()
    assert propose_earlier(a_line("-121.00"), [NOTED], KNOWN) == ()


def test_an_invoice_number_or_mandate_points_at_the_payment() -> None:
    line = a_line("-121.00", "retour 2026-00042", mandate_id="M1")
    (found,) = propose_earlier(line, [replace(PAID, mandate_id="M1")], KNOWN)
    assert {Reason.NUMBER_IN_TEXT, Reason.MANDATE} <= {reason for reason, _points in found.reasons}
    assert not found.is_clear or found.points >= 12
