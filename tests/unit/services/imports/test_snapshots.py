from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from billdesk.domain.catalog import PlanVersion, Price
from billdesk.domain.customers import Customer
from billdesk.domain.entities import Address
from billdesk.domain.usage import Metric
from billdesk.services.imports.snapshots import from_json, to_json
from builders.contracts import a_catalog, a_price, metered
from builders.customers import a_customer


def _through_json(record: object) -> object:
    return from_json(type(record), json.loads(json.dumps(to_json(record))))


def test_a_customer_comes_back_whole() -> None:
    record = a_customer(delivery_address=Address("Kaai 1", city="Gent"), payment_terms_days=14, parent_id=3)
    assert _through_json(record) == record
    assert isinstance(record, Customer)


def test_a_price_keeps_its_exact_decimals_and_tiers() -> None:
    tiers = {"tiers": [{"up_to": "10", "unit_price": "0.000000000001"}, {"unit_price": "2"}]}
    record = metered(7, "graduated", tiers, limits=(Decimal("1.10"), None))
    assert _through_json(record) == record
    assert isinstance(record, Price)


def test_a_plan_version_keeps_its_day_state_and_items() -> None:
    record = a_catalog([a_price(1)]).plan_versions[1]
    assert _through_json(record) == record
    assert isinstance(record, PlanVersion)
    assert to_json(record)["effective"] == date(2020, 1, 1).isoformat()


def test_a_metric_keeps_its_filters() -> None:
    record = Metric(1, "api", "API", filters={"region": ("eu", "us")}, percentile=Decimal(95))
    assert _through_json(record) == record
