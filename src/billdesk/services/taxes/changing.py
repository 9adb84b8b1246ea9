"""A change of percent that follows from a date, for one or many rates as one entry: what it touches, done, revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.domain.taxes import TaxRate, change_rate
from billdesk.kernel.changes import Noun
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import NotFound, RuleBroken
from billdesk.services import audit
from billdesk.services.result import Result
from billdesk.services.taxes.keeping import require_sound
from billdesk.storage import taxes as storage
from billdesk.storage.database import Db

_CHANGED: Final = frozenset({Noun.SETTINGS})


@dataclass(frozen=True, slots=True)
class RateChange:
    """From when which rates have which percent."""

    rate_ids: tuple[int, ...]
    percent: Decimal
    since: date


@dataclass(frozen=True, slots=True)
class RateChangePreview:
    """What a change touches: rates before and after, customers there, and documents dated from then at the old percent.

    Drafts are made anew by the next billing run; `issued` keep what they say and may need a correction.
    """

    before: tuple[TaxRate, ...]
    after: tuple[TaxRate, ...]
    customers: int
    drafts: int
    issued: int


def find_rates(
    db: Db, day: date, *, country: str = "", tax_class: str = "", percent: Decimal | None = None
) -> list[TaxRate]:
    """Give the rates that hold on a day, of a country, a class or a percent where these are given."""
    return [
        rate
        for rate in storage.load_tax_rates(db, country)
        if rate.holds_on(day) and tax_class in {"", rate.tax_class} and percent in {None, rate.percent}
    ]


def preview_rate_change(db: Db, change: RateChange) -> RateChangePreview:
    """Say what a change would touch; nothing is written. Raises NotFound, RuleBroken or RowsRejected as it would."""
    before = _rates(db, change)
    _known, after = _changed(db, before, change)
    reach = storage.reach_of_rates(db, [(one.country, one.tax_class, one.percent) for one in before], change.since)
    return RateChangePreview(tuple(before), tuple(after), reach.customers, reach.drafts, reach.issued)


def change_tax_rates(db: Db, change: RateChange) -> Result[tuple[int, ...]]:
    """End rates and let another percent follow on `since`, all or none, as one entry (7.7 → 8.1 %).

    Gives the ids of the rates that follow. Raises NotFound, RuleBroken `rate_change_outside` when a rate does not
    hold on that day or only starts then, and RowsRejected for an impossible percent.
    """
    before = _rates(db, change)
    _known, after = _changed(db, before, change)
    for rate in before:
        storage.update_tax_rate(db, replace(rate, until=change.since))
    ids = storage.insert_tax_rates(db, after)
    details = {
        "percent": to_text(change.percent),
        "since": change.since.isoformat(),
        "rates": [f"{one.country} {one.tax_class} {to_text(one.percent)}" for one in before],
    }
    audit.record(db, command="change_tax_rates", noun=Noun.SETTINGS, details=details)
    return Result(tuple(ids), _CHANGED)


def revoke_rate_change(db: Db, rate_ids: Sequence[int]) -> Result[int]:
    """Take rates that follow others out again, so that the ones before go on; documents keep what they say.

    Raises NotFound, or RuleBroken `rate_follows_none` for a rate that does not follow directly on another one.
    """
    for rate_id in rate_ids:
        known = storage.load_tax_rates(db)
        rate = next((one for one in known if one.id == rate_id), None)
        if rate is None:
            raise NotFound("settings", str(rate_id))
        before = next((one for one in known if _key(one) == _key(rate) and one.until == rate.since), None)
        if before is None:
            raise RuleBroken("rate_follows_none", (("country", rate.country), ("since", rate.since.isoformat())))
        storage.delete_tax_rate(db, rate_id)
        storage.update_tax_rate(db, replace(before, until=rate.until))
    audit.record(db, command="revoke_rate_change", noun=Noun.SETTINGS, details={"rates": len(rate_ids)})
    return Result(len(rate_ids), _CHANGED)


def _key(rate: TaxRate) -> tuple[str, str, str]:
    return rate.country, rate.region, rate.tax_class


def _rates(db: Db, change: RateChange) -> list[TaxRate]:
    known = {rate.id: rate for rate in storage.load_tax_rates(db)}
    for rate_id in change.rate_ids:
        if rate_id not in known:
            raise NotFound("settings", str(rate_id))
    return [known[rate_id] for rate_id in dict.fromkeys(change.rate_ids)]


def _changed(db: Db, rates: Sequence[TaxRate], change: RateChange) -> tuple[tuple[TaxRate, ...], list[TaxRate]]:
    """Give all rates as they would be, and those that follow."""
    known = tuple(storage.load_tax_rates(db))
    new: list[TaxRate] = []
    for old in rates:
        if not old.since < change.since or not old.holds_on(change.since):
            details = (("date", change.since.isoformat()), ("since", old.since.isoformat()))
            raise RuleBroken("rate_change_outside", details)
        known = change_rate(known, old, change.percent, change.since)
        new.append(known[-1])
    require_sound(known)
    return known, new
