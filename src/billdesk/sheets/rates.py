"""The European Central Bank's reference rates, from its CSV, ZIP and XML files."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.moments import parse_date
from billdesk.sheets.problems import unreadable

_LARGEST: Final = 64 * 1024 * 1024
"""The whole history since 1999 is 9 MB of XML; anything much larger is not this file."""
_CODE_LENGTH: Final = 3


@dataclass(frozen=True, slots=True)
class EcbRate:
    """So many units of `currency` were worth one euro on `day`."""

    day: date
    currency: str
    per_euro: Decimal


def read_ecb_rates(path: Path | str) -> Iterator[EcbRate]:
    """Give every rate of a `eurofxref` file (CSV, its ZIP, or XML) in the order of the file.

    Days on which a currency was not quoted (`N/A` or empty) give nothing. Raises UnreadableFile for another
    kind of file and InvalidValue for a rate or date that makes no sense.
    """
    path = Path(path)
    data = _load(path)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _read_xml(path, data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable("not_a_rates_file", path) from error
    return _read_csv(path, text)


def _load(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST:
        raise unreadable("file_too_large", path)
    data = path.read_bytes()
    if not data.startswith(b"PK\x03\x04"):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            first = archive.infolist()[0]
            if first.file_size > _LARGEST:
                raise unreadable("file_too_large", path)
            return archive.read(first)
    except (zipfile.BadZipFile, IndexError) as error:
        raise unreadable("file_damaged", path) from error


def _read_csv(path: Path, text: str) -> Iterator[EcbRate]:
    rows = csv.reader(io.StringIO(text, newline=""))
    header = [cell.strip() for cell in next(rows, [])]
    if not header or header[0].casefold() != "date":
        raise unreadable("not_a_rates_file", path)
    currencies = [(index, code) for index, code in enumerate(header) if _is_code(code)]
    if not currencies:
        raise unreadable("not_a_rates_file", path)
    return _wide_rates(path.name, rows, currencies)


def _is_code(text: str) -> bool:
    return len(text) == _CODE_LENGTH and text.isalpha() and text.isupper()


def _wide_rates(file: str, rows: Iterable[list[str]], currencies: list[tuple[int, str]]) -> Iterator[EcbRate]:
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        day = _day(row[0].strip(), Place(file=file, row=number, column="Date"))
        for index, code in currencies:
            text = row[index].strip() if index < len(row) else ""
            if text and text != "N/A":
                yield EcbRate(day, code, _rate(text, Place(file=file, row=number, column=code)))


def _day(text: str, place: Place) -> date:
    """Read a day as the ECB writes it: 2026-11-25 in histories, 25 November 2026 in the daily CSV."""
    try:
        return parse_date(text)
    except CellError as error:
        raise InvalidValue(error.at(place, text)) from None


def _rate(text: str, place: Place) -> Decimal:
    try:
        rate = Decimal(text)
    except ArithmeticError:
        raise InvalidValue(Problem("not_a_number", place, text)) from None
    if not rate.is_finite() or rate <= 0:
        raise InvalidValue(Problem("not_a_number", place, text))
    return rate


def _read_xml(path: Path, data: bytes) -> Iterator[EcbRate]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise unreadable("file_damaged", path) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise unreadable("doctype_refused", path)
    cubes = [cube for cube in root.iter("{*}Cube") if cube.get("time")]
    if not cubes:
        raise unreadable("not_a_rates_file", path)
    return _xml_rates(path.name, cubes)


def _xml_rates(file: str, cubes: Iterable[object]) -> Iterator[EcbRate]:
    for cube in cubes:
        row = cube.sourceline  # type: ignore[attr-defined]
        day = _day(str(cube.get("time")), Place(file=file, row=row))  # type: ignore[attr-defined]
        for quote in cube:  # type: ignore[attr-defined]
            code = str(quote.get("currency"))
            yield EcbRate(day, code, _rate(str(quote.get("rate")), Place(file=file, row=quote.sourceline, column=code)))
