"""Python's garbage collector during bulk work, in which it finds next to nothing."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_YOUNG: Final = 250_000
"""Objects made between two looks at the youngest: more than some hundred contracts hold while they are computed.

Python's own 700 cost a billing run an eighth of its time, 50,000 still a twenty-fifth.
"""


class _Patience:
    """How many bulk jobs run at this moment, and the thresholds to go back to after the last."""

    lock: Final = threading.Lock()
    jobs = 0
    usual = gc.get_threshold()


@contextmanager
def patient_collector() -> Iterator[None]:
    """Let the collector look less often while records are made by the hundred thousand; also a decorator.

    The records hold no circles, so nothing piles up meanwhile. Jobs may overlap in several threads; the usual
    thresholds return with the end of the last one, however it ends.
    """
    with _Patience.lock:
        if not _Patience.jobs:
            _Patience.usual = gc.get_threshold()
            gc.set_threshold(_YOUNG, *_Patience.usual[1:])
        _Patience.jobs += 1
    try:
        yield
    finally:
        with _Patience.lock:
            _Patience.jobs -= 1
            if not _Patience.jobs:
                gc.set_threshold(*_Patience.usual)
