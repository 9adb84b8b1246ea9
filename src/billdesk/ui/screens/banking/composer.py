"""Settling a line by hand: find documents, change amounts, settle differences, say where the rest goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.kernel.errors import InvalidValue
from billdesk.kernel.i18n import _, current
from billdesk.ui.core.editors import ChoiceEditor, MoneyEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.record_picker import Hit, RecordPicker
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import boxed, column, icon_button, label, row
from billdesk.ui.screens.banking.composition import (
    REST_ACCOUNT,
    REST_BALANCE,
    REST_NOTHING,
    Composition,
    Part,
    customer_hit,
    find_open,
    find_people,
)
from billdesk.ui.screens.banking.line_state import ACCOUNT_WORDS, DIFFERENCE_WORDS, account_word

_AMOUNT_WIDTH: Final = 116


class Composer(QWidget):
    """Shows a composition and announces each change of it."""

    changed = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._tasks = context.tasks.of(self)
        self._now: Composition | None = None
        self._find = RecordPicker(context.tasks, find_open, _("Find: number, customer, amount…"))
        self._find.picked.connect(self._add)
        self._parts = QVBoxLayout()
        self._parts.setSpacing(Space.ONE)
        self._rest = FormGrid(2)
        self._where = ChoiceEditor(
            [
                (REST_BALANCE, _("To a customer's balance")),
                (REST_ACCOUNT, _("To a ledger account")),
            ],
            can_be_empty=True,
        )
        self._customer = RecordPicker(context.tasks, find_people, _("Name, number, city…"))
        self._account = ChoiceEditor([(key, account_word(key)) for key in ACCOUNT_WORDS])
        self._text = TextEditor()
        self._build()

    def show_composition(self, now: Composition) -> None:
        """Show another composition."""
        self._now = now
        self._find.set_value(None)
        self._rest.set_values(
            {"where": now.rest, "account": now.account or next(iter(ACCOUNT_WORDS)), "text": now.text}
        )
        if now.customer_id is not None:
            self._tasks.query(customer_hit, now.customer_id, then=self._customer.set_value, latest="customer")
        self._show_parts()
        self._show_rest()

    def focus_search(self) -> None:
        """Let the person type what they look for."""
        self._find.focus_target().setFocus()

    def _build(self) -> None:
        self._rest.add("where", _("Where the rest goes"), self._where, is_wide=True)
        self._rest.add("customer", _("Customer"), self._customer, is_wide=True)
        self._rest.add("account", _("Ledger account"), self._account)
        self._rest.add("text", _("Text"), self._text)
        self._rest.changed.connect(self._take_rest)
        self._customer.picked.connect(lambda _hit: self._take_rest())
        layout = column(
            label(_("Documents it pays"), "label"),
            self._find,
            self._parts,
            Space.ONE,
            self._rest,
            None,
            spacing=Space.ONE,
        )
        self.setLayout(layout)

    def _add(self, hit: Hit) -> None:
        if self._now is not None:
            document: Any = hit.record
            self._set(self._now.with_document(document))
            self._find.set_value(None)
            self._show_parts()

    def _remove(self, document_id: int) -> None:
        if self._now is not None:
            self._set(self._now.without(document_id))
            self._show_parts()

    def _show_parts(self) -> None:
        while self._parts.count():
            item = self._parts.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for part in self._now.parts if self._now else ():
            self._parts.addWidget(self._part(part))

    def _part(self, part: Part) -> QWidget:
        document = part.document
        amount = MoneyEditor(document.open.currency)
        amount.name(_("Amount paid of {number}", number=document.number))
        amount.set_value(part.amount)
        amount.setFixedWidth(_AMOUNT_WIDTH)
        amount.changed.connect(partial(self._take_amount, document.id, amount, "amount"))
        words = column(
            label(document.number, "strong"),
            label(_("{amount} open", amount=current().money(document.open)), "faint"),
            spacing=1,
        )
        head = row(words, None, amount, icon_button("x", _("Take out"), partial(self._remove, document.id)))
        below: list[Any] = [label(document.customer_name, "faint"), None, self._difference(part)]
        if part.paid is not None:
            paid = MoneyEditor(part.paid.currency)
            paid.name(_("Taken from the line"))
            paid.set_value(part.paid)
            paid.setFixedWidth(_AMOUNT_WIDTH)
            paid.changed.connect(partial(self._take_amount, document.id, paid, "paid"))
            below.append(paid)
        return boxed(column(head, row(*below), spacing=4, margins=(12, 8, 8, 8)), "inset")

    def _difference(self, part: Part) -> ChoiceEditor:
        choices = [(kind.value, _(word)) for kind, word in DIFFERENCE_WORDS.items()]
        made = ChoiceEditor([("", _("Rest stays open")), *choices])
        made.name(_("What happens to the rest of {number}", number=part.document.number))
        made.set_value(part.difference.value if part.difference else "")
        kinds = {kind.value: kind for kind in DIFFERENCE_WORDS}
        made.changed.connect(lambda: self._change(part.document.id, difference=kinds.get(str(made.value()))))
        return made

    def _take_amount(self, document_id: int, editor: MoneyEditor, name: str) -> None:
        try:
            value = editor.value()
        except InvalidValue:
            return
        if value is not None:
            self._change(document_id, **{name: value})

    def _change(self, document_id: int, **values: Any) -> None:  # noqa: ANN401 - the types of Part's fields
        if self._now is not None:
            self._set(self._now.changed(document_id, **values))

    def _take_rest(self) -> None:
        if self._now is None:
            return
        hit = self._customer.hit
        self._set(
            replace(
                self._now,
                rest=self._where.value() or REST_NOTHING,
                account=self._account.value() or "",
                text=self._text.value() or "",
                customer_id=int(hit.key) if hit else None,
            )
        )
        self._show_rest()

    def _show_rest(self) -> None:
        chosen = self._where.value() or REST_NOTHING
        shown: dict[str, Callable[[str], bool]] = {
            "customer": lambda where: where == REST_BALANCE,
            "account": lambda where: where == REST_ACCOUNT,
            "text": lambda where: where == REST_ACCOUNT,
        }
        for key, is_shown in shown.items():
            holder = self._rest.editor(key).parentWidget()
            if holder is not None:
                holder.setVisible(is_shown(chosen))

    def _set(self, now: Composition) -> None:
        self._now = now
        self.changed.emit(now)
