"""What every test gets: English, a fixed locale, and settings in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from billdesk.kernel.i18n import use_language

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("BILLDESK_CONFIG", str(tmp_path / "config"))
    use_language("en")
    yield
    use_language("en")
