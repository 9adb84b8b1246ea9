from __future__ import annotations

from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.messages import describe


def test_a_day_in_a_message_is_written_as_the_language_writes_it() -> None:
    found = describe(Problem("end_before_start", Place(field="until"), "2020-01-01"))
    assert found.what == "The end 1 Jan 2020 is not after the start."


def test_a_day_that_is_none_is_quoted_as_it_was_found() -> None:
    assert describe(Problem("not_a_date", value="2026-02-31")).what == "“2026-02-31” is not a date."
