"""What a report is, and where all of them are found: modules of this package with a `PLUGIN`, and entry points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from billdesk import reports
from billdesk.kernel.errors import RowsRejected
from billdesk.kernel.fields import Field, check
from billdesk.kernel.money import Money
from billdesk.kernel.registry import Registry
from billdesk.storage.database import Db

Cell = str | int | Decimal | Money | date | None
"""What a report's cell may hold; there is no float."""


class CellKind(StrEnum):
    """How a column is shown: texts to the left, figures to the right."""

    TEXT = "text"
    DAY = "day"
    COUNT = "count"
    NUMBER = "number"
    PERCENT = "percent"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column; `title` is an English msgid."""

    name: str
    title: str
    kind: CellKind = CellKind.TEXT


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A report as it came out: columns, and rows of cells in their order."""

    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Report(Protocol):
    """A report: `fields` describe its parameters, of which `run` gets all, checked, defaults filled in."""

    @property
    def key(self) -> str:
        """Stable name."""

    @property
    def label(self) -> str:
        """English name for people, the msgid of its translation."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The parameters."""

    @property
    def columns(self) -> tuple[ReportColumn, ...]:
        """The columns of the result."""

    def run(self, db: Db, parameters: Mapping[str, str]) -> Iterable[tuple[Cell, ...]]:
        """Give the rows in order."""


_REGISTRY: Final[Registry[Report]] = Registry("reports")


def all_reports() -> Registry[Report]:
    """Give the registered reports, loaded on first use."""
    _REGISTRY.load(reports)
    return _REGISTRY


def run_report(db: Db, key: str, parameters: Mapping[str, object]) -> ReportTable:
    """Run a report; raises KeyError for an unknown one, RowsRejected for wrong parameters."""
    report = all_reports().get(key)
    given = {field.name: field.default for field in report.fields} | dict(parameters)
    problems = check(report.fields, given)
    if problems:
        raise RowsRejected(tuple(problems))
    texts = {name: "" if value is None else str(value) for name, value in given.items()}
    return ReportTable(report.columns, tuple(report.run(db, texts)))
