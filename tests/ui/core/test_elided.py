from __future__ import annotations

from pytestqt.qtbot import QtBot

from billdesk.ui.core.theme import Theme
from billdesk.ui.core.widgets.elided import ElidedLabel, elide

NAME = "Donaudampfschifffahrtsgesellschaft Oberammergau GmbH & Co. KG"


def test_a_long_text_is_cut_and_stays_whole_in_its_tip(qtbot: QtBot, theme: Theme) -> None:
    label = ElidedLabel(NAME, "strong")
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.show()
    assert label.text().endswith("…")
    assert (label.toolTip(), label.accessibleName()) == (NAME, NAME)


def test_a_text_that_fits_needs_no_tip(qtbot: QtBot, theme: Theme) -> None:
    label = ElidedLabel("Gent")
    qtbot.addWidget(label)
    label.resize(200, 20)
    label.show()
    assert (label.text(), label.toolTip()) == ("Gent", "")


def test_a_text_is_cut_to_a_width(theme: Theme) -> None:
    assert elide(NAME, 100).endswith("…")
    assert elide("Gent", 100) == "Gent"
