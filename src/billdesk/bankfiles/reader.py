"""Any bank file to statements: finds the format, opens archives, numbers equal lines."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from billdesk.bankfiles import formats
from billdesk.bankfiles.refusals import unreadable
from billdesk.bankfiles.registry import BankFormat, ReadOptions
from billdesk.domain.banking import Statement, count_occurrences
from billdesk.kernel.errors import UnreadableFile
from billdesk.kernel.registry import Registry

_HEAD: Final = 4096
_LARGEST: Final = 256 * 1024 * 1024
_MOST_MEMBERS: Final = 1000
_TABLE: Final = "csv"  # anything may be a table, so it is asked last

_WORKBOOK_PARTS: Final = frozenset({"[Content_Types].xml", "content.xml"})
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"


@cache
def bank_formats() -> Registry[BankFormat]:
    """Give the registry of formats, loaded on first use."""
    registry: Registry[BankFormat] = Registry("bank_formats")
    registry.load(formats)
    return registry


def read_statements(path: Path | str, options: ReadOptions | None = None) -> tuple[Statement, ...]:
    """Read a bank file from disk; raises UnreadableFile, or RowsRejected naming each line that cannot be used."""
    path = Path(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise unreadable("file_too_large", path.name)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise unreadable("file_missing", path.name) from error
    except PermissionError as error:
        raise unreadable("file_locked", path.name) from error
    return read_statement_data(data, replace(options or ReadOptions(), file_name=path.name))


def read_statement_data(data: bytes, options: ReadOptions) -> tuple[Statement, ...]:
    """Read the bytes of a bank file, or of a ZIP of bank files."""
    if not data.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise unreadable("file_empty", options.file_name)
    if data.startswith(_OLD_WORKBOOK):
        raise unreadable("statement_is_workbook", options.file_name)
    if data.startswith(b"PK\x03\x04"):
        return _read_archive(data, options)
    plugin = _identify(data, options.file_name)
    digest = hashlib.sha256(data).hexdigest()
    return tuple(
        replace(
            statement,
            lines=count_occurrences(statement.lines, statement.account),
            source_format=plugin.key,
            source_file=options.file_name,
            source_sha256=digest,
        )
        for statement in plugin.read(data, options)
    )


def _identify(data: bytes, name: str) -> BankFormat:
    head = data[:_HEAD]
    candidates = sorted(bank_formats(), key=lambda plugin: plugin.key == _TABLE)
    for plugin in candidates:
        if plugin.identify(head, name):
            return plugin
    raise _unknown(name)


def _unknown(name: str) -> UnreadableFile:
    return unreadable("bank_format_unknown", name, formats=", ".join(plugin.label for plugin in bank_formats()))


def _read_archive(data: bytes, options: ReadOptions) -> tuple[Statement, ...]:
    """Read every file of a ZIP; archives inside are refused, and so is what unpacks to far more than a bank sends."""
    statements: list[Statement] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if not _WORKBOOK_PARTS.isdisjoint(archive.namelist()):
                raise unreadable("statement_is_workbook", options.file_name)
            members = [item for item in archive.infolist() if not item.is_dir()]
            if len(members) > _MOST_MEMBERS or sum(item.file_size for item in members) > _LARGEST:
                raise unreadable("file_too_large", options.file_name)
            for item in members:
                inner = archive.read(item)
                name = f"{options.file_name}/{item.filename}"
                if inner.startswith(b"PK\x03\x04"):
                    raise _unknown(name)
                statements += read_statement_data(inner, replace(options, file_name=name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # damaged, unknown packing, password
        raise unreadable("file_damaged", options.file_name) from error
    return tuple(statements)
