"""Small questions about a bank line: which account it belongs to, and a rule for lines like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from billdesk.domain.bank_rules import INCOMING, OUTGOING
from billdesk.kernel.errors import BillDeskError, InvalidValue, Place, Problem
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.services import banking
from billdesk.services.banking import BankRule, Condition, RuleField, RuleTest, RuleTrial
from billdesk.ui.core.editors import ChoiceEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.record_picker import RecordPicker
from billdesk.ui.core.screen import Context
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import FormDialog, button, column, icon_button, label, row
from billdesk.ui.screens.banking.composition import find_people
from billdesk.ui.screens.banking.line_state import ACCOUNT_WORDS, LineDetail, account_word

_OTHER: Final = "other"
_FIELDS: Final = {
    RuleField.TEXT: N_("Message"),
    RuleField.COUNTERPARTY: N_("Name"),
    RuleField.ACCOUNT: N_("Account"),
    RuleField.AMOUNT: N_("Amount"),
    RuleField.DIRECTION: N_("Direction"),
}
_TESTS: Final = {
    RuleTest.CONTAINS: N_("contains"),
    RuleTest.IS: N_("is"),
    RuleTest.AT_LEAST: N_("at least"),
    RuleTest.AT_MOST: N_("at most"),
}
_DIRECTIONS: Final = {INCOMING: N_("money in"), OUTGOING: N_("money out")}


def condition_text(condition: Condition) -> str:
    """Say what must hold."""
    if condition.field is RuleField.DIRECTION:
        return _(_DIRECTIONS.get(condition.value, condition.value))
    value = condition.value
    if condition.field is RuleField.AMOUNT:
        value = current().amount(Money(int(value), "EUR"))
    return f"{_(_FIELDS[condition.field])} {_(_TESTS[condition.test])} “{value}”"


def trial_text(trial: RuleTrial) -> str:
    """Say what a rule would have done with the lines of the past."""
    lines = [
        _(
            "Of the last {looked} lines it fits {hits}; {open} of them wait to be matched.",
            looked=current().number(trial.looked_at),
            hits=current().number(trial.hits),
            open=current().number(trial.still_open),
        )
    ]
    for count, text in (
        (trial.against_people, N_("People matched {n} of them with customers: look at the rule again.")),
        (trial.shadowed, N_("An earlier rule takes {n} of them first.")),
    ):
        lines += [current().text(text, n=current().number(count))] if count else []
    return "\n".join(lines)


class AccountDialog(FormDialog):
    """Asks which ledger account a line belongs to."""

    entered = Signal(str, str)

    def __init__(self, parent: QWidget, detail: LineDetail) -> None:
        self._form = FormGrid(1)
        holder = QWidget()
        amount = current().money(detail.line.line.amount)
        note = label(f"{detail.heading} · {amount}", "second", wrap=True)
        holder.setLayout(column(note, self._form, spacing=Space.TWO))
        super().__init__(parent, _("Not a customer's payment"), holder, yes=_("Book"))
        choices = [(key, account_word(key)) for key in ACCOUNT_WORDS]
        self._form.add("account", _("Ledger account"), ChoiceEditor([*choices, (_OTHER, _("Another account…"))]))
        self._form.add("other", _("Number of another account"), TextEditor())
        self._form.add("text", _("Text"), TextEditor())
        self._form.set_values({"account": next(iter(ACCOUNT_WORDS))})
        self.on_submit(self._submit)

    def _submit(self) -> bool:
        values = self._form.values()
        account = str((values["other"] if values["account"] == _OTHER else values["account"]) or "")
        if not account:
            self._form.show_problems([Problem("value_missing", Place(field="other"))])
            return False
        self.entered.emit(account, str(values["text"] or ""))
        return True


class RuleDialog(FormDialog):
    """Shows a rule made from a line, tries it on the past at once, and saves it when it is wanted."""

    saved = Signal()

    def __init__(self, context: Context, parent: QWidget, rule: BankRule) -> None:
        self._context = context
        self._rule = rule
        self._form = FormGrid(1)
        self._trial = label(_("Trying it on the lines of the past…"), "second", wrap=True)
        holder = QWidget()
        conditions = [label(f"• {condition_text(one)}", "medium", wrap=True) for one in rule.conditions]
        holder.setLayout(
            column(label(_("Lines for which all of this holds:"), "second"), *conditions, self._form, self._trial)
        )
        super().__init__(parent, _("Rule for lines like this"), holder, yes=_("Save rule"))
        self._tasks = context.tasks.of(self)
        self._customer = RecordPicker(context.tasks, find_people, _("Name, number, city…"))
        choices = [(key, account_word(key)) for key in ACCOUNT_WORDS]
        self._form.add("name", _("Name of the rule"), TextEditor())
        self._form.add("account", _("Books to the ledger account"), ChoiceEditor(choices, can_be_empty=True))
        self._form.add("customer", _("or to the balance of"), self._customer)
        self._form.set_values({"name": rule.name, "account": rule.account or next(iter(ACCOUNT_WORDS))})
        self._form.changed.connect(self._try_it)
        self._customer.picked.connect(lambda _hit: self._try_it())
        self.on_submit(self._submit)
        self._try_it()

    def _read(self) -> BankRule:
        values = self._form.values()
        customer = values["customer"]
        return replace(
            self._rule,
            name=str(values["name"] or ""),
            account="" if customer else str(values["account"] or ""),
            customer_id=int(str(customer)) if customer else None,
        )

    def _try_it(self) -> None:
        try:
            rule = self._read()
        except InvalidValue:
            return
        self._tasks.query(banking.test_rule, rule, then=self._show_trial, latest="trial")

    def _show_trial(self, trial: RuleTrial) -> None:
        self._trial.setText(trial_text(trial))

    def _submit(self) -> bool:
        problems = self._form.problems()
        if problems:
            self._form.show_problems(problems)
            return False
        self._tasks.command(banking.save_rule, self._read(), then=self._done, failed=self._refuse)
        return False

    def _done(self, _rule_id: int) -> None:
        self.saved.emit()
        self.accept()

    def _refuse(self, error: BillDeskError) -> None:
        if isinstance(error, InvalidValue):
            self._form.show_problems([error.problem])
        else:
            self._context.messages.fail(error)


class RulesDialog(FormDialog):
    """The rules in the order in which they are tried: move, switch, delete, apply."""

    apply_asked = Signal()

    def __init__(self, context: Context, parent: QWidget, entity_id: int) -> None:
        self._context = context
        self._entity_id = entity_id
        self._rules: list[BankRule] = []
        self._list = QListWidget()
        self._list.setMinimumHeight(240)
        self._list.setWordWrap(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(_("Rules"))
        holder = QWidget()
        tools = row(
            icon_button("chevron-down", _("Later"), lambda: self._move(1)),
            icon_button("arrow-up-right", _("Earlier"), lambda: self._move(-1)),
            button(_("On / off"), self._switch),
            button(_("Delete"), self._delete, "trash-2"),
            None,
        )
        note = _("The first rule that fits books the line. Make one from a line with “Rule…”.")
        holder.setLayout(column(label(note, "second", wrap=True), self._list, tools))
        super().__init__(parent, _("Rules for bank lines"), holder, yes=_("Apply to all open lines"))
        set_look(self._list, "records")
        self._tasks = context.tasks.of(self)
        self.on_submit(self._submit)
        self._load()

    def _load(self, *_nothing: Any) -> None:  # noqa: ANN401 - whatever a command gives back
        self._tasks.query(banking.list_rules, self._entity_id, then=self._show, latest="rules")

    def _show(self, rules: Sequence[BankRule]) -> None:
        place = self._list.currentRow()
        self._rules = list(rules)
        self._list.clear()
        for rule in rules:
            target = account_word(rule.account) if rule.account else _("customer's balance")
            off = "" if rule.active else f" ({_('off')})"
            text = " · ".join((rule.name + off, target, ", ".join(map(condition_text, rule.conditions))))
            self._list.addItem(QListWidgetItem(text))
        self._list.setCurrentRow(max(0, min(place, len(rules) - 1)))

    def _current(self) -> BankRule | None:
        place = self._list.currentRow()
        return self._rules[place] if 0 <= place < len(self._rules) else None

    def _move(self, step: int) -> None:
        place = self._list.currentRow()
        if self._current() is None or not 0 <= place + step < len(self._rules):
            return
        ids = [rule.id for rule in self._rules]
        ids.insert(place + step, ids.pop(place))
        self._list.setCurrentRow(place + step)
        self._tasks.command(banking.order_rules, ids, then=self._load)

    def _switch(self) -> None:
        rule = self._current()
        if rule is not None:
            self._tasks.command(partial(banking.switch_rule, active=not rule.active), rule, then=self._load)

    def _delete(self) -> None:
        rule = self._current()
        if rule is not None:
            self._tasks.command(banking.delete_rule, rule.id, then=self._load)

    def _submit(self) -> bool:
        self.apply_asked.emit()
        return True


def counted(count: int) -> str:
    """Say how many lines were booked by rules."""
    return ngettext("{n} line booked by a rule.", "{n} lines booked by rules.", count)
