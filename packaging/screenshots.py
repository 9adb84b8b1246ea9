"""Takes a picture of every screen on the demo book: light and dark, en and nl, at 100 and 150 %.

Usage: screenshots.py [FOLDER]. Each combination runs in a process of its own, for Qt reads its scale once.
"""

from __future__ import annotations

import io
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screens"
DEMO = ROOT / "build" / "demo"
SIZES = {"100": (1440, 900), "150": (1280, 800)}
"""What a scale leaves of a laptop's screen, in Qt's pixels: 1920 × 1200 at 150 %."""
WIDTH = 1080
COLOURS = 112
"""Colours of one picture: those of the theme, and the shades between them that the picture has most of."""

SHOTS = (
    ("home", ""),
    ("customers", ""),
    ("customers", "1"),
    ("catalog", ""),
    ("subscriptions", ""),
    ("subscriptions", "2"),
    ("usage", ""),
    ("billing", ""),
    ("invoices", ""),
    ("invoices", "480"),
    ("banking", ""),
    ("history", ""),
    ("settings", ""),
)
"""Screen, and a record that is opened in it."""


def take_all(folder: Path) -> None:
    """Start a process for each language, theme and scale."""
    from billdesk.kernel.progress import Progress
    from billdesk.services.demo import make_demo

    book = make_demo(DEMO, progress=Progress())
    folder.mkdir(parents=True, exist_ok=True)
    for language, theme, scale in itertools.product(("en", "nl"), ("light", "dark"), ("100", "150")):
        with tempfile.TemporaryDirectory() as place:
            copy = Path(shutil.copy(book, place))
            environment = {
                **os.environ,
                "QT_QPA_PLATFORM": "offscreen",
                "QT_SCALE_FACTOR": str(int(scale) / 100),
                "BILLDESK_CONFIG": place,
            }
            command = [sys.executable, __file__, "--one", language, theme, scale, str(copy), str(folder)]
            subprocess.run(command, check=True, env=environment)  # noqa: S603 - this file
    total = sum(path.stat().st_size for path in folder.glob("*.png"))
    print(f"{len(list(folder.glob('*.png')))} pictures, {total // 1024} kB, in {folder}")


def take(language: str, theme: str, scale: str, book: str, folder: str) -> None:
    """Take the pictures of one combination in this process."""
    from PySide6.QtTest import QTest

    from billdesk.app.compose import compose, make_app
    from billdesk.ui.core.preferences import PreferenceStore

    app = make_app(["billdesk"])
    preferences = PreferenceStore()
    preferences.change(language=language, theme=theme)
    desk = compose(app, preferences)
    desk.start()
    desk.window.resize(*SIZES[scale])
    _settle(desk)
    name = f"{theme}-{language}-{scale}.png"
    _save(desk.window, Path(folder) / f"start-{name}", theme)
    desk.open_book(Path(book))
    _settle(desk)
    for screen, record in SHOTS:
        desk.window.go(screen, record=record)
        _settle(desk)
        title = f"{screen}-{record and 'open-'}{name}".replace("--", "-")
        _save(desk.window, Path(folder) / title, theme)
    desk.window.hide()
    desk.tasks.stop()
    QTest.qWait(50)


def _settle(desk: object) -> None:
    """Wait until nothing is being read and everything is painted."""
    from PySide6.QtTest import QTest

    tasks = desk.tasks  # type: ignore[attr-defined]  # the desk of this process
    QTest.qWait(150)
    for _turn in range(200):
        if tasks.is_idle:
            break
        QTest.qWait(50)
    QTest.qWait(250)


def reduce_colours(image: Image.Image, theme: str) -> Image.Image:
    """Give a picture with few colours, among which are all of its theme: a small chip keeps its amber."""
    from dataclasses import astuple

    from PIL import Image

    from billdesk.ui.core.tokens import DARK, LIGHT

    texts = [value for value in astuple(DARK if theme == "dark" else LIGHT) if isinstance(value, str)]
    colours = list(dict.fromkeys(tuple(bytes.fromhex(text[1:])) for text in texts))
    most = image.quantize(COLOURS - len(colours)).getpalette() or []
    table = Image.new("P", (1, 1))
    table.putpalette([part for colour in colours for part in colour] + most)
    reduced = image.quantize(palette=table, dither=Image.Dither.NONE)
    # The nearest colour is found in coarse steps, too coarse for the dark surfaces of a theme.
    exact = {colour: number for number, colour in enumerate(colours)}
    parts = image.tobytes()
    pixels = zip(zip(parts[::3], parts[1::3], parts[2::3], strict=True), reduced.tobytes(), strict=True)
    reduced.frombytes(bytes(exact.get(colour, number) for colour, number in pixels))
    return reduced


def _save(window: object, path: Path, theme: str) -> None:
    """Write a picture that is small in size and colours, for a page to load quickly."""
    from PIL import Image
    from PySide6.QtCore import QBuffer, QIODevice

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    window.grab().save(buffer, "PNG")  # type: ignore[attr-defined]  # a widget
    image = Image.open(io.BytesIO(bytes(buffer.data().data()))).convert("RGB")
    image = image.resize((WIDTH, image.height * WIDTH // image.width), Image.Resampling.LANCZOS)
    reduce_colours(image, theme).save(path, optimize=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        take(*sys.argv[2:])
    else:
        take_all(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
