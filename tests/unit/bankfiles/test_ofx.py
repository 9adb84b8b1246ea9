import pytest

from billdesk.bankfiles import ReadOptions, read_statement_data
from billdesk.domain.banking import Statement
from billdesk.kernel.errors import RowsRejected, UnreadableFile

ENTRY = "<STMTTRN><DTPOSTED>{day}<TRNAMT>{amount}<FITID>1{more}</STMTTRN>"


def a_file(*entries: str, more: str = "", end: str = "</STMTRS></OFX>") -> str:
    return f"<OFX><STMTRS><CURDEF>EUR<BANKTRANLIST>{''.join(entries)}</BANKTRANLIST>{more}{end}"


def an_entry(amount: str = "1.00", day: str = "20261101", more: str = "") -> str:
    return ENTRY.format(amount=amount, day=day, more=more)


def read(text: str) -> Statement:
    (statement,) = read_statement_data(text.encode(), ReadOptions(file_name="x.ofx"))
    return statement


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<!DOCTYPE x [<!ENTITY y 'z'>]>" + a_file(), "doctype_refused"),
        (a_file(end=""), "file_cut_off"),
        ("<OFX><INVSTMTRS></INVSTMTRS></OFX>", "not_a_statement"),
        (a_file(more="<LEDGERBAL><BALAMT>a lot</LEDGERBAL>"), "not_a_number"),
    ],
)
def test_a_file_that_is_no_whole_statement_is_refused(text: str, code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(text)
    assert caught.value.problem.code == code


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (an_entry("$120"), "not_a_number"),
        (an_entry(day=""), "not_a_date"),
        (an_entry(day="20260231"), "not_a_date"),
        (an_entry("1,005"), "too_many_decimals"),
        (an_entry(more="<CURRENCY><CURSYM>USD</CURRENCY>"), "currency_differs"),
    ],
)
def test_an_entry_that_cannot_be_booked_is_named(entry: str, code: str) -> None:
    with pytest.raises(RowsRejected) as caught:
        read(a_file(an_entry(), entry))
    assert [problem.code for problem in caught.value.problems] == [code]
    assert caught.value.good_rows == 1


def test_a_list_that_is_never_closed_keeps_its_entries_and_balance() -> None:
    text = f"<OFX><STMTRS><CURDEF>EUR<BANKTRANLIST>{an_entry()}<LEDGERBAL><BALAMT>5</LEDGERBAL></STMTRS></OFX>"
    statement = read(text)
    assert (len(statement.lines), str(statement.closing)) == (1, "5")


def test_an_unreadable_exchange_rate_is_only_left_out() -> None:
    line = read(a_file(an_entry(more="<ORIGCURRENCY><CURRATE>x<CURSYM>USD</ORIGCURRENCY>"))).lines[0]
    assert (line.original_currency, line.exchange_rate) == ("USD", None)
