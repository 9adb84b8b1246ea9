"""Seller and buyer as they are on the day of issue, on drafts that were made before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from billdesk.domain.billing.assembling import buyer_of, seller_of
from billdesk.domain.customers import Customer
from billdesk.domain.entities import Entity
from billdesk.domain.invoices import Document, DocumentKind, Line, LineTax
from billdesk.domain.taxes import Buyer, TaxTable, determine
from billdesk.kernel.errors import RuleBroken
from billdesk.storage import customers, entities
from billdesk.storage import invoices as storage
from billdesk.storage.database import Db
from billdesk.storage.invoices import ToIssue


def refresh_parties(db: Db, drafts: Sequence[ToIssue]) -> list[ToIssue]:
    """Write seller and buyer anew on drafts whose parties changed since; gives the drafts with their names.

    Credit notes keep the parties and taxes of what they correct. Raises RuleBroken `draft_outdated` when the
    country or tax id of an invoice's buyer changed: its taxes may be others now.
    """
    people = customers.load_many(db, {draft.customer_id for draft in drafts})
    companies = {record.id: record for record in entities.list_entities(db)}
    changed, result = [], []
    for draft in drafts:
        customer = people[draft.customer_id]
        seller, buyer = seller_of(companies[draft.entity_id], draft.issue_date), buyer_of(customer)
        is_credit = draft.kind is DocumentKind.CREDIT_NOTE
        is_same = storage.fields_of(buyer) == draft.buyer and storage.fields_of(seller) == draft.seller
        if is_credit or is_same:
            result.append(draft)
            continue
        if tax_facts(storage.fields_of(buyer)) != tax_facts(draft.buyer):
            raise RuleBroken("draft_outdated", (("customer", customer.name),))
        changed.append((draft.id, seller, buyer, customer.delivery_address))
        result.append(replace(draft, customer_name=buyer.name))
    storage.freeze_parties(db, changed)
    return result


def tax_facts(party: Mapping[str, Any]) -> tuple[object, ...]:
    """Give what taxes depend on in a buyer as the book keeps it."""
    return party["address"]["country"], party["address"]["region"], party["tax_id"]


def tax_of(
    seller: Entity, customer: Customer, tax_class: str, day: date, table: TaxTable, *, past_threshold: bool = False
) -> LineTax:
    """Give the tax of a line for a customer as it is now; raises RuleBroken when no rate is valid on the day."""
    buyer = Buyer(
        country=customer.address.country,
        kind=customer.kind,
        tax_id=customer.tax_id,
        region=customer.address.region,
        postcode=customer.address.postcode,
        exempt_reason=customer.tax_exempt_reason,
        language=customer.language,
        past_threshold=past_threshold,
    )
    return determine(seller, buyer, tax_class, day, table)


def retaxed(
    lines: Sequence[Line], document: Document, seller: Entity, customer: Customer, table: TaxTable
) -> list[Line]:
    """Give lines of a document with today's taxes where its buyer's country or tax id changed since.

    Credits keep the tax of the line that they take back.
    """
    if tax_facts(storage.fields_of(document.buyer)) == tax_facts(storage.fields_of(buyer_of(customer))):
        return list(lines)
    return [
        replace(line, tax=tax_of(seller, customer, line.tax.tax_class, document.issue_date, table))
        if line.corrects_line_id is None
        else line
        for line in lines
    ]
