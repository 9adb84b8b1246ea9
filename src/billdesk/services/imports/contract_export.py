"""One contract as rows of the contract sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from billdesk.domain.catalog import Catalog, QuantitySource
from billdesk.domain.standing import plan_version_on
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription
from billdesk.domain.timeline import in_order
from billdesk.services.imports.contract_overrides import shown_terms
from billdesk.services.imports.contract_term_rows import shown


def contract_rows(
    record: Subscription, catalog: Catalog, customer_number: str, entity_code: str
) -> Iterator[Mapping[str, Any]]:
    """Give a row for each entry that counts and each quantity it sets apart."""
    entries = in_order(record.entries)
    for entry in entries:
        shared: dict[str, Any] = {"number": record.number, "customer": customer_number, "action": entry.kind}
        shared |= {"date": entry.effective, "reason": entry.reason, "entity": entity_code}
        shared |= _details(record, entry, catalog)
        earlier = [one for one in entries if one.effective <= entry.effective]
        for price_code, quantity in _quantities(entry, catalog, plan_version_on(earlier, entry.effective)):
            yield shared | {"price": price_code, "quantity": quantity}


def _details(record: Subscription, entry: Entry, catalog: Catalog) -> dict[str, Any]:
    found: dict[str, Any] = {}
    version = catalog.plan_versions.get(entry.plan_version_id or 0)
    if version is not None:
        found |= {"plan": catalog.plans[version.plan_id].code, "plan_version": version.number}
    if entry.kind is EntryKind.START:
        names = "currency anchor alignment alignment_day purchase_order name notes".split()
        found |= {name: getattr(record, name) for name in names} | {"trial_until": entry.trial_until}
    if entry.kind is EntryKind.CANCEL:
        found["credit_unused"] = entry.credit_unused
    if entry.kind is EntryKind.RESET_ANCHOR:
        found["anchor"] = entry.new_anchor
    if entry.override is not None:
        price = catalog.prices[entry.override.price_id]
        found |= shown_terms(price, entry.override.terms) | {"end_date": entry.override.until}
        found["reason"] = entry.override.reason
    if entry.kind is EntryKind.PAUSE:
        found["pause_kind"] = entry.pause_kind
    return found | shown(entry)


def _quantities(entry: Entry, catalog: Catalog, version_id: int | None) -> list[tuple[str, Decimal | None]]:
    """Give (price code, quantity); the code is left out where one quantity goes for all seats of the plan."""
    if entry.override is not None:
        return [(catalog.prices[entry.override.price_id].code, None)]
    if not entry.quantities:
        return [("", None)]
    version = catalog.plan_versions.get(version_id or 0)
    seats = {
        item.price_id
        for item in (version.items if version else ())
        if catalog.prices[item.price_id].quantity_source is QuantitySource.SUBSCRIPTION
    }
    if seats == set(entry.quantities) and len(set(entry.quantities.values())) == 1:
        return [("", next(iter(entry.quantities.values())))]
    return [(catalog.prices[key].code, quantity) for key, quantity in entry.quantities.items()]
