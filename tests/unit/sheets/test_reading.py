from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.kernel.errors import UnreadableFile
from billdesk.kernel.progress import Progress, Step
from billdesk.sheets import Batch, Column, ColumnKind, ColumnRule, MappingProfile, open_sheet, read_rows

COLUMNS = (
    Column("code", "Code", required=True),
    Column("day", "Day", ColumnKind.DATE),
    Column("price", "Price", ColumnKind.DECIMAL, places=2),
    Column("currency", "Currency", ColumnKind.CURRENCY),
)
PROFILE = MappingProfile(
    "test",
    "",
    (
        ColumnRule("code", "Code"),
        ColumnRule("day", "Day", date_order="dmy"),
        ColumnRule("price", "Price", decimal_mark=","),
        ColumnRule("currency", constant="EUR"),
    ),
)


def read(folder: Path, *lines: str, profile: MappingProfile = PROFILE) -> list[Batch]:
    path = folder / "list.csv"
    path.write_text("\n".join(("Code;Day;Price", *lines)), encoding="utf-8")
    return list(read_rows(open_sheet(path), profile, COLUMNS))


def test_good_rows_come_as_typed_values_with_their_row(tmp_path: Path) -> None:
    (batch,) = read(tmp_path, "A;24/01/2026;1.234,50", "", "B;;")
    assert batch.columns == ("code", "day", "price", "currency")
    assert batch.rows == (("A", date(2026, 1, 24), Decimal("1234.50"), "EUR"), ("B", None, None, "EUR"))
    assert (batch.numbers, batch.problems) == ((2, 4), ())


@pytest.mark.parametrize(
    ("line", "column", "value", "code"),
    [
        ("A;31/02/2026;1", "Day", "31/02/2026", "not_a_date"),
        ("A;24/01;1", "Day", "24/01", "not_a_date"),
        ("A;01/24/2026;1", "Day", "01/24/2026", "date_order_mixed"),
        ("A;;ten", "Price", "ten", "not_a_number"),
        ("A;;1,005", "Price", "1,005", "too_many_decimals"),
        (";01/01/2026;1", "Code", "", "value_missing"),
        ("A;;1;spare", "", "spare", "too_many_cells"),
    ],
)
def test_a_bad_cell_names_file_row_column_and_value(
    tmp_path: Path, line: str, column: str, value: str, code: str
) -> None:
    (batch,) = read(tmp_path, "GOOD;;", line)
    (problem,) = batch.problems
    assert (problem.code, problem.value) == (code, value)
    assert (problem.place.file, problem.place.row, problem.place.column) == ("list.csv", 3, column)
    assert [row[0] for row in batch.rows] == ["GOOD"]
    assert batch.rejected[0].number == 3


def test_all_bad_cells_of_a_row_are_told_at_once(tmp_path: Path) -> None:
    (batch,) = read(tmp_path, ";31/02/2026;ten")
    assert [problem.code for problem in batch.problems] == ["value_missing", "not_a_date", "not_a_number"]
    assert batch.rejected[0].cells == ("", "31/02/2026", "ten", "EUR")


def test_a_required_column_must_be_mapped(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, "A;;", profile=MappingProfile("test", "", ()))
    assert (caught.value.problem.code, caught.value.problem.value) == ("column_missing", "Code")


def test_a_header_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, "A;;", profile=PROFILE.with_rule(ColumnRule("price", "Prijs")))
    assert caught.value.problem.value == "Prijs"


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Code;Day;Price\n" + "A;;1\n" * 12_000, encoding="utf-8")
    steps: list[Step] = []
    batches = list(read_rows(open_sheet(path), PROFILE, COLUMNS, progress=Progress(steps.append)))
    assert [len(batch.rows) for batch in batches] == [5000, 5000, 2000]
    assert steps[-1].done == steps[-1].total == path.stat().st_size
