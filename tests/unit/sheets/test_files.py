import json
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from billdesk.kernel.errors import UnreadableFile
from billdesk.kernel.messages import sentence
from billdesk.sheets import Format, SheetFile, SheetOptions, open_sheet


def a_file(folder: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def a_workbook(folder: Path, *sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    del book["Sheet"]
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    path = folder / "book.xlsx"
    book.save(path)
    return path


def rows_of(sheet: SheetFile) -> list[tuple[int, list[object]]]:
    return [
        (number, list(row)) for batch in sheet.batches() for number, row in zip(batch.numbers, batch.rows, strict=True)
    ]


def code_of(caught: pytest.ExceptionInfo[UnreadableFile]) -> str:
    return caught.value.problem.code


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found_from_the_bytes(tmp_path: Path, encoding: str, found: str) -> None:
    path = a_file(tmp_path, "code;naam\n1;Böhmerwald café\n".encode(encoding))
    sheet = open_sheet(path)
    assert sheet.encoding == found
    assert sheet.header == ("code", "naam")
    assert rows_of(sheet) == [(2, ["1", "Böhmerwald café"])]


def test_a_strange_byte_far_below_changes_the_encoding(tmp_path: Path) -> None:
    content = b"code;name\n" + b"1;plain\n" * 200_000 + b"2;caf\xe9\n"
    sheet = open_sheet(a_file(tmp_path, content))
    assert sheet.encoding == "cp1252"
    assert rows_of(sheet)[-1] == (200_002, ["2", "café"])


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(cells) for cells in [["a", "b", "c"], ["x", '"1,5"', "p"], ["y", '"2,5"', "q"]])
    sheet = open_sheet(a_file(tmp_path, text))
    assert sheet.delimiter == delimiter
    assert rows_of(sheet)[0] == (2, ["x", "1,5", "p"])


def test_decimal_commas_do_not_hide_the_semicolons(tmp_path: Path) -> None:
    text = "code;price;fee;note\nA;1,50;2,00;x\nB;3,25;4,00;y\n"
    assert open_sheet(a_file(tmp_path, text)).header == ("code", "price", "fee", "note")


def test_lines_above_the_header_are_skipped_and_rows_keep_their_number(tmp_path: Path) -> None:
    text = "Export of;12/11/2026\nAccount;BE68539007547034\n;\ncode;name;city\nA;Anna;Ghent\n\nB;Bob;Liège\n"
    sheet = open_sheet(a_file(tmp_path, text))
    assert (sheet.header_row, sheet.header) == (4, ("code", "name", "city"))
    assert rows_of(sheet) == [(5, ["A", "Anna", "Ghent"]), (7, ["B", "Bob", "Liège"])]


def test_a_file_without_header_names_columns_by_letter(tmp_path: Path) -> None:
    sheet = open_sheet(a_file(tmp_path, "2026-01-01,12.50,Anna\n2026-01-02,7.00,Bob\n"))
    assert (sheet.header_row, sheet.header) == (0, ("A", "B", "C"))
    assert rows_of(sheet)[0] == (1, ["2026-01-01", "12.50", "Anna"])


def test_the_user_can_overrule_what_was_found(tmp_path: Path) -> None:
    path = a_file(tmp_path, "x;y\nA;Ã©\n")
    sheet = open_sheet(path, SheetOptions(encoding="latin-1", delimiter="|", header_row=2))
    assert (sheet.encoding, sheet.header) == ("latin-1", ("A;Ã\x83Â©",))


def test_a_quoted_line_break_is_one_row(tmp_path: Path) -> None:
    sheet = open_sheet(a_file(tmp_path, 'code,note\nA,"two\nlines"\nB,one\n'))
    assert rows_of(sheet) == [(2, ["A", "two\nlines"]), (3, ["B", "one"])]


def test_a_separator_line_of_excel_is_obeyed(tmp_path: Path) -> None:
    sheet = open_sheet(a_file(tmp_path, "sep=|\ncode|name\nA|a,b\n"))
    assert (sheet.header, rows_of(sheet)) == (("code", "name"), [(3, ["A", "a,b"])])


def test_columns_are_given_whole_until_a_row_is_odd(tmp_path: Path) -> None:
    sheet = open_sheet(a_file(tmp_path, "a,b\n1,x\n2,y\n\n3\n4,z,extra\n5,v\n"))
    whole, odd = sheet.column_batches()
    assert getattr(whole, "columns", None) == [["1", "2"], ["x", "y"]]
    assert list(odd.numbers) == [5, 6, 7]
    assert getattr(odd, "rows", None) == [["3", ""], ["4", "z", "extra"], ["5", "v"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n \n", "file_empty"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"<html><table>", "not_a_table"),
        (b"PK\x03\x04 cut off", "file_damaged"),
        (b"PAR1 cut off", "file_damaged"),
        (b'{"a": 1\n', "json_broken"),
    ],
)
def test_a_file_that_is_no_table_says_why(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        open_sheet(a_file(tmp_path, content))
    assert code_of(caught) == code


def test_a_missing_file_and_an_unknown_encoding_are_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        open_sheet(tmp_path / "none.csv")
    assert code_of(caught) == "file_missing"
    with pytest.raises(UnreadableFile) as caught:
        open_sheet(a_file(tmp_path, "a,b\n1,2\n"), SheetOptions(encoding="klingon"))
    assert code_of(caught) == "encoding_wrong"


def test_a_wrong_encoding_is_told_with_its_row(tmp_path: Path) -> None:
    sheet = open_sheet(a_file(tmp_path, b"a,b\n1,x\n"), SheetOptions(encoding="utf-8"))
    sheet.path.write_bytes(b"a,b\n1,x\n" + b"2,y\n" * 50_000 + b"3,\xff\n")
    with pytest.raises(UnreadableFile) as caught:
        rows_of(sheet)
    assert code_of(caught) == "encoding_wrong"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("naam,bedrag\nCafé,1\n".encode("cp1252"), "utf-8"), (b"a,b\n1,2\n", "utf-16"), (b"a,b\n1,2\n3", "utf-16-le")],
    ids=["no UTF-8", "no mark", "odd length"],
)
def test_an_encoding_that_a_person_chose_wrongly_is_told(tmp_path: Path, content: bytes, encoding: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        open_sheet(a_file(tmp_path, content), SheetOptions(encoding=encoding))
    assert code_of(caught) == "encoding_wrong"
    assert str(sentence(caught.value)).startswith(f"The text is not written in {encoding}.")
    assert sentence(caught.value).next == "Choose another encoding."


def test_an_open_quote_that_swallows_the_file_is_told(tmp_path: Path) -> None:
    path = a_file(tmp_path, 'a,b\n1,"x\n' + "2,y\n" * 50_000)
    with pytest.raises(UnreadableFile) as caught:
        rows_of(open_sheet(path))
    assert code_of(caught) == "quote_not_closed"


def test_workbook_cells_keep_their_types_and_rows_their_numbers(tmp_path: Path) -> None:
    path = a_workbook(tmp_path, [[None], ["Code", "Price"], ["A", 0.1], [None, None], ["B", 12]])
    sheet = open_sheet(path)
    assert (sheet.format, sheet.header_row, sheet.header) == (Format.WORKBOOK, 2, ("Code", "Price"))
    assert rows_of(sheet) == [(3, ["A", 0.1]), (5, ["B", 12.0])]


def test_the_first_sheet_with_rows_is_taken_unless_another_is_named(tmp_path: Path) -> None:
    path = a_workbook(tmp_path, [], [["a", "b"], ["x", "y"]], [["c", "d"], ["z", "v"]])
    assert open_sheet(path).sheet == "Sheet 2"
    assert open_sheet(path, SheetOptions(sheet="Sheet 3")).header == ("c", "d")
    assert open_sheet(path).sheets == ("Sheet 1", "Sheet 2", "Sheet 3")
    for name, code in (("Sheet 1", "sheet_empty"), ("Nope", "sheet_missing")):
        with pytest.raises(UnreadableFile) as caught:
            open_sheet(path, SheetOptions(sheet=name))
        assert code_of(caught) == code


def test_a_truncated_workbook_is_damaged(tmp_path: Path) -> None:
    path = a_workbook(tmp_path, [["a", "b"], ["x", "y"]])
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(UnreadableFile) as caught:
        open_sheet(path)
    assert code_of(caught) == "file_damaged"


def test_a_protected_workbook_asks_for_an_open_one(tmp_path: Path) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64) + "EncryptedPackage".encode("utf-16-le") + bytes(64)
    with pytest.raises(UnreadableFile) as caught:
        open_sheet(a_file(tmp_path, content, "book.xlsx"))
    assert code_of(caught) == "password_protected"


def test_json_lines_keep_numbers_exact_and_flatten_objects(tmp_path: Path) -> None:
    lines = [{"code": "A", "price": "@", "properties": {"region": "eu"}}, {"code": "B", "tags": ["x"]}]
    text = "\n".join(map(json.dumps, lines)).replace('"@"', "0.1234567890123456789")
    sheet = open_sheet(a_file(tmp_path, text, "list.jsonl"))
    assert sheet.header == ("code", "price", "properties.region", "tags")
    assert str(rows_of(sheet)[0][1][1]) == "0.1234567890123456789"
    assert rows_of(sheet)[1] == (2, ["B", None, None, '["x"]'])


def test_a_parquet_file_is_streamed_with_its_types(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "usage.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'A' AS code, 1.25::DECIMAL(18,2) AS price FROM range(3)) TO '{path}' (FORMAT PARQUET)"
        )
    sheet = open_sheet(path)
    assert (sheet.format, sheet.header, sheet.portion()) == (Format.PARQUET, ("code", "price"), (0, 3))
    number, (code, price) = rows_of(sheet)[2]
    assert (number, code, str(price)) == (3, "A", "1.25")


@pytest.mark.parametrize(
    ("text", "code"),
    [('{"a": NaN}\n', "json_broken"), ('{"a": 1}\n[2]\n', "json_broken"), ("{}\n", "file_empty")],
)
def test_a_line_that_is_no_json_object_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        open_sheet(a_file(tmp_path, text, "list.jsonl"))
    assert code_of(caught) == code


def test_a_key_seen_only_far_below_is_a_cell_too_many(tmp_path: Path) -> None:
    text = '{"a": 1}\n' * 10_000 + '{"a": 2, "late": true}\n'
    assert rows_of(open_sheet(a_file(tmp_path, text, "list.jsonl")))[-1] == (10_001, [2, True])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("x.zip", b"PK\x05\x06" + bytes(18), "not_a_table"), ("photo.csv", b"\x89PNG\r\n", "not_a_table")],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    if name.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("letter.txt", "hello")
        content = (tmp_path / name).read_bytes()
    with pytest.raises(UnreadableFile) as caught:
        open_sheet(a_file(tmp_path, content, name))
    assert code_of(caught) == code


def test_a_header_row_below_the_end_is_told(tmp_path: Path) -> None:
    for path in (a_file(tmp_path, "a,b\n1,2\n"), a_workbook(tmp_path, [["a", "b"], [1, 2]])):
        with pytest.raises(UnreadableFile) as caught:
            open_sheet(path, SheetOptions(header_row=9))
        assert code_of(caught) == "header_missing"


def test_columns_without_or_with_the_same_title_get_names_of_their_own(tmp_path: Path) -> None:
    assert open_sheet(a_file(tmp_path, "price,,price,note\nx,y,z,v\n")).header == ("price", "B", "price (2)", "note")


def test_a_workbook_gives_whole_columns_too(tmp_path: Path) -> None:
    (batch,) = open_sheet(a_workbook(tmp_path, [["a", "b"], ["x", 1], ["y", 2]])).column_batches()
    assert getattr(batch, "columns", None) == [["x", "y"], [1.0, 2.0]]


@pytest.mark.parametrize("name", ["usage[1].parquet", "usage*.parquet"])
def test_a_parquet_file_is_not_read_as_a_pattern_of_names(tmp_path: Path, name: str) -> None:
    for file, text in (("usage1.parquet", "other"), (name, "wanted")):
        duckdb.execute(f"COPY (SELECT '{text}' AS code) TO '{tmp_path}/written' (FORMAT parquet)")
        (tmp_path / "written").rename(tmp_path / file)
    assert rows_of(open_sheet(tmp_path / name)) == [(1, ["wanted"])]
