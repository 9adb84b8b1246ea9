"""Whether the numbers of issued documents have gaps or come twice."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from billdesk.storage.database import Db
from billdesk.storage.tables.entities import number_series
from billdesk.storage.tables.invoices import document


@dataclass(frozen=True, slots=True)
class SeriesFault:
    """A series whose documents are not exactly its numbers from the first up to the next one."""

    entity_id: int
    kind: str
    year: int
    next_number: int
    documents: int
    highest: int


def faulty_series(db: Db) -> list[SeriesFault]:
    """Give series with gaps, doubles or a counter that does not follow the last document."""
    counted = (
        select(
            document.c.entity_id,
            document.c.kind,
            document.c.series_year,
            func.count(document.c.sequence.distinct()).label("documents"),
            func.max(document.c.sequence).label("highest"),
        )
        .where(document.c.sequence.is_not(None))
        .group_by(document.c.entity_id, document.c.kind, document.c.series_year)
    )
    found = {(row.entity_id, row.kind.value, row.series_year): row for row in db.connection.execute(counted)}
    faults = []
    for series in db.connection.execute(select(number_series)):
        row = found.pop((series.entity_id, series.kind, series.year), None)
        documents, highest = (row.documents, row.highest) if row else (0, 0)
        expected = series.next_number - series.first_number
        if documents != expected or (documents and highest != series.next_number - 1):
            faults.append(
                SeriesFault(series.entity_id, series.kind, series.year, series.next_number, documents, highest)
            )
    faults += [SeriesFault(*key, 0, row.documents, row.highest) for key, row in found.items()]
    return faults
