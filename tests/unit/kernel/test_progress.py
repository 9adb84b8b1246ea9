from __future__ import annotations

import pytest

from billdesk.kernel.errors import Cancelled
from billdesk.kernel.progress import Progress, Step


def test_steps_are_reported_until_somebody_asks_to_stop() -> None:
    steps: list[Step] = []
    progress = Progress(steps.append)
    progress.step(1, 3, "one")
    progress.cancel()
    with pytest.raises(Cancelled):
        progress.step(2, 3)
    assert steps == [Step(1, 3, "one")]


def test_a_silent_part_reports_nothing_and_stops_with_the_whole() -> None:
    steps: list[Step] = []
    progress = Progress(steps.append)
    part = progress.silent()
    part.step(1, 2)
    progress.cancel()
    with pytest.raises(Cancelled):
        part.step(2, 2)
    assert steps == []
