from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billdesk.documents.csv import CsvOptions, write_csv
from billdesk.documents.tables import Cell, Column, Table
from billdesk.kernel.money import Money


def written(*rows: tuple[Cell, ...], options: CsvOptions = CsvOptions(bom=False)) -> list[list[str]]:  # noqa: B008 - frozen
    columns = tuple(Column(f"c{n}") for n in range(len(rows[0])))
    text = b"".join(write_csv(Table("t", columns, rows), options)).decode()
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=options.delimiter))[1:]


def test_cells_are_written_exactly() -> None:
    row = ("Łódź", 12, Decimal("0.000000000001"), Money(-123450, "EUR"), Money(500, "JPY"), True, None)
    assert written(row) == [["Łódź", "12", "0.000000000001", "-1234.50", "500", "true", ""]]


def test_days_and_instants_are_iso() -> None:
    instant = datetime(2026, 1, 31, 23, 59, 5, tzinfo=UTC)
    assert written((date(2026, 1, 31), instant, False)) == [["2026-01-31", "2026-01-31T23:59:05Z", "false"]]


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "+32/475", "-A"])
def test_a_text_that_could_run_as_a_formula_gets_an_apostrophe(text: str) -> None:
    assert written((text, 1)) == [[f"'{text}", "1"]]


@pytest.mark.parametrize("text", ["-5", "+32 475 12 34 56", "-1.234,50", "a=b", "", "'=1"])
def test_an_innocent_text_stays_as_it_is(text: str) -> None:
    assert written((text, 1)) == [[text, "1"]]


def test_delimiter_and_decimal_mark_can_be_chosen() -> None:
    options = CsvOptions(delimiter="\t", decimal_mark=",", bom=False)
    assert written((Decimal("1.5"), Money(100, "EUR"), "a;b"), options=options) == [["1,5", "1,00", "a;b"]]


def test_quotes_delimiters_and_line_ends_inside_a_text_survive() -> None:
    text = 'He said "no";\nthen left'
    assert written((text, 1)) == [[text, "1"]]


def test_the_byte_order_mark_comes_once_and_lines_end_with_crlf() -> None:
    table = Table("t", (Column("a"),), iter([("x",)]))
    assert b"".join(write_csv(table)) == b"\xef\xbb\xbfa\r\nx\r\n"


def test_a_long_table_comes_in_pieces() -> None:
    table = Table("t", (Column("a"),), ((n,) for n in range(12_000)))
    pieces = list(write_csv(table))
    assert len(pieces) == 3
    assert b"".join(pieces).count(b"\r\n") == 12_001
