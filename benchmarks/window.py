"""From the start of the process to the window on screen, beside a bare Qt window with one SQLite query."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import Ratio
from billdesk.services.book import Book
from billdesk.services.company import NewCompany, set_up_company

ROUNDS = 7
PROMISED_S = 0.9

BARE = """
import sqlite3, sys
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
from PySide6.QtCore import QTimer
app = QApplication([])
count = sqlite3.connect(sys.argv[1]).execute("SELECT COUNT(*) FROM customer").fetchone()
window = QMainWindow()
window.setCentralWidget(QLabel(str(count)))
window.resize(1200, 800)
window.show()
QTimer.singleShot(0, lambda: print("shown", flush=True))
app.exec()
"""

# Imports in the order of `billdesk.app.start`, and a report once the window was painted.
OURS = """
import sys
import billdesk.app.start
from pathlib import Path
from PySide6.QtCore import QTimer
from billdesk.app.compose import compose, make_app
from billdesk.ui.core.preferences import PreferenceStore
app = make_app(["billdesk"])
desk = compose(app, PreferenceStore())
desk.start(Path(sys.argv[1]))
QTimer.singleShot(0, lambda: print("shown", flush=True))
app.exec()
"""


def run() -> list[Ratio]:
    """Start both programs in turn and compare the medians."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "bench.billdesk"
        with Book.create(path) as book:
            book.run(set_up_company, NewCompany("Bench", "BE", "EUR"))
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "BILLDESK_CONFIG": place}
        _shown(OURS, path, environment)  # fills the disk cache and writes byte code
        times = [(_shown(OURS, path, environment), _shown(BARE, path, environment)) for _round in range(ROUNDS)]
    ours, bare = (statistics.median(column) for column in zip(*times, strict=True))
    said = f"0.9 s as promised; a bare Qt window with one query took {bare:.2f} s"
    return [Ratio("window shown after process start", ours, PROMISED_S, 1.0, raw_is=said)]


def _shown(program: str, book: Path, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - the two programs above
        [sys.executable, "-c", program, str(book)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        passed = time.perf_counter() - start
        process.kill()
    return passed
