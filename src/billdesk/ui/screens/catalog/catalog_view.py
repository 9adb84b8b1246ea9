"""The catalog screen: four lists behind tabs, a panel beside them, and the form of a price in their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from billdesk.domain.catalog import Plan, PlanVersion, Price, Product
from billdesk.domain.usage import Metric
from billdesk.kernel.changes import Noun
from billdesk.kernel.i18n import N_, _, current
from billdesk.services.plan_preview import Publication
from billdesk.ui.core.exports import save_workbook
from billdesk.ui.core.import_wizard import open_import_wizard
from billdesk.ui.core.offers.coupons_dialog import CouponsDialog
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import (
    FilterChips,
    PageHeader,
    SearchField,
    Segment,
    SlideOver,
    boxed,
    button,
    icon_button,
    primary,
    row,
)
from billdesk.ui.core.widgets.bars import CountedTabs, FilterBar
from billdesk.ui.core.widgets.elided import elide
from billdesk.ui.screens.catalog.book_desk import BookDesk
from billdesk.ui.screens.catalog.catalog_lists import LISTS, source_of
from billdesk.ui.screens.catalog.catalog_presenter import CatalogPresenter, draft_of
from billdesk.ui.screens.catalog.catalog_words import full_name, version_title
from billdesk.ui.screens.catalog.plan_dialogs import (
    PlanDialog,
    PublishDialog,
    RecordDialog,
    VersionDialog,
    next_version,
)
from billdesk.ui.screens.catalog.plan_panel import PlanContent
from billdesk.ui.screens.catalog.price_form import PriceForm, copy_of
from billdesk.ui.screens.catalog.price_panel import PriceContent
from billdesk.ui.screens.catalog.price_values import blank_price
from billdesk.ui.screens.catalog.record_dialogs import MetricDialog, ProductDialog

_LISTS, _FORM = 0, 1
_WITH_PANEL: Final = frozenset({"plans", "prices", "books"})
"""Lists whose records open beside them; the others open in a dialog, which one click must not do."""
_IMPORTED: Final = {"books": "price_books"}
"""The kind of import of a tab, where it has another name."""
_PANEL: Final = 432
_TITLE: Final = 336
_NEW: Final = {
    "plans": N_("New plan"),
    "prices": N_("New price"),
    "products": N_("New product"),
    "metrics": N_("New metric"),
    "books": N_("New price book"),
}


class CatalogView(Screen):
    """Shows what is sold, and carries a change of price from draft to published."""

    nouns = frozenset({Noun.CATALOG, Noun.SUBSCRIPTIONS})
    help_text = N_(
        "The catalog holds what you sell. A product is what a line is about; a price says how it is charged; a plan "
        "sells prices together; a price book gives some customers other amounts from a day on. To change a price, "
        "make a new price, put it into a new version of the plan, approve it, see which contracts change, and "
        "publish it. What was sold before never changes."
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._presenter = CatalogPresenter(self.tasks)
        self._add = primary(_("New plan"), self._new, "plus")
        buttons = [
            button(_("Coupons…"), self._show_coupons, "percent"),
            icon_button("upload", _("Import"), self._import),
            icon_button("download", _("Export"), self._export),
            self._add,
        ]
        self._header = PageHeader(_("Catalog"), _("What you sell, and how it is charged"), buttons)
        self._tabs = CountedTabs([Segment(key, _(one.title)) for key, one in LISTS.items()], _("Part of the catalog"))
        self._archived = FilterChips([("archived", _("Archived too"))], _("Filter"))
        self._search = SearchField(_("Code or name…"))
        self._lists: dict[str, TablePanel] = {}
        self._pages, self._stack = QStackedWidget(), QStackedWidget()
        self._side = SlideOver(_PANEL)
        self._openers: dict[str, Callable[[Any], object]] = {
            "plans": lambda one: self._presenter.load_plan(one.id, self._show_plan),
            "prices": lambda one: self._open_price(one.id),
            "products": lambda one: self._presenter.load_facts(partial(self._edit_product, one.id)),
            "metrics": self._edit_metric,
            "books": lambda one: self._open_book(one.id),
        }
        self._books = BookDesk(self, self.context, self.tasks, self._presenter)
        self._reread: Callable[[], object] = _nothing
        self._followed: tuple[str, int | None] = ("", None)
        self._build()
        self._connect()
        self._add_actions()

    def refresh(self) -> None:
        self._presenter.load_counts(self._show_counts)
        shown = self._list(self._presenter.tab)
        if shown.model.is_loaded:
            shown.reload()
        else:
            shown.load(self._presenter.filter)
        if self._side.isVisible():
            self._reread()

    def open_record(self, key: str) -> None:
        self.show_view("plans")
        self._presenter.load_plan(int(key), self._show_plan)

    def show_view(self, view: str) -> None:
        if view in LISTS:
            self._stack.setCurrentIndex(_LISTS)
            self._tabs.choose(view)

    def drop(self, paths: Sequence[Path]) -> bool:
        open_import_wizard(self.context, paths, "")
        return True

    @property
    def has_unsaved(self) -> bool:
        return "_form" in self.__dict__ and self._form.has_changes

    @cached_property
    def _form(self) -> PriceForm:
        """The form of a price, built at its first use."""
        made = PriceForm(self.context)
        made.left.connect(self._show_lists)
        made.submitted.connect(lambda record: self._presenter.save(record, self._price_saved, made.refused))
        self._stack.addWidget(made)
        return made

    def _list(self, key: str) -> TablePanel:
        """Give the list of a tab, built when the tab is first shown."""
        if key not in self._lists:
            self._lists[key] = self._make_list(key)
            self._pages.addWidget(self._lists[key])
        return self._lists[key]

    def _make_list(self, key: str) -> TablePanel:
        one = LISTS[key]
        empty = Empty(one.icon, _(one.empty), _(one.detail), (_(_NEW[key]), self._new))
        spec = ListSpec(f"catalog-{key}", _(one.title), one.columns, lambda record: record.id, empty, sort="code")
        made = TablePanel(spec, self.context.preferences)
        made.use_source(source_of(key), self.context.tasks)
        made.opened.connect(partial(self._open, key))
        made.clear_asked.connect(self._show_all)
        made.current_changed.connect(partial(self._follow, key))
        if key in _WITH_PANEL:
            made.table.clicked.connect(lambda *_: self._open(key, made.current_record()))
        return made

    def _build(self) -> None:
        first = self._list("plans")
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(16)
        self._finding = boxed(row(None, self._archived, self._search))
        self._bar = FilterBar(self._tabs, self._finding)
        self._fit_finding()
        for part in (self._header, self._bar):
            inside.addWidget(part)
        inside.addWidget(self._pages, 1)
        self._stack.addWidget(page)
        self.build_page(self._stack, panel=self._side)
        self.setFocusProxy(first.table)

    def _connect(self) -> None:
        self._tabs.chosen.connect(self._choose)
        self._search.searched.connect(self._find)
        self._archived.changed.connect(self._choose_archived)
        self._side.closed.connect(self._focus_list)

    def _add_actions(self) -> None:
        self.addAction(self._search.find_action())
        for text, keys, run in (
            (_("New in this list"), "Ctrl+N", self._new),
            (_("Edit"), "F2", self._edit),
            (_("Save price"), "Ctrl+S", self._submit),
            (_("Import catalog"), "Ctrl+I", self._import),
            (_("Export catalog"), "Ctrl+Shift+E", self._export),
            (_("Coupons"), "Ctrl+Shift+C", self._show_coupons),
        ):
            action = QAction(text, self)
            action.setShortcut(keys)
            action.triggered.connect(lambda *_, run=run: run())
            self.addAction(action)

    # Lists

    def _choose(self, key: str) -> None:
        self._presenter.tab = key
        self._side.hide()
        self._pages.setCurrentWidget(self._list(key))
        self._fit_finding()
        self._add.set_text(_(_NEW[key]))
        self._list(key).load(self._presenter.filter)
        self.setFocusProxy(self._list(key).table)

    def _fit_finding(self) -> None:
        """Take the room of what shows, so that the search stands at the edge when the bar is folded."""
        has_archive = self._presenter.tab in {"plans", "products"}
        self._archived.setVisible(has_archive)
        chips = self._archived.sizeHint().width() + Space.ONE if has_archive else 0
        self._finding.setMinimumWidth(chips + self._search.sizeHint().width())
        self._bar.fit()

    def _find(self, words: str) -> None:
        self._presenter.search(words)
        self._list(self._presenter.tab).load(self._presenter.filter)

    def _choose_archived(self, keys: frozenset[str]) -> None:
        self._presenter.show_archived(archived=bool(keys))
        self._list(self._presenter.tab).load(self._presenter.filter)

    def _show_all(self) -> None:
        self._search.clear()
        self._presenter.search("")
        self._archived.choose(frozenset({"archived"}))

    def _show_counts(self) -> None:
        self._tabs.show_counts({key: current().number(count) for key, count in self._presenter.counts.items()})

    def _open(self, key: str, record: object) -> None:
        if record is not None:
            self._openers[key](record)

    def _follow(self, key: str, record: Any) -> None:  # noqa: ANN401 - a row of the list `key`
        """Show the current row in the panel; a reload tells of the same row again and changes nothing."""
        place = (key, None if record is None else record.id)
        has_moved, self._followed = place != self._followed, place
        if not has_moved or not self._side.isVisible():
            return
        if record is None:
            self._side.close_panel()
        else:
            self._open(key, record)

    def _focus_list(self) -> None:
        self._list(self._presenter.tab).table.setFocus()

    def _show_lists(self) -> None:
        self._stack.setCurrentIndex(_LISTS)
        self._focus_list()

    def _import(self) -> None:
        open_import_wizard(self.context, (), _IMPORTED.get(self._presenter.tab, self._presenter.tab))

    def _show_coupons(self) -> None:
        CouponsDialog(self, self.context).open()

    def _export(self) -> None:
        save_workbook(self, ("products", "metrics", "prices", "plans", "price_books"), _("Catalog"))

    def _new(self) -> None:
        self._presenter.load_facts(self._show_new)

    def _show_new(self) -> None:
        facts = self._presenter.facts
        first = next(iter(facts.products), 0)
        makers: dict[str, Callable[[], object]] = {
            "plans": lambda: self._ask(PlanDialog(self, Plan(0, "", "")), self._plan_saved),
            "prices": lambda: self._show_form(blank_price(first)),
            "products": lambda: self._ask(ProductDialog(self, Product(0, "", ""), facts)),
            "metrics": lambda: self._ask(MetricDialog(self, Metric(0, "", ""))),
            "books": self._books.new,
        }
        makers[self._presenter.tab]()

    def _edit(self) -> None:
        record = self._list(self._presenter.tab).current_record()
        edits: dict[str, Callable[[Any], object]] = {
            **self._openers,
            "plans": lambda one: self._presenter.load_plan(one.id, self._edit_plan),
            "prices": lambda one: self._presenter.load_facts(lambda: self._edit_price(one.id)),
            "books": self._books.edit,
        }
        if record is not None and self._stack.currentIndex() == _LISTS:
            edits[self._presenter.tab](record)

    def _ask(self, dialog: RecordDialog, then: Callable[[object], object] | None = None) -> None:
        """Open a dialog that stays until the book has taken its record."""
        if then is not None:
            dialog.entered.connect(
                lambda record: self._presenter.save(record, _both(dialog.taken, then), dialog.refused)
            )
        else:
            dialog.entered.connect(lambda record: self._presenter.save(record, dialog.taken, dialog.refused))
        dialog.open()

    # Products and metrics

    def _edit_product(self, product_id: int) -> None:
        facts = self._presenter.facts
        self._ask(ProductDialog(self, facts.products[product_id], facts))

    def _edit_metric(self, metric: Metric) -> None:
        self._ask(MetricDialog(self, metric))

    # Prices

    def _open_price(self, price_id: int) -> None:
        self._presenter.load_facts(partial(self._show_price, price_id))

    def _show_price(self, price_id: int) -> None:
        facts = self._presenter.facts
        price = facts.prices.get(price_id)
        if price is None or self._stack.currentIndex() == _FORM:
            return
        self._reread = partial(self._open_price, price_id)
        copy = button(_("New price from this"), partial(self._show_form, copy_of(price)), "copy")
        edit = primary(_("Edit"), partial(self._show_form, price), "pencil")
        self._side.show_content(
            elide(full_name(price, facts.products), _TITLE, 14), PriceContent(price, facts), (copy, edit)
        )

    def _edit_price(self, price_id: int) -> None:
        self._show_form(self._presenter.facts.prices[price_id])

    def _show_form(self, price: Price) -> None:
        self._side.hide()
        self._form.show_price(price, self._presenter.facts)
        self._stack.setCurrentIndex(_FORM)
        self._form.setFocus()

    def _submit(self) -> None:
        if self._stack.currentIndex() == _FORM:
            self._form.submit()

    def _price_saved(self, record: object) -> None:
        self._form.done()
        self.show_view("prices")
        if isinstance(record, Price):
            self.context.messages.note(_("{name} is saved.", name=record.name))
            self._open_price(record.id)

    # Price books

    def _open_book(self, book_id: int) -> None:
        if self._stack.currentIndex() == _LISTS:
            self._reread = partial(self._open_book, book_id)
            self._books.open(book_id, self._side)

    # Plans and versions

    def _show_plan(self) -> None:
        card = self._presenter.plan
        if card is None or self._stack.currentIndex() == _FORM:
            return
        deeds = {
            "edit": self._edit_version,
            "approve": lambda version: self._presenter.preview(version.id, self._ask_approval),
            "publish": lambda version: self._presenter.preview(version.id, self._show_publication),
            "retire": self._retire,
            "delete": self._delete,
        }
        self._reread = partial(self._presenter.load_plan, card.plan.id, self._show_plan)
        content = PlanContent(card, self._presenter.facts, deeds, self._open_price)
        footer = (button(_("Edit plan"), self._edit_plan), primary(_("New version"), self._new_version, "plus"))
        self._side.show_content(elide(card.plan.name, _TITLE, 14), content, footer)

    def _edit_plan(self) -> None:
        if self._presenter.plan is not None:
            self._ask(PlanDialog(self, self._presenter.plan.plan))

    def _plan_saved(self, record: object) -> None:
        if isinstance(record, Plan):
            self._presenter.load_plan(record.id, self._show_plan)

    def _new_version(self) -> None:
        card, facts = self._presenter.plan, self._presenter.facts
        if card is not None:
            self._edit_version(draft_of(card, facts.today) or next_version(card.plan.id, facts.today))

    def _edit_version(self, version: PlanVersion) -> None:
        dialog = VersionDialog(self, version, self._presenter.facts)
        dialog.entered.connect(lambda record: self._presenter.save_version(record, dialog.taken, dialog.refused))
        dialog.open()

    def _show_publication(self, found: Publication) -> None:
        dialog = PublishDialog(self, self.context, found)
        dialog.accepted.connect(lambda: self._presenter.publish(found.version.id, self._published))
        dialog.open()

    def _ask_approval(self, found: Publication) -> None:
        dialog = PublishDialog(self, self.context, found, is_draft=True)
        dialog.accepted.connect(partial(self._presenter.approve, found.version.id))
        dialog.open()

    def _published(self, version: object) -> None:
        if isinstance(version, PlanVersion):
            self.context.messages.note(_("{version} is live.", version=version_title(version)))

    def _retire(self, version: PlanVersion) -> None:
        self.context.messages.confirm(
            _("Retire {version}?", version=version_title(version)),
            _("It is no longer offered. Contracts that have it keep it."),
            yes=_("Retire"),
            on_yes=partial(self._presenter.retire, version.id),
        )

    def _delete(self, version: PlanVersion) -> None:
        self.context.messages.confirm(
            _("Delete {version}?", version=version_title(version)),
            _("This draft was never sold; nothing else changes."),
            yes=_("Delete"),
            on_yes=partial(self._presenter.delete_version, version.id),
            is_dangerous=True,
        )


def _nothing() -> None:
    """Stand for the panel that was not shown yet."""


def _both(first: Callable[[object], object], then: Callable[[object], object]) -> Callable[[object], None]:
    def run(value: object) -> None:
        first(value)
        then(value)

    return run
