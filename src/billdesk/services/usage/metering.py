"""Metrics: what is measured and how events become one quantity."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Final

from billdesk.domain.usage import Aggregation, Metric
from billdesk.kernel.changes import Noun
from billdesk.kernel.decimals import MAX_PLACES
from billdesk.kernel.errors import InvalidValue, Place, Problem, RuleBroken
from billdesk.services import audit
from billdesk.services.result import Result
from billdesk.storage.database import Db
from billdesk.storage.usage import metrics, queue

_CHANGED: Final = frozenset({Noun.USAGE, Noun.CATALOG})
_FROZEN: Final = ("code", "decimals")


def list_metrics(db: Db) -> list[Metric]:
    """Give all metrics by code."""
    return metrics.list_metrics(db)


def load_metric(db: Db, metric_id: int) -> Metric:
    """Give one metric; raises NotFound."""
    return metrics.load(db, metric_id)


def create_metric(db: Db, record: Metric) -> Result[int]:
    """Add a metric; raises InvalidValue."""
    _check(db, record)
    metric_id = metrics.insert_metric(db, record)
    audit.record(db, command="create_metric", noun=Noun.USAGE, subject=str(metric_id), details={"code": record.code})
    return Result(metric_id, _CHANGED)


def change_metric(db: Db, record: Metric) -> Result[None]:
    """Replace a metric; its code and decimals are frozen once events exist or wait. Raises RuleBroken, StaleRecord."""
    before = metrics.load(db, record.id)
    _check(db, record)
    frozen = [name for name in _FROZEN if getattr(before, name) != getattr(record, name)]
    if frozen and (metrics.has_events(db, record.id) or queue.has_metric(db, before.code)):
        raise RuleBroken("metric_frozen", (("code", before.code), ("field", frozen[0])))
    metrics.update_metric(db, record)
    old, new = asdict(before), asdict(record)
    names = sorted(name for name in new if new[name] != old[name] and name != "version")
    audit.record(db, command="change_metric", noun=Noun.USAGE, subject=str(record.id), details={"fields": names})
    return Result(None, _CHANGED)


def delete_metric(db: Db, metric_id: int) -> Result[None]:
    """Delete a metric that no price and no event uses; raises RuleBroken."""
    record = metrics.load(db, metric_id)
    if metrics.has_events(db, metric_id) or metrics.is_priced(db, metric_id):
        raise RuleBroken("metric_in_use", (("code", record.code),))
    metrics.delete_metric(db, metric_id)
    audit.record(db, command="delete_metric", noun=Noun.USAGE, subject=str(metric_id), details={"code": record.code})
    return Result(None, _CHANGED)


def _check(db: Db, record: Metric) -> None:
    if not record.code.strip():
        raise _wrong("value_missing", "code", "")
    if any(other.code == record.code and other.id != record.id for other in metrics.list_metrics(db)):
        raise _wrong("already_used", "code", record.code)
    if not 0 <= record.decimals <= MAX_PLACES:
        raise _wrong("too_many_decimals", "decimals", str(record.decimals), places=str(MAX_PLACES))
    if record.aggregation is Aggregation.COUNT_UNIQUE and not record.unique_property:
        raise _wrong("value_missing", "unique_property", "")
    if record.aggregation is Aggregation.PERCENTILE:
        _check_percentile(record.percentile)


def _check_percentile(percentile: Decimal | None) -> None:
    if percentile is None:
        raise _wrong("value_missing", "percentile", "")
    if percentile <= 0:
        raise _wrong("too_small", "percentile", str(percentile), minimum="0.01")
    if percentile > 100:  # noqa: PLR2004 - per cent
        raise _wrong("too_large", "percentile", str(percentile), maximum="100")


def _wrong(code: str, field: str, value: str, **details: str) -> InvalidValue:
    return InvalidValue(Problem(code, Place(field=field), value, tuple(details.items())))
