"""Lists of documents as tables: one row per document, and one row per line. Amounts keep the book's sign."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from billdesk.documents.tables import Cell, Column, Table
from billdesk.domain.invoices import Document, DocumentKind, DocumentState, Line, TaxGroup
from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money, total


def invoice_list(documents: Iterable[Document], language: str) -> Table:
    """Give a row per document with its totals, in the language of the person who exports."""
    words = Language(language, "documents")
    titles = (
        words.text("Number"),
        words.text("Type"),
        words.text("State"),
        words.text("Issue date"),
        words.text("Due date"),
        words.text("Customer"),
        words.text("VAT number"),
        words.text("Country"),
        words.text("Currency"),
        words.text("Total excl. VAT"),
        words.text("VAT"),
        words.text("Total incl. VAT"),
        words.text("Amount due"),
        words.text("Exchange rate"),
        words.text("VAT in own currency"),
        words.text("Reference"),
        words.text("Order"),
    )
    rows = (_document_row(document, words) for document in documents)
    return Table(words.text("Invoices"), tuple(Column(title) for title in titles), rows)


def _document_row(document: Document, words: Language) -> tuple[Cell, ...]:
    return (
        document.number,
        kind_word(document.kind, words),
        state_word(document.state, words),
        document.issue_date,
        document.due_date,
        document.buyer.name,
        document.buyer.tax_id,
        document.buyer.address.country,
        document.currency,
        document.net,
        document.tax,
        document.total,
        document.amount_due,
        document.rate.rate,
        _local_tax(document.taxes),
        document.payment.structured_reference,
        document.purchase_order,
    )


def kind_word(kind: DocumentKind, words: Language) -> str:
    """Name a kind of document."""
    return words.text("Credit note") if kind is DocumentKind.CREDIT_NOTE else words.text("Invoice")


def state_word(state: DocumentState, words: Language) -> str:
    """Name a state of a document."""
    names = {
        DocumentState.DRAFT: words.text("Draft"),
        DocumentState.ISSUED: words.text("Issued"),
        DocumentState.VOID: words.text("Void"),
        DocumentState.UNCOLLECTIBLE: words.text("Uncollectible"),
    }
    return names[state]


def _local_tax(taxes: tuple[TaxGroup, ...]) -> Money | None:
    if not taxes:
        return None
    return total((group.amount_local for group in taxes), taxes[0].amount_local.currency)


def invoice_lines(documents: Iterable[Document], language: str) -> Table:
    """Give a row per line of the documents."""
    words = Language(language, "documents")
    titles = (
        words.text("Number"),
        words.text("Issue date"),
        words.text("Customer"),
        words.text("Line"),
        words.text("Description"),
        words.text("Details"),
        words.text("From"),
        words.text("Until"),
        words.text("Quantity"),
        words.text("Unit"),
        words.text("Unit price"),
        words.text("Currency"),
        words.text("Amount"),
        words.text("Discount"),
        words.text("Total excl. VAT"),
        words.text("VAT category"),
        words.text("VAT %"),
    )
    rows = (_line_row(document, line) for document, line in _all_lines(documents))
    return Table(words.text("Invoice lines"), tuple(Column(title) for title in titles), rows)


def _all_lines(documents: Iterable[Document]) -> Iterator[tuple[Document, Line]]:
    return ((document, line) for document in documents for line in document.lines)


def _line_row(document: Document, line: Line) -> tuple[Cell, ...]:
    return (
        document.number,
        document.issue_date,
        document.buyer.name,
        line.position,
        line.description,
        line.details,
        line.period.start if line.period else None,
        line.period.last_day if line.period else None,
        line.quantity,
        line.unit_code,
        line.unit_price,
        document.currency,
        line.amount,
        line.discount,
        line.net,
        line.tax.category.value,
        line.tax.percent,
    )
