"""A simulation as a file: its months in every currency, and what kept customers out of it."""

from __future__ import annotations

from collections.abc import Sequence

from billdesk.kernel.i18n import _
from billdesk.services.simulation import Simulation
from billdesk.services.table_files import Cell, Column, Table, table_file


def simulation_file(found: Simulation, extension: str) -> bytes:
    """Give a simulation as a workbook (.xlsx) or, its months only, as .csv; raises InvalidValue for another ending."""
    return table_file([_months(found), _findings(found)], extension)


def _months(found: Simulation) -> Table:
    titles = (
        _("Month"), _("Currency"), _("Documents"), _("Revenue"), _("Tax"), _("Total"), _("MRR"), _("Receivables"),
        _("Falls due"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (m.month, m.currency, m.documents, m.revenue, m.tax, m.total, m.mrr, m.receivables, m.falls_due)
        for m in found.months
    ]
    return Table(_("Simulation"), _columns(titles), rows)


def _findings(found: Simulation) -> Table:
    rows: list[tuple[Cell, ...]] = [(one.customer_name, one.code, one.value) for one in found.findings]
    return Table(_("To look at"), _columns((_("Customer"), _("Why"), _("Value"))), rows)


def _columns(titles: Sequence[str]) -> tuple[Column, ...]:
    return tuple(Column(title) for title in titles)
