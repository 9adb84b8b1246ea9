from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from billdesk.domain.bank_rules import BankRule, Condition, RuleField, RuleTest
from billdesk.domain.payments import AllocationKind, LineState, PaymentMethod
from billdesk.kernel.errors import InvalidValue, NotFound, RuleBroken, StaleRecord
from billdesk.kernel.progress import Progress
from billdesk.services import banking, payments
from billdesk.services.banking import AccountShare, DocumentShare, LineFilter, Match, ProposalKind, Reason
from billdesk.services.book import Book
from billdesk.services.ledger import check_ledger
from billdesk.services.payments import PaymentInput
from builders.banking import a_line, best, take_in
from builders.payments import (
    BAKKER,
    DOLLAR_BANK,
    LINDE,
    LINDE_IBAN,
    OKAPI,
    a_book,
    accounts,
    balance,
    eur,
    issue,
    opens,
    usd,
)

OGM = "+++090/9337/55493+++"
OPEN = LineFilter(states=frozenset({LineState.OPEN}))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as book:
        yield book
        assert book.query(check_ledger) == []
        assert book.query(payments.check_money) == []


def _state(book: Book, line: int) -> LineState:
    return book.query(banking.load_line, line).line.state


def test_a_structured_reference_with_the_exact_amount_is_clear_and_accepted_in_bulk(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("121.00"), reference=OGM).value
    take_in(book, a_line("121.00", reference=OGM), a_line("9.99", "who knows"))
    outcome = book.run(banking.accept_unique_matches, progress=Progress()).value
    assert (outcome.accepted, outcome.left, str(outcome.sums["EUR"])) == (1, 1, "121.00 EUR")
    assert opens(book, invoice) == ["0.00 EUR"]
    assert accounts(book) == {"550000": 12100, "700000": -12100}


def test_the_reasons_of_a_proposal_are_named(book: Book) -> None:
    book.run(issue, "2026-00042", eur("121.00"))
    (line,) = take_in(book, a_line("121.00", "betaling 2026-00042", name="DE LINDE BROUWERIJ", account=LINDE_IBAN))
    proposal = best(book, line)
    reasons = {reason for reason, _points in proposal.reasons}
    wanted = {Reason.NUMBER_IN_TEXT, Reason.EXACT_OPEN_AMOUNT, Reason.KNOWN_ACCOUNT, Reason.NAME_SIMILAR}
    assert wanted <= reasons
    assert (proposal.kind, proposal.is_clear, proposal.customer_name) == (
        ProposalKind.DOCUMENTS,
        True,
        "Brouwerij De Linde NV",
    )


def test_a_number_written_with_a_blank_is_found(book: Book) -> None:
    book.run(issue, "2026-00042", eur("121.00"))
    (line,) = take_in(book, a_line("50.00", "invoice 2026 00042"))
    assert best(book, line).documents[0].number == "2026-00042"


def test_a_part_payment_leaves_the_rest_open(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("121.00"), reference=OGM).value
    (line,) = take_in(book, a_line("21.00", reference=OGM))
    book.run(banking.accept_match, line, best(book, line).match)
    assert opens(book, invoice) == ["100.00 EUR"]
    assert _state(book, line) is LineState.MATCHED


def test_an_overpayment_is_kept_as_balance_and_used_for_the_next_invoice(book: Book) -> None:
    first = book.run(issue, "2026-00042", eur("100.00"), reference=OGM).value
    second = book.run(issue, "2026-00043", eur("80.00")).value
    (line,) = take_in(book, a_line("150.00", reference=OGM))
    proposal = best(book, line)
    assert str(proposal.rest) == "50.00 EUR"
    book.run(banking.accept_match, line, proposal.match)
    assert balance(book) == ["50.00 EUR"]
    book.run(payments.allocate_balance, second)
    assert opens(book, first, second) == ["0.00 EUR", "30.00 EUR"]


def test_nothing_may_remain_without_an_owner(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00")).value
    (line,) = take_in(book, a_line("150.00"))
    with pytest.raises(RuleBroken) as refused:
        book.run(banking.accept_match, line, Match((DocumentShare(invoice, eur("100.00")),)))
    assert (refused.value.rule, dict(refused.value.details)) == ("line_not_settled", {"remaining": "50.00 EUR"})
    assert _state(book, line) is LineState.OPEN


def test_a_returned_direct_debit_reopens_its_invoice(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("121.00"), reference=OGM).value
    take_in(
        book,
        a_line("121.00", reference=OGM, end_to_end_id="E2E-7", mandate_id="M1", day=date(2026, 3, 5)),
        a_line("-121.00", "terug", end_to_end_id="E2E-7", return_reason="AM04"),
    )
    outcome = book.run(banking.accept_unique_matches, progress=Progress()).value
    assert (outcome.accepted, outcome.left) == (2, 0)
    assert opens(book, invoice) == ["121.00 EUR"]
    assert balance(book) == []
    assert accounts(book) == {"400000": 12100, "700000": -12100}


def test_a_return_with_the_banks_fee_books_the_fee(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00"), reference=OGM).value
    paid, back = take_in(book, a_line("100.00", reference=OGM), a_line("-103.50", "returned"))
    book.run(banking.accept_match, paid, best(book, paid).match)
    payment = book.query(payments.list_payments, payments.PaymentFilter())[0].id
    fee = AccountShare("656000", eur("-3.50"))
    book.run(banking.accept_match, back, Match(accounts=(fee,), returns_id=payment))
    assert opens(book, invoice) == ["100.00 EUR"]
    assert accounts(book) == {"400000": 10000, "550000": -350, "656000": 350, "700000": -10000}


def test_a_payment_that_came_back_cannot_be_unmatched_before_its_return(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00"), reference=OGM).value
    paid, back = take_in(book, a_line("100.00", reference=OGM), a_line("-100.00", "returned"))
    book.run(banking.accept_match, paid, best(book, paid).match)
    book.run(banking.accept_match, back, best(book, back).match)
    with pytest.raises(RuleBroken, match="payment_was_returned"):
        book.run(banking.unmatch, paid)
    book.run(banking.unmatch, back)
    assert opens(book, invoice) == ["0.00 EUR"]
    book.run(banking.unmatch, paid)
    assert opens(book, invoice) == ["100.00 EUR"]


def test_the_return_of_an_overpayment_can_be_unmatched(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00"), reference=OGM).value
    came, back = take_in(book, a_line("150.00", reference=OGM), a_line("-150.00", "returned"))
    book.run(banking.accept_match, came, best(book, came).match)
    book.run(banking.accept_match, back, best(book, back).match)
    assert (opens(book, invoice), balance(book)) == (["100.00 EUR"], [])
    book.run(banking.unmatch, back)
    assert (opens(book, invoice), balance(book)) == (["0.00 EUR"], ["50.00 EUR"])


def test_a_use_of_money_that_came_back_cannot_be_taken_back_before_the_return(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00")).value
    came, back = take_in(book, a_line("100.00", "a"), a_line("-100.00", "returned"))
    book.run(banking.accept_match, came, Match(rest_to_customer_id=LINDE))
    used = book.run(payments.allocate_balance, invoice).value
    book.run(banking.accept_match, back, best(book, back).match)
    with pytest.raises(RuleBroken, match="payment_was_returned"):
        book.run(payments.take_back, used.settlement_id)
    assert opens(book, invoice) == ["100.00 EUR"]


def test_a_fee_withheld_by_the_bank_settles_the_invoice_in_full(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00")).value
    (line,) = take_in(book, a_line("97.00"))
    fee = DocumentShare(invoice, eur("3.00"), AllocationKind.BANK_FEE)
    book.run(banking.accept_match, line, Match((DocumentShare(invoice, eur("97.00")), fee)))
    assert opens(book, invoice) == ["0.00 EUR"]
    assert accounts(book) == {"550000": 9700, "656000": 300, "700000": -10000}


def test_one_transfer_pays_three_invoices(book: Book) -> None:
    ids = [book.run(issue, f"2026-0004{n}", eur(f"{n}00.00")).value for n in (1, 2, 3)]
    (line,) = take_in(book, a_line("600.00", "2026-00041 2026-00042 2026-00043"))
    proposal = best(book, line)
    assert [document.number for document in proposal.documents] == ["2026-00041", "2026-00042", "2026-00043"]
    book.run(banking.accept_match, line, proposal.match)
    assert opens(book, *ids) == ["0.00 EUR", "0.00 EUR", "0.00 EUR"]


def test_two_transfers_pay_one_invoice_in_one_step(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00")).value
    one, other = take_in(book, a_line("60.00", "first"), a_line("40.00", "second"))
    shares = [
        (one, Match((DocumentShare(invoice, eur("60.00")),))),
        (other, Match((DocumentShare(invoice, eur("40.00")),))),
    ]
    book.run(banking.accept_matches, shares)
    assert opens(book, invoice) == ["0.00 EUR"]
    book.run(banking.unmatch, one)
    assert opens(book, invoice) == ["60.00 EUR"]


def test_an_invoice_and_a_credit_note_are_netted_by_one_transfer(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00")).value
    credit = book.run(issue, "CN2026-1", eur("-20.00")).value
    (line,) = take_in(book, a_line("80.00", account=LINDE_IBAN))
    proposal = best(book, line)
    assert {document.number for document in proposal.documents} == {"2026-00042", "CN2026-1"}
    book.run(banking.accept_match, line, proposal.match)
    assert opens(book, invoice, credit) == ["0.00 EUR", "0.00 EUR"]


def test_a_payment_noted_before_the_statement_is_confirmed_not_counted_twice(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00")).value
    share = DocumentShare(invoice, eur("100.00"))
    given = PaymentInput(1, LINDE, eur("100.00"), date(2026, 3, 19), PaymentMethod.CARD, (share,))
    noted = book.run(payments.note_payment, given).value
    assert accounts(book)["580000"] == 10000
    (line,) = take_in(book, a_line("100.00", "card payment", account=LINDE_IBAN))
    proposal = best(book, line)
    assert proposal.kind is ProposalKind.NOTED
    book.run(banking.accept_match, line, proposal.match)
    assert accounts(book) == {"550000": 10000, "700000": -10000}
    with pytest.raises(RuleBroken, match="payment_on_statement"):
        book.run(payments.take_back, noted.settlement_id)


def test_a_dollar_payment_on_the_dollar_account_books_the_gain(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", usd("1000.00"), OKAPI).value
    line = take_in(book, a_line("1000.00", "2026-00042", currency="USD"), iban="BE43068999999501", currency="USD")[0]
    book.run(banking.accept_match, line, best(book, line).match)
    assert opens(book, invoice) == ["0.00 USD"]
    assert accounts(book) == {"550000": 83333, "700000": -80000, "754000": -3333}
    assert [card.to_match for card in book.query(banking.list_accounts) if card.account.id == DOLLAR_BANK] == [0]


def test_a_dollar_invoice_paid_in_euro_is_proposed_but_never_in_bulk(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", usd("1000.00"), OKAPI, reference=OGM).value
    (line,) = take_in(book, a_line("810.00", reference=OGM))
    proposal = best(book, line)
    assert (proposal.is_clear, Reason.OTHER_CURRENCY in dict(proposal.reasons)) == (False, True)
    book.run(banking.accept_match, line, proposal.match)
    assert opens(book, invoice) == ["0.00 USD"]
    assert accounts(book)["754000"] == -1000


def test_a_small_euro_payment_on_a_dollar_invoice_is_proposed_for_what_it_is_worth(book: Book) -> None:
    book.run(issue, "2026-00042", usd("1000.00"), OKAPI, issued=date(2026, 3, 25))
    (line,) = take_in(book, a_line("100.00", "2026-00042"))
    proposal = best(book, line)
    assert str(proposal.documents[0].amount) == "120.00 USD"  # at 1.20 dollar for a euro
    assert proposal.match.shares[0].paid == eur("100.00")


def test_without_a_rate_a_foreign_payment_is_proposed_for_all_that_is_open(book: Book) -> None:
    book.run(issue, "2026-00042", usd("1000.00"), OKAPI, reference=OGM)
    (line,) = take_in(book, a_line("100.00", reference=OGM, day=date(2026, 2, 1)))
    assert str(best(book, line).documents[0].amount) == "1000.00 USD"


def test_unmatching_restores_everything_and_nothing_is_deleted(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00"), reference=OGM).value
    (line,) = take_in(book, a_line("150.00", reference=OGM))
    settled = book.run(banking.accept_match, line, best(book, line).match).value
    book.run(banking.unmatch, line)
    assert (opens(book, invoice), balance(book), _state(book, line)) == (["100.00 EUR"], [], LineState.OPEN)
    assert book.query(payments.load_step, settled.settlement_id).payments == ()
    history = book.query(payments.list_payments, payments.PaymentFilter(taken_back=True))
    assert sorted(str(row.amount) for row in history) == ["-150.00 EUR", "150.00 EUR"]
    book.run(banking.accept_match, line, best(book, line).match)
    assert opens(book, invoice) == ["0.00 EUR"]


def test_a_payer_is_learned_from_a_match_and_forgotten_with_it(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00"), BAKKER, reference=OGM).value
    one, other = take_in(
        book,
        a_line("100.00", reference=OGM, name="J. Peeters", account="BE99"),
        a_line("33.00", "hello", name="J. Peeters", account="BE99"),
    )
    assert book.query(banking.propose_matches, [other]) == {}
    book.run(banking.accept_match, one, best(book, one).match)
    assert (best(book, other).kind, best(book, other).customer_id) == (ProposalKind.BALANCE, BAKKER)
    book.run(banking.unmatch, one)
    assert book.query(banking.propose_matches, [other]) == {}
    assert opens(book, invoice) == ["100.00 EUR"]


def test_a_similar_name_alone_is_proposed_but_not_clear(book: Book) -> None:
    book.run(issue, "2026-00042", eur("100.00"))
    (line,) = take_in(book, a_line("100.00", "thanks", name="Brouwerij De Linde"))
    proposal = best(book, line)
    assert Reason.NAME_SIMILAR in dict(proposal.reasons)
    assert not proposal.is_clear


def test_two_lines_for_one_invoice_are_not_both_taken_in_bulk(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00"), reference=OGM).value
    take_in(book, a_line("100.00", "a", reference=OGM), a_line("100.00", "b", reference=OGM))
    outcome = book.run(banking.accept_unique_matches, progress=Progress()).value
    assert outcome.accepted == 1
    assert [problem.code for _line, problem in outcome.skipped] == ["more_than_open"]
    assert opens(book, invoice) == ["0.00 EUR"]


def test_a_bank_fee_is_no_customers_payment(book: Book) -> None:
    (line,) = take_in(book, a_line("-2.50", "monthly fee"))
    book.run(banking.mark_as_not_customer, line, "656000", "March")
    assert _state(book, line) is LineState.NOT_CUSTOMER
    assert accounts(book) == {"550000": -250, "656000": 250}


def test_a_line_is_settled_once_and_a_stale_screen_is_told(book: Book) -> None:
    (line,) = take_in(book, a_line("-2.50", "monthly fee"))
    book.run(banking.mark_as_not_customer, line, "656000")
    with pytest.raises(StaleRecord) as stale:
        book.run(banking.accept_match, line, Match(), version=1)
    assert (stale.value.changed_by, stale.value.changed_at) == ("Ann", "2026-04-01 09:00+00:00")
    with pytest.raises(RuleBroken, match="line_settled_already"):
        book.run(banking.mark_as_not_customer, line, "656000")
    with pytest.raises(NotFound):
        book.run(banking.mark_as_not_customer, 99, "656000")


def test_a_rule_from_a_line_is_tried_on_history_and_then_applied(book: Book) -> None:
    first, _ = take_in(book, a_line("-2.50", "Fee 01/26", name="KBC"), a_line("-2.75", "Fee 02/26", name="KBC"))
    rule = book.query(banking.create_rule_from_line, first, account="656000")
    trial = book.query(banking.test_rule, rule)
    assert (trial.looked_at, trial.hits, trial.still_open, trial.against_people) == (2, 2, 2, 0)
    book.run(banking.save_rule, rule)
    assert book.run(banking.apply_rules, progress=Progress()).value.accepted == 2
    assert accounts(book) == {"550000": -525, "656000": 525}


def test_rules_are_tried_in_their_order(book: Book) -> None:
    contains = (Condition(RuleField.TEXT, RuleTest.CONTAINS, "fee"),)
    one = book.run(banking.save_rule, BankRule(0, 1, 0, "Fees", contains, "656000")).value
    two = book.run(banking.save_rule, BankRule(0, 1, 0, "Own", contains, "580000")).value
    (line,) = take_in(book, a_line("-2.50", "Fee"))
    assert best(book, line).title == "Fees"
    book.run(banking.order_rules, [two, one])
    assert best(book, line).title == "Own"
    second = book.query(banking.list_rules, 1)[1]
    assert (second.name, book.query(banking.test_rule, second).shadowed) == ("Fees", 1)
    book.run(banking.delete_rule, two)
    assert best(book, line).title == "Fees"


def test_a_document_that_is_certain_beats_a_rule(book: Book) -> None:
    book.run(issue, "2026-00042", eur("121.00"), reference=OGM)
    incoming = (Condition(RuleField.DIRECTION, RuleTest.IS, "in"),)
    book.run(banking.save_rule, BankRule(0, 1, 0, "All", incoming, customer_id=LINDE))
    sure, other = take_in(book, a_line("121.00", reference=OGM), a_line("7.00", "?"))
    assert best(book, sure).kind is ProposalKind.DOCUMENTS
    assert best(book, other).kind is ProposalKind.RULE
    book.run(banking.apply_rules, progress=Progress())
    assert balance(book) == ["7.00 EUR"]


def test_a_rule_that_cannot_work_is_refused(book: Book) -> None:
    amount = (Condition(RuleField.AMOUNT, RuleTest.AT_MOST, "five"),)
    for wrong in (
        BankRule(0, 1, 0, "", amount, "656000"),
        BankRule(0, 1, 0, "No conditions", (), "656000"),
        BankRule(0, 1, 0, "Two targets", amount, "656000", LINDE),
        BankRule(0, 1, 0, "Not a number", amount, "656000"),
        BankRule(0, 1, 0, "Empty", (Condition(RuleField.TEXT, RuleTest.IS, " "),), "656000"),
    ):
        with pytest.raises(InvalidValue):
            book.run(banking.save_rule, wrong)


def test_a_discount_falls_with_the_payment_that_earned_it(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00")).value
    paid, back = take_in(book, a_line("98.00"), a_line("-98.00", "returned"))
    discount = DocumentShare(invoice, eur("2.00"), AllocationKind.CASH_DISCOUNT)
    book.run(banking.accept_match, paid, Match((DocumentShare(invoice, eur("98.00")), discount)))
    book.run(banking.accept_match, back, best(book, back).match)
    assert opens(book, invoice) == ["100.00 EUR"]
    assert accounts(book) == {"400000": 10000, "700000": -10000}


def test_money_sent_back_to_a_customer_empties_the_balance(book: Book) -> None:
    came, went = take_in(book, a_line("50.00", account=LINDE_IBAN), a_line("-30.00", account=LINDE_IBAN))
    book.run(banking.accept_match, came, Match(rest_to_customer_id=LINDE))
    book.run(banking.accept_match, went, Match(rest_to_customer_id=LINDE))
    assert balance(book) == ["20.00 EUR"]
    book.run(banking.unmatch, came)
    assert balance(book) == ["-30.00 EUR"]


def test_what_a_customer_owes_is_met_by_other_money_before_it_is_spent(book: Book) -> None:
    lines = take_in(book, a_line("50.00", "a"), a_line("-30.00", "b"), a_line("40.00", "c"))
    for line in lines:
        book.run(banking.accept_match, line, Match(rest_to_customer_id=LINDE))
    book.run(banking.unmatch, lines[0])  # the refund of 30.00 is now out of the other 40.00
    assert balance(book) == ["10.00 EUR"]
    invoice = book.run(issue, "2026-00042", eur("100.00")).value
    book.run(payments.allocate_balance, invoice)
    assert opens(book, invoice) == ["90.00 EUR"]


def test_releasing_an_invoice_whose_debit_bounced_makes_no_money(book: Book) -> None:
    invoice = book.run(issue, "2026-00042", eur("100.00"), reference=OGM).value
    paid, back = take_in(book, a_line("100.00", reference=OGM), a_line("-100.00", "returned"))
    book.run(banking.accept_match, paid, best(book, paid).match)
    book.run(banking.accept_match, back, best(book, back).match)
    book.run(payments.release_document, invoice)
    assert (opens(book, invoice), balance(book)) == (["100.00 EUR"], [])
    with pytest.raises(RuleBroken, match="balance_too_small"):
        book.run(payments.allocate_balance, invoice)


def test_a_rule_can_be_switched_off_and_changed_only_as_it_is_now(book: Book) -> None:
    contains = (Condition(RuleField.TEXT, RuleTest.CONTAINS, "fee"),)
    book.run(banking.save_rule, BankRule(0, 1, 0, "Fees", contains, "656000"))
    (rule,) = book.query(banking.list_rules, 1)
    book.run(banking.switch_rule, rule, active=False)
    (line,) = take_in(book, a_line("-2.50", "fee"))
    assert book.query(banking.propose_matches, [line]) == {}
    with pytest.raises(StaleRecord):
        book.run(banking.save_rule, rule)


def test_somebody_who_pays_twice_is_recognised_by_the_reference(book: Book) -> None:
    book.run(issue, "2026-00042", eur("100.00"), reference=OGM)
    one, other = take_in(book, a_line("100.00", "a", reference=OGM), a_line("100.00", "b", reference=OGM))
    book.run(banking.accept_match, one, best(book, one).match)
    proposal = best(book, other)
    assert (proposal.kind, proposal.customer_id, proposal.is_clear) == (ProposalKind.BALANCE, LINDE, False)
    book.run(banking.accept_match, other, proposal.match)
    assert balance(book) == ["100.00 EUR"]


def test_a_line_without_a_settlement_has_nothing_to_unmatch(book: Book) -> None:
    (line,) = take_in(book, a_line("1.00"))
    with pytest.raises(RuleBroken, match="line_not_settled_yet"):
        book.run(banking.unmatch, line)
    with pytest.raises(NotFound):
        book.query(banking.load_line, 99)
    with pytest.raises(NotFound):
        book.query(banking.create_rule_from_line, 99)


def test_a_payment_cannot_come_back_twice_in_one_step(book: Book) -> None:
    book.run(issue, "2026-00042", eur("100.00"), reference=OGM)
    paid, one, two = take_in(book, a_line("100.00", reference=OGM), a_line("-100.00", "x"), a_line("-100.00", "y"))
    book.run(banking.accept_match, paid, best(book, paid).match)
    match = best(book, one).match
    with pytest.raises(RuleBroken, match="payment_used_twice"):
        book.run(banking.accept_matches, [(one, match), (two, match)])
    book.run(banking.accept_match, one, match)
    with pytest.raises(RuleBroken, match="return_not_payment"):
        book.run(banking.accept_match, two, match)


def test_a_payer_is_known_the_better_the_more_often_he_paid(book: Book) -> None:
    lines = take_in(book, *(a_line(f"{n}.00", "x", name="J. Peeters", account="BE99") for n in (1, 2)))
    for line in lines:
        book.run(banking.accept_match, line, Match(rest_to_customer_id=BAKKER))
    book.run(banking.unmatch, lines[0])
    (third,) = take_in(book, a_line("3.00", "y", name="J. Peeters", account="BE99"))
    assert best(book, third).customer_id == BAKKER
