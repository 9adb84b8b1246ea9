"""Exchange rates: the ECB's files, rates entered by hand, and the rate that a document freezes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Final

from billdesk.domain.invoices import ExchangeRate
from billdesk.kernel.changes import Noun
from billdesk.kernel.decimals import MAX_PLACES
from billdesk.kernel.errors import InvalidValue, Place, Problem, RuleBroken
from billdesk.kernel.progress import Progress
from billdesk.services import audit
from billdesk.services.result import Result
from billdesk.sheets.rates import read_ecb_rates
from billdesk.storage import taxes as storage
from billdesk.storage.database import Db
from billdesk.storage.taxes import QuotedRate

__all__ = [
    "ECB",
    "EURO",
    "MANUAL",
    "QuotedRate",
    "RatesImported",
    "import_rates",
    "list_rates",
    "rate_on",
    "set_rate",
]

EURO: Final = "EUR"
ECB: Final = "ECB"
MANUAL: Final = "manual"
_CHANGED: Final = frozenset({Noun.SETTINGS})
_STEP: Final = 10_000
_PRECISION: Final = 50


@dataclass(frozen=True, slots=True)
class RatesImported:
    """What a file of rates brought."""

    added: int
    changed: int
    first: date | None
    last: date | None
    currencies: tuple[str, ...]


def import_rates(db: Db, path: Path, *, progress: Progress) -> Result[RatesImported]:
    """Take in an ECB file (`eurofxref` CSV, zip or XML); a file read twice adds nothing. Raises UnreadableFile."""
    rates: list[QuotedRate] = []
    for rate in read_ecb_rates(path):
        rates.append(QuotedRate(rate.currency, rate.day, rate.per_euro, ECB))
        if len(rates) % _STEP == 0:
            progress.step(len(rates), label=rate.currency)
    added, changed = storage.save_rates(db, rates)
    days = [rate.day for rate in rates]
    outcome = RatesImported(
        added, changed, min(days, default=None), max(days, default=None), tuple(sorted({r.currency for r in rates}))
    )
    details = {"file": path.name, "added": added, "changed": changed}
    audit.record(db, command="import_rates", noun=Noun.SETTINGS, details=details)
    return Result(outcome, _CHANGED)


def set_rate(db: Db, currency: str, day: date, per_euro: Decimal) -> Result[None]:
    """Enter what one euro is worth in `currency` on a day; raises InvalidValue for zero, less, or the euro itself."""
    if currency == EURO:
        raise InvalidValue(Problem("euro_has_no_rate", Place(field="currency"), currency))
    if per_euro <= 0:
        raise InvalidValue(Problem("too_small", Place(field="rate"), str(per_euro), (("minimum", "0"),)))
    storage.save_rates(db, [QuotedRate(currency, day, per_euro, MANUAL)])
    details = {"day": day.isoformat(), "per_euro": str(per_euro)}
    audit.record(db, command="set_rate", noun=Noun.SETTINGS, subject=currency, details=details)
    return Result(None, _CHANGED)


def list_rates(db: Db, currency: str = "", *, offset: int = 0, limit: int = 100) -> list[QuotedRate]:
    """Give rates, newest first, of one or all currencies."""
    return storage.list_rates(db, currency, offset=offset, limit=limit)


def rate_on(db: Db, currency: str, to: str, day: date) -> ExchangeRate:
    """Give what one unit of `currency` is worth in `to`, by the last rates on or before `day`.

    Raises RuleBroken `exchange_rate_missing` when there is none. The rate has at most 12 decimals; its day and source
    are those of the older of the two rates it comes from.
    """
    if currency == to:
        return ExchangeRate(Decimal(1), day, "")
    one, other = _quoted(db, currency, day), _quoted(db, to, day)
    with localcontext() as context:
        context.prec = _PRECISION
        rate = (other.per_euro / one.per_euro).quantize(Decimal(1).scaleb(-MAX_PLACES), ROUND_HALF_UP)
    oldest = min((quoted for quoted in (one, other) if quoted.currency != EURO), key=lambda quoted: quoted.day)
    return ExchangeRate(rate, oldest.day, oldest.source)


def _quoted(db: Db, currency: str, day: date) -> QuotedRate:
    if currency == EURO:
        return QuotedRate(EURO, day, Decimal(1), "")
    found = storage.rate_on(db, currency, day)
    if found is None:
        raise RuleBroken("exchange_rate_missing", (("currency", currency), ("day", day.isoformat())))
    return found
