from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from billdesk.services.alerts import Alert, AlertEventFilter, AlertKind, count_alert_events, list_alerts, save_alert
from billdesk.services.billing import list_runs
from billdesk.services.usage import list_meters
from billdesk.ui.core.editors import TextEditor
from billdesk.ui.core.record_picker import Hit
from billdesk.ui.core.screen import Context
from billdesk.ui.core.widgets import FormDialog
from billdesk.ui.screens.billing.billing_rows import run_cause
from billdesk.ui.screens.usage.alert_dialog import AlertDialog
from billdesk.ui.screens.usage.usage_view import UsageView
from billdesk.ui.screens.usage.usage_wizard import UsageWizard, open_usage_wizard
from builders.desk_book import a_usage_file
from ui.screens.desk import close_dialogs, open_desk, settle, show

GOOD = ("S1;API;2026-03-01 10:00;120;a", "S1;API;2026-03-02 11:00;80;b")
BAD = ("S1;API;2026-03-01 10:00;veel;a", "S1;API;2026-02-31 10:00;5;b", "S1;API;2026-03-03 10:00;7;c")


@pytest.fixture
def desk(qtbot: QtBot, context: Context, tmp_path: Path) -> Iterator[Context]:
    open_desk(qtbot, context, tmp_path)
    yield context
    close_dialogs()


def _wizard(qtbot: QtBot, context: Context, *paths: Path) -> UsageWizard:
    wizard = open_usage_wizard(context, paths, lambda _batch: None)
    settle(qtbot, context)
    return wizard


def _on(qtbot: QtBot, context: Context, wizard: UsageWizard) -> None:
    assert wizard._next.isEnabled()
    wizard._next.click()
    settle(qtbot, context)


def _bring(qtbot: QtBot, context: Context, folder: Path, *rows: str, name: str = "verbruik.csv") -> UsageWizard:
    wizard = _wizard(qtbot, context, a_usage_file(folder, *rows, name=name))
    _on(qtbot, context, wizard)
    _on(qtbot, context, wizard)
    return wizard


def _view(qtbot: QtBot, context: Context) -> Any:
    return show(qtbot, context, UsageView(context))


def _current(qtbot: QtBot, context: Context) -> list[str]:
    found: list[Any] = []
    context.tasks.query(list_meters, then=found.extend)
    settle(qtbot, context)
    return [str(meter.current) for meter in found]


def test_a_file_goes_from_columns_to_counted_usage(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_usage_file(tmp_path, *GOOD))
    _on(qtbot, desk, wizard)
    (line,) = wizard._presenter.state.totals
    assert (line.total.events, str(line.total.quantity)) == (2, "200")
    assert wizard._next.text() == "Import 2 events"
    _on(qtbot, desk, wizard)
    assert _current(qtbot, desk) == ["200"]


def test_totals_stand_beside_as_many_days_before(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    _bring(qtbot, desk, tmp_path, "S1;API;2026-02-27 10:00;50;x", name="februari.csv")
    wizard = _wizard(qtbot, desk, a_usage_file(tmp_path, *GOOD))
    _on(qtbot, desk, wizard)
    (line,) = wizard._presenter.state.totals
    assert (str(line.total.before), line.change, line.is_outlier) == ("50", 300, True)


def test_bad_cells_are_told_by_row_and_hold_the_import_back(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_usage_file(tmp_path, *BAD))
    _on(qtbot, desk, wizard)
    problems = wizard._presenter.state.problems
    assert [(line.row, line.column, line.value) for line in problems] == [
        (2, "aantal", "veel"),
        (3, "tijdstip", "2026-02-31 10:00"),
    ]
    assert not wizard._next.isEnabled()


def test_good_rows_go_in_when_bad_ones_are_left_out(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_usage_file(tmp_path, *BAD))
    _on(qtbot, desk, wizard)
    wizard._check._skip.setChecked(True)
    _on(qtbot, desk, wizard)
    assert _current(qtbot, desk) == ["7"]


def test_two_date_orders_are_asked_with_what_each_means(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_usage_file(tmp_path, "S1;API;02/03/2026 10:00;5;a"))
    _on(qtbot, desk, wizard)
    (asked,) = wizard._presenter.state.asked
    assert [choice.reading for choice in asked.choices] == ["02/03/2026 → 2 Mar 2026", "02/03/2026 → 3 Feb 2026"]
    assert not wizard._next.isEnabled()
    wizard._questions.answered.emit("", asked.header, asked.kind, "dmy")
    _on(qtbot, desk, wizard)
    assert str(wizard._presenter.state.totals[0].total.first) == "2026-03-02"


def test_the_same_file_again_counts_nothing(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    _bring(qtbot, desk, tmp_path, *GOOD)
    wizard = _wizard(qtbot, desk, tmp_path / "verbruik.csv")
    _on(qtbot, desk, wizard)
    assert wizard._check._banner.isVisible()
    assert not wizard._next.isEnabled()


def test_a_corrected_file_replaces_its_days(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    _bring(qtbot, desk, tmp_path, *GOOD)
    wizard = _wizard(qtbot, desk, a_usage_file(tmp_path, "S1;API;2026-03-01 10:00;1;z", name="beter.csv"))
    _on(qtbot, desk, wizard)
    wizard._check._replace.click()
    settle(qtbot, desk)
    _on(qtbot, desk, wizard)
    assert _current(qtbot, desk) == ["81"]


def test_a_metric_can_be_the_same_for_every_row(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    path = tmp_path / "kaal.csv"
    path.write_text("contract;tijdstip;aantal\nS1;2026-03-01 10:00;4\n", encoding="utf-8")
    wizard = _wizard(qtbot, desk, path)
    assert not wizard._next.isEnabled()
    wizard._columns.chosen.emit("", "metric", "", "API")
    settle(qtbot, desk)
    _on(qtbot, desk, wizard)
    assert wizard._presenter.state.preview is not None
    assert wizard._presenter.state.preview.added == 1


def test_an_empty_file_says_so(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    path = tmp_path / "leeg.csv"
    path.write_bytes(b"")
    wizard = _wizard(qtbot, desk, path)
    assert wizard._file.problem.accessibleName().startswith("leeg.csv: The file is empty")


def test_a_wrong_cell_is_written_anew_in_the_wizard(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    wizard = _wizard(qtbot, desk, a_usage_file(tmp_path, *GOOD, "S1;API;2026-03-01 10:00;twaalf;z"))
    _on(qtbot, desk, wizard)
    assert not wizard._next.isEnabled()
    (line,) = wizard._presenter.state.problems
    wizard._check._problems.opened.emit(line)
    (dialog,) = wizard.findChildren(FormDialog)
    (editor,) = dialog.findChildren(TextEditor)
    assert editor.value() == "twaalf"
    editor.set_value("12")
    dialog.save_button.click()
    qtbot.waitUntil(lambda: wizard._presenter.state.problems == [])
    settle(qtbot, desk)
    assert wizard._next.text() == "Import 3 events"


def test_reading_a_file_is_shown_from_the_first_moment(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    path = a_usage_file(tmp_path, "S1;API;2026-03-01 10:00;1;k1")
    wizard = open_usage_wizard(desk, [path], lambda _batch: None)
    assert wizard._busy.is_busy
    settle(qtbot, desk)
    assert not wizard._busy.is_busy


def test_stopping_half_way_changes_nothing(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    rows = [f"S1;API;2026-03-01 10:00;1;k{number}" for number in range(40_000)]
    wizard = _wizard(qtbot, desk, a_usage_file(tmp_path, *rows))
    _on(qtbot, desk, wizard)
    wizard._next.click()
    wizard._busy.stop()
    settle(qtbot, desk)
    assert wizard.page is wizard._check
    assert _current(qtbot, desk) == []


def test_unknown_contracts_wait_and_can_be_discarded(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    _bring(qtbot, desk, tmp_path, *GOOD, "S9;API;2026-03-01 10:00;5;q")
    view = _view(qtbot, desk)
    assert view._tabs._buttons["waiting"].text() == "Waiting  1"
    view.show_view("waiting")
    settle(qtbot, desk)
    view._queue.table.selectRow(0)
    records = view._queue.selected_records()
    view._presenter.discard([one.id for one in records], "test", view._discarded)
    settle(qtbot, desk)
    assert view._tabs._buttons["waiting"].text() == "Waiting  0"


def test_an_import_is_taken_back_after_showing_what_goes(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    _bring(qtbot, desk, tmp_path, *GOOD)
    view = _view(qtbot, desk)
    previews: list[Any] = []
    view._presenter.preview_undo(view._batches.model.row(0).record.id, previews.append)
    settle(qtbot, desk)
    view._presenter.undo(previews[0], view._undone)
    settle(qtbot, desk)
    assert previews[0].events == 2
    assert _current(qtbot, desk) == ["0"]


def test_a_meter_shows_its_days_and_events_with_file_and_row(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    _bring(qtbot, desk, tmp_path, *GOOD)
    view = _view(qtbot, desk)
    view._open(view._meters.model.row(0).record)
    settle(qtbot, desk)
    view._presenter._today = view._presenter._today.replace(year=2026, month=3, day=16)
    view._content._tabs.choose("0")
    settle(qtbot, desk)
    assert view._content._total.text() == "200"
    assert view._content._events.model.row(0).cells[2] == "row 2 of verbruik.csv"


def test_a_dropped_file_opens_the_wizard(qtbot: QtBot, desk: Context, tmp_path: Path) -> None:
    view = _view(qtbot, desk)
    assert view.drop([a_usage_file(tmp_path, *GOOD)])
    settle(qtbot, desk)
    parent: Any = desk.messages.parent()
    assert parent.findChildren(UsageWizard)[-1].windowTitle() == "Import verbruik.csv"


def _watch_calls(qtbot: QtBot, context: Context) -> None:
    record = Alert(0, "Many calls", AlertKind.USAGE, Decimal(100), metric_id=1)
    context.tasks.command(save_alert, record)
    settle(qtbot, context)


def test_a_threshold_that_usage_reached_stands_on_its_tab_until_it_is_seen(
    qtbot: QtBot, desk: Context, tmp_path: Path
) -> None:
    _watch_calls(qtbot, desk)
    view = _view(qtbot, desk)
    _bring(qtbot, desk, tmp_path, *GOOD)
    view.show_view("alerts")
    settle(qtbot, desk)
    assert view._reached.panel.model.rowCount() == 1
    assert view._tabs._buttons["alerts"].text() == "Reached  1"
    unseen: list[int] = []
    view._reached.panel.table.selectRow(0)
    view._reached._seen.click()
    settle(qtbot, desk)
    desk.tasks.query(count_alert_events, AlertEventFilter(only_unseen=True), then=unseen.append)
    settle(qtbot, desk)
    assert unseen == [0]


def test_the_result_of_an_import_tells_of_the_bill_that_a_threshold_drafted(
    qtbot: QtBot, desk: Context, tmp_path: Path
) -> None:
    desk.tasks.command(save_alert, Alert(0, "Bill", AlertKind.UNBILLED, Decimal(1), currency="EUR"))
    wizard: Any = _wizard(qtbot, desk, a_usage_file(tmp_path, *GOOD))
    _on(qtbot, desk, wizard)
    words = [one.text() for one in wizard._check._banner.findChildren(QLabel)]
    assert any("importing it drafts 1 bill of " in word for word in words)
    _on(qtbot, desk, wizard)
    words = [one.text() for one in wizard._result.findChildren(QLabel)]
    assert any(word.startswith("1 bill of ") for word in words)
    actions = [one.text().strip() for one in wizard._result.findChildren(QAbstractButton)]
    assert "Look at the drafts" in actions
    runs: list[Any] = []
    desk.tasks.query(list_runs, then=runs.extend)
    settle(qtbot, desk)
    assert [run_cause(run) for run in runs] == ["Threshold"]


def _ask(qtbot: QtBot, context: Context, kind: AlertKind) -> Any:
    view = _view(qtbot, context)
    view.show_view("thresholds")
    view._thresholds.ask_new()
    settle(qtbot, context)
    dialog: Any = view.findChildren(AlertDialog)[-1]
    dialog._name.set_value("Watched")
    dialog._kind.set_value(kind.value)
    return dialog


def _alerts(qtbot: QtBot, context: Context) -> list[Any]:
    found: list[Any] = []
    context.tasks.query(list_alerts, then=found.extend)
    settle(qtbot, context)
    return [(row.alert.kind, row.alert.threshold, row.alert.currency, row.alert.metric_id) for row in found]


def test_a_threshold_is_made_on_the_screen(qtbot: QtBot, desk: Context) -> None:
    dialog = _ask(qtbot, desk, AlertKind.SPEND)
    dialog._threshold.set_value(Decimal(250))
    dialog.save_button.click()
    settle(qtbot, desk)
    assert _alerts(qtbot, desk) == [(AlertKind.SPEND, Decimal(250), "EUR", None)]


def test_a_threshold_on_usage_needs_its_meter(qtbot: QtBot, desk: Context) -> None:
    dialog = _ask(qtbot, desk, AlertKind.USAGE)
    dialog._threshold.set_value(Decimal(250))
    dialog.save_button.click()
    settle(qtbot, desk)
    assert dialog.isVisible()
    dialog._metric.set_value("1")
    dialog.save_button.click()
    settle(qtbot, desk)
    assert _alerts(qtbot, desk) == [(AlertKind.USAGE, Decimal(250), "", 1)]


def test_a_commitment_that_falls_short_asks_for_days_before_its_end(qtbot: QtBot, desk: Context) -> None:
    dialog = _ask(qtbot, desk, AlertKind.SHORTFALL)
    dialog._kind.changed.emit()
    assert not dialog._metric.isEnabled()
    dialog._threshold.set_value(Decimal(80))
    dialog._days.set_value(0)
    dialog.save_button.click()
    settle(qtbot, desk)
    assert dialog.isVisible()
    dialog._days.set_value(45)
    dialog.save_button.click()
    settle(qtbot, desk)
    assert _alerts(qtbot, desk) == [(AlertKind.SHORTFALL, Decimal(80), "", None)]


def _thresholds(qtbot: QtBot, context: Context) -> Any:
    _watch_calls(qtbot, context)
    view = _view(qtbot, context)
    view.show_view("thresholds")
    settle(qtbot, context)
    view._thresholds.panel.table.selectRow(0)
    return view._thresholds


def test_a_threshold_is_changed_for_one_customer(qtbot: QtBot, desk: Context) -> None:
    page = _thresholds(qtbot, desk)
    page._change.click()
    settle(qtbot, desk)
    dialog: Any = page.findChildren(AlertDialog)[-1]
    assert (dialog._name.value(), dialog._metric.value()) == ("Many calls", "1")
    dialog._customer.pick(Hit("1", "De Linde"))
    dialog._threshold.set_value(Decimal(50))
    dialog.save_button.click()
    settle(qtbot, desk)
    changed = page.panel.model.row(0).record.alert
    assert (changed.threshold, changed.customer_id, changed.version) == (Decimal(50), 1, 2)


def test_a_threshold_is_paused_and_watches_again(qtbot: QtBot, desk: Context) -> None:
    page = _thresholds(qtbot, desk)
    for text in ("Watch again", "Pause"):
        page._pause.click()
        settle(qtbot, desk)
        page.panel.table.selectRow(0)
        assert page._pause.text().strip() == text


def test_a_deleted_threshold_comes_back(qtbot: QtBot, desk: Context) -> None:
    page = _thresholds(qtbot, desk)
    page.delete()
    settle(qtbot, desk)
    assert page.panel.model.rowCount() == 0
    offer = desk.messages._toast._action
    assert isinstance(offer, QAbstractButton)
    offer.click()
    settle(qtbot, desk)
    assert page.panel.model.rowCount() == 1


def test_looking_now_says_when_nothing_was_reached(qtbot: QtBot, desk: Context) -> None:
    page = _thresholds(qtbot, desk)
    page.look()
    settle(qtbot, desk)
    assert desk.messages._toast.accessibleName() == "No other threshold was reached."


def test_meters_are_compared_with_last_month_and_narrowed_by_their_tile(
    qtbot: QtBot, desk: Context, tmp_path: Path
) -> None:
    _bring(qtbot, desk, tmp_path, "S1;API;2026-03-01 10:00;30;a", "S1;API;2026-02-03 10:00;20;b")
    view = _view(qtbot, desk)
    (tile,) = view._strip.tiles
    assert (tile._value.text(), tile._trend.text()) == ("30", "+50%")
    tile.click()
    settle(qtbot, desk)
    assert view._meters.model.request.filter.metric_id == 1
    view._show_all_meters()
    settle(qtbot, desk)
    assert view._meters.model.row(0).cells[6] == "+50%"
