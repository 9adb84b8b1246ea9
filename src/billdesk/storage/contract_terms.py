"""Contract terms and uplifts between their JSON in an entry and their records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from billdesk.domain.contract_terms import AfterTerm, ContractTerm, EarlyFee, FeeKind, Uplift
from billdesk.kernel.decimals import from_text, to_text


def write_term(term: ContractTerm | None) -> dict[str, object] | None:
    """Give a term as JSON."""
    if term is None:
        return None
    days = {name: getattr(term, name) for name in ("until", "since")}
    plain = {
        name: getattr(term, name) for name in ("months", "notice_days", "notice_months", "after", "renewal_months")
    }
    fee = {"kind": term.fee.kind, "percent": to_text(term.fee.percent), "amount": to_text(term.fee.amount)}
    dates = {name: None if one is None else one.isoformat() for name, one in days.items()}
    committed = None if term.commitment is None else to_text(term.commitment)
    plain |= {"commitment": committed, "commitment_months": term.commitment_months}
    return plain | dates | {"uplift": write_uplift(term.uplift), "fee": fee}


def read_term(stored: Mapping[str, Any] | None) -> ContractTerm | None:
    """Read what `write_term` wrote."""
    if stored is None:
        return None
    fee = stored["fee"]
    return ContractTerm(
        months=stored["months"],
        until=_day(stored["until"]),
        since=_day(stored["since"]),
        notice_days=stored["notice_days"],
        notice_months=stored["notice_months"],
        after=AfterTerm(stored["after"]),
        renewal_months=stored["renewal_months"],
        uplift=read_uplift(stored["uplift"]) or Uplift(),
        fee=EarlyFee(FeeKind(fee["kind"]), from_text(fee["percent"]), from_text(fee["amount"])),
        commitment=None if stored.get("commitment") is None else from_text(stored["commitment"]),
        commitment_months=stored.get("commitment_months"),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def write_uplift(uplift: Uplift | None) -> dict[str, object] | None:
    """Give an uplift as JSON."""
    if uplift is None:
        return None
    rates = {name: to_text(getattr(uplift, name)) for name in ("percent", "share")}
    return rates | {"index": uplift.index, "lag_months": uplift.lag_months, "places": uplift.places}


def read_uplift(stored: Mapping[str, Any] | None) -> Uplift | None:
    """Read what `write_uplift` wrote."""
    if stored is None:
        return None
    return Uplift(
        percent=from_text(stored["percent"]),
        index=stored["index"],
        share=from_text(stored["share"]),
        lag_months=stored["lag_months"],
        places=stored["places"],
    )
