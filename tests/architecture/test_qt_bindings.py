"""Guards against a defect of the Qt binding that would end the program after some thousand calls."""

from __future__ import annotations

import sys

from PySide6.QtGui import QFont


def test_void_calls_do_not_drop_references_to_none() -> None:
    """PySide6 6.12.0 on Python 3.11 loses one reference to None per call until the interpreter aborts."""
    font = QFont()
    before = sys.getrefcount(None)
    for _ in range(300):
        font.setPixelSize(12)
    assert abs(sys.getrefcount(None) - before) < 100
