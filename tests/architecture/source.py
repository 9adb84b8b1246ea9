"""Reading the source tree for rules that imports cannot show."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "billdesk"


@dataclass(frozen=True)
class Module:
    """One source file: its path below `src/billdesk`, its lines and its tree."""

    name: str
    text: str
    tree: ast.Module


@cache
def modules() -> tuple[Module, ...]:
    """Give every module of the package."""
    paths = sorted(PACKAGE.rglob("*.py"))
    texts = [(path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8")) for path in paths]
    return tuple(Module(name, text, ast.parse(text)) for name, text in texts)


def calls(module: Module) -> Iterator[tuple[str, int]]:
    """Give the dotted name and line of every call in a module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def found(names: set[str], modules_read: tuple[Module, ...], *, allowed: set[str]) -> list[str]:
    """Give "file:line call" for calls whose last part is in `names`, outside the allowed files."""
    return [
        f"{module.name}:{line} {call}"
        for module in modules_read
        if module.name not in allowed
        for call, line in calls(module)
        if call.rpartition(".")[2] in names
    ]
