from __future__ import annotations

import io

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from billdesk.kernel.errors import UnreadableFile
from billdesk.ui.core.pdf_page import render_page
from billdesk.ui.core.pdf_view import PdfView
from billdesk.ui.core.tasks import Tasks


def _two_pages() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(200, 300))
    canvas.drawString(20, 250, "first")
    canvas.showPage()
    canvas.drawString(20, 250, "second")
    canvas.save()
    return buffer.getvalue()


def test_a_page_is_rendered_at_the_asked_width_in_its_proportion() -> None:
    image = render_page(_two_pages(), 0, 400)
    assert (image.width, image.height, image.page_count) == (400, 600, 2)


def test_a_damaged_pdf_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        render_page(b"%PDF-nonsense", 0, 100)


def test_pages_are_turned_and_zoomed_by_keys(qtbot: QtBot, tasks: Tasks) -> None:
    view = PdfView(tasks)
    qtbot.addWidget(view)
    view.show()
    view.show_pdf(_two_pages(), "Invoice 1")
    qtbot.waitUntil(lambda: view._counter.text() == "1 of 2")
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: view._counter.text() == "2 of 2")
    width = view._sheet.pixmap().width()
    QTest.keyClick(view, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: view._sheet.pixmap().width() > width)


def test_a_damaged_pdf_says_so_in_its_place(qtbot: QtBot, tasks: Tasks) -> None:
    view = PdfView(tasks)
    qtbot.addWidget(view)
    view.show()
    view.show_pdf(b"nonsense")
    qtbot.waitUntil(lambda: "cannot be shown" in view._sheet.text())
