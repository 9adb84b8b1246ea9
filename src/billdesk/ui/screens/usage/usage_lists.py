"""The lists of the usage screen: meters, what waits, imports and events, with their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.usage import BatchState, ImportBatch, WaitReason
from billdesk.kernel.i18n import N_, _, current
from billdesk.services.imports import count_batches, list_batches
from billdesk.services.usage import (
    EventFilter,
    EventRow,
    EventState,
    MeterFilter,
    MeterPage,
    MeterRow,
    MeterSort,
    WaitingFilter,
    WaitingRow,
    count_events,
    count_meters,
    count_unmatched,
    list_events,
    list_meters,
    list_unmatched,
)
from billdesk.ui.core.table_columns import Column, Kind, Request, Status, Summary
from billdesk.ui.core.tokens import Tone

USAGE: Final = "usage"
_MUCH_MORE: Final = 50
_MUCH_LESS: Final = -50
REASONS: Final[Mapping[str, Status]] = {
    WaitReason.UNKNOWN_CONTRACT: Status(N_("Unknown contract"), Tone.AMBER),
    WaitReason.NOT_ACTIVE: Status(N_("Contract not running"), Tone.AMBER),
    WaitReason.SEVERAL_CONTRACTS: Status(N_("Several contracts"), Tone.AMBER),
    WaitReason.CONFLICT: Status(N_("Other values, same key"), Tone.RED),
}
BATCH_STATES: Final[Mapping[str, Status]] = {
    BatchState.APPLIED: Status(N_("In the book"), Tone.GREEN),
    BatchState.UNDONE: Status(N_("Taken back"), Tone.GREY),
}
EVENT_STATES: Final[Mapping[str, Status]] = {
    EventState.COUNTED: Status(N_("Counts"), Tone.GREEN),
    EventState.LATE: Status(N_("Late"), Tone.AMBER),
    EventState.REPLACED: Status(N_("Replaced"), Tone.GREY),
    EventState.UNDONE: Status(N_("Taken back"), Tone.GREY),
}


def _local(moment: datetime) -> datetime:
    return moment.astimezone()


def _source(event: EventRow) -> str:
    return _("row {row} of {file}", row=event.row, file=event.file_name)


def change_words(percent: int | None) -> str:
    """Write how much more or less was used than after as many days last month."""
    if percent is None:
        return ""
    return f"{'+' if percent > 0 else ''}{current().percent(Decimal(percent))}"


def is_outlier(percent: int | None) -> bool:
    """Whether a change is worth a second look: half as much again, or less than half."""
    return percent is not None and (percent > _MUCH_MORE or percent < _MUCH_LESS)


METER_COLUMNS: Final[tuple[Column[MeterRow], ...]] = (
    Column("customer", N_("Customer"), lambda r: r.customer, stretch=2, is_strong=True),
    Column("contract", N_("Contract"), lambda r: r.contract, Kind.MUTED, rank=2),
    Column("metric", N_("Meter"), lambda r: r.name, stretch=1),
    Column("unit", N_("Unit"), lambda r: r.unit, Kind.MUTED, rank=3, is_sortable=False),
    Column("previous", N_("Last month"), lambda r: r.previous, Kind.NUMBER, rank=1, is_sortable=False),
    Column("current", N_("This month"), lambda r: r.current, Kind.NUMBER, is_strong=True, is_sortable=False),
    Column(
        "change",
        N_("Change"),
        lambda r: change_words(r.change),
        rank=2,
        is_sortable=False,
        tone=lambda r: Tone.AMBER if is_outlier(r.change) else None,
    ),
    Column("last", N_("Latest event"), lambda r: _local(r.last_instant), Kind.DATE, rank=4),
)
WAITING_COLUMNS: Final[tuple[Column[WaitingRow], ...]] = (
    Column(
        "reference", N_("Contract or customer"), lambda r: r.reference, stretch=1, is_strong=True, is_sortable=False
    ),
    Column("metric", N_("Meter"), lambda r: r.metric, is_sortable=False),
    Column("instant", N_("Time"), lambda r: _local(r.instant), Kind.DATE, rank=1, is_sortable=False),
    Column("quantity", N_("Quantity"), lambda r: r.quantity, Kind.NUMBER, is_sortable=False),
    Column("reason", N_("Why it waits"), lambda r: r.reason.value, Kind.STATUS, statuses=REASONS, is_sortable=False),
    Column("file", N_("File"), lambda r: r.file_name, Kind.MUTED, rank=2, is_sortable=False),
    Column("row", N_("Row"), lambda r: r.row, Kind.NUMBER, rank=2, is_sortable=False),
)
BATCH_COLUMNS: Final[tuple[Column[ImportBatch], ...]] = (
    Column("file", N_("File"), lambda r: r.file_name, stretch=1, is_strong=True, is_sortable=False),
    Column("when", N_("Imported"), lambda r: _local(r.imported_at), Kind.DATE, is_sortable=False),
    Column("user", N_("By"), lambda r: r.user, Kind.MUTED, rank=3, is_sortable=False),
    Column("read", N_("Rows"), lambda r: r.rows_read, Kind.NUMBER, rank=2, is_sortable=False),
    Column("added", N_("Events"), lambda r: r.rows_added, Kind.NUMBER, is_sortable=False),
    Column("duplicate", N_("Duplicates"), lambda r: r.rows_duplicate, Kind.NUMBER, rank=4, is_sortable=False),
    Column("waiting", N_("Waiting"), lambda r: r.rows_unmatched, Kind.NUMBER, rank=1, is_sortable=False),
    Column("rejected", N_("Rejected"), lambda r: r.rows_rejected, Kind.NUMBER, rank=1, is_sortable=False),
    Column("state", N_("State"), lambda r: r.state.value, Kind.STATUS, statuses=BATCH_STATES, is_sortable=False),
)
EVENT_COLUMNS: Final[tuple[Column[EventRow], ...]] = (
    Column("instant", N_("Time"), lambda r: _local(r.instant), Kind.DATE, is_sortable=False),
    Column("quantity", N_("Quantity"), lambda r: r.quantity, Kind.NUMBER, is_strong=True, is_sortable=False),
    Column("source", N_("From"), _source, Kind.MUTED, stretch=1, is_sortable=False),
    Column("state", N_("State"), lambda r: r.state.value, Kind.STATUS, statuses=EVENT_STATES, is_optional=True),
)


def fetch_meters(db: Any, request: Request[MeterFilter]) -> Sequence[MeterRow]:  # noqa: ANN401
    """Give one page of meters."""
    sort = MeterSort(request.sort or MeterSort.CUSTOMER)
    return list_meters(db, request.filter, MeterPage(sort, request.descending, request.offset, request.limit))


@dataclass(frozen=True, slots=True)
class UsageSummary(Summary):
    """Adds to the count how much waits."""

    waiting: int = 0


def summarize_meters(db: Any, wanted: MeterFilter) -> UsageSummary:  # noqa: ANN401
    """Count meters and what waits."""
    count = count_meters(db, wanted)
    return UsageSummary(count, hidden=0 if count else count_meters(db), waiting=count_unmatched(db))


def fetch_waiting(db: Any, request: Request[WaitingFilter]) -> Sequence[WaitingRow]:  # noqa: ANN401
    """Give one page of the queue."""
    return list_unmatched(db, request.filter, offset=request.offset, limit=request.limit)


def summarize_waiting(db: Any, wanted: WaitingFilter) -> UsageSummary:  # noqa: ANN401
    """Count the queue."""
    count, waiting = count_unmatched(db, wanted), count_unmatched(db)
    return UsageSummary(count, hidden=0 if count else waiting, waiting=waiting)


def fetch_batches(db: Any, request: Request[None]) -> Sequence[ImportBatch]:  # noqa: ANN401
    """Give one page of imports."""
    return list_batches(db, kind=USAGE, offset=request.offset, limit=request.limit)


def summarize_batches(db: Any, _wanted: None) -> Summary:  # noqa: ANN401
    """Count imports."""
    return Summary(count_batches(db, kind=USAGE))


def fetch_events(db: Any, request: Request[EventFilter]) -> Sequence[EventRow]:  # noqa: ANN401
    """Give one page of events."""
    return list_events(db, request.filter, offset=request.offset, limit=request.limit)


def summarize_events(db: Any, wanted: EventFilter) -> Summary:  # noqa: ANN401
    """Count events."""
    return Summary(count_events(db, wanted))
