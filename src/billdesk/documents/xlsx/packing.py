"""A workbook as bytes that are the same for the same content."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import Final

from openpyxl import Workbook

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_CORE: Final = "docProps/core.xml"
_MODIFIED: Final = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def pack(workbook: Workbook) -> bytes:
    """Write a workbook without the times that openpyxl puts into its properties and its archive."""
    workbook.properties.creator = "BillDesk"
    workbook.properties.created = datetime(*_EPOCH)  # noqa: DTZ001 - a constant, not a moment
    written = io.BytesIO()
    workbook.save(written)
    packed = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == _CORE:
                content = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            target.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
