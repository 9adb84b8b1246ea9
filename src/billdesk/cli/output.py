"""What commands print: tables and progress for people, JSON for scripts, errors with exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from billdesk.kernel.errors import BugError, Cancelled, EnvironmentFailure, Problem
from billdesk.kernel.i18n import _, current, ngettext
from billdesk.kernel.messages import describe, sentence
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress, Step

SHOWN_PROBLEMS: Final = 20

WIDE: Final = 200
"""Columns of a table that goes to a file or another program, where no screen limits it."""


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    INPUT = 1
    USAGE = 2
    ENVIRONMENT = 3
    BUG = 4
    CANCELLED = 130


def exit_code(error: BaseException) -> Exit:
    """Give the exit code of a failure."""
    if isinstance(error, Cancelled | KeyboardInterrupt):
        return Exit.CANCELLED
    if isinstance(error, EnvironmentFailure | OSError):
        return Exit.ENVIRONMENT
    if isinstance(error, BugError):
        return Exit.BUG
    return Exit.INPUT


@dataclass
class Output:
    """Where a command's results go; with `as_json` standard output holds one JSON value and nothing else."""

    as_json: bool = False
    quiet: bool = False

    def __post_init__(self) -> None:
        self.console = Console(highlight=False, emoji=False, soft_wrap=True)
        if not self.console.is_terminal:
            self.console.width = WIDE
        self.errors = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Print one line for people."""
        if not self.as_json and not self.quiet:
            self.console.print(text, markup=False)

    def result(self, value: object) -> None:
        """Print a command's result as JSON when scripts asked for it."""
        if self.as_json:
            print(json.dumps(plain(value), ensure_ascii=False, indent=2))  # noqa: T201 - standard output is the interface

    def table(self, title: str, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table for people; numbers and amounts stand right."""
        if self.as_json or self.quiet:
            return
        body = [list(row) for row in rows]
        table = Table(
            title=Text(title) if title else None, title_justify="left", header_style="bold", box=None, pad_edge=False
        )
        for index, header in enumerate(headers):
            right = any(isinstance(row[index], int | Decimal | Money) for row in body)
            table.add_column(header, justify="right" if right else "left", overflow="fold")
        for row in body:
            # A plain text would be read as markup, so that a customer called “[new] Acme” lost half of its name.
            table.add_row(*(Text(_shown(cell)) for cell in row))
        self.console.print(table)

    def problems(self, problems: Sequence[Problem]) -> None:
        """Print what is wrong, one line each, the first ones of many."""
        for problem in problems[:SHOWN_PROBLEMS]:
            message = describe(problem)
            self.errors.print(f"• {message.where}: {message.what} {message.next}".replace("• : ", "• "), markup=False)
        rest = len(problems) - SHOWN_PROBLEMS
        if rest > 0:
            self.errors.print(ngettext("… and {n} more.", "… and {n} more.", rest), markup=False)

    def failure(self, error: BaseException) -> Exit:
        """Print a failure and give its exit code."""
        code = exit_code(error)
        message = sentence(error)
        problems = getattr(error, "problems", ())
        self.result({"error": type(error).__name__, **asdict(message), "problems": worded(problems)})
        self.errors.print(str(message), style="red", markup=False)
        if any(problem.place.row is not None for problem in problems) or len(problems) > 1:
            self.problems(problems)
        return code

    def refusal(self, name: str, text: str) -> None:
        """Print as JSON a failure that has no message of its own; its text for people is printed elsewhere."""
        self.result({"error": name, "what": text, "where": "", "safe": "", "next": "", "problems": []})

    @contextmanager
    def progress(self, label: str) -> Iterator[Progress]:
        """Show a bar on standard error while a job runs; hand its `Progress` to the use case."""
        if self.as_json or self.quiet or not self.errors.is_terminal:
            self.say(f"{label} …")
            yield Progress()
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with RichProgress(*columns, console=self.errors, transient=True) as bar:
            task = bar.add_task(label, total=None)

            def show(step: Step) -> None:
                description = f"{label}: {step.label}" if step.label else label
                bar.update(task, completed=step.done, total=step.total or None, description=description)

            yield Progress(show)


def worded(problems: Iterable[Problem]) -> list[object]:
    """Turn problems into JSON values that carry their sentence."""
    return [{"message": str(describe(problem)), **asdict(problem)} for problem in problems]


def _shown(cell: object) -> str:
    language = current()
    if isinstance(cell, Money):
        return language.money(cell)
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if isinstance(cell, int | Decimal):
        return language.number(cell)
    if isinstance(cell, datetime):
        return cell.astimezone().strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return language.short_day(cell)
    return "" if cell is None else str(cell)


def plain(value: object) -> object:
    """Turn records into JSON values: money as text and currency, dates as ISO, decimals as text."""
    if isinstance(value, Money):
        return {"amount": f"{value.major:f}", "currency": value.currency}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return len(value)
    return str(value) if isinstance(value, Path) else value
