from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from billdesk.domain.usage import Aggregation
from billdesk.services import billing, usage
from builders.usage import a_metered_book


def test_a_level_in_a_contract_that_ends_in_the_month_is_billed_for_its_days(tmp_path: Path) -> None:
    meters = a_metered_book(tmp_path)
    with meters.book as book:
        level = book.query(usage.load_metric, meters.metric_ids["gb"])
        book.run(usage.change_metric, replace(level, aggregation=Aggregation.WEIGHTED_SUM, recurring=True))
        meters.add("S1", end=date(2026, 1, 13))
        meters.bring("S1,gb,2026-01-01T00:00:00+01:00,3100,a")
        (draft,) = book.query(billing.preview_documents, date(2026, 2, 1), 1)
    # 3,100 GB for 12 of 31 days, at 0.01
    assert [(line.quantity, line.amount.minor) for line in draft.lines] == [(Decimal(1200), 1200)]
