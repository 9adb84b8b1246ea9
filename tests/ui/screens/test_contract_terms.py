from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from billdesk.domain.contract_terms import AfterTerm, ContractTerm, EarlyFee, FeeKind, PriceIndex, Uplift
from billdesk.domain.subscriptions import Entry, EntryKind
from billdesk.services.indexes import list_indexes, save_index
from billdesk.services.subscriptions import Change, When, change_subscription, load_subscription
from billdesk.ui.core.import_wizard import ImportWizard
from billdesk.ui.core.screen import Context
from billdesk.ui.screens.subscriptions.ahead_strip import AheadStrip
from billdesk.ui.screens.subscriptions.change_dialog import ChangeDialog
from billdesk.ui.screens.subscriptions.change_presenter import PHASES
from billdesk.ui.screens.subscriptions.index_dialog import IndexDialog
from billdesk.ui.screens.subscriptions.move_dialog import MoveDialog
from billdesk.ui.screens.subscriptions.start_dialog import StartDialog
from billdesk.ui.screens.subscriptions.subscriptions_view import SubscriptionsView
from ui.screens.desk import close_dialogs, open_desk, settle, show

TODAY = date(2026, 3, 16)
TERM = ContractTerm(months=12, since=date(2025, 11, 1), notice_months=3, uplift=Uplift(Decimal(3)),
                    fee=EarlyFee(FeeKind.PERCENT, percent=Decimal(50)))  # fmt: skip


@pytest.fixture
def desk(qtbot: QtBot, context: Context, tmp_path: Path) -> Iterator[Context]:
    open_desk(qtbot, context, tmp_path)
    yield context
    close_dialogs()


def agree(qtbot: QtBot, desk: Context) -> None:
    desk.tasks.command(change_subscription, 1, Change(EntryKind.SET_TERM, term=TERM))
    settle(qtbot, desk)


def opened(qtbot: QtBot, desk: Context, *, record: str = "1") -> Any:
    view = show(qtbot, desk, SubscriptionsView(desk))
    view.open_record(record)
    settle(qtbot, desk)
    return view


def changing(qtbot: QtBot, desk: Context, kind: str) -> Any:
    view = opened(qtbot, desk)
    view._change(kind)
    settle(qtbot, desk)
    (dialog,) = view.findChildren(ChangeDialog)
    return dialog


def texts(widget: Any) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def entries(qtbot: QtBot, desk: Context) -> tuple[Entry, ...]:
    found: list[Any] = []
    desk.tasks.query(load_subscription, 1, then=found.append)
    settle(qtbot, desk)
    kept: tuple[Entry, ...] = found[0].entries
    return kept


def save(qtbot: QtBot, desk: Context, dialog: Any) -> Entry:
    dialog.save_button.click()
    settle(qtbot, desk)
    return entries(qtbot, desk)[-1]


def test_the_panel_shows_term_notice_date_and_next_rise(qtbot: QtBot, desk: Context) -> None:
    agree(qtbot, desk)
    found = texts(opened(qtbot, desk)._side)
    assert {"31 Oct 2026", "31 Jul 2026", "1 Nov 2026", "prices + 3 %"} <= set(found)
    assert {"12 months", "renews for 12 months", "3 months", "50 % of what is left"} <= set(found)


def test_a_contract_without_a_term_offers_to_agree_on_one(qtbot: QtBot, desk: Context) -> None:
    side = opened(qtbot, desk)._side
    assert "None: it may end on any day." in texts(side)
    assert any(button.accessibleName() == "Agree on a term…" for button in side.findChildren(QPushButton))


def test_a_term_is_agreed_in_the_dialog(qtbot: QtBot, desk: Context) -> None:
    dialog = changing(qtbot, desk, EntryKind.SET_TERM)
    dialog._fields._since.set_value(date(2025, 11, 1))
    dialog._fields._term.set_term(TERM)
    qtbot.waitUntil(lambda: "What comes next" in texts(dialog._pane))
    assert save(qtbot, desk, dialog).term == TERM


def test_a_wrong_term_is_refused_where_it_is_typed(qtbot: QtBot, desk: Context) -> None:
    dialog = changing(qtbot, desk, EntryKind.SET_TERM)
    dialog._fields._term.set_term(ContractTerm(months=12, until=date(2027, 1, 1)))
    dialog.save_button.click()
    settle(qtbot, desk)
    qtbot.waitUntil(lambda: any("Leave one of them empty" in text for text in texts(dialog._pane)), timeout=10_000)


def test_a_renewal_at_another_rise_is_decided(qtbot: QtBot, desk: Context) -> None:
    agree(qtbot, desk)
    dialog = changing(qtbot, desk, EntryKind.RENEW)
    assert dialog._when.value() == When.TERM_END
    dialog._fields._uplift.set_uplift(Uplift(Decimal("1.5")))
    made = save(qtbot, desk, dialog)
    assert (made.kind, made.effective, made.uplift) == (EntryKind.RENEW, date(2026, 11, 1), Uplift(Decimal("1.5")))


def test_ending_offers_the_earliest_day_the_fee_and_to_waive_it(qtbot: QtBot, desk: Context) -> None:
    agree(qtbot, desk)
    dialog = changing(qtbot, desk, EntryKind.CANCEL)
    box = dialog._when.focus_target()
    words = [box.itemText(place) for place in range(box.count())]
    assert words[0] == "On 1 Nov 2026, as soon as the term allows"
    assert any(word.startswith("Now, which costs €") for word in words)
    assert any("8 of 12 months are left" in text for text in texts(dialog._fields))
    made = save(qtbot, desk, dialog)
    assert (made.kind, made.effective, made.notice_given) == (EntryKind.CANCEL, date(2026, 11, 1), TODAY)


def test_a_fee_is_waived_for_a_reason(qtbot: QtBot, desk: Context) -> None:
    agree(qtbot, desk)
    dialog = changing(qtbot, desk, EntryKind.CANCEL)
    dialog._when.set_value(When.NOW.value)
    dialog._fields._waive.set_value(True)
    dialog.save_button.click()
    settle(qtbot, desk)
    qtbot.waitUntil(lambda: any("for a reason only" in text for text in texts(dialog._pane)), timeout=10_000)
    dialog._reason.set_value("moved abroad")
    assert save(qtbot, desk, dialog).fee_waived


def test_the_fee_stands_on_the_next_document_before_it_is_saved(qtbot: QtBot, desk: Context) -> None:
    agree(qtbot, desk)
    dialog = changing(qtbot, desk, EntryKind.CANCEL)
    dialog._when.set_value(When.NOW.value)
    dialog._show_day()
    qtbot.waitUntil(lambda: any("Verbrekingsvergoeding" in text for text in texts(dialog._pane)), timeout=10_000)


def test_three_months_at_half_price_are_one_step(qtbot: QtBot, desk: Context) -> None:
    dialog = changing(qtbot, desk, PHASES)
    dialog._when.set_value(When.NOW.value)
    dialog._fields._fill([{"months": 3, "percent": "-50"}])
    made = save(qtbot, desk, dialog)
    assert made.override is not None
    assert (made.override.terms.parameters, made.override.until) == ({"amount": "25"}, date(2026, 6, 16))


def test_a_price_per_year_is_three_entries(qtbot: QtBot, desk: Context) -> None:
    dialog = changing(qtbot, desk, PHASES)
    dialog._when.set_value(When.NOW.value)
    dialog._fields._fill([{"months": 12}, {"months": 12}, {}])
    save(qtbot, desk, dialog)
    assert [one.effective for one in entries(qtbot, desk)[-3:]] == [TODAY, date(2027, 3, 16), date(2028, 3, 16)]


def test_a_planned_change_is_moved_with_its_preview(qtbot: QtBot, desk: Context) -> None:
    later = Change(EntryKind.CHANGE_QUANTITY, When.DATE, date(2026, 6, 1), quantities={2: Decimal(20)})
    desk.tasks.command(change_subscription, 1, later)
    view = opened(qtbot, desk)
    view._content.move_asked.emit(view._presenter.contract.steps[0])
    (dialog,) = view.findChildren(MoveDialog)
    dialog.choose(date(2026, 4, 1))
    qtbot.waitUntil(lambda: any("Without the change" in text for text in texts(dialog._pane)), timeout=10_000)
    assert save(qtbot, desk, dialog).revoked
    assert [one.effective for one in entries(qtbot, desk) if not one.revoked][-1] == date(2026, 4, 1)


def test_a_planned_change_is_dragged_along_the_line_of_days(qtbot: QtBot, desk: Context) -> None:
    later = Change(EntryKind.CHANGE_QUANTITY, When.DATE, date(2026, 6, 1), quantities={2: Decimal(20)})
    desk.tasks.command(change_subscription, 1, later)
    view = opened(qtbot, desk)
    (strip,) = view._content.findChildren(AheadStrip)
    left, start = Qt.MouseButton.LeftButton, strip.spot_point(0).toPoint()
    QTest.mousePress(strip, left, pos=start)
    QTest.mouseMove(strip, start + QPoint(40, 0))
    strip._put(0, date(2026, 8, 1))
    QTest.mouseRelease(strip, left, pos=start + QPoint(40, 0))
    (dialog,) = view.findChildren(MoveDialog)
    assert dialog._day.value() == date(2026, 8, 1)
    assert strip.day_of(0) == date(2026, 6, 1)


def test_the_arrow_keys_move_a_planned_change_by_a_day(qtbot: QtBot, desk: Context) -> None:
    later = Change(EntryKind.CHANGE_QUANTITY, When.DATE, date(2026, 6, 1), quantities={2: Decimal(20)})
    desk.tasks.command(change_subscription, 1, later)
    view = opened(qtbot, desk)
    (strip,) = view._content.findChildren(AheadStrip)
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(strip, Qt.Key.Key_Return)
    (dialog,) = view.findChildren(MoveDialog)
    assert dialog._day.value() == date(2026, 6, 2)


def test_the_list_narrows_to_a_near_notice_date(qtbot: QtBot, desk: Context) -> None:
    soon = ContractTerm(months=12, since=date(2025, 11, 1), notice_months=7)
    desk.tasks.command(change_subscription, 1, Change(EntryKind.SET_TERM, term=soon))
    settle(qtbot, desk)
    view = show(qtbot, desk, SubscriptionsView(desk))
    view.show_view("notice_30")
    settle(qtbot, desk)
    assert (view._notice.value(), view._list.model.rowCount()) == ("30", 1)
    view._notice.set_value(None)
    view._narrow()
    settle(qtbot, desk)
    assert view._list.model.rowCount() > 1


def test_an_index_is_added_and_its_figures_changed(qtbot: QtBot, desk: Context) -> None:
    view = show(qtbot, desk, SubscriptionsView(desk))
    for month, figures in ((None, "2025-12\t130"), ("health", "2026-01\t131,5")):
        dialog: Any = IndexDialog(view, desk, TODAY)
        dialog.open()
        settle(qtbot, desk)
        assert dialog._which.value() == (month or "+")
        dialog._code.set_value("health")
        dialog._name.set_value("Health index")
        dialog._grid.add_row()
        dialog._grid.paste(figures)
        dialog.save_button.click()
        settle(qtbot, desk)
    found: list[Any] = []
    desk.tasks.query(list_indexes, then=found.append)
    settle(qtbot, desk)
    assert found[0][0].values == {date(2025, 12, 1): Decimal(130), date(2026, 1, 1): Decimal("131.5")}


def test_figures_are_brought_in_from_a_file_instead(qtbot: QtBot, desk: Context) -> None:
    view = show(qtbot, desk, SubscriptionsView(desk))
    dialog: Any = IndexDialog(view, desk, TODAY)
    dialog.open()
    settle(qtbot, desk)
    dialog.import_figures()
    parent: Any = desk.messages.parent()
    wizard: Any = parent.findChildren(ImportWizard)[-1]
    assert not dialog.isVisible()
    assert (wizard.isVisible(), wizard._presenter.state.request.kind) == (True, "index_figures")


def test_a_month_that_is_none_is_told_at_the_grid(qtbot: QtBot, desk: Context) -> None:
    desk.tasks.command(save_index, PriceIndex(0, "health", "Health index"))
    settle(qtbot, desk)
    dialog: Any = IndexDialog(show(qtbot, desk, SubscriptionsView(desk)), desk, TODAY)
    dialog.open()
    settle(qtbot, desk)
    dialog._grid.paste("13/2026\t130")
    dialog.save_button.click()
    settle(qtbot, desk)
    assert any("not a month" in text for text in texts(dialog))


def test_an_indexed_term_is_agreed(qtbot: QtBot, desk: Context) -> None:
    desk.tasks.command(save_index, PriceIndex(0, "health", "Health index"))
    settle(qtbot, desk)
    dialog = changing(qtbot, desk, EntryKind.SET_TERM)
    indexed = ContractTerm(months=24, after=AfterTerm.RENEW, uplift=Uplift(index="health", share=Decimal(80)))
    dialog._fields._term.set_term(indexed)
    assert save(qtbot, desk, dialog).term == indexed


def test_a_new_contract_begins_with_a_term(qtbot: QtBot, desk: Context) -> None:
    dialog: Any = StartDialog(show(qtbot, desk, SubscriptionsView(desk)), desk, TODAY)
    dialog.open()
    dialog._has_term.set_value(True)
    dialog._show_term()
    dialog._term.set_term(TERM)
    assert dialog._term.term().uplift == Uplift(Decimal(3))
    assert dialog._term.problems() == []


def test_a_wrong_length_is_said_at_its_field_and_nothing_is_saved(qtbot: QtBot, desk: Context) -> None:
    dialog = changing(qtbot, desk, EntryKind.SET_TERM)
    before = entries(qtbot, desk)
    dialog._fields._term._length.set_values({"months": -3})
    save_anyway(qtbot, desk, dialog)
    assert "-3 is too small. Enter at least 1." in texts(dialog._fields._term._length)
    qtbot.waitUntil(lambda: "Months: -3 is too small. Enter at least 1." in texts(dialog._pane))
    assert dialog._fields._term._length.editor("months").focus_target().hasFocus()
    assert entries(qtbot, desk) == before


def test_a_change_on_a_day_without_the_day_asks_for_it(qtbot: QtBot, desk: Context) -> None:
    dialog = changing(qtbot, desk, EntryKind.SET_TERM)
    dialog._when.set_value(When.DATE)
    dialog._show_day()
    qtbot.waitUntil(lambda: "Enter the day to see the next document." in texts(dialog._pane))
    save_anyway(qtbot, desk, dialog)
    assert dialog._day.focus_target().property("state") == "problem"


def test_a_wrong_text_in_a_field_that_went_away_does_not_stand_in_the_way(qtbot: QtBot, desk: Context) -> None:
    dialog = changing(qtbot, desk, EntryKind.SET_TERM)
    term = dialog._fields._term
    term._fee.set_value(FeeKind.PERCENT)
    term._show()
    term._percent.editor("fee_percent").line.setText("abc")
    term._fee.set_value(FeeKind.NONE)
    term._show()
    saved = save(qtbot, desk, dialog)
    assert saved.term is not None
    assert saved.term.fee == EarlyFee()


def test_after_saving_the_keyboard_stays_in_the_panel(qtbot: QtBot, desk: Context) -> None:
    view = opened(qtbot, desk)
    view.activateWindow()
    (change,) = [made for made in view._side.findChildren(QPushButton) if made.accessibleName() == "Change…"]
    change.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is change)
    view._load(1)
    settle(qtbot, desk)
    qtbot.waitUntil(lambda: view._side.isAncestorOf(QApplication.focusWidget() or view))
    now = QApplication.focusWidget()
    assert now is not None
    assert (now is change, now.accessibleName()) == (False, "Change…")


def save_anyway(qtbot: QtBot, desk: Context, dialog: Any) -> None:
    dialog.save_button.click()
    settle(qtbot, desk)


def test_the_preview_of_another_kind_goes_away_when_that_kind_is_left(qtbot: QtBot, desk: Context) -> None:
    dialog = changing(qtbot, desk, EntryKind.SET_TERM)
    qtbot.waitUntil(lambda: "Invoice" in texts(dialog._pane))
    dialog.choose(PHASES)
    qtbot.waitUntil(lambda: "Fill in the fields to see the next document." in texts(dialog._pane))
    assert "Invoice" not in texts(dialog._pane)


def test_a_phase_at_less_than_nothing_is_refused_in_its_grid(qtbot: QtBot, desk: Context) -> None:
    dialog = changing(qtbot, desk, PHASES)
    before = entries(qtbot, desk)
    dialog._fields._grid.set_value([{"months": 3, "percent": "-120"}])
    save_anyway(qtbot, desk, dialog)
    assert "-120 is too small. Enter at least -100." in texts(dialog._fields._rows)
    assert entries(qtbot, desk) == before


def test_a_change_that_lies_ahead_is_taken_back_by_undo(qtbot: QtBot, desk: Context) -> None:
    dialog = changing(qtbot, desk, EntryKind.SET_TERM)
    dialog._when.set_value(When.DATE)
    dialog._day.set_value(date(2199, 1, 1))
    saved = save(qtbot, desk, dialog)
    assert not saved.revoked
    offer = desk.messages._toast._offer
    assert offer is not None
    offer[1]()
    settle(qtbot, desk)
    assert entries(qtbot, desk)[-1].revoked
