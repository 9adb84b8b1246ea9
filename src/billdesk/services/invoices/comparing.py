"""Recompute and compare: what a document says against what its own traces and taxes come to (billing rules §15)."""

from __future__ import annotations

from dataclasses import dataclass

from billdesk.domain.billing.taxing import tax_lines
from billdesk.domain.explain import NO_TRACE, recompute
from billdesk.domain.invoices import Document
from billdesk.kernel.money import Money
from billdesk.storage import entities
from billdesk.storage import invoices as storage
from billdesk.storage.database import Db


@dataclass(frozen=True, slots=True)
class LineComparison:
    """A line's stored amount and the one its trace gives; None for a line without a trace."""

    position: int
    description: str
    stored: Money
    derived: Money | None

    @property
    def agrees(self) -> bool:
        """Whether both are the same to the minor unit."""
        return self.derived is None or self.stored == self.derived


@dataclass(frozen=True, slots=True)
class Comparison:
    """A document re-derived: lines from traces, taxes and totals from lines."""

    number: str
    lines: tuple[LineComparison, ...]
    net: tuple[Money, Money]
    tax: tuple[Money, Money]
    total: tuple[Money, Money]

    @property
    def agrees(self) -> bool:
        """Whether everything agrees to the minor unit; pairs are (stored, derived)."""
        pairs = (self.net, self.tax, self.total)
        return all(line.agrees for line in self.lines) and all(stored == derived for stored, derived in pairs)


def recompute_and_compare(db: Db, document_id: int) -> Comparison:
    """Derive a stored document again from its traces and lines; raises NotFound."""
    document = storage.load_document(db, document_id)
    entity = entities.load_entity(db, document.entity_id)
    inclusive = [line.included_tax is not None for line in document.lines]
    taxed = tax_lines(document.lines, inclusive, document.rate, entity)
    return Comparison(
        number=document.number,
        lines=_lines(document),
        net=(document.net, taxed.net),
        tax=(document.tax, taxed.tax),
        total=(document.total, taxed.net + taxed.tax),
    )


def _lines(document: Document) -> tuple[LineComparison, ...]:
    return tuple(
        LineComparison(
            line.position,
            line.description,
            line.amount,
            None if line.trace == NO_TRACE else recompute(line.trace, document.currency),
        )
        for line in document.lines
    )
