from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from billdesk.documents.lists import invoice_lines, invoice_list, state_word
from billdesk.domain.invoices import DocumentState
from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money
from builders.invoices import a_credit_note, a_line, an_invoice


def test_the_list_has_a_row_per_document_with_the_books_sign() -> None:
    table = invoice_list([an_invoice(), a_credit_note()], "en")
    first, second = table.rows
    assert len(first) == len(table.columns)
    assert first[:6] == (
        "2026-00042",
        "Invoice",
        "Issued",
        date(2026, 1, 31),
        date(2026, 3, 2),
        "Brouwerij De Linde NV",
    )
    assert (second[1], second[11]) == ("Credit note", Money(-17969, "EUR"))


def test_titles_and_words_are_in_the_language_of_the_export() -> None:
    table = invoice_list([an_invoice()], "nl")
    assert table.name == "Facturen"
    assert [column.title for column in table.columns[:4]] == ["Nummer", "Soort", "Staat", "Uitgiftedatum"]
    assert next(iter(table.rows))[1:3] == ("Factuur", "Uitgereikt")


def test_a_document_without_taxes_has_no_local_tax() -> None:
    row = next(iter(invoice_list([replace(an_invoice(), taxes=())], "en").rows))
    assert row[14] is None


def test_every_state_has_a_word() -> None:
    words = [state_word(state, Language("de", "documents")) for state in DocumentState]
    assert words == ["Entwurf", "Ausgestellt", "Storniert", "Uneinbringlich"]


def test_the_lines_have_a_row_each() -> None:
    document = an_invoice(lines=(a_line(position=1), a_line("Setup", position=2, period=None, unit_price=None)))
    table = invoice_lines([document], "en")
    first, second = table.rows
    assert len(first) == len(table.columns)
    assert first[3:8] == (1, "Team plan", "", date(2026, 1, 1), date(2026, 1, 31))
    assert first[8:14] == (Decimal(3), "C62", Decimal("49.50"), "EUR", Money(14850, "EUR"), Money(0, "EUR"))
    assert (second[4], second[6], second[10]) == ("Setup", None, None)
