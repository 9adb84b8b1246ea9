"""Recompute and compare: what a document says against what its own traces and taxes come to (billing rules §15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from billdesk.domain.billing.taxing import tax_lines
from billdesk.domain.entities import Entity
from billdesk.domain.explain import NO_TRACE, recompute
from billdesk.domain.invoices import Document, DocumentStatus
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.storage import entities
from billdesk.storage import invoices as storage
from billdesk.storage.database import Db

_CHUNK: Final = 1_000
_ISSUED: Final = storage.DocumentFilter(statuses=frozenset(DocumentStatus) - {DocumentStatus.DRAFT})


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


@dataclass(frozen=True, slots=True)
class Verification:
    """Issued documents derived again: how many documents, lines and traces, and the comparisons that differ."""

    documents: int
    lines: int
    traces: int
    differing: tuple[Comparison, ...]

    @property
    def agrees(self) -> bool:
        """Whether every document comes to what it says."""
        return not self.differing


def recompute_and_compare(db: Db, document_id: int) -> Comparison:
    """Derive a stored document again from its traces and lines; raises NotFound."""
    document = storage.load_document(db, document_id)
    return _compare(document, entities.load_entity(db, document.entity_id))


def verify_documents(db: Db, ids: Sequence[int] = (), *, progress: Progress) -> Verification:
    """Derive documents (without ids: every issued one) again, a thousand at a time, and name those that differ."""
    known = {entity.id: entity for entity in entities.list_entities(db)}
    wanted = list(ids) or storage.list_ids(db, _ISSUED)
    lines = traces = 0
    differing: list[Comparison] = []
    for start in range(0, len(wanted), _CHUNK):
        progress.step(start, len(wanted))
        for document in storage.load_documents(db, wanted[start : start + _CHUNK]):
            found = _compare(document, known[document.entity_id])
            lines += len(found.lines)
            traces += sum(line.derived is not None for line in found.lines)
            differing += [] if found.agrees else [found]
    progress.step(len(wanted), len(wanted))
    return Verification(len(wanted), lines, traces, tuple(differing))


def _compare(document: Document, entity: Entity) -> Comparison:
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
