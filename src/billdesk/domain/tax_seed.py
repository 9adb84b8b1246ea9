"""The rates a new book starts with: standard and reduced VAT of the countries our users sell to.

Sources: European Commission, "VAT rates applied in the Member States" (1 July 2025) with the acts that changed
them since; HMRC for GB; the Swiss ESTV for CH; the Norwegian Skatteetaten for NO. `since` is the day the rate began,
or 2015 for rates older than any book.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.domain.invoices import TaxCategory
from billdesk.domain.taxes import TaxRate

_OLD: Final = "2015-01-01"

# Country, class, percent, since, until; classes that a country does not name fall back on its standard rate.
_TABLE: Final = f"""
AT standard 20 {_OLD} -
AT reduced 10 {_OLD} -
AT intermediate 13 2016-01-01 -
BE standard 21 {_OLD} -
BE intermediate 12 {_OLD} -
BE reduced 6 {_OLD} -
BE zero 0 {_OLD} -
BG standard 20 {_OLD} -
BG reduced 9 {_OLD} -
CY standard 19 {_OLD} -
CY reduced 5 {_OLD} -
CZ standard 21 {_OLD} -
CZ reduced 15 {_OLD} 2024-01-01
CZ reduced 12 2024-01-01 -
DE standard 19 {_OLD} 2020-07-01
DE standard 16 2020-07-01 2021-01-01
DE standard 19 2021-01-01 -
DE reduced 7 {_OLD} 2020-07-01
DE reduced 5 2020-07-01 2021-01-01
DE reduced 7 2021-01-01 -
DK standard 25 {_OLD} -
EE standard 20 {_OLD} 2024-01-01
EE standard 22 2024-01-01 2025-07-01
EE standard 24 2025-07-01 -
EE reduced 9 {_OLD} -
ES standard 21 {_OLD} -
ES reduced 10 {_OLD} -
FI standard 24 {_OLD} 2024-09-01
FI standard 25.5 2024-09-01 -
FI reduced 14 {_OLD} -
FR standard 20 {_OLD} -
FR intermediate 10 {_OLD} -
FR reduced 5.5 {_OLD} -
GR standard 23 {_OLD} 2016-06-01
GR standard 24 2016-06-01 -
GR reduced 13 {_OLD} -
HR standard 25 {_OLD} -
HR reduced 13 {_OLD} -
HU standard 27 {_OLD} -
HU reduced 18 {_OLD} -
IE standard 23 {_OLD} 2020-09-01
IE standard 21 2020-09-01 2021-03-01
IE standard 23 2021-03-01 -
IE reduced 13.5 {_OLD} -
IT standard 22 {_OLD} -
IT reduced 10 {_OLD} -
LT standard 21 {_OLD} -
LT reduced 9 {_OLD} -
LU standard 17 {_OLD} 2023-01-01
LU standard 16 2023-01-01 2024-01-01
LU standard 17 2024-01-01 -
LU reduced 8 {_OLD} 2023-01-01
LU reduced 7 2023-01-01 2024-01-01
LU reduced 8 2024-01-01 -
LV standard 21 {_OLD} -
LV reduced 12 {_OLD} -
MT standard 18 {_OLD} -
MT reduced 7 {_OLD} -
NL standard 21 {_OLD} -
NL reduced 6 {_OLD} 2019-01-01
NL reduced 9 2019-01-01 -
NL zero 0 {_OLD} -
PL standard 23 {_OLD} -
PL reduced 8 {_OLD} -
PT standard 23 {_OLD} -
PT reduced 13 {_OLD} -
RO standard 24 {_OLD} 2016-01-01
RO standard 20 2016-01-01 2017-01-01
RO standard 19 2017-01-01 2025-08-01
RO standard 21 2025-08-01 -
SE standard 25 {_OLD} -
SE reduced 12 {_OLD} -
SI standard 22 {_OLD} -
SI reduced 9.5 {_OLD} -
SK standard 20 {_OLD} 2025-01-01
SK standard 23 2025-01-01 -
GB standard 20 {_OLD} -
GB reduced 5 {_OLD} -
GB zero 0 {_OLD} -
CH standard 8 {_OLD} 2018-01-01
CH standard 7.7 2018-01-01 2024-01-01
CH standard 8.1 2024-01-01 -
CH reduced 2.5 {_OLD} 2024-01-01
CH reduced 2.6 2024-01-01 -
NO standard 25 {_OLD} -
"""


def seed_rates() -> tuple[TaxRate, ...]:
    """Give the rates of a new book."""
    return tuple(_rate(*line.split()) for line in _TABLE.strip().splitlines())


def _rate(country: str, tax_class: str, percent: str, since: str, until: str) -> TaxRate:
    return TaxRate(
        id=0,
        country=country,
        percent=Decimal(percent),
        since=date.fromisoformat(since),
        tax_class=tax_class,
        category=TaxCategory.ZERO if tax_class == "zero" else TaxCategory.STANDARD,
        until=None if until == "-" else date.fromisoformat(until),
    )
