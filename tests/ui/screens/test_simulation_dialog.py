from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from billdesk.kernel.money import Money
from billdesk.services.billing import Finding
from billdesk.services.catalog import copy_version
from billdesk.services.simulation import SimulatedMonth, Simulation
from billdesk.services.simulation_files import simulation_file
from billdesk.ui.core.record_picker import Hit
from billdesk.ui.core.saving import write
from billdesk.ui.core.screen import Context
from billdesk.ui.screens.billing.billing_view import BillingView
from billdesk.ui.screens.billing.simulation_dialog import SimulationDialog, bars_of, words_of
from ui.screens.desk import close_dialogs, open_desk, settle, show

TODAY = datetime.now(UTC).date()


@pytest.fixture
def dialog(qtbot: QtBot, context: Context, tmp_path: Path) -> Iterator[Any]:
    open_desk(qtbot, context, tmp_path)
    made: Any = SimulationDialog(show(qtbot, context, BillingView(context)), context, TODAY)
    made.open()
    yield made
    close_dialogs()


def _run(qtbot: QtBot, context: Context, dialog: Any) -> None:
    dialog.save_button.click()
    qtbot.waitUntil(lambda: dialog._job is not None or not dialog.save_button.isEnabled())
    settle(qtbot, context)


def _month(revenue: int, mrr: int) -> SimulatedMonth:
    amounts = [Money(minor, "EUR") for minor in (revenue, 0, revenue, mrr, 0, 0)]
    return SimulatedMonth(date(2026, 4, 1), "EUR", 1, *amounts)


def test_the_months_of_a_currency_are_shown_as_bars_and_rows(qtbot: QtBot, context: Context, dialog: Any) -> None:
    dialog._until.set_value(date(TODAY.year + 1, 12, 31))
    _run(qtbot, context, dialog)
    assert dialog._found.currencies == ("EUR", "GBP")
    assert dialog._table.model.rowCount() == len([m for m in dialog._found.months if m.currency == "EUR"])
    dialog._tabs.choose("GBP")
    assert dialog._table.current_record() is None or dialog._table.current_record().currency == "GBP"


def test_a_day_in_the_past_is_refused_at_its_field(qtbot: QtBot, context: Context, dialog: Any) -> None:
    dialog._until.set_value(date(2020, 1, 1))
    _run(qtbot, context, dialog)
    assert dialog._found is None
    assert dialog.save_button.isEnabled()


def test_prices_that_change_are_part_of_what_is_asked(dialog: Any) -> None:
    assert dialog.options().price_change is None
    dialog._percent.set_value(Decimal("2.5"))
    dialog._since.set_value(date(2027, 1, 1))
    change = dialog.options().price_change
    assert (change.percent, change.since) == (Decimal("2.5"), date(2027, 1, 1))


def test_a_bar_parts_what_recurs_from_the_rest() -> None:
    assert [bar.values for bar in bars_of([_month(15000, 10000), _month(4000, 10000), _month(-500, 0)])] == [
        (Decimal(100), Decimal(50)), (Decimal(40), Decimal(0)), (Decimal(0), Decimal(0)),
    ]  # fmt: skip


def test_customers_who_are_not_in_the_figures_are_counted() -> None:
    found = Simulation(TODAY, TODAY, 1, 2, 0, (), (Finding("problem", 7, "Acme"), Finding("draft_waiting", 7, "Acme")))
    assert words_of(found).endswith("1 customer could not be billed.")


def test_what_is_included_and_supposed_is_part_of_what_is_asked(dialog: Any) -> None:
    assert not dialog._growth.isEnabled()
    dialog._growth.set_value(Decimal(5))
    assert dialog.options().growth_percent == 0
    dialog._repeat.set_value(True)
    dialog._customer.pick(Hit("2", "North"))
    asked = dialog.options()
    assert (asked.repeat_usage, asked.growth_percent, asked.scope.customer_ids) == (True, Decimal(5), frozenset({2}))


def test_drafted_versions_can_be_published_in_the_simulation(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    open_desk(qtbot, context, tmp_path)
    context.tasks.command(copy_version, 1)
    made: Any = SimulationDialog(show(qtbot, context, BillingView(context)), context, TODAY)
    settle(qtbot, context)
    made._version.set_value("3")
    assert len(made.options().publish) == 1
    close_dialogs()


def test_a_simulation_can_be_saved_once_it_is_there(
    qtbot: QtBot, context: Context, dialog: Any, tmp_path: Path
) -> None:
    assert not dialog._save.isEnabled()
    _run(qtbot, context, dialog)
    assert dialog._save.isEnabled()
    write(dialog, context, tmp_path / "months.csv", partial(simulation_file, dialog._found))
    settle(qtbot, context)
    assert (tmp_path / "months.csv").read_bytes()
