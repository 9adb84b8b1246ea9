"""Whatever is wrong with a file: it is named with its remedy, nothing changes, and the good rows can still go in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from billdesk.cli.output import Exit
from billdesk.services import customers
from billdesk.services.book import Book
from builders.commands import Content, added, as_json, content, run
from builders.masters import a_company
from builders.sheets import a_workbook

READINGS = "contract;metric;time;quantity;key\nS1;API;2026-01-05 10:00:00;5;a\nS1;API;2026-01-06 10:00:00;7;b\n"
CUSTOMERS = "Klantnummer;Naam\nK5;Müller Straßenbau\n"
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-01-09</Dt></BookgDt>
<AcctSvcrRef>{ref}</AcctSvcrRef></Ntry>"""
STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>2026-01</Id>
<Acct><Id><IBAN>BE68539007547034</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-01-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">160.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-01-31</Dt></Dt></Bal>
@</Stmt></BkToCstmrStmt></Document>
""".replace("@", ENTRY.replace("{ref}", "R1"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    book = folder / "acme.billdesk"
    run("book", "create", book, "--company", "Acme BV", "--vat", "BE0671650665", "--iban", "BE68539007547034")
    as_json("import", "masters", a_company(folder), book=book)
    return book


@dataclass
class Desk:
    """A book, a folder for files, and the book's content before the file under test."""

    book: Path
    folder: Path
    before: Content

    def file(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_bytes(text.encode(encoding))
        return path

    def refused(self, *words: object) -> str:
        """Run a command that must fail because of its input, change nothing, and print one JSON value."""
        failure = as_json(*words, book=self.book, code=Exit.INPUT)
        assert failure["error"]
        said = run(*words, book=self.book).stderr
        assert content(self.book) == self.before
        return said

    def grown(self) -> dict[str, int]:
        """Give what the book has more of than before, and prove that it is sound."""
        assert as_json("book", "check", book=self.book) == {"problems": []}
        return added(self.before, content(self.book))


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Iterator[Desk]:
    book = Path(shutil.copy(template, tmp_path))
    yield Desk(book, tmp_path, content(book))
    assert as_json("book", "check", book=book) == {"problems": []}


def _names(said: str, *facts: str) -> None:
    missing = [fact for fact in facts if fact not in said]
    assert not missing, f"{missing} not in: {said}"


def test_a_text_in_an_amount(desk: Desk) -> None:
    head = "Prijscode;Productcode;Prijsmodel;Periode;Munt;Bedrag\n"
    path = desk.file("prijzen.csv", f"{head}P1;HOST;flat;maand;EUR;tien\nP2;HOST;flat;maand;EUR;10,50\n")
    said = desk.refused("import", "prices", path)
    _names(said, "prijzen.csv", "row 2", "column Bedrag", "“tien”", "Enter a number such as 1234.56.")
    as_json("import", "prices", path, "--skip-bad-rows", book=desk.book)
    assert desk.grown() == {"audit_event": 1, "import_batch": 1, "import_change": 1, "price": 1, "price_terms": 1}


def test_an_unknown_customer(desk: Desk) -> None:
    head = "Contract;Klant;Start;Plan\n"
    path = desk.file("contracten.csv", f"{head}S8;K99;2026-02-01;SMALL\nS9;K1;2026-02-01;SMALL\n")
    said = desk.refused("import", "subscriptions", path)
    _names(said, "contracten.csv", "row 2", "column Klant", "K99", "import the customer first")
    done = as_json("import", "subscriptions", path, "--skip-bad-rows", book=desk.book)
    assert (done["counts"]["added"], done["counts"]["rejected"]) == (1, 1)
    assert desk.grown()["subscription"] == 1


def test_usage_of_an_unknown_customer_waits_and_is_named(desk: Desk) -> None:
    path = desk.file("meters.csv", f"{READINGS}K99;API;2026-01-07 10:00:00;1;c\n")
    said = run("import", "usage", path, book=desk.book).stderr
    _names(said, "meters.csv", "row 4", "K99", "Make the contract")
    grown = desk.grown()
    assert (grown["usage_event"], grown["usage_unmatched"]) == (2, 1)


def test_the_31st_of_february(desk: Desk) -> None:
    head = "Contract;Klant;Start;Plan\n"
    path = desk.file("contracten.csv", f"{head}S8;K1;31/02/2026;SMALL\nS9;K1;28/02/2026;SMALL\n")
    said = desk.refused("import", "subscriptions", path)
    _names(said, "contracten.csv", "row 2", "column Start", "“31/02/2026” is not a date", "Enter a day such as")
    as_json("import", "subscriptions", path, "--skip-bad-rows", book=desk.book)
    assert desk.grown()["subscription"] == 1


def test_two_date_orders_in_one_column(desk: Desk) -> None:
    head = "Contract;Klant;Start;Plan\n"
    path = desk.file("contracten.csv", f"{head}S8;K1;25/01/2026;SMALL\nS9;K1;01/26/2026;SMALL\n")
    said = desk.refused("import", "subscriptions", path)
    _names(said, "contracten.csv", "row 3", "column Start", "“01/26/2026”", '--answer "Start:date_order=dmy"')
    answer = ("--answer", "Start:date_order=dmy")
    _names(desk.refused("import", "subscriptions", path, *answer), "row 3", "01/26/2026", "in one order")
    as_json("import", "subscriptions", path, *answer, "--skip-bad-rows", book=desk.book)
    assert desk.grown()["subscription"] == 1


def test_two_date_orders_in_a_usage_file(desk: Desk) -> None:
    path = desk.file("meters.csv", READINGS.replace("2026-01-05", "25/01/2026").replace("2026-01-06", "01/26/2026"))
    said = desk.refused("import", "usage", path)
    _names(said, "meters.csv", "row 3", "column time", "01/26/2026", '--answer "time:date_order=dmy"')
    as_json("import", "usage", path, "--answer", "time:date_order=dmy", "--skip-bad-rows", book=desk.book)
    assert desk.grown()["usage_event"] == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252"])
def test_a_file_in_another_encoding_is_read_as_it_is(desk: Desk, encoding: str) -> None:
    as_json("import", "customers", desk.file("klanten.csv", CUSTOMERS, encoding), book=desk.book)
    as_json("import", "usage", desk.file("meters.csv", READINGS, encoding), book=desk.book)
    grown = desk.grown()
    assert (grown["customer"], grown["usage_event"]) == (1, 2)
    with Book.open(desk.book, read_only=True) as book:
        assert book.query(customers.find_customers, "müller")[0].name == "Müller Straßenbau"


@pytest.mark.parametrize("kind", ["customers", "usage"])
@pytest.mark.parametrize("text", ["", "\n\n", "Klantnummer;Naam;contract;metric;time;quantity\n"])
def test_a_file_without_rows(desk: Desk, kind: str, text: str) -> None:
    _names(desk.refused("import", kind, desk.file("leeg.csv", text)), "leeg.csv", "Choose the file")


def test_an_empty_sheet(desk: Desk) -> None:
    path = a_workbook(desk.folder / "leeg.xlsx", {"Klanten": []})
    for kind in ("customers", "usage"):
        _names(desk.refused("import", kind, path), "leeg.xlsx", "“Klanten” is empty", "Choose a sheet")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_truncated_workbook(desk: Desk, part: float) -> None:
    whole = a_company(desk.folder).read_bytes()
    path = desk.folder / "half.xlsx"
    path.write_bytes(whole[: int(len(whole) * part)])
    for kind in ("masters", "usage"):
        _names(desk.refused("import", kind, path), "half.xlsx", "damaged or incomplete", "Save or download it again")


def test_a_text_in_a_quantity_of_usage(desk: Desk) -> None:
    path = desk.file("meters.csv", READINGS.replace(";7;", ";zeven;"))
    said = desk.refused("import", "usage", path)
    _names(said, "meters.csv", "row 3", "column quantity", "“zeven” is not a number", "Enter a number")
    as_json("import", "usage", path, "--skip-bad-rows", book=desk.book)
    assert desk.grown()["usage_event"] == 1


def test_a_duplicate_usage_file(desk: Desk) -> None:
    path = desk.file("meters.csv", READINGS)
    as_json("import", "usage", path, book=desk.book)
    desk.before = content(desk.book)
    copy = desk.file("copy of meters.csv", READINGS)
    said = run("import", "usage", copy, book=desk.book)
    _names(said.stdout, "copy of meters.csv is in the book already", "nothing was added")
    assert desk.grown() == {}


def test_usage_with_a_known_key_and_another_quantity(desk: Desk) -> None:
    as_json("import", "usage", desk.file("meters.csv", READINGS), book=desk.book)
    desk.before = content(desk.book)
    path = desk.file("again.csv", READINGS.replace(";7;b", ";8;b") + "S1;API;2026-01-09 10:00:00;1;c\n")
    _names(desk.refused("import", "usage", path), "again.csv", "row 3", " b ")
    as_json("import", "usage", path, "--skip-bad-rows", book=desk.book)
    assert desk.grown()["usage_event"] == 1


def test_a_statement_whose_balances_do_not_add_up(desk: Desk) -> None:
    path = desk.file("januari.xml", STATEMENT.format(amount="50.00"))
    said = desk.refused("bank", "import", path)
    _names(said, "januari.xml", "BE68539007547034", "10.00 is missing between 100.00 and 160.00", "from the bank again")
    as_json("bank", "import", path, "--accept-imbalance", book=desk.book)
    grown = desk.grown()
    assert (grown["statement"], grown["statement_line"]) == (1, 1)


def test_a_second_statement_that_overlaps_the_first_brings_only_what_is_new(desk: Desk) -> None:
    first = desk.file("januari.xml", STATEMENT.format(amount="60.00"))
    as_json("bank", "import", first, book=desk.book)
    more = STATEMENT.replace("160.00", "200.00").replace("</Ntry>", "</Ntry>" + ENTRY.format(amount="40.00", ref="R2"))
    second = desk.file("februari.xml", more.format(amount="60.00"))
    assert as_json("bank", "import", second, book=desk.book)["known"] == 1
    assert desk.grown()["statement_line"] == 2
    batches = [batch["id"] for batch in as_json("import", "list", book=desk.book)[:2]]
    for batch in batches:
        as_json("import", "undo", batch, book=desk.book)
    assert as_json("bank", "import", second, book=desk.book)["added"] == 2


def test_a_statement_of_a_strange_account_or_cut_off(desk: Desk) -> None:
    whole = STATEMENT.format(amount="60.00")
    strange = desk.file("strange.xml", whole.replace("BE68539007547034", "BE71096123456769"))
    _names(desk.refused("bank", "import", strange), "strange.xml", "BE71096123456769", "Choose the account")
    cut = desk.file("cut.xml", whole[: len(whole) // 2])
    _names(desk.refused("bank", "import", cut), "cut.xml", "row", "Download the file again")
