from __future__ import annotations

from decimal import Decimal

import pytest

from billdesk.domain.catalog import PriceTerms
from billdesk.domain.rating import amount_of
from billdesk.domain.usage import UsageTotal

TABLE = {"first": "region", "rows": [{"value": "eu", "price": "1"}, {"price": "3"}]}


def _amount(total: UsageTotal) -> str:
    return f"{amount_of('matrix', PriceTerms('EUR', TABLE), total)[0].major:.2f}"


@pytest.mark.parametrize(("quantity", "cells", "expected"), [
    # 5 users are 4 in Europe and 3 in America, 2 of them in both
    ("5", {"eu": "4", "us": "3"}, "13.00"),
    # the peak of all is that of Asia, which is less than the two others together
    ("9", {"as": "9", "eu": "5", "us": "6"}, "50.00"),
    ("7", {"eu": "4", "us": "3"}, "13.00"),
    ("4", {"eu": "4"}, "4.00"),
])  # fmt: skip
def test_the_default_row_prices_the_units_of_all_other_values(
    quantity: str, cells: dict[str, str], expected: str
) -> None:
    parts = tuple(((region,), Decimal(units)) for region, units in cells.items())
    assert _amount(UsageTotal(Decimal(quantity), 9, parts)) == expected


def test_a_quantity_without_properties_is_priced_by_the_default_row() -> None:
    assert _amount(UsageTotal(Decimal(2))) == "6.00"
