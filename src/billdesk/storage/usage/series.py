"""Series: the property values that events of a subscription and metric come with, each under a small number."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import select, tuple_

from billdesk.storage import bulk
from billdesk.storage.database import Db
from billdesk.storage.tables.usage import usage_series
from billdesk.storage.usage import writing

NO_PROPERTIES: Final = 0
"""The series of events without properties; it has no row."""

Key = tuple[int, int]
"""Subscription and metric."""


def canonical(properties: Mapping[str, str]) -> str:
    """Give the text under which a set of properties is stored: equal sets are equal texts."""
    filled = {name: value for name, value in properties.items() if value}
    return json.dumps(filled, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def number_series(db: Db, wanted: Sequence[tuple[int, int, Mapping[str, str]]]) -> list[int]:
    """Give the number of each subscription, metric and property set, numbering those that are new."""
    texts = [(s, m, canonical(properties)) for s, m, properties in wanted]
    known = _known(db, {(s, m) for s, m, text in texts if text != "{}"})
    rows = []
    for s, m, text in texts:
        numbers = known[s, m]
        if text not in numbers and text != "{}":
            numbers[text] = len(numbers) + 1
            rows.append((s, m, numbers[text], text))
    writing.insert_rows(db, usage_series, ("subscription_id", "metric_id", "series", "properties"), rows)
    return [NO_PROPERTIES if text == "{}" else known[s, m][text] for s, m, text in texts]


def _known(db: Db, keys: Iterable[Key]) -> defaultdict[Key, dict[str, int]]:
    c = usage_series.c
    query = select(c.subscription_id, c.metric_id, c.series, c.properties)
    found: defaultdict[Key, dict[str, int]] = defaultdict(dict)
    for chunk in bulk.chunks(keys):
        for row in db.connection.execute(query.where(tuple_(c.subscription_id, c.metric_id).in_(chunk))):
            found[row.subscription_id, row.metric_id][canonical(row.properties)] = row.series
    return found


def load_properties(db: Db, keys: Iterable[Key]) -> dict[tuple[int, int, int], dict[str, str]]:
    """Give the properties of every series of these subscriptions and metrics, by subscription, metric and number."""
    return {
        (s, m, number): json.loads(text) for (s, m), texts in _known(db, keys).items() for text, number in texts.items()
    }
