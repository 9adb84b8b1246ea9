"""Pictures of the stylesheet are shipped, so that a start writes nothing; run this module to renew them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from billdesk.kernel.paths import resource
from billdesk.ui.core.icons import svg_text
from billdesk.ui.core.theme import PICTURES, Theme, ThemeChoice, picture_name
from billdesk.ui.core.tokens import DARK, LIGHT, Tokens


def drawn(name: str, theme: Tokens) -> str:
    icon, colour = PICTURES[name]
    return svg_text(icon, getattr(theme, colour))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", PICTURES)
def test_a_shipped_picture_has_the_colour_of_its_theme(name: str, theme: Tokens) -> None:
    shipped = resource("themes", picture_name(name, theme)).read_text(encoding="utf-8")
    assert shipped == drawn(name, theme), "renew it: PYTHONPATH=src:tests python -m ui.core.test_theme"


def test_a_theme_leaves_no_files_behind(
    qapp: QApplication, theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    Theme(qapp, ThemeChoice.DARK)
    theme.choose(ThemeChoice.LIGHT)
    assert list(tmp_path.iterdir()) == []


if __name__ == "__main__":
    for name in PICTURES:
        for theme in (LIGHT, DARK):
            resource("themes", picture_name(name, theme)).write_text(drawn(name, theme), encoding="utf-8")
