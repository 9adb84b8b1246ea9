"""Distance sales at issue: counted, and refused where the threshold decides otherwise than when they were drafted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from billdesk.domain.distance_sales import DistanceCounter, counts, is_elsewhere_in_union, is_from_first_sale
from billdesk.domain.entities import Address, Entity
from billdesk.domain.invoices import DocumentKind
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.money import Money
from billdesk.services import taxes
from billdesk.storage import distance_sales as storage
from billdesk.storage.database import Db
from billdesk.storage.distance_sales import NewSale, TaxedLine
from billdesk.storage.invoices import ToIssue, corrections


def record(db: Db, drafts: Sequence[ToIssue], entities: Mapping[int, Entity]) -> None:
    """Count what these documents, just issued, sell to consumers in other countries of the Union.

    Raises RuleBroken `distance_sales_moved` for an invoice whose tax the sales before it make another.
    """
    candidates = [draft for draft in drafts if _is_elsewhere(draft, entities[draft.entity_id])]
    if not candidates:
        return
    lines: dict[int, list[TaxedLine]] = {}
    for line in storage.taxed_lines(db, [draft.id for draft in candidates]):
        lines.setdefault(line.document_id, []).append(line)
    # What takes the place of another invoice is taxed as that was.
    replaced = corrections.replacements(db, [draft.id for draft in candidates])
    counters: dict[int, DistanceCounter] = {}
    sales: list[NewSale] = []
    for draft in candidates:
        counter = counters.get(draft.entity_id) or taxes.load_counter(db, entities[draft.entity_id], draft.issue_date)
        own = [line for line in lines.get(draft.id, ()) if counts(line.tax, counter.seller)]
        if draft.kind is DocumentKind.INVOICE and draft.id not in replaced:
            _require_same(draft, own, counter)
        minor = _worth(counter, own, draft)
        if minor:
            sales.append(NewSale(draft.id, draft.entity_id, draft.issue_date, _country(draft), minor))
            counter = replace(counter, sales=counter.sales.after(draft.issue_date, minor))
        counters[draft.entity_id] = counter
    storage.insert_distance_sales(db, sales)


def _country(draft: ToIssue) -> str:
    return str(draft.buyer["address"]["country"])


def _is_elsewhere(draft: ToIssue, seller: Entity) -> bool:
    return is_elsewhere_in_union(seller, Address(country=_country(draft)), draft.issue_date)


def _worth(counter: DistanceCounter, lines: Sequence[TaxedLine], draft: ToIssue) -> int:
    net = sum(line.net.minor for line in lines)
    return counter.to_euro(Money(net, draft.total.currency), draft.issue_date).minor if net else 0


def _require_same(draft: ToIssue, lines: Sequence[TaxedLine], counter: DistanceCounter) -> None:
    day, seller = draft.issue_date, counter.seller
    places = {line.tax.country == seller.address.country for line in lines if not line.is_credit}
    if is_from_first_sale(seller, day) or not places:
        return
    # Prices that include tax have another net at each rate: what passes with the total is passed.
    total = counter.to_euro(draft.total, day).minor
    moved_away = True in places and counter.sales.is_passed(day, _worth(counter, lines, draft))
    moved_back = False in places and not counter.sales.is_passed(day, total)
    if moved_away or moved_back:
        raise RuleBroken("distance_sales_moved", (("customer", draft.customer_name),))
