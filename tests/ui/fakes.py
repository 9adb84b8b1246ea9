"""Stand-ins for the book and for records, so that widgets are tried without a database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from billdesk.kernel.changes import NOTHING, Changes
from billdesk.kernel.money import Money
from billdesk.services.company import NewCompany
from billdesk.ui.core.table_columns import Column, Kind, Request, Source, Status, Summary
from billdesk.ui.core.tokens import Tone


@dataclass(frozen=True)
class Outcome:
    value: Any
    changes: Changes = NOTHING


class FakeBook:
    """Calls use cases with the word `db` in place of a connection."""

    def __init__(self) -> None:
        self.is_closed = False

    def run(self, use_case: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        return use_case("db", *args, **named)

    def query(self, use_case: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        return use_case("db", *args, **named)

    def close(self) -> None:
        self.is_closed = True


class FakeDesk:
    """Notes what the start screen asks for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object]] = []
        self.path: Path | None = None

    def open_book(self, path: Path) -> None:
        self.asked.append(("open", path))

    def create_book(self, path: Path, company: NewCompany) -> None:
        self.asked.append(("create", (path, company)))

    def close_book(self) -> None:
        self.asked.append(("close", None))

    def create_demo(self, folder: Path) -> None:
        self.asked.append(("demo", folder))

    def restore_backup(self, backup: Path, target: Path) -> None:
        self.asked.append(("restore", (backup, target)))

    def change_language(self, code: str) -> None:
        self.asked.append(("language", code))


@dataclass(frozen=True, slots=True)
class Sale:
    number: int
    customer: str
    due: date
    status: str
    open: Money | None
    total: Money


NAMES = ("Vermeulen Holzbau GmbH", "Hartmann Metallbau GmbH & Co. KG", "Neumann Bouw e.K.", "=Lindqvist N.V.")
STATES = {
    "draft": Status("Draft", Tone.GREY),
    "open": Status("Open", Tone.BLUE),
    "paid": Status("Paid", Tone.GREEN),
    "overdue": Status("Overdue", Tone.RED),
    "part": Status("Partly paid", Tone.AMBER),
}
TODAY = date(2026, 11, 25)


def sale(number: int) -> Sale:
    status = list(STATES)[number * 7 % 5]
    total = Money(10_000 + number * 7919 % 250_000, "EUR")
    left = None if status == "paid" else total
    return Sale(number, NAMES[number % 4], TODAY + timedelta(days=number % 60 - 20), status, left, total)


def _late(record: Sale) -> Tone | None:
    return Tone.RED if record.status == "overdue" else None


COLUMNS: tuple[Column[Sale], ...] = (
    Column("number", "Number", lambda r: f"2026-{r.number:07}"),
    Column("customer", "Customer", lambda r: r.customer, stretch=1),
    Column("due", "Due", lambda r: r.due, Kind.DATE, rank=1, tone=_late),
    Column("status", "Status", lambda r: r.status, Kind.STATUS, statuses=STATES),
    Column("open", "Open amount", lambda r: r.open, Kind.MONEY, rank=2, tone=_late),
    Column("total", "Total", lambda r: r.total, Kind.MONEY, is_strong=True, is_summed=True),
    Column("note", "Note", lambda r: r.customer[:3], Kind.MUTED, is_optional=True),
)


def sales_source(count: int, seen: list[Request[Any]] | None = None) -> Source[Sale, Any]:
    """Rows 0 to count; the filter may be a number that divides the row number."""

    def fetch(_db: object, request: Request[Any]) -> Sequence[Sale]:
        if seen is not None:
            seen.append(request)
        last = min(count, request.offset + request.limit)
        numbers = range(request.offset, last)
        return [sale(count - 1 - n if request.descending else n) for n in numbers] if request.filter != "none" else []

    def summarize(_db: object, wanted: object) -> Summary:
        if wanted == "none":
            return Summary(0, hidden=count)
        return Summary(count, (Money(123_456_789, "EUR"),))

    return Source(fetch, summarize)
