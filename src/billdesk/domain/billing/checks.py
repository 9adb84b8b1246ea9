"""Invariants of documents and of what is billed (billing rules §16); a breach names the rows."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from billdesk.domain.billing.leftovers import net
from billdesk.domain.billing.records import BilledLine
from billdesk.domain.explain import recompute
from billdesk.domain.invoices import Document, DocumentKind, LineKind
from billdesk.kernel.errors import InvariantBroken, RuleBroken

LARGEST: Final = 10**15
"""Minor units that a line may come to; sums of such lines still fit the 63 bits of the book."""

# Usage, its minimum and its maximum may be trued up for the same days again.
_PER_DAY = frozenset({LineKind.CHARGE, LineKind.ONE_OFF})


def check_document(document: Document) -> None:
    """Raise InvariantBroken unless sums, signs, discounts, taxes and traces of a document agree.

    Raises RuleBroken `amount_too_large` for what a mistyped quantity or price makes of it.
    """
    for line in document.lines:
        if abs(line.amount.minor) > LARGEST:
            raise RuleBroken("amount_too_large", (("customer", document.buyer.name), ("line", line.description)))
    name = document.number or f"draft {document.id}"
    net = sum(line.net.minor for line in document.lines)
    bases = sum(group.base.minor for group in document.taxes)
    checks = (
        ("document_without_lines", bool(document.lines)),
        ("net_is_not_sum_of_lines", net == document.net.minor),
        ("net_is_not_sum_of_tax_bases", bases == document.net.minor),
        ("tax_is_not_sum_of_groups", sum(group.amount.minor for group in document.taxes) == document.tax.minor),
        ("total_is_not_net_plus_tax", document.net + document.tax == document.total),
        ("credit_note_is_not_negative", document.kind is DocumentKind.INVOICE or document.total.minor < 0),
        ("invoice_is_negative", document.kind is DocumentKind.CREDIT_NOTE or document.total.minor >= 0),
        ("amount_due_is_negative", document.kind is DocumentKind.CREDIT_NOTE or document.amount_due.minor >= 0),
        ("discounts_shown_differ", _shown(document) == _given(document)),
        ("currencies_differ", all(line.amount.currency == document.currency for line in document.lines)),
    )
    for invariant, holds in checks:
        if not holds:
            raise InvariantBroken(invariant, (name,))
    _check_lines(document, name)


def _shown(document: Document) -> int:
    return sum(shown.amount.minor for shown in document.discounts)


def _given(document: Document) -> int:
    return sum(line.discount.minor for line in document.lines if line.discount.minor > 0)


def _check_lines(document: Document, name: str) -> None:
    for line in document.lines:
        row = (name, f"line {line.position}")
        if not line.amount.minor:
            raise InvariantBroken("line_is_zero", row)
        if line.discount.minor and (
            (line.discount.minor > 0) is not (line.amount.minor > 0)
            or abs(line.discount.minor) > abs(line.amount.minor)
        ):
            raise InvariantBroken("discount_exceeds_line", row)
        if line.trace.steps and recompute(line.trace, document.currency).minor != line.amount.minor:
            raise InvariantBroken("trace_differs_from_line", row)


def check_billed(billed: Iterable[BilledLine]) -> None:
    """Raise InvariantBroken when a day is charged twice or a line is credited beyond what it charged."""
    for (price_id, kind), lefts in net(billed).items():
        for left in lefts:
            given_back = left.money * left.line.amount < 0 or abs(left.money) > abs(left.line.amount)
            if given_back and left.line.amount:
                raise InvariantBroken("credited_more_than_billed", (str(left.line.line_id),))
        if kind not in _PER_DAY or price_id is None:
            continue
        # A line whose money was given back in full by hand keeps its days in name only; they may be charged anew.
        spans = sorted((span, left.line.line_id) for left in lefts if left.money for span in left.spans)
        for (one, first), (other, second) in pairwise(spans):
            if other.start < one.end:
                raise InvariantBroken("day_billed_twice", (str(first), str(second), other.start.isoformat()))
