from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from billdesk.domain.subscriptions import EntryKind
from billdesk.kernel.money import Money
from billdesk.services.billing import upcoming_documents
from billdesk.services.subscriptions import Change, When, change_subscription, load_subscription
from billdesk.ui.core.document_card import DocumentCard
from billdesk.ui.core.screen import Context
from billdesk.ui.screens.subscriptions.change_dialog import ChangeDialog
from billdesk.ui.screens.subscriptions.start_dialog import StartDialog
from billdesk.ui.screens.subscriptions.subscriptions_view import SubscriptionsView
from ui.screens.desk import close_dialogs, open_desk, settle, show


@pytest.fixture
def desk(qtbot: QtBot, context: Context, tmp_path: Path) -> Iterator[Context]:
    open_desk(qtbot, context, tmp_path)
    yield context
    close_dialogs()


def _view(qtbot: QtBot, context: Context) -> Any:
    return show(qtbot, context, SubscriptionsView(context))


def _query(qtbot: QtBot, context: Context, use_case: Any, *args: Any) -> Any:
    found: list[Any] = []
    context.tasks.query(use_case, *args, then=found.append)
    settle(qtbot, context)
    return found[0]


def _change_dialog(qtbot: QtBot, context: Context, key: str = "1") -> Any:
    view = _view(qtbot, context)
    view.open_record(key)
    settle(qtbot, context)
    view._change()
    settle(qtbot, context)
    (dialog,) = view.findChildren(ChangeDialog)
    return dialog


def _previewed(qtbot: QtBot, dialog: Any) -> DocumentCard:
    qtbot.waitUntil(lambda: dialog._timer.isActive() is False and bool(dialog._pane.findChildren(DocumentCard)))
    card = dialog._pane.findChildren(DocumentCard)[0]
    assert isinstance(card, DocumentCard)
    return card


def _texts(widget: Any) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def test_the_list_shows_contracts_with_counts_and_monthly_revenue(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    assert view._list.model.row(0).cells[:2] == ("S1", "De Linde NV")
    assert view._tabs._buttons["ending"].text() == "Ending  1"
    assert "€129.20 per month" in view._header._note.text()


def test_a_state_tab_narrows_the_list(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    view._tabs.choose("ending")
    settle(qtbot, desk)
    assert [view._list.model.row(n).record.number for n in range(view._list.model.rowCount())] == ["S2"]


def test_the_panel_shows_terms_timeline_and_coming_documents(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    view.open_record("1")
    settle(qtbot, desk)
    qtbot.waitUntil(lambda: "€699.36" in _texts(view._side))
    texts = _texts(view._side)
    assert "8 × 9.90 EUR" in texts
    assert any(text.startswith("Quantity changed to 8") for text in texts)
    qtbot.waitUntil(lambda: _texts(view._side).count("€156.33") == 12)


def test_coming_documents_take_those_before_them_as_issued(qtbot: QtBot, desk: Context) -> None:
    documents = _query(qtbot, desk, upcoming_documents, 1)
    assert [document.total for document in documents[:2]] == [Money(69_936, "EUR"), Money(15_633, "EUR")]
    assert [document.issue_date for document in documents[:2]] == [date(2026, 3, 16), date(2026, 4, 1)]


def test_a_change_shows_the_next_document_to_the_cent(qtbot: QtBot, desk: Context) -> None:
    dialog = _change_dialog(qtbot, desk)
    (seats,) = dialog._fields.form._editors.values()
    seats.set_value(Decimal(10))
    seats.changed.emit()
    qtbot.waitUntil(lambda: "€711.72" in _texts(dialog._pane), timeout=10_000)
    qtbot.waitUntil(lambda: "Without the change: €699.36 on 16 Mar 2026" in _texts(dialog._pane))


def test_a_saved_change_stands_in_the_timeline(qtbot: QtBot, desk: Context) -> None:
    dialog = _change_dialog(qtbot, desk)
    (seats,) = dialog._fields.form._editors.values()
    seats.set_value(Decimal(10))
    dialog.save_button.click()
    settle(qtbot, desk)
    entries = _query(qtbot, desk, load_subscription, 1).entries
    assert entries[-1].quantities == {2: Decimal(10)}
    assert entries[-1].effective == date(2026, 3, 16)


def test_tab_visits_the_fields_of_an_own_price_from_top_to_bottom(qtbot: QtBot, desk: Context) -> None:
    dialog = _change_dialog(qtbot, desk)
    dialog.choose(EntryKind.OVERRIDE_PRICE)
    wanted = [editor.focus_target() for editor in (*dialog._fields.editors(), dialog._reason)]
    step = wanted[0]
    visited: list[Any] = []
    while len(visited) < len(wanted):
        visited += [step] if step in wanted else []
        step = step.nextInFocusChain()
    heights = [editor.mapTo(dialog, editor.rect().topLeft()).y() for editor in visited]
    assert len(visited) == 4
    assert (visited, heights) == (wanted, sorted(heights))


@pytest.mark.parametrize("kind", [EntryKind.CHANGE_PLAN, EntryKind.OVERRIDE_PRICE, EntryKind.PAUSE, EntryKind.CANCEL])
def test_every_kind_of_change_is_previewed(qtbot: QtBot, desk: Context, kind: EntryKind) -> None:
    dialog = _change_dialog(qtbot, desk)
    dialog.choose(kind)
    _previewed(qtbot, dialog)
    settle(qtbot, desk)
    qtbot.waitUntil(lambda: "What comes next" in _texts(dialog._pane))


def test_a_change_that_is_not_allowed_says_why(qtbot: QtBot, desk: Context) -> None:
    dialog = _change_dialog(qtbot, desk)
    dialog._when.set_value(When.DATE.value)
    dialog._show_day()
    qtbot.waitUntil(lambda: any("day" in text.casefold() for text in _texts(dialog._pane)), timeout=10_000)


def test_a_planned_change_can_be_taken_back(qtbot: QtBot, desk: Context) -> None:
    later = Change(EntryKind.CANCEL, When.DATE, date(2026, 6, 1))
    desk.tasks.command(change_subscription, 1, later)
    view = _view(qtbot, desk)
    view.open_record("1")
    settle(qtbot, desk)
    step = view._presenter.contract.steps[0]
    assert step.is_future
    view._presenter.revoke(step.entry_id, view._revoked)
    settle(qtbot, desk)
    assert view._presenter.contract.card.standing.state.value == "active"


def test_a_new_contract_shows_its_first_document_and_begins(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    dialog: Any = StartDialog(view, desk, date(2026, 3, 16))
    dialog.open()
    QTest.keyClicks(dialog._customer.line, "linde")
    qtbot.waitUntil(lambda: dialog._customer._model.rowCount() == 1)
    dialog._customer._take_first()
    settle(qtbot, desk)
    dialog._plan.set_value(next(c.version_id for c in dialog._options.plans if c.words.startswith("Small")))
    dialog._show_seats()
    qtbot.waitUntil(lambda: "€60.50" in _texts(dialog._pane), timeout=10_000)
    dialog.save_button.click()
    settle(qtbot, desk)
    assert view._list.model.rowCount() == 3


def test_a_new_contract_without_a_customer_is_asked_again(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    dialog: Any = StartDialog(view, desk, date(2026, 3, 16))
    dialog.open()
    dialog.save_button.click()
    assert dialog._customer.line.property("state") == "problem"


def test_a_click_on_a_line_shows_how_it_came_about(qtbot: QtBot, desk: Context) -> None:
    (document, *_rest) = _query(qtbot, desk, upcoming_documents, 2)
    card = DocumentCard(document)
    qtbot.addWidget(card)
    card.show()
    hidden = [label for label in card.findChildren(QLabel) if not label.isVisible()]
    card.findChildren(QPushButton)[0].click()
    assert [label.text() for label in hidden if label.isVisible()][:2] == ["Quantity: 1, one per period", ""]


def test_a_preset_shows_what_is_to_be_billed(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    view.show_view("to_bill")
    settle(qtbot, desk)
    assert view._list.model.rowCount() == 2


def test_a_change_of_quantity_that_changes_nothing_is_refused(qtbot: QtBot, desk: Context) -> None:
    dialog = _change_dialog(qtbot, desk)
    before = _query(qtbot, desk, load_subscription, 1).entries
    dialog.save_button.click()
    settle(qtbot, desk)
    (seats,) = dialog._fields.form._editors.values()
    assert seats.focus_target().property("state") == "problem"
    assert _query(qtbot, desk, load_subscription, 1).entries == before
