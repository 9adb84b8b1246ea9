import pytest

from billdesk.kernel.written.tables import decode_text, detect_delimiter, find_header


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_text_is_decoded_without_being_told_how(encoding: str) -> None:
    text = "naam;stad\nZoë;Liège €\n" * 3
    assert decode_text(text.encode(encoding)) == text


def test_bytes_that_fit_no_page_still_give_a_text() -> None:
    assert decode_text(b"caf\xe9 \x81") == "café \x81"


@pytest.mark.parametrize(("sample", "delimiter"), [("", ","), ("one\ntwo\n", ","), ("a;b\n", ";"), ("a|b,c|d\n", "|")])
def test_the_delimiter_that_parts_most_cells_wins(sample: str, delimiter: str) -> None:
    assert detect_delimiter(sample) == delimiter


def test_a_cell_too_long_for_a_table_counts_for_no_delimiter() -> None:
    assert detect_delimiter("a;" + "x" * 200_000) == ","


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        ([], None),
        ([["1", "2"]], None),
        ([["code", "2"], ["A", "3"]], None),
        ([["title"], ["code", "name"], ["A", "Anna"]], 1),
        ([["code"], ["A"]], 0),
        ([[None, None], ["code", "day", "price"], ["A", "2026-01-01", 1.5]], 1),
        ([["x" * 100, "y"], ["code", "name"]], 1),
        ([["price", "", "price", "note"], ["a", "b", "c", "d"]], 0),
        ([["Customers", "", "", ""], ["code", "name", "city", "note"]], 1),
    ],
)
def test_the_header_is_the_row_with_the_most_titles(rows: list[list[object]], index: int | None) -> None:
    assert find_header(rows) == index
