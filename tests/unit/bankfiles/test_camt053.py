from decimal import Decimal

import pytest

from billdesk.bankfiles import ReadOptions, read_statement_data
from billdesk.domain.banking import Statement
from billdesk.kernel.errors import RowsRejected, UnreadableFile

ENTRY = '<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><BookgDt><Dt>{day}</Dt></BookgDt>{more}</Ntry>'


def an_entry(amount: str = "1.00", sign: str = "CRDT", day: str = "2026-01-05", more: str = "") -> str:
    return ENTRY.format(amount=amount, sign=sign, day=day, more=more)


def a_message(*entries: str, kind: str = "BkToCstmrStmt", inside: str = "Stmt", before: str = "") -> bytes:
    account = "<Acct><Id><IBAN>BE68539007547034</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    return f"{before}<Document><{kind}><{inside}>{account}{''.join(entries)}</{inside}></{kind}></Document>".encode()


def read(data: bytes) -> Statement:
    (statement,) = read_statement_data(data, ReadOptions(file_name="x.xml"))
    return statement


def refusal_of(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(data)
    return caught.value.problem.code


def test_only_the_credit_or_debit_mark_gives_the_sign() -> None:
    reversed_credit = an_entry("2.00", "DBIT", more="<RvslInd>true</RvslInd>")
    statement = read(a_message(an_entry("1.00"), reversed_credit))
    assert [line.amount.minor for line in statement.lines] == [100, -200]
    assert statement.lines[1].is_reversal


@pytest.mark.parametrize("status", ["<Sts>PDNG</Sts>", "<Sts><Cd>INFO</Cd></Sts>", "<Sts><Prtry>FUTR</Prtry></Sts>"])
def test_what_is_not_booked_is_left_out_with_a_warning(status: str) -> None:
    statement = read(a_message(an_entry("1.00"), an_entry("9.00", more=status)))
    assert statement.movement == Decimal("1.00")
    assert [warning.code for warning in statement.warnings] == ["entry_not_booked"]


def test_an_entry_without_dates_takes_the_day_of_the_closing_balance() -> None:
    balance = (
        '<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-31</Dt></Dt></Bal>"
    )
    statement = read(a_message(balance, an_entry(day="")))
    assert statement.lines[0].booked_on.isoformat() == "2026-01-31"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (an_entry("12..34"), "not_a_number"),
        (an_entry("-12.34"), "not_a_number"),
        (an_entry("1.005"), "too_many_decimals"),
        (an_entry(day="soon"), "not_a_date"),
    ],
)
def test_an_entry_that_cannot_be_read_stops_the_file_and_names_its_row(entry: str, code: str) -> None:
    with pytest.raises(RowsRejected) as caught:
        read(a_message("\n", entry, an_entry()))
    (problem,) = caught.value.problems
    assert (problem.code, problem.place.row, caught.value.good_rows) == (code, 2, 1)


@pytest.mark.parametrize(("kind", "inside"), [("BkToCstmrAcctRpt", "Rpt"), ("BkToCstmrDbtCdtNtfctn", "Ntfctn")])
def test_an_intraday_report_or_notification_is_no_statement(kind: str, inside: str) -> None:
    assert refusal_of(a_message(kind=kind, inside=inside)) == "not_a_statement"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE d SYSTEM "http://127.0.0.1/x.dtd">',
        '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
    ],
)
def test_a_document_type_is_refused_before_anything_is_read(doctype: str) -> None:
    assert refusal_of(a_message(an_entry(), before=doctype)) == "doctype_refused"


def test_broken_or_endlessly_nested_xml_is_refused() -> None:
    assert refusal_of(a_message(an_entry())[:-30]) == "xml_broken"
    assert refusal_of(b"<BkToCstmrStmt>" + b"<a>" * 3000) == "xml_broken"
    assert refusal_of(b"<Document><BkToCstmrStmt/></Document>") == "not_a_statement"


def test_a_balance_that_is_no_number_is_refused() -> None:
    assert refusal_of(a_message("<Bal><Amt>one</Amt></Bal>")) == "not_a_number"


def test_the_other_party_is_never_ourselves() -> None:
    parties = (
        "<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Us</Nm></Dbtr><DbtrAcct><Id><IBAN>BE68539007547034</IBAN></Id></DbtrAcct>"
        "<Cdtr><Nm>Them</Nm></Cdtr></RltdPties></TxDtls></NtryDtls>"
    )
    assert read(a_message(an_entry(more=parties))).lines[0].counterparty == "Them"


def test_the_raw_record_keeps_every_word_of_the_bank() -> None:
    line = read(a_message(an_entry(more="<AddtlNtryInf>Fee</AddtlNtryInf>"))).lines[0]
    assert ("AddtlNtryInf", "Fee") in line.raw
    assert ("BookgDt/Dt", "2026-01-05") in line.raw
