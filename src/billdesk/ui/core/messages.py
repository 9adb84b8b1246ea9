"""Messages to the person at the desk: the one bridge between errors and the widgets that show them."""

from __future__ import annotations

import logging
import platform
import traceback
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from billdesk.kernel.errors import BillDeskError, BugError, Cancelled, InvalidValue, Problem, RowsRejected
from billdesk.kernel.i18n import _
from billdesk.kernel.messages import Message, describe, sentence
from billdesk.ui.core.tasks import Reported
from billdesk.ui.core.tokens import Tone
from billdesk.ui.core.widgets.buttons import primary
from billdesk.ui.core.widgets.dialogs import MessageDialog, ask, tell
from billdesk.ui.core.widgets.toast import Toast

_LOG: Final = logging.getLogger(__name__)
_PROBLEMS_SHOWN: Final = 500


class Messages(QObject):
    """Shows information, questions and failures of one window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._toast = Toast(window)

    def note(self, text: str, action: tuple[str, Callable[[], object]] | None = None) -> None:
        """Say in passing what was done; `action` is an offer such as Undo."""
        self._toast.show_text(text, action)

    def undo(self) -> bool:
        """Undo what the note on screen offers to undo; False when it offers nothing of the kind."""
        return self._toast.take_offer(_("Undo"))

    def inform(self, heading: str, *lines: str) -> None:
        """Tell something that is worth a dialog."""
        tell(self._window, heading, lines)

    def confirm(
        self, heading: str, *lines: str, yes: str, on_yes: Callable[[], object], is_dangerous: bool = False
    ) -> None:
        """Ask before a step; nothing happens on Cancel."""
        ask(self._window, heading, lines, yes=yes, on_yes=on_yes, is_dangerous=is_dangerous)

    def fail(self, error: BillDeskError) -> None:
        """Show a failure: what happened, where, what is safe, what to do next."""
        if isinstance(error, Reported):
            return
        if isinstance(error, Cancelled):
            self.note(_("Stopped. Nothing was changed."))
            return
        if isinstance(error, BugError):
            self.crash(error)
            return
        message = sentence(error)
        dialog = tell(self._window, message.what, _rest(message), tone=Tone.AMBER)
        if isinstance(error, RowsRejected) and len(error.problems) > 1:
            dialog.add_details("\n".join(str(describe(problem)) for problem in error.problems[:_PROBLEMS_SHOWN]))

    def crash(self, error: BaseException) -> None:
        """Show an error that nobody expected, with the text a report needs."""
        _LOG.error("Unexpected error", exc_info=error)
        message = sentence(error)
        dialog = MessageDialog(self._window, message.what, _rest(message), Tone.RED)
        dialog.add_details(_report(error))
        dialog.buttons.addWidget(primary(_("Close"), dialog.accept))
        dialog.open()


def problems_of(error: BillDeskError) -> tuple[Problem, ...]:
    """Give what is wrong with single values; empty for failures of another kind."""
    if isinstance(error, InvalidValue):
        return (error.problem,)
    return error.problems if isinstance(error, RowsRejected) else ()


def words(problem: Problem) -> str:
    """Give the one line that stands below a field."""
    message = describe(problem)
    return f"{message.what} {message.next}".strip()


def _rest(message: Message) -> list[str]:
    return [part for part in (message.where, message.safe, message.next) if part]


def _report(error: BaseException) -> str:
    where = f"Python {platform.python_version()}, {platform.system()} {platform.release()}"
    return where + "\n\n" + "".join(traceback.format_exception(error))
