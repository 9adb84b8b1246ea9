"""The customers screen: the list, the panel beside it, and the form in its place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from billdesk.domain.customers import Customer
from billdesk.kernel.changes import Noun
from billdesk.kernel.i18n import N_, _, current
from billdesk.services.customer_offers import Owner
from billdesk.services.customer_overview import CustomerLine, NextInvoice
from billdesk.ui.core.exports import save_workbook
from billdesk.ui.core.import_wizard import open_import_wizard
from billdesk.ui.core.offers.offers_section import OffersSection
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.table_columns import Source
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.widgets import (
    PageHeader,
    SearchField,
    Segment,
    SlideOver,
    button,
    primary,
)
from billdesk.ui.core.widgets.bars import CountedTabs, FilterBar
from billdesk.ui.core.widgets.elided import elide
from billdesk.ui.screens.customers.customer_form import CustomerForm
from billdesk.ui.screens.customers.customer_panel import CustomerContent
from billdesk.ui.screens.customers.customer_values import next_invoice_text
from billdesk.ui.screens.customers.customers_presenter import (
    COLUMNS,
    SEGMENTS,
    CustomersPresenter,
    fetch_customers,
    summarize_customers,
)

_LIST, _FORM = 0, 1
_PANEL: Final = 392
_TITLE: Final = 296
_SEGMENT_WORDS: Final = {"active": N_("Active"), "archived": N_("Archived"), "all": N_("All")}


class CustomersView(Screen):
    """Finds, shows and edits customers."""

    nouns = frozenset(
        {Noun.CUSTOMERS, Noun.SUBSCRIPTIONS, Noun.INVOICES, Noun.PAYMENTS, Noun.USAGE, Noun.BILLING, Noun.CATALOG}
    )
    help_text = N_(
        "Customers are the parties you bill. Click a line or press Enter to see what they owe, their contracts and "
        "their history. Import brings in a spreadsheet; Export writes one that can be imported again."
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._presenter = CustomersPresenter(self.tasks)
        self._header = PageHeader(_("Customers"), "", self._buttons())
        self._tabs = CountedTabs([Segment(key, _(word)) for key, word in _SEGMENT_WORDS.items()], _("Status"))
        self._search = SearchField(_("Name, number, VAT number, city…"))
        self._list = self._make_list()
        self._side = SlideOver(_PANEL)
        self._stack = QStackedWidget()
        self._followed: int | None = None
        self._saved_id: int | None = None
        self._build()
        self._connect()
        self._add_actions()

    def refresh(self) -> None:
        self._presenter.load_counts(self._show_counts)
        if self._list.model.is_loaded:
            self._list.reload()
        else:
            self._list.load(self._presenter.filter)
        if self._side.isVisible():
            self._reread_panel()

    def open_record(self, key: str) -> None:
        self._stack.setCurrentIndex(_LIST)
        self._presenter.load_overview(int(key), self._show_panel)

    def show_view(self, view: str) -> None:
        if view == "new":
            self._new()
        elif view in SEGMENTS:
            self._tabs.choose(view)

    def drop(self, paths: Sequence[Path]) -> bool:
        open_import_wizard(self.context, paths, "customers")
        return True

    @property
    def has_unsaved(self) -> bool:
        return "_form" in self.__dict__ and self._form.has_changes

    @cached_property
    def _form(self) -> CustomerForm:
        """The form, built at its first use: most visits only look."""
        made = CustomerForm(self.context)
        made.left.connect(self._show_list)
        made.submitted.connect(self._save)
        self._stack.addWidget(made)
        return made

    def _buttons(self) -> list[QWidget]:
        return [
            button(_("Import"), self._import, "upload"),
            button(_("Export"), self._export, "download"),
            primary(_("New customer"), self._new, "plus"),
        ]

    def _make_list(self) -> TablePanel:
        empty = Empty(
            "users",
            _("No customers yet"),
            _("Import them from a spreadsheet of any layout, or enter the first one."),
            (_("Import customers"), self._import),
        )
        spec = ListSpec("customers", _("Customers"), COLUMNS, _key, empty, sort="name")
        made = TablePanel(spec, self.context.preferences)
        made.use_source(Source(fetch_customers, summarize_customers), self.context.tasks)
        return made

    def _build(self) -> None:
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(16)
        for part in (self._header, FilterBar(self._tabs, self._search), self._list):
            inside.addWidget(part)
        self._stack.addWidget(page)
        self.build_page(self._stack, panel=self._side)
        self.setFocusProxy(self._list.table)

    def _connect(self) -> None:
        self._tabs.chosen.connect(self._choose_segment)
        self._search.searched.connect(self._find)
        self._list.opened.connect(self._open)
        self._list.table.clicked.connect(lambda *_: self._open(self._list.current_record()))
        self._list.current_changed.connect(self._follow)
        self._list.clear_asked.connect(self._show_all)
        self._list.summarized.connect(self._show_note)
        self._list.selection_changed.connect(self._show_note)
        self._list.model.loaded.connect(self._select_saved)
        self._side.closed.connect(self._list.table.setFocus)

    def _add_actions(self) -> None:
        self.addAction(self._search.find_action())
        for text, keys, run in (
            (_("New customer"), "Ctrl+N", self._new),
            (_("Edit customer"), "F2", self._edit_current),
            (_("Save customer"), "Ctrl+S", self._submit),
            (_("Import customers"), "Ctrl+I", self._import),
            (_("Export customers"), "Ctrl+Shift+E", self._export),
        ):
            action = QAction(text, self)
            action.setShortcut(keys)
            action.triggered.connect(lambda *_, run=run: run())
            self.addAction(action)

    def _choose_segment(self, key: str) -> None:
        self._presenter.choose_segment(key)
        self._list.load(self._presenter.filter)

    def _find(self, words: str) -> None:
        self._presenter.search(words)
        self._list.load(self._presenter.filter)

    def _show_all(self) -> None:
        self._search.clear()
        self._presenter.search("")
        self._tabs.choose("all")

    def _show_counts(self) -> None:
        counts = self._presenter.counts
        self._tabs.show_counts({key: current().number(count) for key, count in counts.items()})

    def _show_note(self, _summary: object = None) -> None:
        summary = self._list.model.summary
        selected = self._list.selected_records()
        self._header.show_note(self._presenter.note(selected, summary.count if summary else 0))

    def _open(self, line: object) -> None:
        if isinstance(line, CustomerLine):
            self._presenter.load_overview(line.row.id, self._show_panel)

    def _follow(self, line: object) -> None:
        """Show the current row in the panel; a reload tells of the same row again and changes nothing."""
        key = line.row.id if isinstance(line, CustomerLine) else None
        has_moved, self._followed = key != self._followed, key
        if not has_moved or not self._side.isVisible():
            return
        if key is None:
            self._side.close_panel()
        else:
            self._open(line)

    def _reread_panel(self) -> None:
        overview = self._presenter.overview
        if overview is not None:
            self._presenter.load_overview(overview.card.customer.id, self._show_panel)

    def _show_panel(self) -> None:
        overview = self._presenter.overview
        if overview is None or self._stack.currentIndex() == _FORM:
            return
        customer = overview.card.customer
        offers = OffersSection(self.context, Owner(customer_id=customer.id))
        content = CustomerContent(overview, self._go, offers)
        footer = (
            button(_("Restore") if customer.archived else _("Archive"), partial(self._archive, customer)),
            primary(_("Edit"), self._edit_current, "pencil"),
        )
        self._side.show_content(elide(customer.name, _TITLE, 14), content, footer)
        self._presenter.load_next_invoice(customer.id, partial(self._show_next, content))
        content.upcoming_asked.connect(partial(self._presenter.load_upcoming, customer.id, content.show_upcoming))

    def _show_next(self, content: CustomerContent, found: NextInvoice) -> None:
        content.show_next_invoice(next_invoice_text(found))

    def _go(self, screen: str, key: str) -> None:
        self.context.navigate(screen, record=key)

    def _new(self) -> None:
        self._presenter.load_form(None, self._show_new)

    def _show_new(self) -> None:
        facts = self._presenter.facts
        if facts is not None:
            self._form.show_new(facts)
            self._show_form()

    def _edit_current(self) -> None:
        line = self._list.current_record()
        overview = self._presenter.overview
        if self._side.isVisible() and overview is not None:
            self._presenter.load_form(overview.card.customer.id, self._show_edit)
        elif isinstance(line, CustomerLine):
            self._presenter.load_form(line.row.id, self._show_edit)

    def _show_edit(self) -> None:
        overview, facts = self._presenter.overview, self._presenter.facts
        if overview is not None and facts is not None:
            card = overview.card
            self._form.show_customer(card.customer, card.parent, facts)
            self._presenter.load_next_invoice(card.customer.id, self._form.show_next_invoice)
            self._show_form()

    def _show_form(self) -> None:
        self._side.hide()
        self._stack.setCurrentIndex(_FORM)
        self._form.setFocus()

    def _show_list(self) -> None:
        self._stack.setCurrentIndex(_LIST)
        self._list.table.setFocus()

    def _submit(self) -> None:
        if self._stack.currentIndex() == _FORM:
            self._form.submit()

    def _save(self, record: Customer) -> None:
        self._presenter.save(record, self._saved, self._form.refused)

    def _saved(self, record: Customer) -> None:
        self._form.done()
        self._saved_id = record.id
        self._show_list()
        self.context.messages.note(_("{name} is saved.", name=record.name))
        self._presenter.load_overview(record.id, self._show_panel)

    def _select_saved(self) -> None:
        """Go to the customer that was saved, once the list has been read again and if its page shows them."""
        if self._saved_id is not None:
            key, self._saved_id = self._saved_id, None
            self._list.table.select_key(key)

    def _archive(self, customer: Customer) -> None:
        if customer.archived:
            self._presenter.archive(customer.id, self._archived, archived=False)
            return
        self.context.messages.confirm(
            _("Archive {name}?", name=customer.name),
            _("The customer leaves the lists. Documents stay as they are, and you can restore the customer."),
            yes=_("Archive"),
            on_yes=partial(self._presenter.archive, customer.id, self._archived),
        )

    def _archived(self, record: Customer) -> None:
        if not record.archived:
            self.context.messages.note(_("{name} is back in the lists.", name=record.name))
            return
        undo = partial(self._presenter.archive, record.id, self._archived, archived=False)
        self.context.messages.note(_("{name} is archived.", name=record.name), (_("Undo"), undo))

    def _import(self) -> None:
        open_import_wizard(self.context, (), "customers")

    def _export(self) -> None:
        save_workbook(self, ("customers",), _("Customers"))


def _key(line: CustomerLine) -> int:
    return line.row.id
