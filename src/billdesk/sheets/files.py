"""Opening a data file: what it is follows from its content, not from its name."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path
from typing import Final

from billdesk.sheets.problems import unreadable
from billdesk.sheets.sources import Format, SheetFile, SheetOptions

_HEAD: Final = 4096
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS: Final = {
    b"%PDF": "PDF",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"SQLite format 3\x00": "SQLite",
    b"Rar!": "RAR",
}


def identify(path: Path) -> Format:
    """Tell which kind of file it is by its first bytes; raises UnreadableFile for what is no table."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise unreadable("file_empty", path)
    if head.startswith((_ZIP, _OLE)):
        return _identify_container(path, head)
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise unreadable("not_a_table", path, name)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{"):
        return Format.JSONL
    if text[:9].lower().startswith((b"<?xml", b"<html", b"<!doctype", b"<table")):
        raise unreadable(
            "not_a_table", path, "HTML" if b"<html" in head.lower() or b"<table" in head.lower() else "XML"
        )
    return Format.CSV


def _identify_container(path: Path, head: bytes) -> Format:
    if head.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise unreadable("password_protected", path)
        return Format.WORKBOOK
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError) as error:
        raise unreadable("file_damaged", path) from error
    if any(name.startswith("xl/") for name in names) or "content.xml" in names:
        return Format.WORKBOOK
    raise unreadable("not_a_table", path, "ZIP")


def open_sheet(path: Path | str, options: SheetOptions | None = None) -> SheetFile:
    """Open a data file of any kind; raises UnreadableFile when nothing can be read from it."""
    path = Path(path)
    options = options or SheetOptions()
    try:
        if options.encoding:
            codecs.lookup(options.encoding)
        return _open(identify(path), path, options)
    except FileNotFoundError as error:
        raise unreadable("file_missing", path) from error
    except PermissionError as error:
        raise unreadable("file_locked", path) from error
    except LookupError as error:  # an encoding that Python does not know
        raise unreadable("encoding_wrong", path, encoding=options.encoding) from error


def _open(kind: Format, path: Path, options: SheetOptions) -> SheetFile:
    """Import only the reader that is needed: each costs start-up time."""
    if kind is Format.WORKBOOK:
        from billdesk.sheets.workbook_file import WorkbookFile

        return WorkbookFile(path, options)
    if kind is Format.PARQUET:
        from billdesk.sheets.parquet_file import ParquetFile

        return ParquetFile(path)
    if kind is Format.JSONL:
        from billdesk.sheets.jsonl_file import JsonLinesFile

        return JsonLinesFile(path)
    from billdesk.sheets.text_file import TextFile

    return TextFile(path, options)
