"""State of the history: events, imports and backups in words, and which service undoes which import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from billdesk.domain.audit import AuditEvent
from billdesk.domain.usage import BatchState, ImportBatch
from billdesk.kernel.changes import Noun
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.messages import describe
from billdesk.services import audit, backups, banking, imports, usage
from billdesk.services.audit_words import describe_event, noun_word
from billdesk.services.backups import Backup, BackupKind
from billdesk.services.result import Result
from billdesk.ui.core.table_columns import Column, Kind, Request, Status, Summary
from billdesk.ui.core.tokens import Tone

BANK: Final = "bank_statement"
USAGE: Final = "usage"

NOUNS: Final = (
    Noun.INVOICES,
    Noun.BILLING,
    Noun.BANKING,
    Noun.PAYMENTS,
    Noun.CUSTOMERS,
    Noun.CATALOG,
    Noun.SUBSCRIPTIONS,
    Noun.USAGE,
    Noun.MIGRATION,
    Noun.LEDGER,
    Noun.ENTITIES,
    Noun.SETTINGS,
)

_KINDS: Final[Mapping[str, str]] = {
    BANK: N_("Bank statement"),
    USAGE: N_("Usage"),
    "several": N_("Several kinds"),
    "customers": N_("Customers"),
    "products": N_("Products"),
    "metrics": N_("Metrics"),
    "prices": N_("Prices"),
    "plans": N_("Plans"),
    "price_books": N_("Price books"),
    "index_figures": N_("Index figures"),
    "subscriptions": N_("Contracts"),
}

_BACKUPS: Final[Mapping[BackupKind, str]] = {
    BackupKind.MANUAL: N_("By hand"),
    BackupKind.DAILY: N_("Daily"),
    BackupKind.BEFORE_IMPORT: N_("Before an import"),
    BackupKind.BEFORE_RUN: N_("Before a billing run"),
}
_KILO: Final = 1024
_UNITS: Final = ("B", "kB", "MB", "GB")

EVENT_COLUMNS: Final[tuple[Column[AuditEvent], ...]] = (
    Column("at", N_("When"), lambda event: event.at.astimezone().replace(tzinfo=None), Kind.DATE, is_sortable=False),
    Column("user", N_("Who"), lambda event: event.user, Kind.MUTED, rank=2, is_sortable=False),
    Column("noun", N_("Kind of data"), lambda event: noun_word(event.noun), Kind.MUTED, rank=1, is_sortable=False),
    Column(
        "title", N_("Action"), lambda event: describe_event(event).title, stretch=2, is_strong=True, is_sortable=False
    ),
    Column("details", N_("Details"), lambda event: describe_event(event).details, stretch=3, is_sortable=False),
)

_STATES: Final[Mapping[str, Status]] = {
    BatchState.APPLIED: Status(N_("In the book"), Tone.GREEN),
    BatchState.UNDONE: Status(N_("Undone"), Tone.GREY),
}

BATCH_COLUMNS: Final[tuple[Column[ImportBatch], ...]] = (
    Column(
        "at",
        N_("When"),
        lambda batch: batch.imported_at.astimezone().replace(tzinfo=None),
        Kind.DATE,
        is_sortable=False,
    ),
    Column("file", N_("File"), lambda batch: batch.file_name, stretch=1, is_strong=True, is_sortable=False),
    Column("kind", N_("Kind of data"), lambda batch: kind_word(batch.kind), is_sortable=False),
    Column("added", N_("Added"), lambda batch: batch.rows_added, Kind.NUMBER, is_sortable=False),
    Column("changed", N_("Changed"), lambda batch: batch.rows_changed or None, Kind.NUMBER, rank=2, is_sortable=False),
    Column(
        "rejected", N_("Rejected"), lambda batch: batch.rows_rejected or None, Kind.NUMBER, rank=3, is_sortable=False
    ),
    Column("user", N_("Who"), lambda batch: batch.user, Kind.MUTED, rank=4, is_sortable=False),
    Column("state", N_("State"), lambda batch: batch.state, Kind.STATUS, statuses=_STATES, is_sortable=False),
)

BACKUP_COLUMNS: Final[tuple[Column[Backup], ...]] = (
    Column("at", N_("When"), lambda backup: backup.made_at.astimezone().replace(tzinfo=None), Kind.DATE),
    Column("kind", N_("Why"), lambda backup: _(_BACKUPS[backup.kind]), is_strong=True),
    Column("file", N_("File"), lambda backup: backup.path.name, Kind.MUTED, stretch=1),
    Column("size", N_("Size"), lambda backup: size_text(backup.size), Kind.MUTED, is_sortable=False),
)


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """What undoing an import would do, in lines, and how it is done; without `run` it cannot be.

    `is_partial` when some of it must stay.
    """

    batch: ImportBatch
    lines: tuple[str, ...]
    run: Callable[..., Result[Any]] | None
    is_partial: bool = False


def kind_word(kind: str) -> str:
    """Give the word for a kind of import."""
    return _(_KINDS[kind]) if kind in _KINDS else kind


def fetch_events(db: Any, request: Request[str]) -> Sequence[AuditEvent]:  # noqa: ANN401 - the lane's Db
    """Read one page of the audit trail."""
    return audit.list_events(db, offset=request.offset, limit=request.limit, noun=request.filter)


def summarize_events(db: Any, noun: str) -> Summary:  # noqa: ANN401 - the lane's Db
    """Count the events of a kind of data."""
    count = audit.count_events(db, noun=noun)
    return Summary(count, hidden=audit.count_events(db) if noun and not count else 0)


def fetch_batches(db: Any, request: Request[str]) -> Sequence[ImportBatch]:  # noqa: ANN401 - the lane's Db
    """Read one page of imports, those of usage and bank included."""
    return imports.list_batches(db, kind=request.filter, offset=request.offset, limit=request.limit)


def summarize_batches(db: Any, kind: str) -> Summary:  # noqa: ANN401 - the lane's Db
    """Count the imports of a kind."""
    return Summary(imports.count_batches(db, kind=kind))


def plan_undo(db: Any, batch: ImportBatch) -> UndoPlan:  # noqa: ANN401 - the lane's Db
    """Say what undoing an import would do, by the service that brought it in."""
    plans = {BANK: _plan_bank, USAGE: _plan_usage}
    return plans.get(batch.kind, _plan_records)(db, batch)


def _plan_bank(db: Any, batch: ImportBatch) -> UndoPlan:  # noqa: ANN401 - the lane's Db
    preview = banking.preview_undo(db, batch.id)
    lines = [
        ngettext("{n} bank line is taken out.", "{n} bank lines are taken out.", preview.withdrawn),
        _("The file can be imported again."),
    ]
    if preview.kept:
        lines.append(
            ngettext(
                "{n} bank line stays, for another file has it too.",
                "{n} bank lines stay, for another file has them too.",
                preview.kept,
            )
        )
    if not preview.settled:
        return UndoPlan(batch, tuple(lines), banking.undo_import)
    lines = [
        ngettext("{n} bank line of it is matched.", "{n} bank lines of it are matched.", preview.settled),
        _("Unmatch them on the bank screen first, then undo the import."),
    ]
    return UndoPlan(batch, tuple(lines), None)


def _plan_usage(db: Any, batch: ImportBatch) -> UndoPlan:  # noqa: ANN401 - the lane's Db
    preview = usage.preview_undo(db, batch.id)
    lines = [ngettext("{n} event is taken out.", "{n} events are taken out.", preview.events)]
    if preview.waiting:
        lines.append(ngettext("{n} waiting row is dropped.", "{n} waiting rows are dropped.", preview.waiting))
    if preview.restored:
        lines.append(ngettext("{n} replaced event comes back.", "{n} replaced events come back.", preview.restored))
    if preview.drafts:
        lines.append(
            ngettext(
                "{n} draft that a threshold asked for is made anew, or goes.",
                "{n} drafts that a threshold asked for are made anew, or go.",
                preview.drafts,
            )
        )
    if not preview.invoices:
        return UndoPlan(batch, tuple(lines), usage.undo_usage_import)
    numbers = list(dict.fromkeys(one.number for one in preview.invoices))
    shown = numbers[0] if len(numbers) == 1 else f"{numbers[0]} – {numbers[-1]} ({len(numbers)})"
    lines.append(_("Issued invoices charge this usage: {numbers}.", numbers=shown))
    lines.append(_("The next billing run credits or bills the difference."))
    return UndoPlan(batch, tuple(lines), partial(usage.undo_usage_import, force=True))


def _plan_records(db: Any, batch: ImportBatch) -> UndoPlan:  # noqa: ANN401 - the lane's Db
    preview = imports.preview_undo(db, batch.id)
    lines = [ngettext("{n} record is removed.", "{n} records are removed.", preview.removed)]
    if preview.restored:
        lines.append(
            ngettext("{n} record is as it was before.", "{n} records are as they were before.", preview.restored)
        )
    lines += [str(describe(problem)) for problem in preview.blocked[:5]]
    if preview.blocked:
        lines.append(ngettext("{n} record cannot go.", "{n} records cannot go.", len(preview.blocked)))
    if not preview.blocked:
        return UndoPlan(batch, tuple(lines), imports.undo_import)
    rest = partial(imports.undo_import, leave_blocked=True) if preview.removed or preview.restored else None
    return UndoPlan(batch, tuple(lines), rest, is_partial=True)


def list_backups_of(book: Path) -> list[Backup]:
    """Give the backups beside a book, newest first."""
    return backups.list_backups(backups.backup_folder(book))


def back_up_now(book: Path) -> Backup:
    """Copy the open book, read the copy back and check it."""
    return backups.back_up(book, datetime.now(UTC))


def last_backup_text(found: Sequence[Backup]) -> str:
    """Say when the book was last backed up."""
    if not found:
        return _("No backup yet. Make one now: it is read back and checked before it counts.")
    newest = found[0].made_at.astimezone()
    return _("Last backup on {day} at {time}.", day=current().day(newest.date()), time=f"{newest:%H:%M}")


def size_text(size: int) -> str:
    """Write a file size."""
    place, amount = 0, size
    while amount >= _KILO and place < len(_UNITS) - 1:
        amount, place = amount // _KILO, place + 1
    return f"{amount} {_UNITS[place]}"
