"""Rules of the window that imports cannot show."""

from __future__ import annotations

import re
from pathlib import Path

UI = Path(__file__).resolve().parents[2] / "src" / "billdesk" / "ui"
RESOURCES = UI.parents[2] / "resources"


def _texts() -> dict[str, str]:
    return {str(path.relative_to(UI)): path.read_text(encoding="utf-8") for path in UI.rglob("*.py")}


def test_style_comes_from_the_one_stylesheet() -> None:
    calls = [name for name, text in _texts().items() if ".setStyleSheet(" in text and name != "core/theme.py"]
    assert not calls, f"use theme.set_look and resources/themes/billdesk.qss: {calls}"


def test_every_icon_that_is_named_is_shipped() -> None:
    shipped = {path.stem for path in (RESOURCES / "icons").glob("*.svg")}
    pattern = re.compile(r'(?:icon_button|IconLabel|IconButton|NavButton|icon|pixmap)\(\s*"([a-z0-9-]+)"')
    named = {name: set(pattern.findall(text)) for name, text in _texts().items()}
    missing = {file: names - shipped for file, names in named.items() if names - shipped}
    assert not missing, f"draw these icons or use others: {missing}"


def test_notices_of_font_and_icons_are_shipped() -> None:
    assert (RESOURCES / "fonts" / "OFL.txt").is_file()
    assert (RESOURCES / "icons" / "LICENSE").is_file()
