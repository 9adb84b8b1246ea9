"""Saving a table as a workbook or as CSV, wherever a person wants it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from billdesk.kernel.i18n import _
from billdesk.ui.core.screen import Context

_FORBIDDEN: Final = str.maketrans(dict.fromkeys('<>:"/\\|?*', "-"))

Make = Callable[[str], bytes]
"""Makes the file's bytes for an extension, such as `.xlsx`."""


def save_file(parent: QWidget, context: Context, name: str, make: Make) -> None:
    """Ask for a name and a kind of file, and write it in the files lane."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    workbook, plain = f"{_('Excel workbook')} (*.xlsx)", f"{_('CSV file')} (*.csv)"
    start = str(Path(folder) / f"{name.translate(_FORBIDDEN)}.xlsx")
    chosen, kind = QFileDialog.getSaveFileName(parent, _("Save as"), start, f"{workbook};;{plain}")
    if chosen:
        extension = Path(chosen).suffix.lower()
        if extension not in {".xlsx", ".csv"}:
            extension = ".csv" if kind == plain else ".xlsx"
        write(parent, context, Path(chosen).with_suffix(extension), make)


def write(parent: QWidget, context: Context, path: Path, make: Make) -> None:
    """Write a file of that name and say where it is."""
    told = partial(_told, context, path)
    context.tasks.of(parent).files(_write, path, make, label=_("Writing {name}", name=path.name), then=told)


def _write(path: Path, make: Make) -> int:
    return path.write_bytes(make(path.suffix))


def _told(context: Context, path: Path, _size: int) -> None:
    context.messages.note(_("Saved as {path}", path=str(path)))
