"""Where the keyboard is, while parts of a window are made anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget


@contextmanager
def focus_kept(part: QWidget) -> Iterator[None]:
    """Give the keyboard to the part of the same name, else to the first, when the one that had it is made anew.

    Without this it goes to whatever comes next in the window, far from where a person was.
    """
    before = QApplication.focusWidget()
    is_inside = before is not None and part.isAncestorOf(before)
    name = before.accessibleName() if before is not None else ""
    yield
    if is_inside:
        # What a layout was given just now shows, and can have the keyboard, only after this event.
        QTimer.singleShot(0, part, lambda: _give(part, name))


def _give(part: QWidget, name: str) -> None:
    now = QApplication.focusWidget()
    if now is not None and (part.isAncestorOf(now) or now.window() is not part.window()):
        return
    takers = [child for child in part.findChildren(QWidget) if _can_take(child)]
    taker = next((child for child in takers if child.accessibleName() == name), next(iter(takers), None))
    if taker is not None:
        taker.setFocus()


def _can_take(child: QWidget) -> bool:
    by_tab = bool(child.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return by_tab and child.isEnabled() and child.isVisible()
