from __future__ import annotations

from billdesk.ui.core.countries import country_choices, country_name, currency_choices, currency_of


def test_near_countries_come_first_and_none_comes_twice() -> None:
    codes = [code for code, _name in country_choices()]
    assert codes[:3] == ["BE", "NL", "DE"]
    assert len(codes) == len(set(codes))
    assert "001" not in codes


def test_common_currencies_come_first_and_none_comes_twice() -> None:
    choices = currency_choices()
    assert choices[0] == ("EUR", "EUR  Euro")
    assert len(choices) == len({code for code, _name in choices})


def test_a_country_has_a_name_and_a_currency() -> None:
    assert (country_name("JP"), currency_of("JP")) == ("Japan", "JPY")
    assert (country_name("XQ"), currency_of("")) == ("XQ", "")
