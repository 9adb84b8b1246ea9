from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot
from sqlalchemy import text

from billdesk.domain.billing import LateAmount
from billdesk.kernel.changes import Noun
from billdesk.kernel.period import Period
from billdesk.services.billing import Finding, LateState, RunPreview
from billdesk.services.invoices import DocumentFilter, count_documents
from billdesk.services.result import Result
from billdesk.services.settings import load_settings
from billdesk.storage import late_usage
from billdesk.storage.database import Db
from billdesk.ui.core.screen import Context
from billdesk.ui.core.widgets.dialogs import MessageDialog
from billdesk.ui.screens.billing.billing_presenter import BillingState, Stage
from billdesk.ui.screens.billing.billing_rows import finding_words, rows_of
from billdesk.ui.screens.billing.billing_view import BillingView
from billdesk.ui.screens.billing.issue_dialog import IssueDialog
from ui.screens.desk import close_dialogs, open_desk, settle, show

DAY = date(2026, 3, 16)


@pytest.fixture
def desk(qtbot: QtBot, context: Context, tmp_path: Path) -> Iterator[Context]:
    open_desk(qtbot, context, tmp_path)
    yield context
    close_dialogs()


def _view(qtbot: QtBot, context: Context) -> Any:
    view: Any = BillingView(context)
    view._day.set_value(DAY)
    view._presenter.choose_day(DAY)
    return show(qtbot, context, view)


def _do(qtbot: QtBot, context: Context, view: Any) -> None:
    view._go.click()
    settle(qtbot, context)


def _issue(qtbot: QtBot, context: Context, view: Any) -> None:
    view._go.click()
    dialog: Any = view.findChildren(IssueDialog)[-1]
    dialog._day.set_value(DAY)
    dialog.save_button.click()
    settle(qtbot, context)


def test_what_is_due_is_shown_to_the_cent_before_anything_is_made(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    totals = [sums.total for sums in view._presenter.state.preview.totals.values()]
    assert [str(total) for total in totals] == ["699.36 EUR", "107.00 GBP"]
    assert view._go.text().strip() == "Make drafts"


def test_what_differs_stands_first_in_words(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    (row,) = [line for line in view._presenter.state.rows if line.customer == "De Linde NV"]
    assert row.remarks == ("First invoice", "No usage of API came in")
    assert view._header._note.text() == "0 as usual, look at these 2. Nothing is written yet."


def _stage(view: Any) -> str:
    return str(view._presenter.state.stage)


def test_drafts_are_made_issued_and_then_nothing_is_left(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    _do(qtbot, desk, view)
    assert _stage(view) == Stage.DRAFTS
    assert view._banner._text.text() == "2 drafts made."
    _issue(qtbot, desk, view)
    assert _stage(view) == Stage.NOTHING
    assert "2 documents issued" in view._banner._text.text()
    assert "billed already, nothing to do" in view._header._note.text()


def test_a_second_run_says_that_it_is_made_already(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    _do(qtbot, desk, view)
    view._preview_day()
    settle(qtbot, desk)
    assert _stage(view) == Stage.NOTHING
    assert not view._go.isEnabled()
    assert view._waiting._text.text() == "2 drafts wait to be issued."


def test_a_row_opens_the_document_with_its_lines(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    (row,) = [line for line in view._presenter.state.rows if line.customer == "De Linde NV"]
    view._open(row)
    settle(qtbot, desk)
    assert "€699.36" in [label.text() for label in view._side.findChildren(QLabel)]


def test_a_currency_can_be_shown_alone(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    view._narrow("GBP")
    assert [row.record.customer for row in view._list.model._pages[0]] == ["Acme Ltd"]


def test_a_run_is_taken_back_with_its_drafts(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    _do(qtbot, desk, view)
    run_id = view._presenter.state.run_id
    view.open_record(str(run_id))
    settle(qtbot, desk)
    view._presenter.undo(run_id, view._undone)
    settle(qtbot, desk)
    found: list[int] = []
    desk.tasks.query(count_documents, DocumentFilter(), then=found.append)
    settle(qtbot, desk)
    assert found == [0]
    assert _stage(view) == Stage.PREVIEW


def test_a_day_that_cannot_be_read_is_marked(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    view._day.line.setText("31/02/2026")
    view._preview_day()
    assert view._day.line.property("state") == "problem"


def test_a_customer_who_is_left_out_stands_first_and_says_why() -> None:
    finding = Finding("problem", 7, "Ohne Satz GmbH", 1, "tax_rate_missing", (("country", "DE"), ("day", "2026-03-16")))
    (row,) = rows_of(RunPreview(DAY, 0, 0, 0, {}, (), (finding,)))
    assert row.is_blocked
    assert row.remarks[0].startswith("There is no tax rate of DE")
    assert not BillingState(DAY, rows=(row,)).to_issue


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("changed", "-76", "-76 % against the last run"),
        ("negative", "", "Money goes back"),
        ("zero", "", "Nothing to pay"),
        ("held", "", "Billing is paused: the draft is held back"),
        ("draft_waiting", "", "A draft made by hand waits"),
    ],
)
def test_findings_are_put_into_words(code: str, value: str, words: str) -> None:
    assert finding_words(Finding(code, 1, "A", value=value)) == words


def _a_late_row(db: Db) -> Result[None]:
    contract = db.connection.execute(text("SELECT min(id) FROM subscription")).scalar_one()
    price = db.connection.execute(text("SELECT min(id) FROM price")).scalar_one()
    db.connection.execute(text("UPDATE price SET late_usage = 'ask'"))
    january = Period(date(2026, 1, 1), date(2026, 2, 1))
    late_usage.note(db, {contract: [LateAmount(price, january, 500, 1500)]})
    return Result(None, frozenset({Noun.BILLING}))


def test_late_usage_waits_in_its_tab_until_it_is_decided(qtbot: QtBot, desk: Context) -> None:
    desk.tasks.command(_a_late_row)
    view = _view(qtbot, desk)
    view._tabs.choose("late")
    settle(qtbot, desk)
    view._late.table.selectRow(0)
    view._open(view._late.current_record())
    bill = next(one for one in view._side.findChildren(QPushButton) if "Bill it" in one.text())
    bill.click()
    settle(qtbot, desk)
    assert view._late.model.row(0).record.state == LateState.BILL


def test_running_usage_is_part_of_the_preview_when_it_is_wanted(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    view._running.focus_target().click()
    settle(qtbot, desk)
    assert view._presenter.state.running_usage
    assert view._presenter.state.preview is not None


def test_what_to_look_at_is_narrowed_to_kinds_of_remarks(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    view._kinds.choose(frozenset({"missing_usage"}))
    assert view._list.model.rowCount() == 2
    view._kinds.choose(frozenset({"negative"}))
    assert view._list.model.rowCount() == 0
    view._kinds.choose(frozenset())
    assert view._list.model.rowCount() == 2


def test_the_change_that_is_looked_at_is_kept_in_the_book(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    assert view._percent.value() == 30
    view._percent.set_value(5)
    view._percent.line.editingFinished.emit()
    settle(qtbot, desk)
    kept: list[int] = []
    desk.tasks.query(load_settings, then=lambda found: kept.append(found["change_warning_percent"]))
    settle(qtbot, desk)
    assert (kept, view._presenter.state.stage) == ([5], Stage.PREVIEW)


def test_a_day_far_ahead_is_refused_with_what_to_do_instead(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    view._day.set_value(date(2040, 1, 1))
    view._preview_day()
    settle(qtbot, desk)
    parent: Any = desk.messages.parent()
    words = [one.text() for one in parent.findChildren(MessageDialog)[-1].findChildren(QLabel)]
    assert any("too far ahead" in word for word in words)
    assert any("simulate" in word for word in words)
    assert view._presenter.state.preview is None


def test_a_search_that_hides_documents_says_so_and_can_be_taken_away(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    view._tabs.choose("all")
    before = view._list.model.rowCount()
    view._find("nobody of that name")
    assert (view._list.model.rowCount(), view._list.model.summary.hidden) == (0, before)
    view._list.clear_asked.emit()
    assert view._list.model.rowCount() == before


def test_the_search_still_holds_after_the_drafts_are_made(qtbot: QtBot, desk: Context) -> None:
    view = _view(qtbot, desk)
    view._tabs.choose("all")
    view._search.setText("linde")
    view._find("linde")
    _do(qtbot, desk, view)
    assert [row.record.customer for row in view._list.model._pages[0]] == ["De Linde NV"]
