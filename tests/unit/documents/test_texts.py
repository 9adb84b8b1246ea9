from __future__ import annotations

from dataclasses import replace

import pytest

from billdesk.documents.printed import Printed
from billdesk.documents.texts import PLACES, MailTemplate, file_name, fill, mail_text, place_values
from billdesk.domain.invoices import PaymentDetails
from billdesk.kernel.errors import InvalidValue
from builders.invoices import BUYER, a_credit_note, a_line, an_invoice


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_an_invoice_mail_asks_for_the_payment() -> None:
    mail = mail_text(an_invoice(), contact="Ann Peeters")
    assert mail.subject == "Invoice 2026-00042 from Acacia Cloud BV"
    assert plain(mail.body) == (
        "Dear Ann Peeters,\n\n"
        "Please find attached invoice 2026-00042 of 31 Jan 2026 for €179.69.\n\n"
        "Please pay €179.69 by 2 Mar 2026 to account BE68 5390 0754 7034 with reference +++090/9337/55493+++.\n\n"
        "Kind regards,\nAcacia Cloud BV\n"
    )


def test_a_dutch_mail_is_dutch_throughout() -> None:
    mail = mail_text(an_invoice(language="nl"))
    assert mail.subject == "Factuur 2026-00042 van Acacia Cloud BV"
    assert plain(mail.body).startswith("Geachte mevrouw, geachte heer,\n\nIn bijlage vindt u factuur 2026-00042")


def test_a_credit_note_mail_says_what_it_corrects_and_asks_for_nothing() -> None:
    body = plain(mail_text(a_credit_note()).body)
    assert "credit note C2026-0003 of 31 Jan 2026 for €179.69." in body
    assert "It corrects invoice 2026-00042." in body
    assert "pay" not in body


def test_a_credit_note_that_corrects_nothing_has_no_empty_paragraph() -> None:
    body = mail_text(replace(a_credit_note(), corrects_numbers=())).body
    assert "\n\n\n" not in body


def test_an_invoice_with_nothing_due_says_so() -> None:
    assert "There is nothing left to pay." in mail_text(an_invoice(lines=(a_line(minor=0),))).body


def test_an_invoice_without_an_account_names_amount_and_day_only() -> None:
    body = plain(mail_text(an_invoice(payment=PaymentDetails())).body)
    assert "Please pay €179.69 by 2 Mar 2026.\n" in body


def test_a_contact_of_the_document_is_greeted() -> None:
    invoice = an_invoice(buyer=replace(BUYER, contact="Łukasz Őry"), language="de")
    assert mail_text(invoice).body.startswith("Guten Tag Łukasz Őry,")


def test_an_own_template_replaces_the_texts() -> None:
    template = MailTemplate("{title} {number}\nfor {customer}", "Period {period}, order {order}.")
    mail = mail_text(an_invoice(purchase_order="PO-1"), template=template)
    assert mail.subject == "Invoice 2026-00042 for Brouwerij De Linde NV"
    assert plain(mail.body) == "Period 1–31 Jan 2026, order PO-1.\n"


def test_every_documented_place_can_be_filled() -> None:
    values = place_values(Printed.of(an_invoice()), "")
    assert values.keys() == PLACES.keys()


@pytest.mark.parametrize("template", ["{nonsense}", "{number.__class__}", "{}", "{0}"])
def test_an_unknown_place_is_refused(template: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        fill(template, {"number": "1"})
    assert caught.value.problem.code == "unknown_place"
    assert caught.value.problem.value == template


def test_braces_in_a_value_are_not_filled_again() -> None:
    assert fill("{number}", {"number": "{seller}", "seller": "x"}) == "{seller}"


def test_a_file_name_holds_no_separators() -> None:
    assert file_name(an_invoice(number="2026/00042"), "pdf", language="nl") == "Factuur 2026-00042.pdf"
