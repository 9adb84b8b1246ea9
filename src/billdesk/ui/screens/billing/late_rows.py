"""Late usage in the billing screen: its columns and words, and where the rows come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from billdesk.domain.catalog import LateUsage
from billdesk.kernel.i18n import N_, current, ngettext
from billdesk.services.billing import LateState, LateUsageRow, list_late_usage
from billdesk.ui.core.table_columns import Column, Kind, Request, Status, Summary
from billdesk.ui.core.tokens import Tone

_MOST: Final = 10_000
_IGNORED: Final = "ignored"
_STATES: Final[Mapping[str, Status]] = {
    LateState.OPEN: Status(N_("Waits for you"), Tone.AMBER),
    LateState.BILL: Status(N_("On the next invoice"), Tone.GREEN),
    LateState.LEAVE: Status(N_("Left out"), Tone.GREY),
    _IGNORED: Status(N_("Not billed by this price"), Tone.GREY),
}


def _state(row: LateUsageRow) -> str:
    is_ignored = row.state is LateState.OPEN and row.policy is LateUsage.IGNORE
    return _IGNORED if is_ignored else row.state.value


def _days(row: LateUsageRow) -> str:
    return current().days(row.period.start, row.period.last_day)


COLUMNS: Final[tuple[Column[LateUsageRow], ...]] = (
    Column("customer", N_("Customer"), lambda r: r.customer_name, stretch=2, is_strong=True, is_sortable=False),
    Column("contract", N_("Contract"), lambda r: r.contract, Kind.MUTED, rank=3, is_sortable=False),
    Column("price", N_("Price"), lambda r: r.price_name, stretch=1, rank=4, is_sortable=False),
    Column("period", N_("Period"), _days, Kind.MUTED, is_sortable=False),
    Column("lacks", N_("Not billed"), lambda r: r.lacks, Kind.MONEY, is_strong=True, is_summed=True, is_sortable=False),
    Column("comes_to", N_("Of"), lambda r: r.comes_to, Kind.MONEY, rank=2, is_sortable=False),
    Column("state", N_("State"), _state, Kind.STATUS, statuses=_STATES, is_sortable=False),
)


def fetch_late(db: Any, request: Request[None]) -> Sequence[LateUsageRow]:  # noqa: ANN401
    """Give one page of late usage."""
    return list_late_usage(db, offset=request.offset, limit=request.limit)


def summarize_late(db: Any, _wanted: None) -> Summary:  # noqa: ANN401
    """Count late usage; there is little of it."""
    return Summary(len(list_late_usage(db, limit=_MOST)))


def decided_words(count: int, state: LateState) -> str:
    """Say what was decided."""
    match state:
        case LateState.BILL:
            return ngettext("{n} period is on the next invoice.", "{n} periods are on the next invoice.", count)
        case LateState.LEAVE:
            return ngettext("{n} period is left out.", "{n} periods are left out.", count)
        case _:
            return ngettext("{n} period waits again.", "{n} periods wait again.", count)
