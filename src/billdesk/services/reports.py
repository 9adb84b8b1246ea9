"""Reports and the home screen's figures, for window and command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from billdesk.documents.csv import CsvOptions, write_csv
from billdesk.documents.tables import Column, Table
from billdesk.documents.xlsx import table_workbook
from billdesk.kernel.errors import InvalidValue, NotFound, Place, Problem
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import _
from billdesk.reports import home, registry
from billdesk.reports.home import Counted, HomeFigures, MonthBar
from billdesk.reports.registry import CellKind, ReportColumn, ReportTable
from billdesk.storage.database import Db

__all__ = ["CellKind", "Counted", "HomeFigures", "MonthBar", "ReportColumn", "ReportTable"]


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """A report that can be run; `label` is an English msgid, `fields` its parameters."""

    key: str
    label: str
    fields: tuple[Field, ...]


def list_reports() -> list[ReportInfo]:
    """Give all reports; needs no book."""
    return [ReportInfo(report.key, report.label, report.fields) for report in registry.all_reports()]


def run_report(db: Db, key: str, parameters: Mapping[str, object] | None = None) -> ReportTable:
    """Run a report; raises NotFound for an unknown one, RowsRejected or InvalidValue for wrong parameters."""
    if key not in registry.all_reports():
        raise NotFound("reports", key)
    return registry.run_report(db, key, parameters or {})


def load_home_figures(db: Db) -> HomeFigures:
    """Give what the home screen shows, as of today."""
    return home.home_figures(db)


def to_file(table: ReportTable, *, title: str, extension: str) -> bytes:
    """Give a report as a spreadsheet (.xlsx) or as .csv; raises InvalidValue for another extension."""
    shown = Table(title, tuple(Column(_(column.title)) for column in table.columns), table.rows)
    if extension == ".xlsx":
        return table_workbook([shown])
    if extension == ".csv":
        return b"".join(write_csv(shown, CsvOptions()))
    raise InvalidValue(Problem("not_a_choice", Place(field="to"), extension, (("choices", ".xlsx, .csv"),)))
