"""What a billing run shows: a row per document, what to look at in words, totals, and earlier runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from billdesk.domain.customers import DeliveryChannel
from billdesk.domain.invoices import DocumentKind
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.messages import describe
from billdesk.kernel.money import Money
from billdesk.services.billing import DraftRow, Finding, RunPreview, RunRow, list_runs
from billdesk.ui.core.table_columns import Column, Kind, Request, Status, Summary
from billdesk.ui.core.tokens import Tone

CHANNELS: Final[Mapping[DeliveryChannel, str]] = {
    DeliveryChannel.EMAIL: N_("E-mail"),
    DeliveryChannel.LETTER: N_("Letter"),
    DeliveryChannel.NONE: N_("Not sent"),
}
_LATE_ONLY: Final = "late"
KINDS: Final[Mapping[str, Status]] = {
    DocumentKind.INVOICE: Status(N_("Invoice"), Tone.BLUE),
    DocumentKind.CREDIT_NOTE: Status(N_("Credit note"), Tone.AMBER),
    "": Status(N_("Left out"), Tone.RED),
    _LATE_ONLY: Status(N_("Late usage"), Tone.AMBER),
}
RUN_STATES: Final[Mapping[str, Status]] = {
    "drafted": Status(N_("Made"), Tone.GREEN),
    "undone": Status(N_("Taken back"), Tone.GREY),
}
_PROBLEM: Final = "problem"
_LATE: Final = frozenset({"late_usage_ask", "late_usage_ignored"})
_SILENT: Final = "missing_usage"
_OF_CONTRACT: Final = frozenset({_SILENT, "draft_waiting", "distance_passed", _PROBLEM})
_MOST_RUNS: Final = 10_000

_WORDS: Final[Mapping[str, Callable[[Finding], str]]] = {
    "first_invoice": lambda _f: _("First invoice"),
    "changed": lambda f: _("{percent} % against the last run", percent=f"{int(f.value):+}"),
    "negative": lambda _f: _("Money goes back"),
    "zero": lambda _f: _("Nothing to pay"),
    "held": lambda _f: _("Billing is paused: the draft is held back"),
    "draft_waiting": lambda _f: _("A draft made by hand waits"),
    "distance_passed": lambda _f: _("Passes 10,000 euro of sales to consumers abroad: their rates apply from here"),
    _PROBLEM: lambda f: str(describe(Problem(f.value, value=dict(f.details).get("value", ""), details=f.details))),
}


REMARKS: Final = (
    (_PROBLEM, N_("Problems")),
    ("first_invoice", N_("First invoice")),
    ("changed", N_("Changed")),
    ("negative", N_("Money goes back")),
    ("zero", N_("Nothing to pay")),
    (_SILENT, N_("No usage")),
    ("held", N_("Held back")),
)
"""Kinds of remarks that the list can be narrowed to."""


def finding_words(finding: Finding) -> str:
    """Say what a person should look at."""
    words = _WORDS.get(finding.code)
    return words(finding) if words else finding.code


@dataclass(frozen=True, slots=True)
class BillRow:
    """One document of a run with what is remarkable about it; `draft` is None for a customer who was left out.

    `codes` are the kinds of its remarks, by which a person can narrow the list.
    """

    key: int
    customer_id: int
    customer: str
    draft: DraftRow | None
    remarks: tuple[str, ...]
    is_blocked: bool = False
    codes: frozenset[str] = frozenset()

    @property
    def is_held(self) -> bool:
        """Whether billing is paused, so that the draft must stay one."""
        return self.draft is not None and "held" in self.draft.findings

    @property
    def kind(self) -> str:
        """The kind of document, empty when its customer is left out, or that there is late usage only."""
        return self.draft.kind.value if self.draft else "" if self.is_blocked else _LATE_ONLY


def rows_of(preview: RunPreview) -> tuple[BillRow, ...]:
    """Join documents and findings, customers without a document first."""
    by_customer: dict[int, list[Finding]] = {}
    for finding in preview.findings:
        by_customer.setdefault(finding.customer_id, []).append(finding)
    rows = [_row(key, draft, by_customer.get(draft.customer_id, [])) for key, draft in enumerate(preview.rows)]
    billed = {draft.customer_id for draft in preview.rows}
    left_out = [(key, found) for key, found in by_customer.items() if key not in billed and _is_left_out(found)]
    lost = [
        BillRow(-number, key, found[0].customer_name, None, _distinct(found), is_blocked=_is_blocked(found))
        for number, (key, found) in enumerate(left_out, start=1)
    ]
    return (*lost, *rows)


def _is_left_out(found: Sequence[Finding]) -> bool:
    return any(finding.code in {_PROBLEM, "draft_waiting"} for finding in found)


def _row(key: int, draft: DraftRow, found: Sequence[Finding]) -> BillRow:
    own = [one for one in found if one.code in draft.findings or one.code in _OF_CONTRACT]
    is_blocked = any(one.code == _PROBLEM and one.value not in _LATE for one in own)
    return BillRow(key, draft.customer_id, draft.customer_name, draft, _distinct(own), is_blocked, _codes(own))


def _codes(found: Sequence[Finding]) -> frozenset[str]:
    return frozenset(one.code for one in found)


def _is_blocked(found: Sequence[Finding]) -> bool:
    """Whether a customer is left out for more than late usage, which waits by itself."""
    return not all(one.code == _PROBLEM and one.value in _LATE for one in found)


def _distinct(found: Sequence[Finding]) -> tuple[str, ...]:
    """Give the remarks in words, what matters most first, and the meters without usage in one of them."""
    order = sorted(found, key=lambda one: (one.code != _PROBLEM, one.code == _SILENT))
    words = [finding_words(one) for one in order if one.code != _SILENT]
    meters = ", ".join(dict.fromkeys(one.value for one in order if one.code == _SILENT))
    words += [_("No usage of {metric} came in", metric=meters)] if meters else []
    return tuple(dict.fromkeys(words))


def _amount(pick: Callable[[DraftRow], Money]) -> Callable[[BillRow], Money | None]:
    return lambda row: pick(row.draft) if row.draft else None


def _period(row: BillRow) -> str:
    period = row.draft.period if row.draft else None
    return current().days(period.start, period.last_day) if period else "–"


def _remark_tone(row: BillRow) -> Tone:
    return Tone.RED if row.is_blocked else Tone.AMBER


COLUMNS: Final[tuple[Column[BillRow], ...]] = (
    Column("customer", N_("Customer"), lambda r: r.customer, stretch=2, is_strong=True),
    Column("kind", N_("Document"), lambda r: r.kind, Kind.STATUS, rank=4, statuses=KINDS),
    Column("remarks", N_("To look at"), lambda r: "; ".join(r.remarks), stretch=3, rank=1, tone=_remark_tone),
    Column("period", N_("Period"), _period, Kind.MUTED, rank=3, is_sortable=False),
    Column("lines", N_("Lines"), lambda r: r.draft.lines if r.draft else None, Kind.NUMBER, rank=5),
    Column("channel", N_("Delivery"), lambda r: _(CHANNELS[r.draft.channel]) if r.draft else "–", Kind.MUTED, rank=6),
    Column("net", N_("Net"), _amount(lambda d: d.net), Kind.MONEY, rank=2),
    Column("tax", N_("VAT"), _amount(lambda d: d.tax), Kind.MONEY, is_optional=True),
    Column("total", N_("Total"), _amount(lambda d: d.total), Kind.MONEY, is_strong=True, is_summed=True),
)


def run_cause(run: RunRow) -> str:
    """Say why a run was made."""
    return _("Threshold") if run.is_by_threshold else _("Person")


def _run_totals(run: RunRow) -> str:
    return " + ".join(current().money(Money(total, currency)) for currency, _n, _net, _tax, total in run.totals)


RUN_COLUMNS: Final[tuple[Column[RunRow], ...]] = (
    Column("as_of", N_("Billed up to"), lambda r: r.as_of, Kind.DATE, is_strong=True, is_sortable=False),
    Column("made", N_("Made"), lambda r: r.created_at.astimezone(), Kind.DATE, is_sortable=False),
    Column("user", N_("By"), lambda r: r.user, Kind.MUTED, rank=3, is_sortable=False),
    Column("cause", N_("Because of"), run_cause, Kind.MUTED, rank=2, is_sortable=False),
    Column("documents", N_("Documents"), lambda r: r.documents, Kind.NUMBER, is_sortable=False),
    Column("lines", N_("Lines"), lambda r: r.lines, Kind.NUMBER, rank=4, is_sortable=False),
    Column("totals", N_("Total"), _run_totals, stretch=1, is_sortable=False),
    Column("state", N_("State"), lambda r: r.state, Kind.STATUS, statuses=RUN_STATES, is_sortable=False),
)


def fetch_runs(db: Any, request: Request[None]) -> Sequence[RunRow]:  # noqa: ANN401
    """Give one page of runs, newest first."""
    return list_runs(db, offset=request.offset, limit=request.limit)


def summarize_runs(db: Any, _wanted: None) -> Summary:  # noqa: ANN401
    """Count runs; there are a few each month."""
    return Summary(len(list_runs(db, limit=_MOST_RUNS)))


def count_words(count: int) -> str:
    """Write a number of documents."""
    return ngettext("{n} document", "{n} documents", count)
