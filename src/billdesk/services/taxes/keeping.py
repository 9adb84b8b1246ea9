"""Tax rates: the ones a book starts with, and changes of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from billdesk.domain.tax_seed import seed_rates
from billdesk.domain.taxes import TaxRate, TaxTable, check_rates
from billdesk.kernel.changes import Noun
from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import NotFound, RowsRejected
from billdesk.services import audit
from billdesk.services.result import Result
from billdesk.storage import taxes as storage
from billdesk.storage.database import Db

_CHANGED: Final = frozenset({Noun.SETTINGS})


def seed_tax_rates(db: Db) -> Result[int]:
    """Give a book without tax rates those of Europe; a book that has some is left alone."""
    if storage.load_tax_rates(db):
        return Result(0)
    rates = seed_rates()
    storage.insert_tax_rates(db, rates)
    audit.record(db, command="seed_tax_rates", noun=Noun.SETTINGS, details={"rates": len(rates)})
    return Result(len(rates), _CHANGED)


def list_tax_rates(db: Db, country: str = "") -> list[TaxRate]:
    """Give tax rates by country, class and validity."""
    return storage.load_tax_rates(db, country)


def tax_table(db: Db) -> TaxTable:
    """Give rates and rules as the engine wants them."""
    return TaxTable(tuple(storage.load_tax_rates(db)))


def save_tax_rate(db: Db, rate: TaxRate) -> Result[None]:
    """Add (id 0) or change one rate; raises RowsRejected when it is impossible or overlaps another, StaleRecord."""
    others = [other for other in storage.load_tax_rates(db, rate.country) if other.id != rate.id]
    require_sound([*others, rate])
    if rate.id:
        storage.update_tax_rate(db, rate)
    else:
        storage.insert_tax_rates(db, [rate])
    _audit(db, "save_tax_rate", [rate])
    return Result(None, _CHANGED)


def delete_tax_rate(db: Db, rate_id: int) -> Result[None]:
    """Delete a rate; documents keep what they say. Raises NotFound."""
    found = find_rate(db, rate_id)
    storage.delete_tax_rate(db, rate_id)
    _audit(db, "delete_tax_rate", [found])
    return Result(None, _CHANGED)


def find_rate(db: Db, rate_id: int) -> TaxRate:
    """Give one rate; raises NotFound."""
    for rate in storage.load_tax_rates(db):
        if rate.id == rate_id:
            return rate
    raise NotFound("settings", str(rate_id))


def require_sound(rates: Sequence[TaxRate]) -> None:
    """Raise RowsRejected for rates that contradict each other or themselves."""
    problems = check_rates(rates)
    if problems:
        raise RowsRejected(tuple(problems))


def _audit(db: Db, command: str, rates: Sequence[TaxRate]) -> None:
    for rate in rates:
        details = {"class": rate.tax_class, "percent": to_text(rate.percent), "since": rate.since.isoformat()}
        audit.record(db, command=command, noun=Noun.SETTINGS, subject=rate.country, details=details)
