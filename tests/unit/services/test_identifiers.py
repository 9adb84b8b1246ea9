from __future__ import annotations

import pytest

from billdesk.services.identifiers import countries, is_email, next_number, normal_iban, normal_tax_id


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("BE 0203.430.576", "", "BE0203430576"),
        ("0203430576", "BE", "BE0203430576"),
        ("203430576", "BE", "BE0203430576"),
        ("BE0203430577", "BE", None),
        ("DE136695976", "BE", "DE136695976"),
        ("FR40303265045", "FR", "FR40303265045"),
        ("12-3456789", "US", "123456789"),
        ("anything", "", "ANYTHING"),
    ],
)
def test_a_tax_id_is_brought_to_its_normal_form_or_refused(text: str, country: str, expected: str | None) -> None:
    assert normal_tax_id(text, country) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("be68 5390 0754 7034", "BE68539007547034"), ("BE68539007547035", None), ("", None)]
)
def test_an_iban_is_checked_by_its_digits(text: str, expected: str | None) -> None:
    assert normal_iban(text) == expected


def test_a_mail_address_has_one_at_and_a_domain() -> None:
    texts = ("a@b.be", "a.b+c@d-e.co.uk", "a b@c.be", "a@b", "a@@b.be", "a@b.be, c@d.be", "")
    assert [is_email(text) for text in texts] == [True, True, False, False, False, False, False]


@pytest.mark.parametrize(
    ("existing", "expected"),
    [
        ([], "K1"),
        (["A9"], "A10"),
        (["C00099", "C00007", "X1"], "C00100"),
        (["no digits"], "K1"),
        (["007", "012"], "013"),
    ],
)
def test_the_next_number_follows_the_highest_of_the_usual_form(existing: list[str], expected: str) -> None:
    assert next_number(existing, "K1") == expected


@pytest.mark.parametrize("area", ["ZZ", "EU", "UN"])
def test_an_area_that_is_no_country_is_not_among_the_countries(area: str) -> None:
    assert area not in countries()
