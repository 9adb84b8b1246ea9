from __future__ import annotations

from decimal import Decimal

from billdesk.domain.curves import Dip, PriceLine, price_lines
from billdesk.kernel.money import Money
from builders.contracts import a_price

TIERS = [{"up_to": "100", "unit_price": "1"}, {"unit_price": "0.8"}]


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def lines(model: str, parameters: dict[str, object], *quantities: str) -> tuple[PriceLine, ...]:
    price = a_price(1, model, parameters)
    return price_lines(price, price.terms[0], [Decimal(text) for text in quantities])


def test_volume_tiers_dip_where_the_next_tier_begins() -> None:
    (line,) = lines("volume", {"tiers": TIERS})
    assert line.dips == (Dip(Decimal(100), euros(10000), Decimal(101), euros(8080)),)


def test_graduated_tiers_never_dip() -> None:
    (line,) = lines("graduated", {"tiers": TIERS})
    assert line.dips == ()


def test_a_cheaper_package_of_many_and_a_smaller_stair_dip_too() -> None:
    (line,) = lines("stairstep", {"tiers": [{"up_to": "10", "flat": "50"}, {"flat": "40"}]})
    assert [(dip.below, dip.more, dip.above, dip.less) for dip in line.dips] == [
        (Decimal(10), euros(5000), Decimal(11), euros(4000))
    ]
    (packages,) = lines("package", {"size": "10", "price": "5"}, "10", "11")
    assert packages.points == ((Decimal(10), euros(500)), (Decimal(11), euros(1000)))


def test_each_row_of_a_price_table_has_its_line_on_the_same_positions() -> None:
    rows = [{"value": "eu", "model": "volume", "tiers": "100: 1 | 0.8"}, {"value": "", "price": "2"}]
    eu, rest = lines("matrix", {"first": "region", "rows": rows})
    assert (eu.label, rest.label) == ("eu", "*")
    assert [at for at, _amount in eu.points] == [at for at, _amount in rest.points]
    assert dict(rest.points)[Decimal(100)] == euros(20000)
    assert [dip.above for dip in eu.dips] == [Decimal(101)]


def test_a_percentage_is_shown_by_the_value_of_one_event_with_its_limits() -> None:
    (line,) = lines("percentage", {"rate": "2", "fixed": "0.25", "maximum": "5"}, "0", "100", "1000")
    assert line.is_value
    assert line.points == ((Decimal(0), euros(0)), (Decimal(100), euros(225)), (Decimal(1000), euros(500)))


def test_a_graduated_percentage_is_shown_by_value() -> None:
    tiers = [{"up_to": "1000", "rate": "2"}, {"rate": "1"}]
    (line,) = lines("graduated_percentage", {"tiers": tiers}, "1000", "2000")
    assert line.points == ((Decimal(1000), euros(2000)), (Decimal(2000), euros(3000)))


def test_fine_units_get_fine_positions() -> None:
    (line,) = lines("graduated", {"tiers": [{"up_to": "1.5", "unit_price": "4"}, {"unit_price": "2"}]})
    assert Decimal("1.6") in dict(line.points)


def test_wrong_terms_and_amounts_of_events_have_no_curve() -> None:
    assert lines("volume", {"tiers": [{"up_to": "10", "unit_price": "1"}]}) == ()
    assert lines("dynamic", {"property": "amount"}) == ()
    assert lines("unknown", {}) == ()


def test_an_amount_that_falls_to_the_end_is_a_dip_too() -> None:
    (line,) = lines("stairstep", {"tiers": [{"up_to": "10", "flat": "50"}, {"flat": "40"}]}, "10", "11")
    assert [(dip.below, dip.above) for dip in line.dips] == [(Decimal(10), Decimal(11))]
