from pathlib import Path

import pytest

from billdesk.kernel.errors import Cancelled
from billdesk.kernel.progress import Progress
from billdesk.kernel.written.moments import DateOrder
from billdesk.kernel.written.numbers import Mark
from billdesk.sheets import Survey, open_sheet, survey_sheet


def survey_of(folder: Path, *lines: str) -> Survey:
    path = folder / "list.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return survey_sheet(open_sheet(path))


def test_one_row_far_below_settles_the_date_order(tmp_path: Path) -> None:
    found = survey_of(tmp_path, "day;code", *["01/02/2026;A"] * 9000, "13/02/2026;B")
    assert found.facts("day").order is DateOrder.DMY
    assert (found.rows, found.ambiguities, found.problems) == (9001, (), ())


def test_a_date_column_that_fits_both_orders_is_asked(tmp_path: Path) -> None:
    found = survey_of(tmp_path, "day;code", "01/02/2026;A", "05/05/2026;B", "03/04/2026;C")
    (question,) = found.ambiguities
    assert (question.column, question.kind, question.choices) == ("day", "date_order", ("dmy", "mdy"))
    assert question.examples == ("01/02/2026", "03/04/2026")


def test_another_column_only_suggests_the_answer(tmp_path: Path) -> None:
    found = survey_of(tmp_path, "day;due;price;fee", "01/02/2026;28/02/2026;1.234;0,50")
    assert [(q.column, q.kind, q.suggestion) for q in found.ambiguities] == [
        ("day", "date_order", "dmy"),
        ("price", "decimal_mark", ","),
    ]


def test_two_date_orders_in_one_column_name_their_rows(tmp_path: Path) -> None:
    found = survey_of(tmp_path, "day;code", "24/01/2026;A", "01/24/2026;B", "25/01/2026;C")
    (problem,) = found.problems
    assert (problem.code, problem.place.row, problem.place.column, problem.value) == (
        "date_order_mixed",
        3,
        "day",
        "01/24/2026",
    )
    assert dict(problem.details) == {"rows_day_first": "2, 4", "rows_month_first": "3"}


def test_two_decimal_marks_in_one_column_name_their_rows(tmp_path: Path) -> None:
    found = survey_of(tmp_path, "price;code", "1,50;A", "1.25;B")
    (problem,) = found.problems
    assert (problem.code, problem.place.row, problem.value) == ("decimal_mark_mixed", 3, "1.25")
    assert dict(problem.details) == {"rows_point": "3", "rows_comma": "2"}


def test_a_proof_beats_the_doubtful_values(tmp_path: Path) -> None:
    found = survey_of(tmp_path, "price;code", "1.234;A", "1.234,50;B")
    assert found.facts("price").mark is Mark.COMMA
    assert found.ambiguities == ()


def test_plain_text_is_counted_as_text(tmp_path: Path) -> None:
    facts = survey_of(tmp_path, "code;name", *["A-1;Anna"] * 600).facts("name")
    assert (facts.mark, facts.order, facts.examples) == (None, None, ("Anna",))


def test_typed_cells_are_counted_by_their_type(tmp_path: Path) -> None:
    (tmp_path / "list.jsonl").write_text('{"a": 1, "b": true}\n{"a": 2.5, "b": null}\n', encoding="utf-8")
    found = survey_sheet(open_sheet(tmp_path / "list.jsonl"))
    assert (found.facts("a").numbers, found.facts("b").texts, found.facts("b").filled) == (2, 1, 1)


def test_a_survey_can_be_stopped(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a;b\nx;y\n", encoding="utf-8")
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        survey_sheet(open_sheet(path), progress)
