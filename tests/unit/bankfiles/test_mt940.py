import pytest

from billdesk.bankfiles import ReadOptions, read_statement_data
from billdesk.domain.banking import Statement
from billdesk.kernel.errors import RowsRejected, UnreadableFile


def a_message(*movements: str, opening: str = "C260101EUR10,00", closing: str = "C260131EUR10,00") -> str:
    return "\n".join((":20:X", ":25:12345678/90", ":28C:1/1", f":60F:{opening}", *movements, f":62F:{closing}", "-"))


def read(text: str) -> Statement:
    (statement,) = read_statement_data(text.encode(), ReadOptions(file_name="x.sta"))
    return statement


@pytest.mark.parametrize(
    ("mark", "minor", "is_reversal"), [("C", 100, False), ("D", -100, False), ("RC", -100, True), ("RD", 100, True)]
)
def test_a_credit_taken_back_is_money_out(mark: str, minor: int, is_reversal: bool) -> None:  # noqa: FBT001
    line = read(a_message(f":61:2601150115{mark}1,NTRFNONREF")).lines[0]
    assert (line.amount.minor, line.is_reversal) == (minor, is_reversal)


def test_the_entry_date_takes_the_year_in_which_it_is_nearest() -> None:
    lines = read(a_message(":61:2612310102C1,NTRFNONREF", ":61:2601021231C1,NTRFNONREF")).lines
    assert [line.booked_on.isoformat() for line in lines] == ["2027-01-02", "2025-12-31"]


@pytest.mark.parametrize("entry", ["", "    "])
def test_a_movement_without_entry_date_is_booked_on_its_value_date(entry: str) -> None:
    assert read(a_message(f":61:260115{entry}C1,NTRFNONREF")).lines[0].booked_on.isoformat() == "2026-01-15"


def test_the_thirtieth_of_february_is_its_last_day() -> None:
    line = read(a_message(":61:2602300301D6,00N024NONREF")).lines[0]
    assert (str(line.value_on), str(line.booked_on)) == ("2026-02-28", "2026-03-01")


def test_text_behind_an_account_number_is_the_other_party() -> None:
    line = read(a_message(":61:260115C1,NOVBNONREF", ":86:BE71096123456769 Anna Peeters", "rent")).lines[0]
    assert (line.counterparty_account, line.counterparty, line.texts) == ("BE71096123456769", "Anna Peeters", ("rent",))


@pytest.mark.parametrize(
    ("movement", "code"),
    [
        (":61:soon", "movement_unreadable"),
        (":61:261301C1,NTRF", "not_a_date"),
        (":61:260115C1,005NTRF", "too_many_decimals"),
    ],
)
def test_a_movement_that_cannot_be_read_is_named(movement: str, code: str) -> None:
    with pytest.raises(RowsRejected) as caught:
        read(a_message(movement))
    assert (caught.value.problems[0].code, caught.value.problems[0].place.row) == (code, 5)


@pytest.mark.parametrize("opening", ["10,00", "C269901EUR10,00"])
def test_a_balance_that_cannot_be_read_is_refused(opening: str) -> None:
    with pytest.raises(UnreadableFile):
        read(a_message(opening=opening))
