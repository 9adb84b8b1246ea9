"""Bringing a statement in: what it would bring, the questions it raises, and Import."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.i18n import _, ngettext
from billdesk.kernel.messages import describe
from billdesk.services import banking
from billdesk.services.banking import StatementFacts, StatementImport
from billdesk.services.banking.tables import DATE_ORDERS, TABLE_ROLES
from billdesk.ui.core.editors import CheckEditor, ChoiceEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import Card, Fact, FormDialog, KeyValueList, label, scrolled
from billdesk.ui.screens.banking.import_state import (
    ANY_ACCOUNT,
    ORDER_WORDS,
    ROLE_WORDS,
    ImportState,
    account_name,
    facts_of,
    load_preview,
    problem_texts,
)


class ImportDialog(FormDialog):
    """Previews a statement file; nothing comes in before Import."""

    imported = Signal(object)

    def __init__(self, context: Context, parent: QWidget, path: Path) -> None:
        self._context = context
        self._state = ImportState(path)
        self._inside = QVBoxLayout()
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(Space.ONE_HALF)
        holder = QWidget()
        holder.setLayout(self._inside)
        super().__init__(parent, _("Import {name}", name=path.name), scrolled(holder), yes=_("Import"))
        self.setMinimumSize(560, 480)
        self._tasks = context.tasks.of(self)
        self.on_submit(self._submit)
        self.save_button.setEnabled(False)
        self._inside.addWidget(label(_("Reading…"), "second"))
        self._read(self._state)

    def _read(self, state: ImportState) -> None:
        self._state = state
        self._tasks.query(load_preview, state, then=self._show, failed=self._fail, latest="preview")

    def _show(self, state: ImportState) -> None:
        self._state = state
        self._clear()
        if state.asks_columns:
            self._ask_columns(state)
        if state.asks_account:
            card = Card(_("The account of this table"))
            card.body.addWidget(self._ask_account(ANY_ACCOUNT))
            self._inside.addWidget(card)
        for facts in state.preview.statements if state.preview else ():
            self._inside.addWidget(self._card(facts))
        if state.has_imbalance:
            accept = CheckEditor(_("Import it with the difference"))
            accept.set_value(state.accepts_imbalance)
            accept.changed.connect(lambda: self._take(accepts_imbalance=accept.value()))
            self._inside.addWidget(accept)
        self._inside.addStretch(1)
        self._show_ready()

    def _show_ready(self) -> None:
        state = self._state
        self.save_button.setEnabled(state.is_ready)
        count = state.preview.new if state.preview else 0
        self.save_button.set_text(ngettext("Import {n} line", "Import {n} lines", count) if count else _("Import"))

    def _card(self, facts: StatementFacts) -> Card:
        card = Card(account_name(facts))
        card.body.addWidget(KeyValueList([Fact(name, text) for name, text in facts_of(facts)]))
        if facts.bank_account_id is None:
            card.body.addWidget(self._ask_account(facts.account))
        for text in problem_texts(facts):
            card.body.addWidget(label(text, "problem", wrap=True))
        return card

    def _ask_account(self, account: str) -> FormGrid:
        form = FormGrid()
        choices = [(str(one.id), f"{one.name} · {one.iban or one.number}") for one in self._state.own]
        which = ChoiceEditor(choices, can_be_empty=True)
        form.add("account", _("Which of your accounts is this?"), which)
        which.changed.connect(lambda: self._choose_account(account, which.value()))
        return form

    def _choose_account(self, account: str, chosen: str | None) -> None:
        if chosen is not None:
            self._read(replace(self._state, accounts={**self._state.accounts, account: int(chosen)}))

    def _ask_columns(self, state: ImportState) -> None:
        card = Card(_("The columns of this table"))
        card.body.addWidget(label(str(describe(state.question)) if state.question else "", "second", wrap=True))
        form = FormGrid(2)
        known = dict(state.columns)
        order = ChoiceEditor([(one.value, _(ORDER_WORDS[one])) for one in DATE_ORDERS], can_be_empty=True)
        form.add("order", _("Order in dates"), order, is_wide=True)
        order.set_value(state.date_order or None)
        for role in TABLE_ROLES if state.titles else ():
            editor = ChoiceEditor([(title, title) for title in state.titles if title], can_be_empty=True)
            form.add(role.value, _(ROLE_WORDS[role]), editor)
            editor.set_value(known.get(role.value))
        form.changed.connect(partial(self._take_columns, form))
        card.body.addWidget(form)
        self._inside.addWidget(card)

    def _take_columns(self, form: FormGrid) -> None:
        values = form.values()
        order = str(values.pop("order") or "")
        columns = tuple((role, str(title)) for role, title in values.items() if title)
        has_amount = bool({"amount", "debit", "credit"} & dict(columns).keys())
        self._state = replace(self._state, columns=columns, date_order=order)
        if ("date" in dict(columns) and has_amount) or (order and not columns):
            self._read(self._state)

    def _take(self, **answers: Any) -> None:  # noqa: ANN401 - the types of ImportState's fields
        self._state = replace(self._state, **answers)
        self._show_ready()

    def _submit(self) -> bool:
        state = self._state
        self.save_button.setEnabled(False)
        self._tasks.command(
            banking.import_statement,
            state.path,
            accounts=state.accounts,
            accept_imbalance=state.accepts_imbalance,
            options=state.options,
            label=_("Importing {name}", name=state.path.name),
            then=self._done,
            failed=self._refuse,
        )
        return False

    def _done(self, outcome: StatementImport) -> None:
        self.imported.emit(outcome)
        self.accept()

    def _refuse(self, error: BillDeskError) -> None:
        self._context.messages.fail(error)
        self._show_ready()

    def _fail(self, error: BillDeskError) -> None:
        self.reject()
        self._context.messages.fail(error)

    def _clear(self) -> None:
        while self._inside.count():
            item = self._inside.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
