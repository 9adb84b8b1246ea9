"""The distance sales of documents that were issued before books counted them, for the second schema."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, text

from billdesk.kernel.money import Money

_EURO: Final = "EUR"
_UNION: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)  # fmt: skip
# As the first schema has it; documents that touch no euro on either side are left out.
_TAXED: Final = text(
    "SELECT d.id, d.entity_id, d.issue_date, d.currency, d.rate, c.buyer, e.address, l.tax_country, l.tax_category,"
    " SUM(l.amount_minor - l.discount_minor - COALESCE(l.included_tax_minor, 0)) AS net"
    " FROM document d JOIN document_content c ON c.document_id = d.id JOIN entity e ON e.id = d.entity_id"
    " JOIN document_line l ON l.document_id = d.id"
    " WHERE d.state <> 'draft' AND l.tax_category IN ('S', 'Z', 'E') AND (d.currency = 'EUR' OR e.currency = 'EUR')"
    " GROUP BY d.id, d.entity_id, d.issue_date, d.currency, d.rate, c.buyer, e.address, l.tax_country, l.tax_category"
)
_INSERT: Final = text(
    "INSERT INTO distance_sale (document_id, entity_id, day, country, euro_minor)"
    " VALUES (:document_id, :entity_id, :day, :country, :minor)"
)


def count_issued(connection: Connection) -> None:
    """Count what was sold to consumers in other countries of the Union up to now."""
    sums: dict[tuple[int, int, str, str], int] = {}
    for row in connection.execute(_TAXED):
        home, country = json.loads(row.address)["country"], json.loads(row.buyer)["address"]["country"]
        if home == country or not {home, country} <= _UNION or (row.tax_category == "E" and row.tax_country != home):
            continue
        net = Money(int(row.net), row.currency)
        worth = net if row.currency == _EURO else Money.of(net.major * Decimal(row.rate), _EURO)
        key = (row.id, row.entity_id, row.issue_date, country)
        sums[key] = sums.get(key, 0) + worth.minor
    names = ("document_id", "entity_id", "day", "country", "minor")
    if sums:
        connection.execute(_INSERT, [dict(zip(names, (*key, minor), strict=True)) for key, minor in sums.items()])
