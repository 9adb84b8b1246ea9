"""Dialogs that ask or tell one thing, with what is safe and what comes next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from billdesk.kernel.i18n import _
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets.buttons import button, danger, primary
from billdesk.ui.core.widgets.icon_label import IconLabel
from billdesk.ui.core.widgets.layouts import scrolled
from billdesk.ui.core.widgets.texts import label

_ICONS = {Tone.RED: "circle-alert", Tone.AMBER: "circle-alert", Tone.BLUE: "info", Tone.GREEN: "check"}


_TITLE_BAR: Final = 36
"""What the desktop's frame around a dialog takes of the screen's height."""
_SCROLL_BAR: Final = 14


class MessageDialog(QDialog):
    """A heading, some lines of text and buttons; the safe button is the default."""

    def __init__(
        self, parent: QWidget | None, heading: str, lines: Sequence[str], tone: Tone = Tone.BLUE, *, icon: str = ""
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(heading)
        self.setAccessibleName(heading)
        self.setAccessibleDescription("\n".join(lines))
        self.setMinimumWidth(440)
        self.setMaximumWidth(640)
        self._words = QVBoxLayout()
        self._words.setSpacing(Space.ONE)
        self._words.addWidget(label(heading, "heading", wrap=True))
        for line in lines:
            self._words.addWidget(label(line, "second", wrap=True, selectable=True))
        head = QHBoxLayout()
        head.setSpacing(Space.TWO)
        head.addWidget(IconLabel(icon or _ICONS.get(tone, "info"), tone.value, 26), 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(self._words, 1)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(Space.ONE)
        self.buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.THREE, Space.THREE, Space.THREE, Space.THREE)
        layout.setSpacing(Space.THREE)
        layout.addLayout(head)
        layout.addLayout(self.buttons)

    def add_details(self, text: str) -> None:
        """Show technical text that can be copied."""
        details = QPlainTextEdit(text)
        details.setReadOnly(True)
        details.setAccessibleName(_("Details"))
        details.setMinimumHeight(140)
        self._words.addWidget(details)


def tell(parent: QWidget | None, heading: str, lines: Sequence[str], *, tone: Tone = Tone.BLUE) -> MessageDialog:
    """Show a message without stopping the rest of the window; the dialog deletes itself."""
    dialog = MessageDialog(parent, heading, lines, tone)
    close = primary(_("OK"), dialog.accept)
    close.setDefault(True)
    dialog.buttons.addWidget(close)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def ask(
    parent: QWidget | None,
    heading: str,
    lines: Sequence[str],
    *,
    yes: str,
    on_yes: Callable[[], object],
    is_dangerous: bool = False,
) -> MessageDialog:
    """Ask before a step; `yes` names the step, Cancel is the default where something is taken away."""
    tone, icon = (Tone.AMBER, "") if is_dangerous else (Tone.BLUE, "circle-help")
    dialog = MessageDialog(parent, heading, lines, tone, icon=icon)
    cancel = button(_("Cancel"), dialog.reject)
    go = danger(yes, dialog.accept) if is_dangerous else primary(yes, dialog.accept)
    dialog.buttons.addWidget(cancel)
    dialog.buttons.addWidget(go)
    (cancel if is_dangerous else go).setDefault(True)
    (cancel if is_dangerous else go).setFocus()
    dialog.accepted.connect(on_yes)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


class FormDialog(QDialog):
    """A dialog around a form or other content; `submit` is called by its primary button and may refuse.

    `submit` gives True to close the dialog; a form that has problems shows them and gives False. A dialog that only
    shows something has nothing to cancel.
    """

    def __init__(
        self, parent: QWidget | None, heading: str, content: QWidget, *, yes: str = "", can_cancel: bool = True
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(heading)
        self.setMinimumWidth(480)
        self._accepts: Callable[[], bool] = lambda: True
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._scrolls: QScrollArea | None = None
        self._upper = inner = QVBoxLayout()
        inner.setContentsMargins(Space.THREE, Space.THREE, Space.THREE, Space.TWO)
        inner.setSpacing(Space.TWO)
        inner.addWidget(label(heading, "heading"))
        # Room to spare goes to the content; a heading that grows would stand in the middle of it.
        inner.addWidget(content, 1)
        layout.addLayout(inner, 1)
        layout.addWidget(self._footer(yes or _("Save"), can_cancel=can_cancel))
        # A button becomes its dialog's default only while it is inside of it; before, Enter would press Cancel.
        self.save_button.setDefault(True)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._order_keys()
        done = super().event(event)
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Show}:
            self._grow()
        return done

    def _order_keys(self) -> None:
        """Let Tab end at the buttons, though fields may be made after them, and begin with the first field."""
        for made in self._buttons:
            last = self.previousInFocusChain()
            if last is not None:
                self.setTabOrder(last, made)
        step = self.nextInFocusChain()
        while self.focusWidget() is None and step is not None and step is not self:
            if isinstance(step, QLineEdit | QComboBox) and step.isEnabled() and step.isVisibleTo(self):
                step.setFocus()
            step = step.nextInFocusChain()

    def _grow(self) -> None:
        """Take the height that wrapped words need at this width; a dialog's own least height counts them unwrapped."""
        layout = self.layout()
        if layout is None or not self.isVisible():
            return
        room = self.screen().availableGeometry().height() - _TITLE_BAR
        least = layout.totalMinimumSize().height()
        if layout.hasHeightForWidth():
            least = max(least, layout.totalHeightForWidth(self.width()))
        if least > room and self._scrolls is None:
            self._let_scroll()
        height = min(max(self.height(), least), room)
        if self.height() != height:
            self.resize(self.width(), height)

    def _let_scroll(self) -> None:
        """Let the content scroll on a screen that is lower than it is, so that the buttons stay on the screen."""
        item = self._upper.itemAt(1)
        content = item.widget() if item is not None else None
        if content is not None:
            focus = self.focusWidget()
            self._upper.removeWidget(content)
            self._scrolls = scrolled(content)
            self._scrolls.setMinimumWidth(content.minimumSizeHint().width() + _SCROLL_BAR)
            self._upper.addWidget(self._scrolls, 1)
            self._scrolls.show()
            if focus is not None and content.isAncestorOf(focus):
                focus.setFocus()

    def on_submit(self, submit: Callable[[], bool]) -> None:
        """Set what the primary button does."""
        self._accepts = submit

    def _footer(self, yes: str, *, can_cancel: bool) -> QFrame:
        frame = QFrame()
        set_look(frame, "footer")
        buttons = QHBoxLayout(frame)
        buttons.setContentsMargins(Space.THREE, Space.ONE_HALF, Space.THREE, Space.TWO)
        buttons.addStretch(1)
        self.save_button = primary(yes, self._try)
        cancel = button(_("Cancel"), self.reject)
        cancel.setAutoDefault(False)
        cancel.setVisible(can_cancel)
        buttons.addWidget(cancel)
        buttons.addWidget(self.save_button)
        self._buttons = (cancel, self.save_button)
        return frame

    def _try(self) -> None:
        if self._accepts():
            self.accept()
