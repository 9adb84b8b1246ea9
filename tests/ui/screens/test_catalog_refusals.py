from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from billdesk.domain.catalog import PlanVersion, Price
from billdesk.domain.usage import Metric
from billdesk.services import catalog
from billdesk.services.book import Book
from billdesk.ui.core.screen import Context
from billdesk.ui.core.widgets import FormDialog
from billdesk.ui.screens.catalog.catalog_view import CatalogView
from billdesk.ui.screens.catalog.record_dialogs import MetricDialog
from builders.book import a_book
from builders.catalog import a_catalog, a_price
from builders.refusals import REFUSALS
from ui.books import idle, show


def _book(folder: Path) -> Book:
    book = a_book(folder)
    sold = a_catalog(book)
    book.run(catalog.create_price, a_price(sold.product, "POUNDS", GBP="40"))
    return book


def _enter(qtbot: QtBot, context: Context, view: CatalogView, record: Price | PlanVersion | Metric) -> QWidget:
    """Enter a record as the window does, and give the form that must refuse it."""
    if isinstance(record, Price):
        view._show_form(record)
        view._form.submit()
        idle(qtbot, context)
        return view._form
    if isinstance(record, PlanVersion):
        view._edit_version(record)
    else:
        view._ask(MetricDialog(view, record))
    dialog = next(one for one in view.findChildren(FormDialog) if one.isVisible())
    dialog.save_button.click()
    idle(qtbot, context)
    assert dialog.isVisible()
    return dialog


@pytest.mark.parametrize("name", [name for name, wrong in REFUSALS.items() if wrong.can_be_chosen])
def test_a_wrong_record_is_refused_in_its_form_with_the_way_out(
    name: str, qtbot: QtBot, context: Context, tmp_path: Path
) -> None:
    wrong = REFUSALS[name]
    view, _went = show(qtbot, context, CatalogView, lambda: _book(tmp_path))
    view._presenter.load_facts(lambda: None)
    idle(qtbot, context)
    form = _enter(qtbot, context, view, wrong.record)
    told = " ".join(one.text() for one in form.findChildren(QLabel) if one.isVisible())
    assert wrong.says in told
    assert wrong.remedy in told
