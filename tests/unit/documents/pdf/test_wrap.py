from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from billdesk.documents.pdf.sheet import width
from billdesk.documents.pdf.style import BODY
from billdesk.documents.pdf.wrap import shorten, wrap


def test_a_text_that_fits_stays_one_line() -> None:
    assert wrap("Team plan", BODY, 200) == ["Team plan"]


def test_a_long_text_breaks_at_spaces() -> None:
    assert wrap("one two three four", BODY, 40) == ["one two", "three", "four"]


def test_line_ends_are_kept_and_no_break_spaces_do_not_break() -> None:
    assert wrap("a\nb\u00a0c d", BODY, 20) == ["a", "b\u00a0c", "d"]
    assert wrap("", BODY, 20) == []


def test_a_word_too_long_for_a_line_is_cut_after_a_mark_where_it_has_one() -> None:
    pieces = wrap("billing/2026/january/overview", BODY, 70)
    assert pieces[0].endswith("/")
    assert "".join(pieces) == "billing/2026/january/overview"


@given(st.text(alphabet="abc XYZ-/Łő 0", max_size=80), st.floats(30, 300))
def test_no_line_is_wider_than_its_room_and_nothing_is_lost(text: str, room: float) -> None:
    lines = wrap(text, BODY, room)
    assert all(width(line, BODY) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_shortened_text_ends_with_an_ellipsis_and_fits() -> None:
    shown = shorten("A very long company name", BODY, 60)
    assert shown.endswith("…")
    assert width(shown, BODY) <= 60
    assert shorten("short", BODY, 60) == "short"
