from __future__ import annotations

from dataclasses import replace

from billdesk.domain.invoices import DiscountShown
from billdesk.kernel.money import Money
from billdesk.ui.core.document_card import totals_of
from builders.invoices import an_invoice


def test_a_discount_stands_between_the_lines_and_the_subtotal() -> None:
    document = replace(an_invoice(), discounts=(DiscountShown("Spring", Money(500, "EUR")),))
    first, second = totals_of(document)[:2]
    assert (first.name, first.value) == ("Spring", Money(-500, "EUR"))
    assert (second.name, second.value) == ("Subtotal", document.net)
