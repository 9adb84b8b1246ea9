"""The seller's logo, read once and kept small enough for a page."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image, UnidentifiedImageError
from reportlab.lib.utils import ImageReader

from billdesk.documents.pdf.style import MM
from billdesk.kernel.errors import InvalidValue, Place, Problem

_MAX_WIDTH: Final = 62 * MM
_MAX_HEIGHT: Final = 22 * MM
# 300 dots per inch at the largest printed size.
_MAX_PIXELS: Final = (732, 260)
_MOST_BYTES: Final = 40_000


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture and the size in points at which it is printed."""

    picture: ImageReader
    size: tuple[float, float]


@lru_cache(maxsize=8)
def read_logo(data: bytes) -> Logo:
    """Read PNG, JPEG, GIF or WebP bytes; raises InvalidValue when they are no picture."""
    try:
        with Image.open(io.BytesIO(data)) as found:
            picture = found.convert("RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise InvalidValue(
            Problem("logo_unreadable", Place(field="logo"), details=(("reason", str(error)),))
        ) from error
    picture.thumbnail(_MAX_PIXELS)
    scale = min(_MAX_WIDTH / picture.width, _MAX_HEIGHT / picture.height)
    # Flattened onto the white of the paper: PDF/A-1 readers and some printers stumble over soft masks.
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return Logo(_embedded(paper), (picture.width * scale, picture.height * scale))


def _embedded(paper: Image.Image) -> ImageReader:
    """Give a drawing as it is, and a photograph as JPEG, which is compressed once and not in each document."""
    if len(zlib.compress(paper.tobytes(), 1)) <= _MOST_BYTES:
        return ImageReader(paper)
    file = io.BytesIO()
    paper.save(file, "JPEG", quality=90)
    file.seek(0)
    return ImageReader(file)
