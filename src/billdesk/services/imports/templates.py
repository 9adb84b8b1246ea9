"""Empty workbooks to fill in and import."""

from __future__ import annotations

from typing import Final

from billdesk.documents.xlsx import TemplateColumn, template_workbook
from billdesk.documents.xlsx.specs import TemplateKind
from billdesk.kernel.i18n import _
from billdesk.services.imports.registry import import_kind
from billdesk.sheets import Column, ColumnKind

_KINDS: Final = {
    ColumnKind.DECIMAL: TemplateKind.NUMBER,
    ColumnKind.INTEGER: TemplateKind.NUMBER,
    ColumnKind.DATE: TemplateKind.DATE,
    ColumnKind.CHOICE: TemplateKind.CHOICE,
    ColumnKind.BOOLEAN: TemplateKind.CHOICE,
}


def template_columns(key: str) -> tuple[TemplateColumn, ...]:
    """Give what a template of a kind must know about its columns; raises KeyError."""
    return tuple(_template(column) for column in import_kind(key).columns)


def _template(column: Column) -> TemplateColumn:
    choices = ("true", "false") if column.kind is ColumnKind.BOOLEAN else column.choices
    return TemplateColumn(
        column.title,
        _KINDS.get(column.kind, TemplateKind.TEXT),
        column.required,
        tuple(str(choice) for choice in choices),
        _(column.help) if column.help else "",
    )


def import_template(key: str) -> bytes:
    """Give the template workbook of a kind."""
    kind = import_kind(key)
    return template_workbook(kind.label, template_columns(key))
