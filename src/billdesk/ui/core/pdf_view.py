"""Shows a PDF page by page, sharp at every zoom, without stopping the window."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.i18n import _
from billdesk.kernel.messages import sentence
from billdesk.ui.core.pdf_page import PageImage, render_page
from billdesk.ui.core.tasks import Tasks
from billdesk.ui.core.theme import set_look
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets.buttons import icon_button
from billdesk.ui.core.widgets.layouts import row
from billdesk.ui.core.widgets.texts import label

ZOOMS: Final = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
"""Steps of the zoom; 1 is the width of the view."""

_WAIT_MS: Final = 60


class PdfView(QWidget):
    """A page with next, previous and zoom; Page Up and Page Down turn, + and - zoom."""

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        self._tasks = tasks.of(self)
        self._document = b""
        self._page, self._pages, self._zoom = 0, 0, 1.0
        self._sheet = QLabel()
        self._sheet.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._area = QScrollArea()
        self._counter = label("", "faint")
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(self._render)
        self._build()

    def show_pdf(self, document: bytes, name: str = "") -> None:
        """Show a document from its first page."""
        self._document, self._page, self._pages = document, 0, 0
        self._sheet.setAccessibleName(name or _("PDF page"))
        self._timer.start()

    def clear(self) -> None:
        """Show nothing."""
        self._document = b""
        self._sheet.clear()
        self._counter.clear()

    def turn(self, by: int) -> None:
        """Go some pages on or back."""
        wanted = max(0, min(self._pages - 1, self._page + by))
        if wanted != self._page:
            self._page = wanted
            self._area.verticalScrollBar().setValue(0)
            self._render()

    def zoom(self, by: int) -> None:
        """Zoom in or out by steps."""
        place = ZOOMS.index(self._zoom) + by
        if 0 <= place < len(ZOOMS):
            self._zoom = ZOOMS[place]
            self._render()

    def sizeHint(self) -> QSize:
        return QSize(360, 520)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        turns = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
        zooms = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Minus: -1}
        key = Qt.Key(event.key())
        if key in turns:
            self.turn(turns[key])
        elif key in zooms:
            self.zoom(zooms[key])
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._timer.start()
        return False

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._area.setWidget(self._sheet)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_look(self._sheet, "clear")
        self._sheet.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        tools = row(
            icon_button("chevron-left", _("Previous page"), lambda: self.turn(-1)),
            self._counter,
            icon_button("chevron-right", _("Next page"), lambda: self.turn(1)),
            None,
            icon_button("zoom-out", _("Smaller"), lambda: self.zoom(-1)),
            icon_button("zoom-in", _("Larger"), lambda: self.zoom(1)),
            spacing=Space.HALF,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.HALF)
        layout.addLayout(tools)
        layout.addWidget(self._area, 1)
        self.installEventFilter(self)

    def _render(self) -> None:
        if not self._document or not self.isVisible():
            return
        width = round((self._area.viewport().width() - 2) * self._zoom * self.devicePixelRatioF())
        self._tasks.files(
            render_page,
            self._document,
            self._page,
            max(40, width),
            then=self._show,
            failed=self._fail,
            latest="page",
        )

    def _show(self, image: PageImage) -> None:
        picture = QImage(image.pixels, image.width, image.height, image.stride, QImage.Format.Format_RGB32)
        # The picture borrows the bytes; the pixmap is a copy that outlives them.
        pixmap = QPixmap.fromImage(picture)
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        self._sheet.setPixmap(pixmap)
        self._sheet.setMinimumSize(pixmap.deviceIndependentSize().toSize())
        self._pages = image.page_count
        self._counter.setText(_("{page} of {pages}", page=self._page + 1, pages=self._pages))

    def _fail(self, error: BillDeskError) -> None:
        self._sheet.setText(str(sentence(error)))
