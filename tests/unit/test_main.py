"""What the one command does with its arguments."""

from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace

import pytest

from billdesk import __main__ as program


@pytest.mark.parametrize(
    ("arguments", "module", "given"),
    [
        ([], "billdesk.app.start", ()),
        (["/books/a.billdesk"], "billdesk.app.start", ("/books/a.billdesk",)),
        (["run", "billing"], "billdesk.cli.main", (program._open_window,)),
        (["book", "check", "/books/a.billdesk"], "billdesk.cli.main", (program._open_window,)),
        (["--self-test"], "billdesk.app.self_test", ()),
    ],
)
def test_arguments_lead_to_window_command_line_or_self_test(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], module: str, given: tuple[object, ...]
) -> None:
    called: list[tuple[object, ...]] = []

    def load(name: str) -> SimpleNamespace:
        return SimpleNamespace(main=lambda *args: called.append((name, *args)))

    monkeypatch.setattr(sys, "argv", ["billdesk", *arguments])
    monkeypatch.setattr(importlib, "import_module", load)
    program.main()
    assert called == [(module, *given)]
