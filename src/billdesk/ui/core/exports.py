"""Saving lists as a workbook that can be imported again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog

from billdesk.kernel.i18n import _
from billdesk.services.imports.exports import export_workbook
from billdesk.ui.core.file_names import with_ending
from billdesk.ui.core.screen import Screen


def save_workbook(screen: Screen, kinds: Sequence[str], name: str) -> None:
    """Ask where to keep a workbook with everything of some kinds, and write it in the files lane."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    words = _("Excel workbook")
    chosen, _filter = QFileDialog.getSaveFileName(
        screen, _("Export"), str(Path(folder) / f"{name}.xlsx"), f"{words} (*.xlsx)"
    )
    if chosen:
        write = partial(_write, screen, with_ending(chosen, ".xlsx"))
        screen.tasks.query(export_workbook, tuple(kinds), then=write)


def _write(screen: Screen, path: Path, content: bytes) -> None:
    note = partial(_note, screen, path)
    screen.tasks.files(path.write_bytes, content, label=_("Writing {name}", name=path.name), then=note)


def _note(screen: Screen, path: Path, _size: int) -> None:
    screen.context.messages.note(_("Saved as {path}", path=str(path)))
