"""Customers for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from billdesk.domain.customers import Contact, Customer
from billdesk.domain.entities import Address

LINDE = Customer(
    0,
    "C00001",
    "Brouwerij De Linde",
    1,
    "EUR",
    legal_name="Brouwerij De Linde NV",
    address=Address("Stationsplein 3", "bus 2", "3000", "Leuven", "", "BE"),
    contacts=(Contact("Els Peeters", "els@linde.example", role="accounts"),),
    tax_id="BE0203430576",
    language="nl",
    ibans=("BE68539007547034",),
    tags=("brewery",),
)


def a_customer(**changes: Any) -> Customer:
    """Give a Belgian business; `changes` replace its fields."""
    return replace(LINDE, **changes)
