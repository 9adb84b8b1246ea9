from pathlib import Path

import pytest

from billdesk.bankfiles import ReadOptions, read_statement_data
from billdesk.kernel.errors import RowsRejected, UnreadableFile

GOLDEN = Path(__file__).parents[2] / "golden" / "bankfiles" / "coda" / "ordinary_month.cod"
LINES = GOLDEN.read_bytes().decode("cp850").splitlines()


def read(lines: list[str]) -> object:
    (statement,) = read_statement_data("\n".join(lines).encode(), ReadOptions(file_name="x.cod"))
    return statement


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (LINES[:-1], "file_cut_off"),
        ([*LINES[:-3], LINES[-1]], "file_cut_off"),
        ([LINES[0][:-1] + "1", *LINES[1:]], "coda_version"),
        ([LINES[0], LINES[1][:43] + "x" * 15 + LINES[1][58:], *LINES[2:]], "not_a_number"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(lines: list[str], code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(lines)
    assert caught.value.problem.code == code


@pytest.mark.parametrize(
    ("first", "last", "text", "code"),
    [(47, 47, "5", "too_many_decimals"), (116, 121, "310226", "not_a_date")],
)
def test_a_movement_that_cannot_be_booked_is_named(first: int, last: int, text: str, code: str) -> None:
    line = LINES[2][: first - 1] + text + LINES[2][last:]
    line = line[:47] + "000000" + line[53:] if code == "not_a_date" else line
    with pytest.raises(RowsRejected) as caught:
        read([*LINES[:2], line, *LINES[3:]])
    assert (caught.value.problems[0].code, caught.value.problems[0].place.row) == (code, 3)


def test_a_wrong_total_and_a_duplicate_are_warned_of() -> None:
    statement = read([*LINES[:-1], LINES[-1][:22] + "000000000000001" + LINES[-1][37:]])
    warnings = getattr(statement, "warnings", ())
    assert [warning.code for warning in warnings] == ["coda_duplicate", "trailer_total_wrong"]
