"""What every command shares: the output, the book it works on, and the boundary for failures."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Concatenate, ParamSpec, cast

import typer

from billdesk.cli.output import Output
from billdesk.kernel.errors import BillDeskError, StorageFailed
from billdesk.kernel.i18n import _
from billdesk.services.book import Book, Clock, system_clock

P = ParamSpec("P")

Command = Callable[Concatenate[typer.Context, P], None]
"""A command of the command line; its first parameter is called `context`."""

BookOption = Annotated[
    str, typer.Option("--book", "-b", envvar="BILLDESK_BOOK", help="The book: a file, or a postgresql+psycopg:// URL.")
]
"""The option by which every command finds its book."""

OpenWindow = Callable[[str], int]
"""Opens the window on a book and stays until it is closed."""


def no_window(_book: str) -> int:
    """Stand for a window where there is none."""
    return 0


@dataclass(frozen=True)
class Desk:
    """One run of the command line."""

    output: Output = field(default_factory=Output)
    user: str | None = None
    clock: Clock = system_clock
    open_window: OpenWindow = no_window

    @contextmanager
    def open(self, location: str, *, read_only: bool = False) -> Iterator[Book]:
        """Open the book of a command and close it afterwards."""
        with Book.open(named(location), read_only=read_only, clock=self.clock, user=self.user) as book:
            yield book


def named(location: str) -> str:
    """Give the location of a command's book, or say that it is missing."""
    if not location:
        raise typer.BadParameter(_("Name the book with --book, or set BILLDESK_BOOK."))
    return location


def desk(context: typer.Context) -> Desk:
    """Give the desk that `main` made for this run."""
    found = context.find_object(Desk)
    return found if found is not None else Desk()


def guarded(command: Command[P]) -> Command[P]:
    """Turn failures of a command into a message and an exit code."""

    @functools.wraps(command)
    def run(context: typer.Context, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(context, *args, **kwargs)
        except (BillDeskError, KeyboardInterrupt) as error:
            raise typer.Exit(desk(context).output.failure(error)) from error
        except OSError as error:
            raise typer.Exit(desk(context).output.failure(StorageFailed.of(error))) from error

    # `wraps` keeps the signature that typer reads, but types it with a named first parameter.
    return cast("Command[P]", run)


def existing_file(help_text: str) -> typer.models.ArgumentInfo:
    """Give an argument that names a file to read."""
    argument: typer.models.ArgumentInfo = typer.Argument(exists=True, dir_okay=False, readable=True, help=help_text)
    return argument


FileArgument = Annotated[Path, existing_file("The file to read.")]
"""The argument of commands that read a file."""
