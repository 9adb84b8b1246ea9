import io
import zipfile
from pathlib import Path

import pytest

from billdesk.bankfiles import ReadOptions, bank_formats, read_statement_data, read_statements
from billdesk.kernel.errors import UnreadableFile

STATEMENT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>{number}</Id>
<Acct><Id><IBAN>BE68539007547034</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-01-01</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def refusal_of(data: bytes, name: str = "file") -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_statement_data(data, ReadOptions(file_name=name, currency="EUR"))
    return caught.value.problem.code


def a_zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_statement_remembers_the_file_it_came_from(tmp_path: Path) -> None:
    path = tmp_path / "november.xml"
    path.write_text(STATEMENT.format(number=1), encoding="utf-8")
    (statement,) = read_statements(path)
    assert (statement.source_format, statement.source_file) == ("camt053", "november.xml")
    assert len(statement.source_sha256) == 64


def test_a_zip_gives_the_statements_of_all_its_files() -> None:
    data = a_zip(a=STATEMENT.format(number=1).encode(), b=STATEMENT.format(number=2).encode())
    found = read_statement_data(data, ReadOptions(file_name="bank.zip"))
    assert [(s.number, s.source_file) for s in found] == [("1", "bank.zip/a"), ("2", "bank.zip/b")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf \r\n", "file_empty"),
        (b"\x01\x02\x00\x03 some program of old times", "bank_format_unknown"),
        (b"<html><body>log in again</body></html>", "bank_format_unknown"),
        (b"PK\x03\x04 cut off", "file_damaged"),
        (a_zip(**{"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<w/>"}), "statement_is_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old workbook", "statement_is_workbook"),
        (a_zip(inner=a_zip(x=b"y")), "bank_format_unknown"),
        (b"Hello,world\n1,2\n", "bank_columns_unknown"),
    ],
)
def test_what_is_no_bank_file_is_refused(data: bytes, code: str) -> None:
    assert refusal_of(data) == code


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_statements(tmp_path / "none.xml")
    assert caught.value.problem.code == "file_missing"


def test_the_formats_are_found_by_themselves() -> None:
    assert {"camt053", "csv"} <= {plugin.key for plugin in bank_formats()}
