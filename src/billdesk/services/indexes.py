"""Price indexes: the figures by month that contracts rise with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.domain.contract_terms import PriceIndex, Uplift
from billdesk.domain.renewals import FAR, course
from billdesk.domain.subscriptions import Subscription
from billdesk.domain.timeline import in_order
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import InvalidValue, Place, Problem, RowsRejected, RuleBroken
from billdesk.kernel.period import add_months
from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.months import parse_month
from billdesk.services import audit
from billdesk.services.plan_changes import refresh_standings
from billdesk.services.result import Result
from billdesk.storage import indexes as storage
from billdesk.storage import subscriptions
from billdesk.storage.database import Db

__all__ = [
    "PriceIndex",
    "delete_index",
    "list_indexes",
    "load_index",
    "look_again",
    "read_month",
    "require_index",
    "save_index",
    "set_figures",
]

_CHANGED: Final = frozenset({Noun.SUBSCRIPTIONS})


def list_indexes(db: Db) -> list[PriceIndex]:
    """Give every index with its figures, by code."""
    return storage.list_indexes(db)


def load_index(db: Db, code: str) -> PriceIndex:
    """Give one index; raises NotFound."""
    return storage.load_index(db, code)


def read_month(text: str) -> date:
    """Read a month written like 2026-01 or January 2026 as its first day; raises InvalidValue."""
    try:
        return parse_month(text)
    except CellError as error:
        raise InvalidValue(error.at(Place(field="month"), text)) from error


def save_index(db: Db, record: PriceIndex) -> Result[PriceIndex]:
    """Add an index (id 0) or rename one; its code stays. Raises RowsRejected and StaleRecord."""
    code, name = record.code.strip(), record.name.strip()
    known = [one.code for one in storage.list_indexes(db) if one.id != record.id]
    problems = [
        Problem("value_missing", Place(field=field)) for field, text in (("code", code), ("name", name)) if not text
    ]
    if code.casefold() in {one.casefold() for one in known}:
        problems.append(Problem("already_used", Place(field="code"), code))
    if problems:
        raise RowsRejected(tuple(problems))
    if record.id:
        storage.update_index(db, replace(record, name=name))
    else:
        storage.insert_index(db, replace(record, code=code, name=name))
    audit.record(db, command="save_index", noun=Noun.SUBSCRIPTIONS, subject=code, details={"code": code, "name": name})
    made = storage.load_index(db, code)
    if record.id or not record.values:
        return Result(made, _CHANGED)
    return set_figures(db, code, record.values)


def set_figures(db: Db, code: str, figures: Mapping[date, Decimal | None]) -> Result[PriceIndex]:
    """Enter, change or (None) take out figures by month; contracts that rose with them are billed the difference.

    Raises NotFound and RowsRejected.
    """
    index = storage.load_index(db, code)
    by_month = {month.replace(day=1): value for month, value in figures.items()}
    changed = {month: value for month, value in by_month.items() if index.values.get(month) != value}
    problems = [
        Problem("too_small", Place(field=month.isoformat()[:7]), f"{value:f}", (("minimum", "0.01"),))
        for month, value in changed.items()
        if value is not None and value <= 0
    ]
    if problems:
        raise RowsRejected(tuple(problems))
    storage.write_figures(db, index.id, {month: value for month, value in changed.items() if value is not None})
    storage.delete_figures(db, index.id, [month for month, value in changed.items() if value is None])
    moved = look_again(db, code, changed)
    shown = {month.isoformat()[:7]: "" if value is None else f"{value:f}" for month, value in sorted(changed.items())}
    details = {"code": code, "figures": shown, "contracts": moved}
    audit.record(db, command="set_index_figures", noun=Noun.SUBSCRIPTIONS, subject=code, details=details)
    return Result(storage.load_index(db, code), _CHANGED if changed else frozenset())


def look_again(db: Db, code: str, months: Iterable[date]) -> int:
    """Have billing look again at contracts whose prices rise with these figures; gives how many."""
    wanted, since = set(months), {}
    records = subscriptions.load_with_index(db, code)
    for record in records:
        days = _renewal_days(db, record, code, wanted)
        if days:
            since[record.id] = min(days)
    subscriptions.touch(db, since)
    refresh_standings(db, [record for record in records if record.id in since])
    return len(since)


def _renewal_days(db: Db, record: Subscription, code: str, wanted: set[date]) -> list[date]:
    entries = in_order(record.entries)
    renewals = course(entries, max([add_months(db.today, FAR // 50), *(one.effective for one in entries)])).renewals
    return [
        one.day for one in renewals if one.uplift.index == code and wanted & set(one.uplift.months(one.since, one.day))
    ]


def delete_index(db: Db, code: str) -> Result[None]:
    """Take an index out that no contract uses; raises NotFound and RuleBroken."""
    index = storage.load_index(db, code)
    users = subscriptions.load_with_index(db, code)
    if users:
        raise RuleBroken("index_used", (("number", users[0].number), ("code", code)))
    storage.delete_index(db, index.id)
    audit.record(db, command="delete_index", noun=Noun.SUBSCRIPTIONS, subject=code, details={"code": code})
    return Result(None, _CHANGED)


def require_index(db: Db, *uplifts: Uplift | None) -> None:
    """Refuse an uplift with an index that is not kept; raises RowsRejected."""
    wanted = [one.index for one in uplifts if one is not None and one.index]
    if not wanted:
        return
    known = {one.code for one in storage.list_indexes(db)}
    problems = [Problem("index_unknown", Place(field="index"), code) for code in wanted if code not in known]
    if problems:
        raise RowsRejected(tuple(problems))
