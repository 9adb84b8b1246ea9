from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.moments import DateOrder, order_evidence, parse_date, parse_instant

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026-01-24", None, date(2026, 1, 24)),
        ("20260124", None, date(2026, 1, 24)),
        ("24/01/2026", DateOrder.DMY, date(2026, 1, 24)),
        ("01/24/2026", DateOrder.MDY, date(2026, 1, 24)),
        ("3-4-26", DateOrder.DMY, date(2026, 4, 3)),
        ("3/4/99", DateOrder.DMY, date(1999, 4, 3)),
        ("26.01.24", DateOrder.YMD, date(2026, 1, 24)),
        ("04 Nov 2009", None, date(2009, 11, 4)),
        ("1. März 2026", None, date(2026, 3, 1)),
        ("15 août 2026", None, date(2026, 8, 15)),
        ("3 mei 2026", None, date(2026, 5, 3)),
        ("29/02/2028", DateOrder.DMY, date(2028, 2, 29)),
    ],
)
def test_a_date_is_read_in_the_order_of_its_column(text: str, order: DateOrder | None, day: date) -> None:
    assert parse_date(text, order) == day


@pytest.mark.parametrize(
    ("text", "order", "code"),
    [
        ("24/01", DateOrder.DMY, "not_a_date"),
        ("31/02/2026", DateOrder.DMY, "not_a_date"),
        ("2026-02-30", None, "not_a_date"),
        ("01/24/2026", DateOrder.DMY, "date_order_mixed"),
        ("24/01/2026", DateOrder.MDY, "date_order_mixed"),
        ("01/02/2026", None, "date_order_unknown"),
        ("45678", DateOrder.DMY, "not_a_date"),
        ("1/2/202", DateOrder.DMY, "not_a_date"),
        ("tomorrow", DateOrder.DMY, "not_a_date"),
        ("3 brumaire 2026", None, "not_a_date"),
        ("01/02/2026", DateOrder.YMD, "date_order_mixed"),
    ],
)
def test_what_is_no_certain_day_is_refused(text: str, order: DateOrder | None, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_date(text, order)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("13/01/2026", DateOrder.DMY),
        ("01/13/2026", DateOrder.MDY),
        ("01/02/2026", "ambiguous"),
        ("05/05/2026", ""),
        ("1.2.2026", DateOrder.DMY),
        ("2026-01-02", DateOrder.YMD),
        ("13/01/2026 10:00", DateOrder.DMY),
        ("4 Nov 2026", ""),
        ("32/13/2026", None),
        ("invoice 7", None),
    ],
)
def test_a_date_proves_its_order_or_says_that_it_cannot(text: str, evidence: str | None) -> None:
    assert order_evidence(text) == evidence


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-07-01T12:00:00Z", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01 12:00:00", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2026-07-01 12:00 UTC", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("01/07/2026 1:30 pm", datetime(2026, 7, 1, 11, 30, tzinfo=UTC)),
        ("01/07/2026 12:05 AM +00:00", datetime(2026, 7, 1, 0, 5, tzinfo=UTC)),
        ("2026-07-01T12:00:00.123456789+02:00", datetime(2026, 7, 1, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-07-01 12:00 -0530", datetime(2026, 7, 1, 17, 30, tzinfo=UTC)),
    ],
)
def test_an_instant_is_local_time_unless_it_names_its_offset(text: str, instant: datetime) -> None:
    assert parse_instant(text, DateOrder.DMY, BRUSSELS) == instant


@pytest.mark.parametrize("text", ["2026-07-01 25:00", "2026-07-01 noon", "2026-07-01 10:99"])
def test_an_impossible_time_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        parse_instant(text, None, UTC)


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31)))
def test_every_day_reads_back_in_every_order(day: date) -> None:
    assert parse_date(f"{day:%d/%m/%Y}", DateOrder.DMY) == day
    assert parse_date(f"{day:%m/%d/%y}", DateOrder.MDY) == day
    assert parse_date(day.isoformat()) == day
