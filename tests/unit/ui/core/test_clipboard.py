from datetime import date
from decimal import Decimal

import pytest

from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money
from billdesk.ui.core.clipboard import copied, to_tsv

NL = Language("nl")


@pytest.mark.parametrize("text", ["=1+1", "+32 2 123", "-dash", "@sum", "  =x"])
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    assert copied(text, NL) == f"'{text}"


def test_figures_are_bare_in_the_language_of_the_spreadsheet() -> None:
    assert copied(Money(-123_456_789, "EUR"), NL) == "-1234567,89"
    assert copied(Money(1234, "JPY"), NL) == "1234"
    assert copied(Decimal("1234567.125"), NL) == "1234567,125"


def test_dates_are_copied_as_iso() -> None:
    assert copied(date(2026, 2, 1), NL) == "2026-02-01"


def test_nothing_is_an_empty_cell() -> None:
    assert copied(None, NL) == ""


def test_tabs_and_line_breaks_do_not_make_new_cells() -> None:
    assert to_tsv(["A", "B"], [[copied("x\ty\nz", NL), "2"]]) == "A\tB\nx y z\t2"
