from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import qInstallMessageHandler, qWarning

from billdesk.app.logs import catch_crashes, start_log


def test_warnings_of_ours_and_of_qt_go_to_the_log_file(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    path = start_log(tmp_path / "settings")
    logging.getLogger("billdesk").warning("disk is slow")
    qWarning("odd widget")
    added = next(handler for handler in logging.getLogger().handlers if handler not in before)
    logging.getLogger().removeHandler(added)
    added.close()
    qInstallMessageHandler(None)
    text = path.read_text(encoding="utf-8")
    assert "WARNING billdesk: disk is slow" in text
    assert "WARNING qt: odd widget" in text


def test_an_error_that_escapes_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    shown: list[BaseException] = []
    catch_crashes(shown.append)
    error = ZeroDivisionError("x")
    sys.excepthook(ZeroDivisionError, error, None)
    assert shown == [error]
