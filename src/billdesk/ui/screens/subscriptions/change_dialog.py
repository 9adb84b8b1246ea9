"""Changes a contract: what, when, and what the next document then is, to the cent."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.subscriptions import EntryKind, Subscription
from billdesk.kernel.errors import BillDeskError, InvalidValue, Place, Problem
from billdesk.kernel.i18n import _, current
from billdesk.services.subscriptions import When
from billdesk.ui.core.editors import ChoiceEditor, DateEditor, TextEditor
from billdesk.ui.core.form import FormGrid, show_problems_below, with_field
from billdesk.ui.core.messages import problems_of, words
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import FormDialog, boxed, row, scrolled
from billdesk.ui.screens.subscriptions.change_fields import ChangeFields
from billdesk.ui.screens.subscriptions.change_kinds import fields_of
from billdesk.ui.screens.subscriptions.change_presenter import (
    FIRST_WHEN,
    KIND_WORDS,
    WHEN_WORDS,
    WITH_TERM,
    ChangeOptions,
    ChangePresenter,
    Wish,
)
from billdesk.ui.screens.subscriptions.preview_pane import PreviewPane

PREVIEW_DELAY_MS = 250
_FORM_WIDTH = 430
_WIDTH, _HEIGHT = 980, 640


class ChangeDialog(FormDialog):
    """Announces the contract once it is changed."""

    saved = Signal(object)

    def __init__(self, parent: QWidget, context: Context, options: ChangeOptions) -> None:
        self._options = options
        self._kind = ChoiceEditor([(str(kind), _(KIND_WORDS[kind])) for kind in options.kinds])
        self._when = ChoiceEditor([])
        self._day = DateEditor(lambda: options.today)
        self._reason = TextEditor()
        self._fields = ChangeFields()
        self._place = QVBoxLayout()
        self._pane = PreviewPane()
        self._form = FormGrid()
        self._day_form = FormGrid()
        title = _("Change {number} of {customer}", number=options.subscription.number, customer=options.customer)
        super().__init__(parent, title, self._content(), yes=_("Save the change"))
        self.resize(_WIDTH, _HEIGHT)
        self._presenter = ChangePresenter(context.tasks.of(self))
        self._messages = context.messages
        self._timer = QTimer(self, singleShot=True, interval=PREVIEW_DELAY_MS)
        self._timer.timeout.connect(self._preview)
        self.finished.connect(self._timer.stop)
        self.on_submit(self._submit)
        self._connect()
        self._show_kind()

    def choose(self, kind: str) -> None:
        """Begin with a kind of change."""
        self._kind.set_value(str(kind))
        self._show_kind()

    def _content(self) -> QWidget:
        self._form.add("kind", _("What changes"), self._kind)
        self._form.add("when", _("From when"), self._when)
        self._day_form.add("day", _("Day"), self._day)
        below = FormGrid()
        below.add("reason", _("Reason"), self._reason, hint=_("Kept in the timeline and the audit trail."))
        self._reason.changed.connect(self._wait)
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, Space.ONE, 0)
        left.setSpacing(Space.ONE_HALF)
        for part in (self._form, self._day_form):
            left.addWidget(part)
        left.addLayout(self._place)
        left.addWidget(below)
        left.addStretch(1)
        holder = QWidget()
        holder.setLayout(left)
        area = scrolled(holder)
        area.setFixedWidth(_FORM_WIDTH)
        content = row(area, spacing=Space.TWO)
        content.addWidget(self._pane, 1)
        return boxed(content)

    def _connect(self) -> None:
        self._kind.changed.connect(self._show_kind)
        self._when.changed.connect(self._show_day)
        self._day_form.changed.connect(self._wait)
        self._pane.show_words(_("Working it out…"))

    def _show_kind(self) -> None:
        kind = str(self._kind.value())
        self._when.set_choices(self._moments(kind))
        self._when.set_value(self._first_moment(kind))
        old = self._fields
        self._place.removeWidget(old)
        old.hide()
        old.deleteLater()
        self._fields = fields_of(self._options).get(kind, ChangeFields)()
        self._fields.changed.connect(self._wait)
        self._fields.rebuilt.connect(self._order_tabs)
        self._place.addWidget(self._fields)
        self._order_tabs()
        self._show_day()

    def _moments(self, kind: str) -> list[tuple[str, str]]:
        """Give when a kind of change may take effect; what a term decides stands first."""
        by_term = WITH_TERM.get(kind, frozenset()) if self._options.term is not None else frozenset()
        order = [*sorted(by_term), *(when for when in WHEN_WORDS if when not in {When.TERM_END, When.EARLIEST})]
        if kind in {EntryKind.CANCEL, EntryKind.RENEW, EntryKind.SET_TERM}:
            order.remove(When.UPGRADE_NOW)
        words = {when: _(WHEN_WORDS[when]) for when in order}
        ending = self._options.ending
        if kind == EntryKind.CANCEL and ending is not None and When.EARLIEST in by_term:
            words[When.EARLIEST] = _("On {day}, as soon as the term allows", day=current().day(ending.earliest))
            if ending.fee is not None:
                words[When.NOW] = _("Now, which costs {fee}", fee=current().money(ending.fee.amount))
        return [(when.value, words[when]) for when in order]

    def _first_moment(self, kind: str) -> str:
        by_term = WITH_TERM.get(kind, frozenset()) if self._options.term is not None else frozenset()
        return min(by_term).value if by_term else FIRST_WHEN.get(kind, When.NOW).value

    def _order_tabs(self) -> None:
        """Let Tab visit the fields of the kind where they stand, though they were made last."""
        editors = [self._kind, self._when, self._day, *self._fields.editors(), self._reason]
        targets = [editor.focus_target() for editor in editors]
        for before, after in pairwise(targets):
            self.setTabOrder(before, after)

    def _show_day(self) -> None:
        self._day_form.setVisible(self._when.value() == When.DATE)
        self._wait()

    def _wait(self) -> None:
        self._timer.start()

    def _wish(self) -> Wish:
        reason = str(self._reason.value() or "")
        when = When(str(self._when.value()))
        fields = self._fields.fields(reason)
        return Wish(str(self._kind.value()), when, self._day.value(), reason, fields)

    def _preview(self) -> None:
        if self._when.value() == When.DATE and not self._day.line.text().strip():
            self._pane.show_words(_("Enter the day to see the next document."))
            return
        if self._fields.problems():
            # Figures of what was entered before would be taken for those of what is entered now.
            self._pane.show_words(_("Fill in the fields to see the next document."))
            return
        try:
            wish = self._wish()
        except InvalidValue:
            # The field says itself what is wrong once it is left.
            self._pane.show_words(_("Fill in the fields to see the next document."))
            return
        identity = self._options.subscription.id
        self._presenter.preview(identity, wish, self._pane.show_preview, self._show_error)

    def _submit(self) -> bool:
        problems = [*self._day_problems(), *self._fields.problems()]
        if problems:
            show_problems_below(self, problems)
            return False
        self._presenter.save(self._options.subscription.id, self._wish(), self._saved, self._failed)
        return False

    def _saved(self, record: Subscription) -> None:
        self.saved.emit(record)
        self.accept()

    def _day_problems(self) -> list[Problem]:
        if self._when.value() != When.DATE:
            return []
        found = self._day_form.problems()
        if not found and self._day.value() is None:
            return [Problem("value_missing", Place(field="day"))]
        return found

    def _failed(self, error: BillDeskError) -> None:
        show_problems_below(self, problems_of(error))
        self._show_error(error)

    def _show_error(self, error: BillDeskError) -> None:
        """Say why there is no document, at which field; while one types, the keyboard stays where it is."""
        problems = problems_of(error)
        if problems:
            self._pane.show_words(with_field(self, problems[0], words(problems[0])), "problem")
        else:
            self._pane.show_error(error)
