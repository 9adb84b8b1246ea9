import pytest
from hypothesis import given
from hypothesis import strategies as st

from billdesk.domain.references import (
    canonical,
    find_references,
    format_ogm,
    format_rf,
    is_ogm,
    is_rf,
    make_ogm,
    make_rf,
)


def test_the_belgian_check_digits_are_the_number_modulo_97() -> None:
    assert make_ogm(909337554) == "090933755493"
    assert format_ogm("090933755493") == "+++090/9337/55493+++"


def test_a_remainder_of_zero_is_written_97() -> None:
    assert make_ogm(97) == "000000009797"
    assert make_ogm(0) == "000000000097"


def test_the_rf_check_digits_follow_iso_11649() -> None:
    assert make_rf("539007547034") == "RF18539007547034"
    assert format_rf("RF18539007547034") == "RF18 5390 0754 7034"


@pytest.mark.parametrize("text", ["+++090/9337/55493+++", "***090/9337/55493***", "090933755493", "090/9337/55493"])
def test_an_ogm_is_known_in_each_of_its_writings(text: str) -> None:
    assert is_ogm(text)
    assert canonical(text) == "090933755493"


@pytest.mark.parametrize("text", ["090933755494", "09093375549", "invoice", "", "٠90933755493"])
def test_wrong_digits_are_no_ogm(text: str) -> None:
    assert not is_ogm(text)


@pytest.mark.parametrize("text", ["RF18539007547035", "RF18", "RFAB539007547034", "539007547034"])
def test_wrong_digits_are_no_rf(text: str) -> None:
    assert not is_rf(text)


def test_references_are_found_in_free_text_each_once() -> None:
    texts = ["Betaling +++090/9337/55493+++ dank", "RF18 5390 0754 7034 invoice 12", "***090/9337/55493***"]
    assert find_references(texts) == ("090933755493", "RF18539007547034")


def test_a_phone_number_is_no_reference() -> None:
    assert find_references(["call 0909/33.75.54 or 090933755493 about RF99 1234 and 090/9337/55494"]) == ()


@pytest.mark.parametrize("number", [-1, 10**10])
def test_a_number_that_does_not_fit_an_ogm_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="OGM"):
        make_ogm(number)


@pytest.mark.parametrize("text", ["", "---", "1234567890123456789012"])
def test_a_text_that_does_not_fit_an_rf_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="RF"):
        make_rf(text)


@given(st.integers(0, 10**10 - 1))
def test_every_number_makes_a_right_ogm_and_a_changed_digit_breaks_it(number: int) -> None:
    digits = make_ogm(number)
    assert is_ogm(format_ogm(digits))
    changed = str((int(digits[3]) + 1) % 10)
    assert not is_ogm(digits[:3] + changed + digits[4:])


@given(st.text("ABCXYZ0123456789", min_size=1, max_size=21))
def test_every_text_makes_a_right_rf_found_again_in_a_sentence(text: str) -> None:
    reference = make_rf(text)
    assert is_rf(format_rf(reference))
    assert find_references([f"payment {reference}, thanks"]) == (reference,)
