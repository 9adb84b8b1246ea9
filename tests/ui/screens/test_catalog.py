from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from billdesk.domain.catalog import Conversion, Ending, PriceTerms, RunningPolicy, VersionState
from billdesk.domain.subscriptions import Subscription
from billdesk.domain.usage import Metric
from billdesk.services import catalog, rates, subscriptions, usage
from billdesk.services.book import Book
from billdesk.services.customers import create_customer
from billdesk.services.subscriptions import Start
from billdesk.ui.core.editors import DecimalEditor, TextEditor
from billdesk.ui.core.screen import Context
from billdesk.ui.core.widgets import FormDialog
from billdesk.ui.screens.catalog.catalog_view import CatalogView
from billdesk.ui.screens.catalog.plan_dialogs import PublishDialog, RecordDialog, VersionDialog
from billdesk.ui.screens.catalog.price_curve import PriceCurve
from billdesk.ui.screens.catalog.price_form import PriceForm
from builders.book import TODAY, a_book
from builders.catalog import a_catalog
from builders.customers import a_customer
from ui.books import Went, idle, press, show, words

Shown = tuple[CatalogView, Went]
BASIC, BASE, SEATS = 1, 1, 2
"""Ids of the plan, its flat price and its price per seat."""


def _book(folder: Path) -> Book:
    book = a_book(folder)
    sold = a_catalog(book)
    book.run(create_customer, a_customer())
    begin = Start(sold.basic, TODAY, {sold.seats: Decimal(4)})
    book.run(subscriptions.start_subscription, Subscription(0, "", 1, 1, "EUR", TODAY, ()), begin)
    book.run(usage.create_metric, Metric(0, "calls", "API calls"))
    return book


@pytest.fixture
def shown(qtbot: QtBot, context: Context, tmp_path: Path) -> Shown:
    return show(qtbot, context, CatalogView, lambda: _book(tmp_path))


def _rows(view: CatalogView, key: str) -> list[str]:
    model = view._lists[key].model
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def _dialog(view: CatalogView) -> FormDialog:
    return next(one for one in view.findChildren(FormDialog) if one.isVisible())


def _fill(dialog: QDialog, key: str, text: str) -> None:
    assert isinstance(dialog, RecordDialog)
    editor = dialog.form.editor(key)
    assert isinstance(editor, TextEditor)
    editor.line.selectAll()
    QTest.keyClicks(editor.line, text)


def test_each_tab_counts_and_lists_its_part(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    tabs = [one.text() for one in view._tabs._buttons.values()]
    assert tabs == ["Plans  2", "Prices  3", "Products  1", "Price books  0", "Metrics  1"]
    for key in ("prices", "products", "metrics"):
        view.show_view(key)
        idle(qtbot, context)
    found = {key: _rows(view, key) for key in view._lists}
    assert found["prices"] == ["BASE-M", "BASE-Y", "SEATS-M"]
    assert (found["plans"], found["products"], found["metrics"]) == (["BASIC", "PRO"], ["HOST"], ["calls"])


def test_a_plan_shows_its_version_with_contracts_and_prices(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view.open_record(str(BASIC))
    idle(qtbot, context)
    assert "1 contract · Running contracts keep their version" in words(view)
    press(view, "Hosting · SEATS-M price")
    idle(qtbot, context)
    assert "€10.00" in words(view)


def test_a_price_draws_its_curve_in_each_currency(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._open_price(SEATS)
    idle(qtbot, context)
    content = view._side.findChild(PriceCurve)
    assert content is not None
    assert content._curve.read_out(2) == "4\n€40.00"
    press(view, "JPY")
    assert content._curve.read_out(2) == "4\nJP¥6,400"


def _new_price(qtbot: QtBot, context: Context, view: CatalogView) -> PriceForm:
    view.show_view("prices")
    view._new()
    idle(qtbot, context)
    for key, text in (("name", "API calls"), ("code", "API")):
        editor = view._form._price.editor(key)
        assert isinstance(editor, TextEditor)
        QTest.keyClicks(editor.line, text)
    return view._form


def test_a_price_is_made_from_the_fields_of_its_model(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    form = _new_price(qtbot, context, view)
    form._choices["model"].set_value("per_unit")
    form._choices["model"].changed.emit()
    assert form._charge is not None
    editor = form._charge.editor("unit_price")
    assert isinstance(editor, DecimalEditor)
    QTest.keyClicks(editor.line, "2*0.5")
    form.submit()
    idle(qtbot, context)
    found = view._presenter.facts.prices[4]
    assert (found.code, found.terms) == ("API", (PriceTerms("EUR", {"unit_price": "1"}),))


def test_a_price_without_an_amount_is_said_at_its_field(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    form = _new_price(qtbot, context, view)
    form.submit()
    assert form._charge is not None
    assert form._charge.editor("amount").focus_target().property("state") == "problem"


def test_each_currency_keeps_its_own_amounts(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._presenter.load_facts(lambda: view._edit_price(BASE))
    idle(qtbot, context)
    form = view._form
    form._currencies.set_value("JPY")
    form._currencies.changed.emit()
    assert form._charge is not None
    assert form._charge.json() == {"amount": "8000"}
    form._add_currency.set_value("USD")
    form._add_currency.changed.emit()
    record = form._record()
    assert record is not None
    assert [terms.currency for terms in record.terms] == ["EUR", "JPY", "USD"]


def test_a_sold_price_is_not_changed_but_copied(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._open_price(BASE)
    idle(qtbot, context)
    press(view, "New price from this")
    assert view._form._price.values()["code"] == "BASE-M-2"
    view._submit()
    idle(qtbot, context)
    view.show_view("prices")
    idle(qtbot, context)
    assert _rows(view, "prices") == ["BASE-M", "BASE-M-2", "BASE-Y", "SEATS-M"]


def _draft(qtbot: QtBot, context: Context, view: CatalogView) -> None:
    """Draft version 2 of BASIC by the dialog: without the flat price, for running contracts too."""
    view.open_record(str(BASIC))
    idle(qtbot, context)
    press(view, "New version")
    dialog = _dialog(view)
    assert isinstance(dialog, VersionDialog)
    dialog.form.editor("running_policy").set_value(RunningPolicy.FROM_DATE.value)
    dialog.form.editor("items").set_value([{"price": str(SEATS), "quantity": "2"}])
    dialog.save_button.click()
    idle(qtbot, context)


def test_a_version_goes_from_draft_to_published_with_a_preview(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    _draft(qtbot, context, view)
    assert "− Hosting · BASE-M price, €50.00, monthly" in words(view)
    press(view, "Approve")
    idle(qtbot, context)
    first = _dialog(view)
    assert isinstance(first, PublishDialog)
    first.save_button.click()
    idle(qtbot, context)
    assert "approved by" in words(view)
    press(view, "Publish…")
    idle(qtbot, context)
    dialog = _dialog(view)
    assert isinstance(dialog, PublishDialog)
    assert "1 contract change: -€50.00 a month." in words(dialog)
    dialog.save_button.click()
    idle(qtbot, context)
    card = view._presenter.plan
    assert card is not None
    assert [(one.state, card.on_version[one.id]) for one in card.versions] == [
        (VersionState.RETIRED, 0),
        (VersionState.LIVE, 1),
    ]


def test_a_version_without_prices_is_refused_in_its_dialog(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view.open_record(str(BASIC))
    idle(qtbot, context)
    press(view, "New version")
    dialog = _dialog(view)
    assert isinstance(dialog, VersionDialog)
    dialog.form.editor("items").set_value([])
    dialog.save_button.click()
    assert dialog.isVisible()
    assert "missing" in words(dialog).casefold() or "fill" in words(dialog).casefold()


def test_a_version_commits_to_an_amount_per_quarter(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view.open_record(str(BASIC))
    idle(qtbot, context)
    press(view, "New version")
    dialog = _dialog(view)
    assert isinstance(dialog, VersionDialog)
    dialog.form.editor("commitment_interval").set_value("quarter")
    rows = [{"currency": "eur", "amount": "300"}, {"currency": "JPY", "amount": "40000"}]
    dialog.form.editor("commitment").set_value(rows)
    dialog.save_button.click()
    idle(qtbot, context)
    assert "At least €300.00, JP¥40,000, quarterly" in words(view)
    assert "Committed: nothing → EUR 300, JPY 40000 / 1 quarter" in words(view)


def test_a_commitment_without_an_amount_is_refused_in_its_dialog(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view.open_record(str(BASIC))
    idle(qtbot, context)
    press(view, "New version")
    dialog = _dialog(view)
    assert isinstance(dialog, VersionDialog)
    dialog.form.editor("commitment_interval").set_value("year")
    dialog.save_button.click()
    idle(qtbot, context)
    assert dialog.isVisible()
    assert "needs an amount" in words(dialog)


def test_a_draft_is_deleted_after_a_question(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    _draft(qtbot, context, view)
    view._presenter.delete_version(3)
    idle(qtbot, context)
    assert view._presenter.plan is not None
    assert len(view._presenter.plan.versions) == 1


def test_a_product_is_made_by_keyboard(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view.show_view("products")
    view._new()
    idle(qtbot, context)
    dialog = _dialog(view)
    _fill(dialog, "code", "SMS")
    _fill(dialog, "name", "Text messages")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    idle(qtbot, context)
    assert (_rows(view, "products"), dialog.isVisible()) == (["HOST", "SMS"], False)


def test_a_code_that_is_taken_is_said_in_the_dialog(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view._new()
    idle(qtbot, context)
    dialog = _dialog(view)
    _fill(dialog, "code", "BASIC")
    _fill(dialog, "name", "Again")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    idle(qtbot, context)
    assert dialog.isVisible()
    assert isinstance(dialog, RecordDialog)
    assert dialog.form.editor("code").focus_target().property("state") == "problem"


def test_a_metric_is_changed(qtbot: QtBot, context: Context, shown: Shown) -> None:
    view, _went = shown
    view.show_view("metrics")
    idle(qtbot, context)
    view._lists["metrics"].table.select_key(1)
    view._edit()
    idle(qtbot, context)
    dialog = _dialog(view)
    _fill(dialog, "unit", "calls")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    idle(qtbot, context)
    assert view._lists["metrics"].model.index(0, 3).data() == "calls"


def test_the_catalog_is_exported(
    qtbot: QtBot, context: Context, shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(tmp_path / "catalog"), ""))
    press(shown[0], "Export")
    idle(qtbot, context)
    assert (tmp_path / "catalog.xlsx").is_file()


def test_a_converted_currency_has_its_curve_and_says_at_which_rate(
    qtbot: QtBot, context: Context, tmp_path: Path
) -> None:
    def make() -> Book:
        book = _book(tmp_path)
        price = book.query(catalog.load_price, BASE)
        made = replace(price, id=0, code="CONV", terms=price.terms[:1], conversion=Conversion("EUR", Ending.NINETY))
        book.run(catalog.create_price, made)
        book.run(rates.set_rate, "JPY", date(2026, 3, 13), Decimal("163.52"))
        yen = Subscription(0, "", 1, 1, "JPY", TODAY, ())
        book.run(subscriptions.start_subscription, yen, Start(1, TODAY))
        return book

    view, _went = show(qtbot, context, CatalogView, make)
    view._open_price(4)
    idle(qtbot, context)
    assert "converted from EUR, to .90" in words(view._side)
    press(view, "JPY")
    idle(qtbot, context)
    text = words(view._side)
    assert "at 163.52 of 13 Mar 2026" in text
    assert "JP¥8,176" in text
