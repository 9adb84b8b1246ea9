from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billdesk.documents.figures import Figures
from billdesk.kernel.money import Money
from billdesk.kernel.period import Period

NBSP, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("en", "-€1,234.50"),
        ("nl", f"€{NBSP}-1.234,50"),
        ("fr", f"-1{NARROW}234,50{NBSP}€"),
        ("de", f"-1.234,50{NBSP}€"),
    ],
)
def test_a_negative_amount_has_the_form_of_its_language(code: str, shown: str) -> None:
    assert Figures(code).money(Money(-123450, "EUR")) == shown


def test_a_currency_of_three_decimals_keeps_them_where_cldr_drops_them() -> None:
    assert Figures("en").money(Money(1234567, "IQD")) == f"IQD{NBSP}1,234.567".replace(NBSP, "")


def test_a_unit_price_keeps_its_decimals_and_has_at_least_those_of_the_currency() -> None:
    assert Figures("nl").price(Decimal("0.000125"), "EUR") == "0,000125"
    assert Figures("nl").price(Decimal("1200.5"), "EUR") == "1.200,50"
    assert Figures("nl").price(Decimal(120), "JPY") == "120"


@pytest.mark.parametrize(
    ("code", "shown"),
    [("en", "1–31 Jan 2026"), ("nl", "1–31 jan 2026"), ("fr", "1–31 janv. 2026"), ("de", "1.–31. Jan. 2026")],
)
def test_a_period_is_written_with_its_last_day(code: str, shown: str) -> None:
    period = Period(date(2026, 1, 1), date(2026, 2, 1))
    assert Figures(code).period(period).replace(NBSP, " ") == shown


def test_a_period_of_one_day_is_that_day() -> None:
    period = Period(date(2026, 1, 5), date(2026, 1, 6))
    assert Figures("en").period(period).replace(NBSP, " ") == "5 Jan 2026"


def test_a_percentage_keeps_its_decimals() -> None:
    assert Figures("nl").percent(Decimal("7.7")) == "7,7%"
