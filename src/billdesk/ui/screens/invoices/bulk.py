"""What a selection of documents can do together, and what that would change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from billdesk.domain.invoices import DocumentKind, DocumentState
from billdesk.kernel.i18n import _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.services import invoices
from billdesk.services.invoices import DocumentFilter, DocumentRow

MOST: Final = 20_000
"""So many documents are changed or exported in one step."""


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """What a step would do: the documents it takes, their sums by kind and currency, and how many it leaves."""

    ids: tuple[int, ...]
    taken: int
    left: int
    sums: tuple[tuple[DocumentKind, int, Money], ...]
    numbers: tuple[str, ...] = ()


def rows_of(db: Any, wanted: DocumentFilter) -> list[DocumentRow]:  # noqa: ANN401 - the lane's Db
    """Read the documents that pass a filter, at most as many as one step takes."""
    return invoices.list_documents(db, wanted, limit=MOST)


def plan_issue(rows: Sequence[DocumentRow]) -> BulkPlan:
    """Take the drafts."""
    return _plan(rows, [row for row in rows if row.state is DocumentState.DRAFT])


def plan_send(rows: Sequence[DocumentRow]) -> BulkPlan:
    """Take what is issued."""
    return _plan(rows, [row for row in rows if row.state is not DocumentState.DRAFT])


def plan_export(rows: Sequence[DocumentRow]) -> BulkPlan:
    """Take everything."""
    return _plan(rows, rows)


def _plan(rows: Sequence[DocumentRow], taken: Sequence[DocumentRow]) -> BulkPlan:
    groups: dict[tuple[DocumentKind, str], list[int]] = {}
    for row in taken:
        groups.setdefault((row.kind, row.total.currency), []).append(row.total.minor)
    sums = tuple(
        (kind, len(minors), Money(sum(minors), currency)) for (kind, currency), minors in sorted(groups.items())
    )
    numbers = tuple(row.number or row.customer_name for row in taken[:3])
    return BulkPlan(tuple(row.id for row in taken), len(taken), len(rows) - len(taken), sums, numbers)


def plan_lines(plan: BulkPlan) -> list[str]:
    """Say what a plan takes and leaves."""
    lines = [
        f"{_counted(kind, count)}: {current().money(amount)}"
        for kind, count, amount in plan.sums
    ]  # fmt: skip
    if plan.left:
        lines.append(
            ngettext("{n} selected document is left alone.", "{n} selected documents are left alone.", plan.left)
        )
    return lines


def _counted(kind: DocumentKind, count: int) -> str:
    if kind is DocumentKind.CREDIT_NOTE:
        return ngettext("{n} credit note", "{n} credit notes", count)
    return ngettext("{n} invoice", "{n} invoices", count)


def issued_text(numbers: Sequence[str], totals: Iterable[Money]) -> str:
    """Say what was issued."""
    amounts = ", ".join(current().money(amount) for amount in totals)
    if len(numbers) == 1:
        return _("{number} is issued: {amount}", number=numbers[0], amount=amounts)
    counted = ngettext("{n} document is issued", "{n} documents are issued", len(numbers))
    return f"{counted}: {numbers[0]} – {numbers[-1]}, {amounts}"
