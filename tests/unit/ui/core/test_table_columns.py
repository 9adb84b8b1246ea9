from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billdesk.kernel.money import Money
from billdesk.ui.core.table_columns import Column, Kind, Status, sort_key, write_row, write_value
from billdesk.ui.core.tokens import Tone


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ("a", "a"),
        (True, "Yes"),
        (1234, "1,234"),
        (Decimal("1234.5"), "1,234.5"),
        (Money(123_456, "EUR"), "€1,234.56"),
        (date(2026, 2, 1), "1 Feb 2026"),
        (datetime(2026, 2, 1, 13, 5, tzinfo=UTC), "1 Feb 2026 13:05"),
    ],
)
def test_a_value_is_written_in_the_language_of_the_desk(value: object, text: str) -> None:
    assert write_value(value) == text


def test_a_status_is_written_as_its_word_with_its_tone() -> None:
    column: Column[str] = Column("s", "State", str, Kind.STATUS, statuses={"due": Status("Overdue", Tone.RED)})
    row = write_row([column], "due")
    assert (row.cells, row.tones) == (("Overdue",), (Tone.RED,))


def test_an_unknown_status_shows_itself() -> None:
    column: Column[str] = Column("s", "State", str, Kind.STATUS)
    assert write_row([column], "odd").cells == ("odd",)


def test_nothing_sorts_after_everything() -> None:
    assert sorted([None, "b", "A"], key=sort_key) == ["A", "b", None]
