from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader

from billdesk.documents.pdf import render_invoice
from billdesk.documents.pdf.style import BODY_BOTTOM, LEFT, PAGE_HEIGHT, RIGHT
from billdesk.domain.entities import Address
from billdesk.domain.explain import Trace
from billdesk.domain.invoices import (
    CreditUse,
    DiscountShown,
    Document,
    DocumentState,
    ExchangeRate,
    LineTax,
    Party,
    PaymentDetails,
    TaxCategory,
    TaxPart,
)
from billdesk.kernel.errors import InvalidValue
from billdesk.kernel.money import Money
from builders.invoices import (
    BUYER,
    REVERSE_CHARGE,
    SELLER,
    a_credit_note,
    a_line,
    a_trace,
    an_invoice,
    lines_of,
)
from builders.pdfs import Recorder, a_logo, fonts_of, texts_of

LONG = Party(
    "Süddeutsche Verwaltungsgesellschaft für Landmaschinenversicherungsangelegenheiten mbH & Co. KG",
    Address("Donaudampfschifffahrtsgesellschaftskapitänsmützenstraße 123", "Gebäude 4", "80331", "München", "", "DE"),
    "DE811128135",
    contact="Dr. Friederike Müller-Lüdenscheidt",
)
ECB = ExchangeRate(Decimal("0.0061"), date(2026, 1, 30), "ECB")
DISCOUNT = DiscountShown("Loyalty discount for customers of long standing, 10 %", Money(1485, "EUR"))
CASES = {
    "one line": an_invoice(),
    "forty lines": an_invoice(lines=lines_of(40), language="de"),
    "many lines": an_invoice(lines=lines_of(120), language="fr"),
    "long names": an_invoice(buyer=LONG, seller=replace(LONG, address=SELLER.address), language="de"),
    "long words": an_invoice(lines=(a_line("x" * 400, details="y" * 300),), notes="z" * 900, footer="f" * 600),
    "large amounts": an_invoice(
        lines=(a_line(quantity="1234567890.123456", unit_price="0.000000000001", minor=12345678901234),), language="nl"
    ),
    "credit note": a_credit_note(language="nl"),
    "yen": an_invoice(lines=lines_of(3, currency="JPY"), rate=ECB),
    "reverse charge": an_invoice(lines=(a_line(tax=REVERSE_CHARGE),), purchase_order="PO " + "9" * 60),
    "draft": an_invoice(state=DocumentState.DRAFT, number=""),
    "discounts": an_invoice(discounts=(DISCOUNT,)),
    "left window": an_invoice(seller=replace(SELLER, address=Address("1 High St", "", "E1 6AN", "London", "", "GB"))),
    "explained": an_invoice(lines=tuple(replace(line, trace=a_trace()) for line in lines_of(30))),
    "no lines": replace(an_invoice(), lines=(), taxes=()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_no_text_leaves_the_page_or_lies_on_another(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    recorder.listen(monkeypatch)
    render_invoice(CASES[name], explain=True)
    boxes = [box for page in recorder.pages.values() for box in page]
    assert [box for box in boxes if box.x < LEFT - 0.1 or box.right > RIGHT + 0.1] == []
    assert [box for box in boxes if box.baseline > PAGE_HEIGHT - 20] == []
    assert recorder.collisions() == []


@pytest.mark.parametrize("name", CASES)
def test_the_body_ends_above_the_footer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    recorder.listen(monkeypatch)
    monkeypatch.setattr("billdesk.documents.pdf.invoice.draw_footers", lambda _job: None)
    render_invoice(CASES[name], explain=True)
    assert [box.text for page in recorder.pages.values() for box in page if box.baseline > BODY_BOTTOM] == []


@pytest.mark.parametrize("name", CASES)
def test_every_font_is_embedded_and_can_be_copied_as_text(name: str) -> None:
    fonts = fonts_of(render_invoice(CASES[name], explain=True))
    assert fonts
    for base_name, font in fonts.items():
        assert base_name.split("+")[1] in {"Inter-Regular", "Inter-SemiBold", "DejaVuSans"}
        assert "/FontFile2" in font["/FontDescriptor"].get_object()  # type: ignore[operator]  # a dictionary
        assert "/ToUnicode" in font


def test_names_from_all_over_europe_come_out_as_they_went_in() -> None:
    name = "Łukasz Őry ŠKODA Ελλάς Київ ☎"
    assert name in texts_of(render_invoice(an_invoice(buyer=replace(BUYER, name=name))))[0]


def test_more_characters_than_one_subset_holds_come_out_right() -> None:
    letters = "".join(chr(code) for code in [*range(0xC0, 0x180), *range(0x391, 0x3A2), *range(0x410, 0x450)])
    text = "".join(texts_of(render_invoice(an_invoice(notes=letters)))).replace("\n", "")
    assert letters in text


def test_each_page_says_its_number_and_repeats_the_header() -> None:
    pages = texts_of(render_invoice(an_invoice(lines=lines_of(80))))
    assert len(pages) == 4
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of 4" in text
    assert all("Description" in text and "Amount (EUR)" in text for text in pages[:3])
    assert all("Invoice 2026-00042" in text for text in pages[1:])


def test_every_line_is_printed_exactly_once() -> None:
    text = "\n".join(texts_of(render_invoice(an_invoice(lines=lines_of(80)))))
    assert [text.count(f"site {n} ") for n in range(1, 81)] == [1] * 80


def test_the_last_line_stays_with_the_totals() -> None:
    for count in range(14, 30):
        pages = texts_of(render_invoice(an_invoice(lines=lines_of(count))))
        last = next(text for text in pages if "Total incl. VAT" in text)
        assert f"site {count} " in last, count


def test_a_row_higher_than_a_page_is_continued_on_the_next() -> None:
    details = "\n".join(f"detail {n}." for n in range(150))
    pages = texts_of(render_invoice(an_invoice(lines=(a_line(details=details),))))
    text = "\n".join(pages)
    assert len(pages) == 4
    assert [text.count(f"detail {n}.") for n in range(150)] == [1] * 150
    assert text.count("148.50\n") == 2  # the line and the tax table


def test_long_notes_run_over_pages() -> None:
    notes = "\n".join(f"note {n}." for n in range(120))
    pages = texts_of(render_invoice(an_invoice(notes=notes)))
    assert len(pages) == 3
    assert "note 119." in pages[2]


def test_a_payment_block_tells_all_that_a_payer_needs() -> None:
    text = texts_of(render_invoice(an_invoice()))[0]
    for expected in ("BE68 5390 0754 7034", "KREDBEBB", "+++090/9337/55493+++", "€179.69", "2 Mar 2026", "Scan to pay"):
        assert expected in text


def test_an_account_without_iban_and_code_is_printed_too() -> None:
    payment = PaymentDetails(account_number="021000021 123456", account_name="Acacia Inc", terms="Net 30.")
    text = texts_of(render_invoice(an_invoice(payment=payment)))[0]
    assert "021000021 123456" in text
    assert "Net 30." in text
    assert "Scan to pay" not in text


def test_nothing_is_asked_where_nothing_is_due() -> None:
    for document in (an_invoice(lines=(a_line(minor=0),)), a_credit_note(), an_invoice(payment=PaymentDetails())):
        assert "Beneficiary" not in texts_of(render_invoice(document))[0]


def test_a_draft_has_a_tag_and_no_code_to_pay_with() -> None:
    text = texts_of(render_invoice(CASES["draft"]))[0]
    assert "DRAFT" in text
    assert "Scan to pay" not in text


def test_totals_name_discounts_credits_and_rounding() -> None:
    line = replace(a_line(discount=1485))
    document = an_invoice(lines=(line,), discounts=(DiscountShown("Loyalty 10 %", Money(1485, "EUR")),))
    used = CreditUse("Prepaid credit", Money(5000, "EUR"))
    document = replace(document, credits_used=Money(5000, "EUR"), credits=(used,), cash_rounding=Money(-2, "EUR"))
    text = texts_of(render_invoice(document))[0]
    for expected in ("Subtotal €148.50", "Loyalty 10 % -€14.85", "Total excl. VAT €133.65", "Total incl. VAT €161.72",
                     "Prepaid credit -€50.00", "Rounding -€0.02", "Amount due €111.70"):  # fmt: skip
        assert expected in text


def test_credits_without_a_list_are_named_as_one() -> None:
    document = replace(an_invoice(), credits_used=Money(5000, "EUR"))
    assert "Credit used -€50.00" in texts_of(render_invoice(document))[0]


def test_a_rate_that_authorities_share_shows_each_part() -> None:
    parts = (TaxPart("State", Decimal("6.25"), Money(928, "USD")), TaxPart("City", Decimal("0.75")))
    tax = LineTax(TaxCategory.STANDARD, Decimal(7), parts=parts)
    text = texts_of(render_invoice(an_invoice(lines=(a_line(currency="USD", tax=tax),))))[0]
    assert "State 6.25%" in text
    assert "9.28" in text


def test_tax_inclusive_amounts_say_so() -> None:
    line = replace(a_line(minor=12100, discount=100), included_tax=Money(2083, "EUR"))
    document = an_invoice(lines=(line,), discounts=(DiscountShown("Voucher", Money(100, "EUR")),))
    text = texts_of(render_invoice(document))[0]
    assert "Incl. VAT (EUR)" in text
    assert "Subtotal incl. VAT" in text


def test_a_delivery_address_and_an_order_are_facts_of_the_document() -> None:
    address = Address("Dock 4", "", "9000", "Gent", "", "BE")
    text = texts_of(render_invoice(replace(an_invoice(purchase_order="PO-7"), delivery_address=address)))[0]
    assert "Delivery address\nDock 4, 9000 Gent" in text
    assert "Your order\nPO-7" in text


@pytest.mark.parametrize(
    ("language", "label"),
    [("en", "Customer number"), ("nl", "Klantnummer"), ("fr", "Numéro de client"), ("de", "Kundennummer")],
)
def test_the_customers_number_is_a_fact_of_the_document(language: str, label: str) -> None:
    assert f"{label}\nK0042" in texts_of(render_invoice(an_invoice(language=language)))[0]


def test_the_appendix_shows_each_step() -> None:
    text = texts_of(render_invoice(an_invoice(), explain=True))[1]
    assert "How the amounts were computed" in text
    assert "3 × 49.50" in text
    assert "Amount on the document €148.50" in text


def test_a_computation_stays_on_one_page() -> None:
    for text in texts_of(render_invoice(CASES["explained"], explain=True))[2:]:
        assert text.count("Amount on the document") == text.count("Whole period")


def test_a_computation_longer_than_a_page_runs_on() -> None:
    line = replace(a_line(), trace=Trace(a_trace().steps * 30))
    pages = texts_of(render_invoice(an_invoice(lines=(line,)), explain=True))
    assert len(pages) == 3
    assert "Amount on the document" in pages[2]


def test_only_lines_with_a_trace_are_explained() -> None:
    document = an_invoice(lines=(a_line(position=1), a_line("Setup", position=2, trace=a_trace())))
    text = texts_of(render_invoice(document, explain=True))[1]
    assert "2. Setup" in text
    assert "1. Team plan" not in text


def test_lines_without_a_trace_need_no_appendix() -> None:
    assert len(texts_of(render_invoice(an_invoice(lines=(a_line(),)), explain=True))) == 1


def test_the_same_document_gives_the_same_bytes() -> None:
    first = render_invoice(an_invoice(), logo=a_logo(), explain=True)
    render_invoice(an_invoice(lines=lines_of(3), language="fr"))
    assert render_invoice(an_invoice(), logo=a_logo(), explain=True) == first


def test_title_author_and_language_are_in_the_metadata() -> None:
    reader = PdfReader(io.BytesIO(render_invoice(an_invoice(language="nl"))))
    assert reader.metadata is not None
    assert reader.metadata.title == "Factuur 2026-00042"
    assert reader.metadata.author == "Acacia Cloud BV"
    assert str(reader.root_object["/Lang"]) == "nl"


def test_a_logo_is_drawn_in_place_of_the_name() -> None:
    pdf = render_invoice(an_invoice(), logo=a_logo())
    assert len(PdfReader(io.BytesIO(pdf)).pages[0].images) == 1


def test_a_photograph_as_a_logo_keeps_the_file_small() -> None:
    file = io.BytesIO()
    Image.effect_noise((1200, 400), 60).convert("RGB").save(file, "PNG")
    assert len(file.getvalue()) > 400_000
    pdf = render_invoice(an_invoice(), logo=file.getvalue())
    assert len(pdf) < 160_000
    assert render_invoice(an_invoice(), logo=file.getvalue()) == pdf


def test_a_file_that_is_no_picture_is_refused_as_a_logo() -> None:
    with pytest.raises(InvalidValue) as caught:
        render_invoice(an_invoice(), logo=b"not a picture")
    assert caught.value.problem.code == "logo_unreadable"


def colours(document: Document) -> set[tuple[int, int, int]]:
    page = pypdfium2.PdfDocument(render_invoice(document))[0]
    picture = page.render(scale=0.5).to_pil().convert("RGB")
    return {colour for _count, colour in picture.getcolors(100_000) or [] if isinstance(colour, tuple)}


def test_a_rendered_page_shows_its_panels_and_accents() -> None:
    assert {(246, 247, 249), (239, 242, 254), (255, 255, 255)} <= colours(an_invoice())
