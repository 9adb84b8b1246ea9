import pytest

from billdesk.bankfiles import ReadOptions, read_statement_data
from billdesk.domain.banking import Statement
from billdesk.kernel.errors import RowsRejected, UnreadableFile
from billdesk.kernel.written.moments import DateOrder


def read(text: str, currency: str = "EUR", order: DateOrder | None = None) -> tuple[Statement, ...]:
    return read_statement_data(text.encode(), ReadOptions(file_name="x.qif", currency=currency, date_order=order))


def test_an_open_date_order_is_asked() -> None:
    text = "!Type:Bank\nD03/11/2026\nT1.00\n^\n"
    with pytest.raises(UnreadableFile) as caught:
        read(text)
    assert caught.value.problem.code == "date_order_unknown"
    (statement,) = read(text, order=DateOrder.DMY)
    assert statement.lines[0].booked_on.isoformat() == "2026-11-03"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("!Type:Invst\nD13/11/2026\nT1\n^\n", "not_a_statement"),
        ("!Account\nNmine\n^\n", "not_a_statement"),
        ("!Type:Bank\nD13/11/2026\nT1\n^\nD11/13/2026\nT1\n^\n", "date_order_mixed"),
    ],
)
def test_a_file_that_is_no_bank_list_is_refused(text: str, code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(text)
    assert caught.value.problem.code == code


@pytest.mark.parametrize(
    ("record", "currency", "code"),
    [
        ("D31/02/2026\nT1", "EUR", "not_a_date"),
        ("D13/11/2026\nTone", "EUR", "not_a_number"),
        ("D1/1/26\nT1", "", "unknown_currency"),
    ],
)
def test_a_record_that_cannot_be_read_is_named(record: str, currency: str, code: str) -> None:
    with pytest.raises(RowsRejected) as caught:
        read(f"!Type:Bank\n{record}\n^\n", currency)
    assert (caught.value.problems[0].code, caught.value.problems[0].place.row) == (code, 2)
