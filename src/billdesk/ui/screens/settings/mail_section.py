"""The mail section: server and sender, the password in the keyring, and a test mail."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from billdesk.kernel.errors import BillDeskError, InvalidValue
from billdesk.kernel.i18n import _
from billdesk.services import secrets
from billdesk.services.delivery import secret_name
from billdesk.services.delivery.mail_trial import send_test_mail
from billdesk.ui.core.editors import TextEditor
from billdesk.ui.core.form import FieldForm, FormGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import Card, button, column, label, primary, row
from billdesk.ui.screens.settings.settings_presenter import SettingsState, fields_of, now


class MailSection(QWidget):
    """Edits the mail settings; the password never goes into the book."""

    submitted = Signal(object)

    def __init__(self, context: Context, state: SettingsState) -> None:
        super().__init__()
        self._context = context
        self._tasks = context.tasks.of(self)
        self._form = FieldForm(fields_of("mail"), lambda: state.today, columns=2)
        self._form.set_json(dict(state.values))
        self._secret = TextEditor()
        self._secret.line.setEchoMode(QLineEdit.EchoMode.Password)
        self._to = TextEditor()
        self._to.set_value(str(state.values["mail_from"] or ""))
        server, password, trial = Card(_("Mail server")), Card(_("Password")), Card(_("Test"))
        server.body.addWidget(self._form)
        server.body.addLayout(row(None, primary(_("Save"), self._save)))
        self._add_password(password)
        self._add_trial(trial)
        self.setLayout(column(server, password, trial, None, spacing=Space.TWO))

    def _add_password(self, card: Card) -> None:
        form = FormGrid(2)
        form.add("secret", _("Password or app password"), self._secret)
        card.body.addWidget(
            label(_("It is kept in the keyring of this computer and nowhere else."), "second", wrap=True)
        )
        card.body.addWidget(form)
        card.body.addLayout(row(None, button(_("Keep the password"), self._keep)))

    def _add_trial(self, card: Card) -> None:
        form = FormGrid(2)
        form.add("to", _("Send a test mail to"), self._to)
        card.body.addWidget(form)
        card.body.addLayout(row(None, button(_("Send test mail"), self._try, "send")))

    def _save(self) -> None:
        problems = self._form.problems()
        if self._form.show_problems(problems) or problems:
            return
        self.submitted.emit(self._values())

    def _values(self) -> dict[str, object]:
        # A text that was emptied must be stored as empty; the form leaves empty fields out.
        empty = {field.name: "" for field in fields_of("mail") if not field.required}
        return empty | self._form.json()

    def _keep(self) -> None:
        name = secret_name(self._values())
        if not name:
            self._context.messages.note(_("Fill in the user name first."))
            return
        self._tasks.files(secrets.save_secret, name, self._secret.value() or "", then=self._kept)

    def _kept(self, _nothing: None) -> None:
        self._secret.set_value(None)
        self._context.messages.note(_("The password is in the keyring."))

    def _try(self) -> None:
        recipient = self._to.value()
        if not recipient:
            self._context.messages.note(_("Fill in where the test mail goes."))
            return
        work = partial(try_mail, self._values(), recipient, self._secret.value() or "")
        self._tasks.files(work, label=_("Sending a test mail"), then=self._tried, failed=self._not_tried)

    def _tried(self, receipt: str) -> None:
        self._context.messages.inform(_("The server took the test mail"), receipt)

    def _not_tried(self, error: BillDeskError) -> None:
        if not (isinstance(error, InvalidValue) and not self._form.show_problems([error.problem])):
            self._context.messages.fail(error)


def try_mail(values: dict[str, object], recipient: str, typed: str) -> str:
    """Send a test mail with the password as typed, else with the one of the keyring."""
    name = secret_name(values)
    secret = typed or (secrets.load_secret(name) if name else "")
    return send_test_mail(values, recipient, secret, now())
