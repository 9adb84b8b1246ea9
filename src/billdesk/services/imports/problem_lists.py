"""Problems of an import as a workbook that goes to whoever made the file."""

from __future__ import annotations

from collections.abc import Iterable

from billdesk.documents.tables import Column, Table
from billdesk.documents.xlsx import table_workbook
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import _
from billdesk.kernel.messages import describe
from billdesk.services.imports.exports import problem_tables
from billdesk.services.imports.model import ImportPreview


def rejected_rows_workbook(preview: ImportPreview) -> bytes:
    """Give the refused rows with what is wrong; corrected, this file can be imported."""
    return table_workbook(problem_tables(preview))


def problems_workbook(problems: Iterable[Problem]) -> bytes:
    """Give one row per problem: where it is, what was found, and what to do."""
    titles = (_("Sheet"), _("Row"), _("Column"), _("Value"), _("What is wrong"), _("What to do"))
    table = Table(_("Problems"), tuple(Column(title) for title in titles), [_row(problem) for problem in problems])
    return table_workbook([table])


def _row(problem: Problem) -> tuple[str | int | None, ...]:
    place, message = problem.place, describe(problem)
    return (place.sheet, place.row, place.column, problem.value, message.what, message.next)
