"""Recompute and compare: what a document says against what its own traces and taxes come to (billing rules §15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from billdesk.domain.billing.taxing import Taxed, tax_lines
from billdesk.domain.entities import Entity, TaxRounding
from billdesk.domain.explain import NO_TRACE, recompute
from billdesk.domain.invoices import Document, DocumentStatus, TaxGroup
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.money import Money, total
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
class SumComparison:
    """A sum of a document and what it comes to: `label` is an English msgid, with `{percent}` where it is a rate's."""

    label: str
    stored: Money
    derived: Money
    percent: str = ""

    @property
    def agrees(self) -> bool:
        """Whether both are the same to the minor unit."""
        return self.stored == self.derived


@dataclass(frozen=True, slots=True)
class Comparison:
    """A document re-derived: lines from traces; discounts, taxes, totals and what is due from lines."""

    document_id: int
    number: str
    lines: tuple[LineComparison, ...]
    sums: tuple[SumComparison, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything agrees to the minor unit."""
        return all(line.agrees for line in self.lines) and all(one.agrees for one in self.sums)

    @property
    def differences(self) -> list[str]:
        """Say in words what differs, by how much."""
        lines = [
            _told(_("Line {number}, {name}", number=one.position, name=one.description), one.stored, one.derived)
            for one in self.lines
            if one.derived is not None and not one.agrees
        ]
        wrong = [one for one in self.sums if not one.agrees]
        sums = [_told(_(one.label, percent=one.percent), one.stored, one.derived) for one in wrong]
        return lines + sums


def _told(name: str, stored: Money, derived: Money) -> str:
    words = current()
    return _(
        "{name}: {stored} on the document, {derived} computed again, a difference of {difference}",
        name=name,
        stored=words.money(stored),
        derived=words.money(derived),
        difference=words.money(stored - derived),
    )


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
    if (taxed.net, taxed.tax) != (document.net, document.tax):
        # A company may round otherwise today than when the document was made.
        other = next(policy for policy in TaxRounding if policy is not entity.tax_rounding)
        then = tax_lines(document.lines, inclusive, document.rate, replace(entity, tax_rounding=other))
        taxed = then if (then.net, then.tax) == (document.net, document.tax) else taxed
    return Comparison(document.id, document.number, _lines(document), tuple(_sums(document, taxed)))


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


def _sums(document: Document, taxed: Taxed) -> list[SumComparison]:
    currency = document.currency
    shown = total((one.amount for one in document.discounts), currency)
    given = total((line.discount for line in document.lines if line.discount.minor > 0), currency)
    used = total((use.amount for use in document.credits), currency) if document.credits else document.credits_used
    derived = taxed.net + taxed.tax
    due = derived - used if used is not None else derived
    return [
        SumComparison(N_("Discounts"), shown, given),
        SumComparison(N_("Total before tax"), document.net, taxed.net),
        *_groups(document, taxed),
        SumComparison(N_("Tax"), document.tax, taxed.tax),
        SumComparison(N_("Total with tax"), document.total, derived),
        SumComparison(
            N_("Amount due"), document.amount_due, due + document.cash_rounding if document.cash_rounding else due
        ),
    ]


def _groups(document: Document, taxed: Taxed) -> list[SumComparison]:
    """Compare the tax of each rate, in the document's currency and in the books'."""
    stored = {_key(group): group for group in document.taxes}
    derived = {_key(group): group for group in taxed.groups}
    found = []
    for key in stored | derived:
        one, other = stored.get(key), derived.get(key)
        known = one or other
        if known is None:
            continue
        zero, local = Money.zero(document.currency), Money.zero(known.amount_local.currency)
        percent = current().percent(known.tax.percent)
        found += [
            SumComparison(
                N_("Tax at {percent}"), one.amount if one else zero, other.amount if other else zero, percent
            ),
            SumComparison(
                N_("Tax at {percent} in the currency of the books"),
                one.amount_local if one else local,
                other.amount_local if other else local,
                percent,
            ),
        ]
    return found


def _key(group: TaxGroup) -> tuple[object, ...]:
    return group.tax.category, group.tax.percent, group.tax.reason_code, group.tax.reason, group.tax.country
