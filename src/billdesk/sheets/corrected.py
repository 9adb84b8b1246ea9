"""A data file with some cells written anew by a person who checked it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from billdesk.sheets.sources import BATCH_ROWS, Format, RawBatch, SheetFile


class CorrectedSheet(SheetFile):
    """A data file in which a person replaced the text of some cells."""

    def __init__(self, inner: SheetFile, cells: Mapping[tuple[int, int], str]) -> None:
        super().__init__(inner.path, sheet=inner.sheet)
        self._inner, self._cells = inner, cells
        self._rows = {row for row, _index in cells}
        self.header, self.header_row = inner.header, inner.header_row
        self.encoding, self.delimiter = inner.encoding, inner.delimiter

    @property
    def format(self) -> Format:
        """Which kind of file it is."""
        return self._inner.format

    @property
    def sheets(self) -> tuple[str, ...]:
        """Names of the sheets."""
        return self._inner.sheets

    @property
    def is_as_on_disk(self) -> bool:
        """No: whoever reads the file itself would miss the corrections."""
        return False

    def batches(self, size: int = BATCH_ROWS) -> Iterator[RawBatch]:
        """Give the rows with the corrections in place."""
        for batch in self._inner.batches(size):
            if self._rows.isdisjoint(batch.numbers):
                yield batch
            else:
                yield RawBatch(
                    batch.numbers, [self._patched(*pair) for pair in zip(batch.numbers, batch.rows, strict=True)]
                )

    def _patched(self, number: int, row: Sequence[object]) -> Sequence[object]:
        if number not in self._rows:
            return row
        return [self._cells.get((number, index), value) for index, value in enumerate(row)]

    def portion(self) -> tuple[int, int]:
        """Tell how far the latest reading is."""
        return self._inner.portion()
