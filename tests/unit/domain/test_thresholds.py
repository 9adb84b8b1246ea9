from __future__ import annotations

from decimal import Decimal

import pytest

from billdesk.domain.thresholds import Thresholds, check_thresholds


def passed(before: str, now: str, *levels: str, step: str = "") -> list[str]:
    found = Thresholds(tuple(Decimal(level) for level in levels), Decimal(step) if step else None)
    return [str(level) for level in found.passed(Decimal(before), Decimal(now))]


def test_each_level_is_passed_once_on_the_way_up() -> None:
    assert passed("0", "100", "50", "100", "200") == ["50", "100"]
    assert passed("100", "150", "50", "100", "200") == []
    assert passed("150", "50", "50", "100") == []


def test_above_the_highest_level_each_step_counts() -> None:
    assert passed("90", "320", "100", step="100") == ["100", "200", "300"]
    assert passed("320", "390", "100", step="100") == []
    assert passed("0", "250", step="100") == ["100", "200"]


def test_a_wallet_falls_below_its_levels() -> None:
    levels = Thresholds((Decimal(10), Decimal(50)))
    assert levels.undercut(Decimal(60), Decimal(5)) == (Decimal(50), Decimal(10))
    assert levels.undercut(Decimal(50), Decimal(50)) == ()


@pytest.mark.parametrize(
    ("thresholds", "code"),
    [
        (Thresholds((Decimal(0),)), "amount_not_positive"),
        (Thresholds((Decimal(5), Decimal(5))), "already_used"),
        (Thresholds(step=Decimal(0)), "amount_not_positive"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(thresholds: Thresholds, code: str) -> None:
    assert [problem.code for problem in check_thresholds(thresholds)] == [code]


def test_sensible_thresholds_are_accepted() -> None:
    assert check_thresholds(Thresholds((Decimal(5),), Decimal(1))) == []
