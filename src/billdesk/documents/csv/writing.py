"""Writes a table as CSV text that BillDesk, and people's spreadsheets, read back unchanged."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Final

from billdesk.documents.tables import Cell, Table, is_formula_like
from billdesk.kernel.decimals import to_text
from billdesk.kernel.money import Money

_BOM: Final = "\ufeff"
_CHUNK_ROWS: Final = 5_000
_SIGNED_NUMBER: Final = re.compile(r"[+-][0-9][0-9 .,]*")


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """How a file is written. Excel needs the byte order mark to see UTF-8; decimals have a point unless asked."""

    delimiter: str = ";"
    decimal_mark: str = "."
    bom: bool = True


def write_csv(table: Table, options: CsvOptions = CsvOptions()) -> Iterator[bytes]:
    """Give the file piece by piece, in UTF-8 with CRLF line ends (RFC 4180).

    A text that a spreadsheet might run as a formula gets an apostrophe in front.
    """
    pieces = io.StringIO(newline="")
    writer = csv.writer(pieces, delimiter=options.delimiter, lineterminator="\r\n")
    if options.bom:
        pieces.write(_BOM)
    header = tuple(column.title for column in table.columns)
    for number, row in enumerate(chain([header], table.rows), start=1):
        writer.writerow([_text(cell, options) for cell in row])
        if number % _CHUNK_ROWS == 0:
            yield _taken(pieces)
    yield _taken(pieces)


def _taken(pieces: io.StringIO) -> bytes:
    text = pieces.getvalue()
    pieces.seek(0)
    pieces.truncate()
    return text.encode()


def _text(cell: Cell, options: CsvOptions) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case str():
            return f"'{cell}" if is_formula_like(cell) and not _is_number(cell) else cell
        case Money():
            return f"{cell.major:f}".replace(".", options.decimal_mark)
        case Decimal():
            return to_text(cell).replace(".", options.decimal_mark)
        case datetime():
            return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


def _is_number(text: str) -> bool:
    """Tell a signed number or a phone number from a formula."""
    return _SIGNED_NUMBER.fullmatch(text) is not None
