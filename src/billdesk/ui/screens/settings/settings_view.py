"""The settings: companies, accounts, numbers, tax, rates, mail and the window, each a section."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QWidget

from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import BillDeskError, InvalidValue, RowsRejected
from billdesk.kernel.i18n import N_, _
from billdesk.services import entities, settings
from billdesk.ui.core.editors import ChoiceEditor
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import (
    PageHeader,
    Segment,
    SegmentedTabs,
    boxed,
    button,
    column,
    label,
    primary,
    row,
    scrolled,
)
from billdesk.ui.screens.settings.company_form import CompanyForm
from billdesk.ui.screens.settings.dialogs import company_dialog
from billdesk.ui.screens.settings.mail_section import MailSection
from billdesk.ui.screens.settings.sections import (
    AccountsSection,
    GeneralSection,
    NumbersSection,
    RatesSection,
)
from billdesk.ui.screens.settings.settings_presenter import SECTIONS, SettingsState, load_state
from billdesk.ui.screens.settings.tax_section import TaxSection

_WIDEST: Final = 1040


class SettingsView(Screen):
    """Changes what holds for the whole book; every change is in the history."""

    nouns = frozenset({Noun.ENTITIES, Noun.SETTINGS})
    help_text = N_(
        "What holds for the whole book. A company's data is printed on documents that are issued from now on; those "
        "issued before keep theirs. Tax rates have a validity: let a new percent follow from a date instead of "
        "changing the old one."
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._state: SettingsState | None = None
        self._company_id: int | None = None
        self._is_typing = False
        self._company: CompanyForm | None = None
        self._tabs = SegmentedTabs([Segment(key, _(word)) for key, word in SECTIONS.items()], _("Sections"))
        self._pages = QStackedWidget()
        self._pages.setMaximumWidth(_WIDEST)
        self._tabs.chosen.connect(self._show_section)
        header = PageHeader(_("Settings"), _("What holds for the whole book"))
        # The room to the right of a wide window stays free; the pages take all up to their greatest width.
        place = row(self._pages, None)
        place.setStretch(0, _WIDEST)
        self.build_page(header, self._tabs, boxed(place))
        action = QAction(_("Save the company"), self)
        action.setShortcut("Ctrl+S")
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda *_: self._save_company())
        self.addAction(action)

    def refresh(self) -> None:
        self.tasks.query(load_state, then=self._show, latest="settings")

    def show_view(self, view: str) -> None:
        if view in SECTIONS:
            self._tabs.choose(view)

    def _show(self, state: SettingsState) -> None:
        self._state = state
        # What is being typed must survive a change that another screen made.
        if not (self._is_typing and self._tabs.key == "companies"):
            self._show_section(self._tabs.key)

    def _show_section(self, key: str) -> None:
        if self._state is None:
            return
        makers: Mapping[str, Callable[[SettingsState], QWidget]] = {
            "companies": self._companies,
            "accounts": lambda state: AccountsSection(self.context, state),
            "numbers": self._numbers,
            "tax": lambda state: TaxSection(self.context, state, self),
            "rates": lambda state: RatesSection(self.context, state),
            "mail": self._mail,
            "general": self._general,
        }
        self._company, self._is_typing = None, False
        old = self._pages.currentWidget()
        made = makers[key](self._state)
        self._pages.addWidget(made)
        self._pages.setCurrentWidget(made)
        if old is not None:
            self._pages.removeWidget(old)
            old.hide()
            old.deleteLater()

    def _companies(self, state: SettingsState) -> QWidget:
        known = {one.id: one for one in state.companies}
        record = known.get(self._company_id or 0) or next(iter(known.values()), None)
        which = ChoiceEditor([(str(one.id), one.name) for one in state.companies])
        which.name(_("Company"))
        save = primary(_("Save"), self._save_company)
        add = button(_("New company…"), self._new_company, "plus")
        head = row(which, None, add, save)
        page = QWidget()
        if record is None:
            page.setLayout(column(head, label(_("No company yet"), "second"), None))
            return page
        which.set_value(record.id)
        which.changed.connect(lambda: self._choose_company(int(which.value() or 0)))
        self._company_id = record.id
        form = CompanyForm(state.today)
        form.show_company(record)
        form.changed.connect(self._typed)
        self._company = form
        page.setLayout(column(head, scrolled(form), spacing=Space.ONE_HALF))
        return page

    def _typed(self) -> None:
        self._is_typing = True

    def _choose_company(self, company_id: int) -> None:
        self._company_id = company_id
        self._show_section("companies")

    def _new_company(self) -> None:
        company_dialog(self.context, self).open()

    def _save_company(self) -> None:
        record = self._company.record() if self._company is not None else None
        if record is not None:
            self.tasks.command(entities.change_entity, record, then=self._company_saved, failed=self._refuse)

    def _company_saved(self, _nothing: None) -> None:
        self._is_typing = False
        self.context.messages.note(_("Saved. Documents issued from now on show it."))

    def _refuse(self, error: BillDeskError) -> None:
        problems = [error.problem] if isinstance(error, InvalidValue) else []
        problems += error.problems if isinstance(error, RowsRejected) else ()
        if self._company is None or not problems or self._company.show_problems(problems):
            self.context.messages.fail(error)

    def _numbers(self, state: SettingsState) -> QWidget:
        made = NumbersSection(self.context, state)
        made.submitted.connect(self._save_values)
        return made

    def _mail(self, state: SettingsState) -> QWidget:
        made = MailSection(self.context, state)
        made.submitted.connect(self._save_values)
        return scrolled(made)

    def _general(self, state: SettingsState) -> QWidget:
        made = GeneralSection(self.context, state)
        made.submitted.connect(self._save_values)
        return made

    def _save_values(self, values: Mapping[str, object]) -> None:
        self.tasks.command(
            settings.change_settings, values, then=lambda _nothing: self.context.messages.note(_("Saved."))
        )
