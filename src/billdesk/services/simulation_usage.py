"""Usage of the months to come, supposed to repeat that of the last whole month, growing or shrinking month by month."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Final

from billdesk.domain.local_days import day_start
from billdesk.kernel.decimals import round_exact
from billdesk.kernel.period import add_months
from billdesk.services.result import Result
from billdesk.storage import simulation as storage
from billdesk.storage.database import Db
from billdesk.storage.simulation import Repetition
from billdesk.storage.usage import batches, rollups
from billdesk.storage.usage.batches import Counts

_MILLION: Final = 10**6
_DAY: Final = timedelta(days=1)
SUPPOSED: Final = "simulation"
"""The name of the file that supposed usage stands under."""


@dataclass
class Repeater:
    """Writes usage as time passes: never any of days that are still to come, as a threshold would see it at once."""

    since: date
    growth_percent: Decimal = Decimal(0)
    batch_id: int = 0
    written: int = 0
    until: int | None = field(default=None, init=False)

    @property
    def source(self) -> date:
        """The first day of the month that repeats: the last one that is over."""
        return add_months(self.since.replace(day=1), -1)

    def factor(self, number: int) -> int:
        """Give by what quantities are multiplied in the n-th month after the source, in millionths."""
        rate = 1 + Fraction(self.growth_percent) / 100
        return round_exact(rate**number * _MILLION)


def repeat_until(db: Db, repeater: Repeater, day: date) -> Result[int]:
    """Write the usage of the days up to a day, that day included, which were not written yet."""
    zone = rollups.zones(db)[0]
    since = repeater.until if repeater.until is not None else int(db.now.timestamp()) * _MILLION
    until = day_start(day + _DAY, zone)
    if not repeater.batch_id:
        repeater.batch_id = batches.start(db, file_name=SUPPOSED, sha256="")
    number, count = 1, 0
    while (month := add_months(repeater.source, number)) <= day:
        wanted = _repetition(repeater, month, number, zone)
        if since < wanted.target_end:
            count += storage.repeat_usage(db, _within(wanted, since, until))
        number += 1
    repeater.until, repeater.written = until, repeater.written + count
    return Result(count)


def _repetition(repeater: Repeater, month: date, number: int, zone: tzinfo) -> Repetition:
    source = repeater.source
    return Repetition(
        source_start=day_start(source, zone),
        source_end=day_start(add_months(source, 1), zone),
        target_start=day_start(month, zone),
        target_end=day_start(add_months(month, 1), zone),
        since=0,
        until=0,
        millionths=repeater.factor(number),
        number=number,
        batch_id=repeater.batch_id,
    )


def _within(wanted: Repetition, since: int, until: int) -> Repetition:
    return replace(wanted, since=since, until=until)


def close_repetition(db: Db, repeater: Repeater) -> Result[int]:
    """Bring the rest of the book in line with the usage that was written, so that a kept copy is sound."""
    if repeater.batch_id:
        spans = storage.spans_of_repeated(db, repeater.batch_id)
        batches.add_spans(db, repeater.batch_id, spans)
        batches.finish(db, repeater.batch_id, Counts(repeater.written, repeater.written))
        rollups.rebuild(db, spans)
    return Result(repeater.written)
