"""An icon as a picture that follows the theme."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel

from billdesk.ui.core.icons import pixmap
from billdesk.ui.core.theme import is_theme_event, tokens
from billdesk.ui.core.tokens import Size


class IconLabel(QLabel):
    """A decorative icon in the colour of a token, such as `text_faint`."""

    def __init__(self, icon_name: str, token: str = "text_second", size: int = Size.ICON) -> None:  # noqa: S107
        super().__init__()
        self._icon_name, self._token, self._size = icon_name, token, size
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._tint()

    def show_icon(self, icon_name: str, token: str = "") -> None:
        """Show another icon, or the same in another colour."""
        self._icon_name, self._token = icon_name, token or self._token
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if is_theme_event(event):
            self._tint()

    def _tint(self) -> None:
        self.setPixmap(pixmap(self._icon_name, getattr(tokens(), self._token), self._size))
