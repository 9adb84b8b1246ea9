"""Terms, renewals and early ends between the cells of a row and an entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.contract_terms import (
    AfterTerm,
    ContractTerm,
    EarlyFee,
    FeeKind,
    PriceIndex,
    Uplift,
    check_term,
    check_uplift,
)
from billdesk.domain.subscriptions import Entry, EntryKind
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.errors import Place, Problem
from billdesk.services.imports.model import SourceRow

Refuse = Callable[..., None]

_PLACE: Final = Place(field="index")

_COLUMNS: Final = {
    "months": "term_months", "until": "term_until", "since": "term_since", "percent": "uplift_percent",
    "share": "uplift_share", "lag_months": "uplift_lag", "places": "uplift_decimals", "index": "uplift_index",
}  # fmt: skip
"""Fields of terms by the columns that give them, where the names differ."""

_TERM: Final = (
    "term_months", "term_until", "term_since", "notice_days", "notice_months", "after_term", "renewal_months",
    "fee_kind", "fee_percent", "fee_amount", "commitment", "commitment_months",
)  # fmt: skip
_UPLIFT: Final = ("uplift_percent", "uplift_index", "uplift_share", "uplift_lag", "uplift_decimals")
HELD: Final[Mapping[EntryKind, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    EntryKind.START: (("term", (*_TERM, *_UPLIFT)),),
    EntryKind.SET_TERM: (("term", (*_TERM, *_UPLIFT)),),
    EntryKind.RENEW: (("term", (*_TERM, "next_uplift")), ("uplift", _UPLIFT)),
    EntryKind.CANCEL: (("notice_given", ("notice_given",)), ("fee_waived", ("fee_waived",))),
}
"""By kind of entry, which of its fields come from which columns."""


def with_terms(entry: Entry, row: SourceRow, indexes: Mapping[str, PriceIndex], refuse: Refuse) -> Entry:
    """Give an entry what its row says of term, renewal or end; wrong cells are refused."""
    if entry.kind is EntryKind.CANCEL:
        return replace(entry, notice_given=row.get("notice_given"), fee_waived=bool(row.get("fee_waived")))
    if entry.kind not in HELD:
        return entry
    uplift = _uplift(row)
    has_term = any(row.get(name) not in {None, ""} for name in _TERM)
    term = None
    if entry.kind is EntryKind.RENEW:
        term = _term(row, _next_uplift(row, refuse) or Uplift()) if has_term else None
        entry = replace(entry, uplift=uplift)
    elif has_term or uplift is not None:
        term = _term(row, uplift or Uplift())
    problems = [] if term is None else check_term(term, entry.effective)
    problems += [] if uplift is None else [one for one in check_uplift(uplift) if one not in problems]
    for problem in [*problems, *_unknown(indexes, uplift, term.uplift if term else None)]:
        refuse(row, _column(problem), problem.code, problem.value, **dict(problem.details))
    return replace(entry, term=term)


def _column(problem: Problem) -> str:
    return _COLUMNS.get(problem.place.field, problem.place.field)


def _term(row: SourceRow, uplift: Uplift) -> ContractTerm:
    kind = row.get("fee_kind")
    percent, amount = row.get("fee_percent"), row.get("fee_amount")
    if kind is None:
        kind = FeeKind.PERCENT if percent is not None else FeeKind.FIXED if amount is not None else FeeKind.NONE
    has_length = row.get("term_months") is not None or row.get("term_until") is not None
    return ContractTerm(
        months=row.get("term_months"),
        until=row.get("term_until"),
        since=row.get("term_since"),
        notice_days=row.get("notice_days") or 0,
        notice_months=row.get("notice_months") or 0,
        after=AfterTerm(row.get("after_term") or (AfterTerm.RENEW if has_length else AfterTerm.CONTINUE)),
        renewal_months=row.get("renewal_months"),
        uplift=uplift,
        fee=EarlyFee(FeeKind(kind), percent or Decimal(0), amount or Decimal(0)),
        commitment=row.get("commitment"),
        commitment_months=row.get("commitment_months"),
    )


def _uplift(row: SourceRow) -> Uplift | None:
    percent, index = row.get("uplift_percent"), row.text("uplift_index")
    if percent is None and not index:
        return None
    return _made(row, Uplift(Decimal(0) if index else percent or Decimal(0), index), row.get("uplift_share"))


def _made(row: SourceRow, uplift: Uplift, share: Decimal | None) -> Uplift:
    lag, places = row.get("uplift_lag"), row.get("uplift_decimals")
    return replace(
        uplift,
        share=uplift.share if share is None else share,
        lag_months=uplift.lag_months if lag is None else lag,
        places=uplift.places if places is None else places,
    )


def _next_uplift(row: SourceRow, refuse: Refuse) -> Uplift | None:
    """Read `3`, `health` or `health:80`."""
    text = row.text("next_uplift").removesuffix("%").strip()
    if not text:
        return None
    code, _colon, share = text.partition(":")
    try:
        if code.lstrip("-")[:1].isdigit():
            return _made(row, Uplift(from_text(text.replace(",", "."))), None)
        return _made(row, Uplift(index=code), from_text(share) if share else None)
    except ValueError:
        refuse(row, "next_uplift", "not_a_number", text)
        return None


def _unknown(indexes: Mapping[str, PriceIndex], *uplifts: Uplift | None) -> list[Problem]:
    codes = {one.index for one in uplifts if one is not None and one.index}
    return [Problem("index_unknown", _PLACE, code) for code in sorted(codes) if code not in indexes]


def shown(entry: Entry) -> dict[str, Any]:
    """Give an entry's term, renewal or early end as cells."""
    if entry.kind is EntryKind.CANCEL:
        return {"notice_given": entry.notice_given, "fee_waived": entry.fee_waived or None}
    found: dict[str, Any] = {} if entry.term is None else _term_cells(entry.term)
    if entry.kind is not EntryKind.RENEW:
        return found | ({} if entry.term is None else _uplift_cells(entry.term.uplift))
    if entry.term is not None:
        found["next_uplift"] = _short(entry.term.uplift)
    return found | ({} if entry.uplift is None else _uplift_cells(entry.uplift))


def _term_cells(term: ContractTerm) -> dict[str, Any]:
    dates: dict[str, date | None] = {"term_until": term.until, "term_since": term.since}
    fee: dict[str, Any] = {"fee_kind": term.fee.kind}
    fee |= {"fee_percent": term.fee.percent} if term.fee.kind is FeeKind.PERCENT else {}
    fee |= {"fee_amount": term.fee.amount} if term.fee.kind is FeeKind.FIXED else {}
    return {
        "term_months": term.months,
        "notice_days": term.notice_days,
        "notice_months": term.notice_months,
        "after_term": term.after,
        "renewal_months": term.renewal_months,
        "commitment": term.commitment,
        "commitment_months": term.commitment_months,
        **dates,
        **fee,
    }


def _uplift_cells(uplift: Uplift) -> dict[str, Any]:
    more = {"uplift_decimals": uplift.places}
    if uplift.index:
        indexed = {"uplift_index": uplift.index, "uplift_share": uplift.share, "uplift_lag": uplift.lag_months}
        return more | indexed
    return more | {"uplift_percent": uplift.percent}


def _short(uplift: Uplift) -> str:
    if not uplift.index:
        return to_text(uplift.percent)
    return f"{uplift.index}:{to_text(uplift.share)}"
