"""Own prices of a contract from a single amount, as people agree on them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from billdesk.domain.catalog import PriceTerms
from billdesk.kernel.decimals import to_text
from billdesk.services.imports.contract_overrides import principal

__all__ = ["principal", "with_amount"]


def with_amount(model: str, terms: PriceTerms, amount: Decimal) -> PriceTerms | None:
    """Give terms with another amount in the place that the charge model has for one, None when it has none."""
    name = principal(model)
    if not name:
        return None
    return replace(terms, parameters={**terms.parameters, name: to_text(amount)})
