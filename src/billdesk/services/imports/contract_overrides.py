"""Own prices of a contract between rows and terms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.catalog import Price, PriceTerms
from billdesk.domain.rating import charge_models, check_terms
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.errors import Problem
from billdesk.kernel.fields import Kind

_PRINCIPAL: Final = ("amount", "unit_price", "price", "rate")


def principal(model: str) -> str:
    """Give the parameter that a single amount means for a charge model, empty when it has none."""
    fields = {spec.name: spec for spec in charge_models().get(model).fields} if model in charge_models() else {}
    return next((name for name in _PRINCIPAL if name in fields and fields[name].kind is Kind.DECIMAL), "")


def read_parameters(text: str) -> dict[str, object] | None:
    """Read a cell of other parameters, None when it is not a JSON object."""
    if not text:
        return {}
    try:
        values = json.loads(text)
    except json.JSONDecodeError:
        return None
    return values if isinstance(values, dict) else None


def own_terms(
    price: Price, currency: str, amount: Decimal | None, more: Mapping[str, object]
) -> tuple[PriceTerms, list[Problem]]:
    """Give the price's terms with another amount or other parameters, and what is wrong with them."""
    base = price.terms_in(currency)
    parameters = {**(base.parameters if base else {}), **more}
    name = principal(price.model)
    if name and amount is not None:
        parameters[name] = to_text(amount)
    terms = PriceTerms(currency, parameters, base.minimum if base else None, base.maximum if base else None)
    return terms, check_terms(price.model, parameters)


def shown_terms(price: Price, terms: PriceTerms) -> dict[str, Any]:
    """Give own terms as cells: the amount, and as JSON what else differs from the price's own."""
    base, name = price.terms_in(terms.currency), principal(price.model)
    usual = base.parameters if base else {}
    rest = {key: value for key, value in terms.parameters.items() if key != name and usual.get(key) != value}
    return {
        "amount": from_text(str(terms.parameters[name])) if name in terms.parameters else None,
        "parameters": json.dumps(rest, sort_keys=True, ensure_ascii=False) if rest else "",
    }
