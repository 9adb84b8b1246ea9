"""Which prices charge usage, for those who want periods that still run as well (billing rules §6.4)."""

from __future__ import annotations

from billdesk.domain.catalog import Catalog, QuantitySource


def usage_prices(catalog: Catalog) -> frozenset[int]:
    """Give the prices that charge usage."""
    prices = catalog.prices.values()
    return frozenset(price.id for price in prices if price.quantity_source is QuantitySource.USAGE)
