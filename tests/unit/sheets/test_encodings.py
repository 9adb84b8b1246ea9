from pathlib import Path

import pytest

from billdesk.sheets.encodings import detect_encoding


def encoding_of(folder: Path, data: bytes) -> str:
    path = folder / "text.csv"
    path.write_bytes(data)
    return detect_encoding(path)


def test_text_cut_off_inside_a_letter_is_no_utf_8(tmp_path: Path) -> None:
    assert encoding_of(tmp_path, b"a;b\n1;caf\xc3") == "cp1252"


def test_a_letter_split_between_two_blocks_is_still_utf_8(tmp_path: Path) -> None:
    assert encoding_of(tmp_path, b"x" * ((1 << 20) - 1) + "é".encode() + b"y") == "utf-8"


@pytest.mark.parametrize("encoding", ["cp850", "mac_roman"])
def test_an_older_page_is_guessed_so_that_it_can_be_read(tmp_path: Path, encoding: str) -> None:
    text = "naam;gemeente\nZoë Hébert;Liège\nJérôme Lefèvre;Orléans\nAndré Müller;Köln\n" * 5
    found = encoding_of(tmp_path, text.encode(encoding))
    assert "é" in text.encode(encoding).decode(found)


def test_bytes_without_any_sense_are_taken_as_latin_1(tmp_path: Path) -> None:
    assert encoding_of(tmp_path, b"a;b\n" + bytes([0x81, 0x8D, 0x8F]) * 3)
