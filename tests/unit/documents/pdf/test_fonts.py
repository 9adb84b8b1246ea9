from __future__ import annotations

import struct

import pytest

from billdesk.documents.pdf import fonts
from billdesk.documents.pdf.fonts import REGULAR, STRONG

NAMES = "Łukasz Őry ŠKODA Ελλάς Київ Ñandú Çelik Øst Ångström ﬁ"


@pytest.mark.parametrize("face", [REGULAR, STRONG])
def test_european_names_need_one_face_only(face: str) -> None:
    text = "Łukasz Őry ŠKODA Ελλάς Київ €1 234,50 – · × ÷ ~ −"
    assert [run.face.name for run in fonts.runs(face, text)] == [face]


@pytest.mark.parametrize("face", [REGULAR, STRONG])
def test_every_drawn_character_has_a_glyph_in_its_face(face: str) -> None:
    for run in fonts.runs(face, NAMES + " ☎ ∑ ქართული 東京 \U0001f600"):
        glyphs = run.face.font.face.charToGlyph
        assert all(ord(c) in glyphs or c == "\u00a0" for c in run.text)


def test_what_inter_lacks_comes_from_the_broad_face() -> None:
    parts = [(run.face.name, run.text) for run in fonts.runs(REGULAR, "Tel ☎ 03")]
    assert parts == [(REGULAR, "Tel "), ("DejaVuSans", "☎"), (REGULAR, " 03")]


def test_what_no_face_has_is_drawn_as_a_replacement_and_reported() -> None:
    assert [run.text for run in fonts.runs(REGULAR, "東京 KK")] == ["\ufffd\ufffd", " KK"]
    assert fonts.unprintable("東京 東 KK ☎") == "東京"
    assert fonts.unprintable("Łukasz") == ""


def test_accents_are_composed_and_control_characters_dropped() -> None:
    assert fonts.clean("e\u0301\r\nA\tB\u200b\x07\u00a0C") == "é A B\u00a0C".replace("é A", "é  A")
    assert [run.text for run in fonts.runs(REGULAR, "Cafe\u0301\tX")] == ["Café X"]


def test_all_digits_have_one_width() -> None:
    for name in (REGULAR, STRONG):
        assert len({fonts.face(name).widths[digit] for digit in "0123456789"}) == 1


def test_the_width_of_a_mixed_text_is_the_sum_of_its_parts() -> None:
    parts = fonts.runs(REGULAR, "a☎b")
    assert fonts.width(REGULAR, "a☎b") == pytest.approx(sum(run.face.width(run.text) for run in parts))


def gsub(lookup: bytes, kind: int = 1) -> bytes:
    """Build a table with one feature `tnum` whose one lookup has one subtable."""
    features = struct.pack(">H4sH", 1, b"tnum", 8) + struct.pack(">HHH", 0, 1, 0)
    lookups = struct.pack(">HH", 1, 4) + struct.pack(">HHHH", kind, 0, 1, 8) + lookup
    return struct.pack(">HHHHH", 1, 0, 0, 10, 10 + len(features)) + features + lookups


COVERAGE_LIST = struct.pack(">HHHH", 1, 2, 20, 22)
COVERAGE_RANGE = struct.pack(">HHHHH", 2, 1, 20, 22, 0)


@pytest.mark.parametrize(
    ("lookup", "kind", "pairs"),
    [
        (struct.pack(">HHh", 1, 6, 5) + COVERAGE_LIST, 1, {20: 25, 22: 27}),
        (struct.pack(">HHh", 1, 6, 5) + COVERAGE_RANGE, 1, {20: 25, 21: 26, 22: 27}),
        (struct.pack(">HHHHH", 2, 10, 2, 90, 91) + COVERAGE_LIST, 1, {20: 90, 22: 91}),
        (struct.pack(">HHI", 1, 1, 8) + struct.pack(">HHh", 1, 6, 5) + COVERAGE_LIST, 7, {20: 25, 22: 27}),
        (struct.pack(">HH", 1, 0), 4, {}),
    ],
)
def test_single_substitutions_are_read_in_all_their_forms(lookup: bytes, kind: int, pairs: dict[int, int]) -> None:
    assert fonts._single_substitutions(gsub(lookup, kind), b"tnum") == pairs


def test_another_feature_has_no_substitutions() -> None:
    assert fonts._single_substitutions(gsub(struct.pack(">HH", 1, 0)), b"zero") == {}
