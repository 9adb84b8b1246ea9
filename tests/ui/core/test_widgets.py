from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from billdesk.kernel.errors import BugError, Cancelled, NotFound
from billdesk.kernel.i18n import use_language
from billdesk.ui.core.charts import Bar, Donut, Legend, Slice, StackedBars
from billdesk.ui.core.screen import Context
from billdesk.ui.core.theme import Theme, ThemeChoice, text_width, tokens
from billdesk.ui.core.tokens import DARK, LIGHT
from billdesk.ui.core.widgets import Card, MessageDialog, SearchField, Segment, SegmentedTabs, SlideOver, ask, label
from ui.gallery import PAGES


@pytest.mark.parametrize("page", list(PAGES))
@pytest.mark.parametrize("choice", [ThemeChoice.LIGHT, ThemeChoice.DARK])
def test_every_widget_paints_in_both_themes(qtbot: QtBot, context: Context, page: str, choice: ThemeChoice) -> None:
    widget = PAGES[page](context)
    qtbot.addWidget(widget)
    widget.resize(1230, 900)
    widget.show()
    context.theme.choose(choice)
    qtbot.waitUntil(lambda: context.tasks.is_idle)
    ground = widget.grab().toImage().pixelColor(3, 3).name().upper()
    context.theme.choose(ThemeChoice.LIGHT)
    assert ground == (DARK if choice is ThemeChoice.DARK else LIGHT).page


def _all_pages(qtbot: QtBot, context: Context) -> list[QWidget]:
    """Make every page; who asks keeps them, for one that nobody holds may be collected while its list is answered."""
    pages = [make(context) for make in PAGES.values()]
    for page in pages:
        qtbot.addWidget(page)
    return pages


def test_every_button_has_a_name_for_screen_readers(qtbot: QtBot, context: Context) -> None:
    pages = _all_pages(qtbot, context)
    for page in pages:
        buttons = [b for b in page.findChildren(QAbstractButton) if type(b).__module__.startswith("billdesk")]
        assert [b for b in buttons if not (b.accessibleName() or b.text())] == []
    qtbot.waitUntil(lambda: context.tasks.is_idle)


def test_a_theme_is_switched_while_widgets_are_on_screen(theme: Theme) -> None:
    theme.toggle()
    assert tokens() == DARK
    theme.toggle()
    assert tokens() == LIGHT


def test_tabs_move_with_the_arrows_and_fit_long_words(qtbot: QtBot, theme: Theme) -> None:
    chosen: list[str] = []
    tabs = SegmentedTabs([Segment("a", "Alle"), Segment("b", "Gedeeltelijk terugbetaald")], "Status")
    qtbot.addWidget(tabs)
    tabs.chosen.connect(chosen.append)
    QTest.keyClick(tabs, Qt.Key.Key_Right)
    assert (tabs.key, chosen) == ("b", ["b"])
    assert tabs._buttons["b"].minimumWidth() > text_width("Gedeeltelijk terugbetaald")


def test_a_search_is_reported_once_after_a_pause(qtbot: QtBot, theme: Theme) -> None:
    field, got = SearchField("Find"), list[str]()
    qtbot.addWidget(field)
    field.searched.connect(got.append)
    QTest.keyClicks(field, "hoff ")
    qtbot.waitUntil(lambda: bool(got))
    assert got == ["hoff"]


def test_escape_closes_the_panel_and_says_so(qtbot: QtBot, theme: Theme) -> None:
    panel, closed = SlideOver(), list[bool]()
    qtbot.addWidget(panel)
    panel.closed.connect(lambda: closed.append(True))
    for text in ("first", "second"):
        panel.show_content(text, label(text))
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert (closed, panel.isVisible()) == ([True], False)


def test_the_safe_button_is_the_default_where_something_is_taken_away(qtbot: QtBot, theme: Theme) -> None:
    window, done = QWidget(), list[bool]()
    qtbot.addWidget(window)
    dialog = ask(
        window, "Delete?", ["Gone for good."], yes="Delete", on_yes=lambda: done.append(True), is_dangerous=True
    )
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert done == []


def _dialogs(context: Context) -> list[Any]:
    return context.messages._window.findChildren(MessageDialog)


def test_a_failure_says_what_is_safe_and_what_to_do(qtbot: QtBot, context: Context) -> None:
    context.messages.fail(NotFound("customers", "K-1"))
    (dialog,) = _dialogs(context)
    assert "Nothing was changed." in dialog.accessibleDescription()


def test_a_stopped_job_is_only_a_passing_note(qtbot: QtBot, context: Context) -> None:
    context.messages.fail(Cancelled())
    assert _dialogs(context) == []
    assert context.messages._toast.accessibleName() == "Stopped. Nothing was changed."


def test_a_bug_shows_details_that_can_be_copied(
    qtbot: QtBot, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    context.messages.fail(BugError("odd"))
    (dialog,) = _dialogs(context)
    assert "BugError: odd" in dialog.findChild(QPlainTextEdit).toPlainText()
    assert "Unexpected error" in caplog.text


def test_a_chart_describes_itself_and_follows_the_arrows(qtbot: QtBot, theme: Theme) -> None:
    bars = StackedBars()
    qtbot.addWidget(bars)
    bars.show_bars("Revenue", ["Paid", "Open"], [Bar("Jan", (Decimal(5), Decimal(2)))], label=str)
    assert (bars.accessibleName(), bars.accessibleDescription()) == ("Revenue", "Jan  7, Paid: 5, Open: 2")
    QTest.keyClick(bars, Qt.Key.Key_Right)
    assert bars.spot == 0


def test_a_slice_of_the_donut_is_a_link(qtbot: QtBot, theme: Theme) -> None:
    donut, chosen = Donut(), list[str]()
    qtbot.addWidget(donut)
    donut.resize(400, 230)
    donut.show_slices(
        "Age", [Slice("New", Decimal(1), 0, "new"), Slice("Old", Decimal(1), 4, "old")], middle=("2", ""), label=str
    )
    donut.chosen.connect(chosen.append)
    ring = donut._ring()
    QTest.mouseClick(donut, Qt.MouseButton.LeftButton, pos=QPointF(ring.right(), ring.center().y()).toPoint())
    QTest.keyClick(donut, Qt.Key.Key_Down)
    QTest.keyClick(donut, Qt.Key.Key_Return)
    assert chosen == ["new", "new"]


def test_buttons_fit_their_words_in_every_language(qtbot: QtBot, context: Context) -> None:
    use_language("de")
    pages = _all_pages(qtbot, context)
    for page in pages:
        page.resize(1230, 900)
        page.show()
        for found in page.findChildren(QAbstractButton):
            if found.isVisible() and found.text():
                assert found.width() >= text_width(found.text().strip(), 12) or found.text().startswith(" ")
    qtbot.waitUntil(lambda: context.tasks.is_idle)


def test_in_a_narrow_place_the_ring_gives_way_to_the_words(qtbot: QtBot) -> None:
    donut = Donut()
    qtbot.addWidget(donut)
    donut.show_slices(
        "Age", [Slice("More than sixty days overdue", Decimal(5), 4)], middle=("€ 80.474,82", "open"), label=str
    )
    donut.resize(420, 220)
    wide = donut._ring().width()
    donut.resize(300, 220)
    assert donut._ring().width() < wide / 2
    assert not donut.grab().isNull()


def test_a_note_gives_way_to_what_stands_right_of_it(qtbot: QtBot) -> None:
    card = Card("Invoiced", "in the last twelve months, tax and everything else included")
    legend = Legend(["Paid", "Open", "Overdue"])
    card.head.addWidget(legend)
    qtbot.addWidget(card)
    card.resize(360, 80)
    card.show()
    assert legend.geometry().right() <= card.width() - 18
    assert card._note.text().endswith("…")
