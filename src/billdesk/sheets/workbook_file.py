"""XLSX, XLS and ODS workbooks, one sheet at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import python_calamine as calamine

from billdesk.kernel.written.tables import LOOK_AHEAD, find_header
from billdesk.sheets.headers import name_columns
from billdesk.sheets.problems import unreadable
from billdesk.sheets.sources import BATCH_ROWS, Format, RawBatch, SheetFile, SheetOptions


class WorkbookFile(SheetFile):
    """One sheet of a workbook; cells keep their types: text, number, date or truth value."""

    def __init__(self, path: Path, options: SheetOptions) -> None:
        super().__init__(path)
        self._done = self._total = 0
        try:
            self._book = calamine.CalamineWorkbook.from_path(str(path))
            self._names = tuple(
                sheet.name for sheet in self._book.sheets_metadata if sheet.typ is calamine.SheetTypeEnum.WorkSheet
            )
            self._pick(options.sheet)
        except calamine.PasswordError as error:
            raise unreadable("password_protected", path) from error
        except (calamine.CalamineError, OSError) as error:
            raise unreadable("file_damaged", path) from error
        self._read_header(options.header_row)

    @property
    def format(self) -> Format:
        """Which kind of file it is."""
        return Format.WORKBOOK

    @property
    def sheets(self) -> tuple[str, ...]:
        """Names of the worksheets."""
        return self._names

    def _pick(self, wanted: str) -> None:
        """Open the wanted sheet, or the first visible one that has rows."""
        if wanted and wanted not in self._names:
            raise unreadable("sheet_missing", self.path, wanted, sheets=", ".join(self._names))
        hidden = {
            sheet.name for sheet in self._book.sheets_metadata if sheet.visible is not calamine.SheetVisibleEnum.Visible
        }
        names = [wanted] if wanted else sorted(self._names, key=lambda name: name in hidden)
        for name in names:
            self._table = self._book.get_sheet_by_name(name)
            self.sheet = name
            if self._table.total_height:
                return
        raise unreadable("sheet_empty", self.path, wanted or ", ".join(names))

    def _read_header(self, header_row: int | None) -> None:
        rows = list(islice(self._table.iter_rows(), LOOK_AHEAD))
        if not any(any(cell != "" for cell in row) for row in rows):
            raise unreadable("sheet_empty", self.path, self.sheet)
        found = find_header(rows)
        row = header_row if header_row is not None else 0 if found is None else found + 1
        if row > len(rows):
            raise unreadable("header_missing", self.path, row=row)
        titles: Sequence[object] = rows[row - 1] if row else []
        width = max((i + 1 for line in rows for i, cell in enumerate(line) if cell != ""), default=0)
        self.header_row = row
        self.header = name_columns(titles[:width], width)
        self._total = self._table.total_height

    def batches(self, size: int = BATCH_ROWS) -> Iterator[RawBatch]:
        """Give the rows below the header."""
        number = self.header_row + 1
        rows = islice(self._table.iter_rows(), self.header_row, None)
        while chunk := list(islice(rows, size)):
            pairs = [(n, row) for n, row in enumerate(chunk, number) if any(cell != "" for cell in row)]
            number += len(chunk)
            self._done = number - 1
            if pairs:
                yield RawBatch([n for n, _row in pairs], [row for _n, row in pairs])

    def portion(self) -> tuple[int, int]:
        """Tell how many rows have been read."""
        return self._done, self._total
