"""Rules of the house that import contracts cannot show; each failure prints its reason."""

from __future__ import annotations

import ast

from architecture.source import Module, found, modules

LONGEST_MODULE = 500
LONGEST_FUNCTION = 50

EXCEPTION_BOUNDARIES = {
    "ui/core/tasks.py": "a worker hands any failure to the window",
    "app/compose.py": "the last place before the process ends",
    "cli/main.py": "the last place before the process ends",
}

LATE_IMPORTS_ALLOWED = (
    "reportlab", "openpyxl", "alembic", "psycopg", "keyring", "duckdb", "pypdfium2", "lxml", "rapidfuzz", "segno",
    "pikepdf", "python_calamine", "charset_normalizer", "stdnum", "rich", "typer", "smtplib", "fontTools",
)  # fmt: skip
"""Heavy libraries that are loaded when first needed, so that the window opens at once."""


def _functions(module: Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_only_the_book_and_the_database_end_transactions() -> None:
    allowed = {"services/book.py", "storage/database.py"}
    broken = found({"commit", "rollback"}, modules(), allowed=allowed)
    assert not broken, f"use cases compose in one transaction, so only {allowed} may end it: {broken}"


def test_nobody_pumps_events() -> None:
    broken = found({"processEvents"}, modules(), allowed=set())
    assert not broken, f"processEvents re-enters half-done work; use ui/core/tasks.py: {broken}"


def test_threads_live_in_tasks_only() -> None:
    names = {"Thread", "QThread", "QThreadPool", "QRunnable", "ThreadPoolExecutor"}
    broken = found(names, modules(), allowed={"ui/core/tasks.py"})
    assert not broken, f"the book has one owner thread; ask ui/core/tasks.py: {broken}"


def test_broad_excepts_stand_at_named_boundaries_only() -> None:
    broken = [
        f"{module.name}:{node.lineno}"
        for module in modules()
        if module.name not in EXCEPTION_BOUNDARIES
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and not any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
    ]
    assert not broken, f"catch only what you can handle: {broken}"


def test_the_domain_has_no_clock_and_no_float() -> None:
    domain = tuple(module for module in modules() if module.name.startswith(("domain/", "kernel/")))
    clock = [
        f"{module.name}:{line} {call}"
        for module in domain
        for call, line in _domain_calls(module)
        if call in {"date.today", "datetime.now", "datetime.utcnow", "time.time", "float"}
    ]
    assert not clock, f"the clock is an argument and money is exact: {clock}"


def _domain_calls(module: Module) -> list[tuple[str, int]]:
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    return [(ast.unparse(node.func), node.lineno) for node in calls]


def test_imports_inside_functions_are_for_start_up_time_only() -> None:
    broken = [
        f"{module.name}:{node.lineno} {ast.unparse(node)}"
        for module in modules()
        for function in _functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom) and not _may_be_late(node)
    ]
    assert not broken, f"imports stand at the top, except for heavy libraries and the modules that load them: {broken}"


LATE_MODULES_ALLOWED = (
    "billdesk.services.check",
    "billdesk.cli",
    "billdesk.documents",
    "billdesk.storage.migrations",
    "billdesk.app",
    "billdesk.ui",
    "billdesk.mail",
    "billdesk.sheets",
    "billdesk.bankfiles",
)
"""Rooms that load heavy libraries at their top and are themselves loaded late."""


def _may_be_late(node: ast.Import | ast.ImportFrom) -> bool:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return all(name.startswith(LATE_IMPORTS_ALLOWED + LATE_MODULES_ALLOWED) for name in names)


def test_modules_stay_short() -> None:
    broken = {m.name: n for m in modules() if (n := len(m.text.splitlines())) > LONGEST_MODULE}
    assert not broken, f"split along the noun before it grows further: {broken}"


def test_functions_stay_short() -> None:
    broken = [
        f"{module.name}:{function.lineno} {function.name} {lines}"
        for module in modules()
        for function in _functions(module)
        if (lines := _code_lines(function)) > LONGEST_FUNCTION
    ]
    assert not broken, f"a function does one thing: {broken}"


def test_names_say_what_a_module_holds() -> None:
    refused = {"utils", "helpers", "common", "misc", "manager"}
    broken = [module.name for module in modules() if module.name.rpartition("/")[2].removesuffix(".py") in refused]
    assert not broken, f"name a module after its noun: {broken}"
