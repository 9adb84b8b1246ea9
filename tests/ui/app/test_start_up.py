"""The real program in its own process: what it loads, and that it starts and ends well."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LATE = {"openpyxl", "reportlab", "alembic", "psycopg", "keyring", "duckdb", "pypdfium2", "lxml", "rapidfuzz"}

_SHOWN = """
import sys
from PySide6.QtCore import QTimer
import billdesk.app.start
from billdesk.app.compose import compose, make_app
from billdesk.ui.core.preferences import PreferenceStore
app = make_app(["billdesk"])
desk = compose(app, PreferenceStore())
desk.start()
def look():
    assert desk.window.isVisible()
    print(" ".join(sorted(name for name in sys.modules if "." not in name)))
    app.quit()
QTimer.singleShot(300, look)
app.exec()
"""


def _run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "BILLDESK_CONFIG": str(folder)}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path.endswith("src"))
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_nothing_heavy_is_loaded_when_the_window_is_shown(tmp_path: Path) -> None:
    ended = _run(["-c", _SHOWN], tmp_path)
    assert ended.returncode == 0, ended.stderr
    loaded = set(ended.stdout.split())
    assert "sqlalchemy" in loaded
    assert loaded & LATE == set()


def test_what_is_needed_at_once_is_imported_before_qt() -> None:
    code = "import sys, billdesk.services.book; print('PySide6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_self_test_counts_every_kind_of_plugin(tmp_path: Path) -> None:
    ended = _run(["-m", "billdesk", "--self-test"], tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "charge models" in ended.stdout
