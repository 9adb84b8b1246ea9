"""Exactness of decimals beyond the 28 digits of the default context."""

from __future__ import annotations

from decimal import Decimal

from billdesk.kernel.decimals import from_scaled, to_scaled


def test_an_amount_of_any_size_keeps_all_its_digits() -> None:
    assert from_scaled(1234567890123456789012345678901234567, 2) == Decimal("12345678901234567890123456789012345.67")
    assert from_scaled(-(10**60 + 1), 12) == Decimal("-" + "1" + "0" * 48 + "." + "0" * 11 + "1")


def test_what_is_scaled_comes_back_as_it_was() -> None:
    value = Decimal("98765432109876543210987654321.123456789012")
    assert from_scaled(to_scaled(value, 12), 12) == value
