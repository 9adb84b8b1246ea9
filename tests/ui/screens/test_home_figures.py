from __future__ import annotations

from collections.abc import Iterator

import pytest

from billdesk.kernel.i18n import use_language
from billdesk.kernel.money import Money
from billdesk.ui.screens.home.home_presenter import compact, short


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("language", "minor", "text"),
    [
        ("en", 3_422_839, "€34.2K"),
        ("de", 3_422_839, "34.228\xa0€"),
        ("de", 3_190_000_000, "31,9\xa0Mio.\xa0€"),
        ("en", 0, "€0"),
        ("en", 1_000_000, "€10K"),
        ("en", 100_000, "€1K"),
        ("de", 45_678, "457\xa0€"),
    ],
)
def test_charts_write_amounts_in_few_digits(language: str, minor: int, text: str) -> None:
    use_language(language)
    assert compact(Money(minor, "EUR")) == text


def test_tiles_write_amounts_in_full_until_they_are_very_large() -> None:
    assert short(Money(999_999_999, "EUR")) == "€9,999,999.99"
    assert short(Money(3_190_000_000, "EUR")) == "€31.9M"
