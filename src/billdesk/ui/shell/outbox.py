"""The outbox: sends the mails that wait, one after the other; sent means that the server took it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMenu, QWidget

from billdesk.kernel.errors import BillDeskError, SecretUnavailable
from billdesk.kernel.i18n import _, ngettext
from billdesk.services.delivery import (
    Answer,
    DeliveryState,
    Parcel,
    load_queued,
    record_answer,
    secret_name,
    send_parcel,
    take_next,
    write_mail_drafts,
)
from billdesk.services.secrets import load_secret
from billdesk.services.settings import load_settings
from billdesk.ui.core.editors import TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.messages import Messages
from billdesk.ui.core.screen import Navigate
from billdesk.ui.core.tasks import Tasks
from billdesk.ui.core.widgets.dialogs import FormDialog


class Outbox(QObject):
    """Hands mails over in the files lane; the book learns each answer before the next mail goes out."""

    def __init__(self, window: QWidget, tasks: Tasks, messages: Messages, navigate: Navigate) -> None:
        super().__init__(window)
        self._window = window
        self._tasks = tasks.of(self)
        self._messages = messages
        self._navigate = navigate
        self._secret: str | None = None
        self._is_sending = False
        self._counts: dict[DeliveryState, int] = {}

    def offer(self, place: QWidget) -> QMenu:
        """Show what can be done with the mails that wait, at the widget that counts them."""
        menu = QMenu(self._window)
        send = menu.addAction(_("Send now"))
        send.setEnabled(not self._is_sending)
        send.triggered.connect(lambda *_: self.send())
        menu.addAction(_("Keep as drafts for the mail program…")).triggered.connect(lambda *_: self._ask_folder())
        menu.addAction(_("Show them")).triggered.connect(lambda *_: self._navigate("invoices", view="outbox"))
        menu.popup(place.mapToGlobal(place.rect().topRight()))
        return menu

    def send(self) -> None:
        """Send every mail that is due."""
        if self._is_sending:
            return
        self._is_sending, self._counts = True, {}
        self._tasks.query(load_settings, then=self._find_secret, failed=self._stop)

    def _find_secret(self, settings: dict[str, Any]) -> None:
        name = secret_name(settings)
        if not name or self._secret is not None:
            self._next(self._secret or "")
        else:
            self._tasks.files(load_secret, name, then=self._next, failed=self._ask_secret)

    def _ask_secret(self, error: BillDeskError) -> None:
        if not isinstance(error, SecretUnavailable):
            self._stop(error)
            return
        editor = TextEditor()
        editor.line.setEchoMode(QLineEdit.EchoMode.Password)
        form = FormGrid()
        form.add("password", _("Password of the mail server"), editor, hint=_("Kept until BillDesk is closed."))
        dialog = FormDialog(self._window, _("Send mails"), form, yes=_("Send"))
        dialog.on_submit(lambda: self._take_secret(str(editor.value() or "")))
        dialog.rejected.connect(lambda: self._stop(None))
        dialog.open()

    def _take_secret(self, secret: str) -> bool:
        self._secret = secret
        self._next(secret)
        return True

    def _next(self, secret: str) -> None:
        self._tasks.command(take_next, then=partial(self._hand_over, secret), failed=self._stop)

    def _hand_over(self, secret: str, parcel: Parcel | None) -> None:
        if parcel is None:
            self._finish()
            return
        self._tasks.files(
            send_parcel,
            parcel,
            secret,
            label=_("Sending {number}", number=parcel.delivery.number),
            then=partial(self._record, secret, parcel),
            failed=self._stop,
        )

    def _record(self, secret: str, parcel: Parcel, answer: Answer) -> None:
        self._tasks.command(record_answer, parcel, answer, then=partial(self._count, secret), failed=self._stop)

    def _count(self, secret: str, state: DeliveryState) -> None:
        self._counts[state] = self._counts.get(state, 0) + 1
        self._next(secret)

    def _finish(self) -> None:
        self._is_sending = False
        sent = ngettext("{n} mail sent.", "{n} mails sent.", self._counts.get(DeliveryState.SENT, 0))
        failed = self._counts.get(DeliveryState.FAILED, 0)
        waiting = self._counts.get(DeliveryState.QUEUED, 0)
        if failed:
            sent += " " + ngettext("{n} failed.", "{n} failed.", failed)
        if waiting:
            sent += " " + ngettext("{n} will be tried again.", "{n} will be tried again.", waiting)
        show = (_("Show them"), lambda: self._navigate("invoices", view="failed"))
        self._messages.note(sent, show if failed else None)

    def _stop(self, error: BillDeskError | None) -> None:
        self._is_sending = False
        self._secret = None
        if error is not None:
            self._messages.fail(error)

    def _ask_folder(self) -> None:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        folder = QFileDialog.getExistingDirectory(self._window, _("Where to put the drafts"), documents)
        if folder:
            self.write_drafts(Path(folder))

    def write_drafts(self, folder: Path) -> None:
        """Write the mails that wait as .eml files; they go on waiting."""
        self._tasks.query(load_queued, then=partial(self._write, folder))

    def _write(self, folder: Path, parcels: list[Parcel]) -> None:
        self._tasks.files(write_mail_drafts, parcels, folder, label=_("Writing mail drafts"), then=self._written)

    def _written(self, paths: list[Path]) -> None:
        self._messages.note(ngettext("{n} draft written.", "{n} drafts written.", len(paths)))
