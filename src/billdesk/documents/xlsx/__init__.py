"""Workbooks; openpyxl is imported when the first one is written."""

from __future__ import annotations

from collections.abc import Sequence

from billdesk.documents.tables import Table
from billdesk.documents.xlsx.specs import TemplateColumn
from billdesk.domain.invoices import Document

__all__ = ["TemplateColumn", "invoice_workbook", "table_workbook", "template_workbook"]


def table_workbook(tables: Sequence[Table]) -> bytes:
    """Give a workbook with a sheet per table; a table longer than a sheet goes on in the next one."""
    from billdesk.documents.xlsx.tables import write_tables

    return write_tables(tables)


def invoice_workbook(document: Document, *, language: str | None = None) -> bytes:
    """Give a document as a workbook whose live formulas compute it again, with a check against the document."""
    from billdesk.documents.xlsx.invoice import write_invoice

    return write_invoice(document, language)


def template_workbook(name: str, columns: Sequence[TemplateColumn]) -> bytes:
    """Give an empty workbook to fill in and import, with choices to pick from and a sheet of notes and examples."""
    from billdesk.documents.xlsx.template import write_template

    return write_template(name, columns)
