"""Metering: metrics, usage events and the batches they came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Aggregation(StrEnum):
    """How the events of a period become one quantity (billing rules §4)."""

    SUM = "sum"
    COUNT = "count"
    COUNT_UNIQUE = "count_unique"
    MAX = "max"
    LATEST = "latest"
    WEIGHTED_SUM = "weighted_sum"
    PERCENTILE = "percentile"


class RoundingMode(StrEnum):
    """How an aggregated quantity is rounded."""

    NONE = "none"
    ROUND = "round"
    CEIL = "ceil"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured. Quantities are stored as integers at `decimals` places, frozen once events exist."""

    id: int
    code: str
    name: str
    unit: str = ""
    decimals: int = 0
    aggregation: Aggregation = Aggregation.SUM
    rounding: RoundingMode = RoundingMode.NONE
    rounding_places: int = 0
    percentile: Decimal | None = None
    unique_property: str = ""
    recurring: bool = False
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    version: int = 1


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """One measured event as read from a file; `instant` is UTC, `scaled` is quantity × 10**decimals."""

    subscription_id: int
    metric_id: int
    key: str
    instant: datetime
    scaled: int
    properties: Mapping[str, str] = field(default_factory=dict)
    row: int = 0


class BatchState(StrEnum):
    """Whether an import batch counts or was undone."""

    APPLIED = "applied"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One import of one file: what it was, who did it, and what it brought."""

    id: int
    kind: str
    file_name: str
    file_sha256: str
    imported_at: datetime
    user: str
    state: BatchState
    rows_read: int
    rows_added: int
    rows_changed: int
    rows_duplicate: int
    rows_rejected: int
    rows_unmatched: int = 0
