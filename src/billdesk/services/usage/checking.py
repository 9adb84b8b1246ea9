"""The usage part of the book check."""

from __future__ import annotations

from billdesk.kernel.errors import Place, Problem
from billdesk.storage.database import Db
from billdesk.storage.usage import checking


def check_usage(db: Db) -> list[Problem]:
    """Give what contradicts itself in stored usage; empty when all is well."""
    place = Place(field="usage")
    problems = [Problem("usage_orphan", place, str(key)) for key in checking.events_without_contract(db)]
    problems += [Problem("usage_of_no_import", place, str(key)) for key in checking.events_without_batch(db)]
    problems += [
        Problem("usage_rollup_wrong", place, str(subscription_id), (("metric", str(metric_id)),))
        for subscription_id, metric_id in checking.wrong_rollups(db)
    ]
    return problems
