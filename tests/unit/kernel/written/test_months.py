from __future__ import annotations

from datetime import date

import pytest

from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.months import parse_month

JANUARY = date(2026, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01", "2026-1", " 2026/01 ", "202601", "2026M01", "2026-M01", "01/2026", "1.2026", "2026-01-15",
        "2026-01-01 00:00:00", "January 2026", "januari 2026", "jan. 2026", "Jan-2026", "janvier 2026", "2026 Januar",
    ],
)  # fmt: skip
def test_a_month_is_read_as_people_and_offices_write_it(text: str) -> None:
    assert parse_month(text) == JANUARY


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "13/2026", "01/02/2026", "soon 2026", "131.5"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(CellError, match="month_wrong"):
        parse_month(text)


@pytest.mark.parametrize("text", ["1", "01", "January", "janv."])
def test_a_month_alone_takes_the_year_beside_it(text: str) -> None:
    assert parse_month(text, 2026) == JANUARY


@pytest.mark.parametrize(("text", "year"), [("13", 2026), ("1", 0), ("²", 2026), ("2026-01", 2026)])
def test_a_month_alone_must_be_one(text: str, year: int) -> None:
    with pytest.raises(CellError, match="month_wrong"):
        parse_month(text, year)
