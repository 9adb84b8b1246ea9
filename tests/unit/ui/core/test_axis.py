from decimal import Decimal

import pytest

from billdesk.ui.core.charts.axis import axis_for


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        ("0", "12700", [0, 5000, 10000, 15000]),
        ("0", "100", [0, 25, 50, 75, 100]),
        ("0", "0", [0, 1, 2, 3, 4]),
        ("-30", "50", [-40, -20, 0, 20, 40, 60]),
        ("-80", "-5", [-80, -60, -40, -20, 0]),
    ],
)
def test_an_axis_has_round_ticks_and_holds_zero(low: str, high: str, ticks: list[int]) -> None:
    assert axis_for(Decimal(low), Decimal(high)).ticks() == ticks


def test_a_share_is_the_height_of_a_value() -> None:
    assert axis_for(Decimal(0), Decimal(100)).share(Decimal(50)) == 0.5


def test_small_values_get_small_steps() -> None:
    assert axis_for(Decimal(0), Decimal("0.0007")).ticks()[1] == Decimal("0.0002")
