"""Whatever a bookkeeper does in whatever order on whatever days, the book stays sound and its totals tie out."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.bookkeeper import Bookkeeper


@pytest.mark.slow
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9))
def test_whatever_is_done_the_book_stays_sound(seed: int) -> None:
    with TemporaryDirectory() as folder:
        person = Bookkeeper(Path(folder), Random(seed))
        with person.book:
            for _round in range(8):
                for _step in range(8):
                    person.act()
                person.check()
