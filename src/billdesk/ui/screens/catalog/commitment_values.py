"""The least amount that a plan version commits its contracts to, between its record and its form."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.catalog import Commitment
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval, Unit
from billdesk.ui.screens.catalog.catalog_words import interval_text

NOTHING: Final = "none"
COMMITMENT_CHOICES: Final = (
    (NOTHING, N_("Nothing")),
    (Unit.MONTH, N_("Per month")),
    (Unit.QUARTER, N_("Per quarter")),
    (Unit.HALF_YEAR, N_("Per half-year")),
    (Unit.YEAR, N_("Per year")),
)
COMMITMENT_FIELDS: Final = (
    Field("currency", N_("Currency")),
    Field("amount", N_("Least amount"), Kind.DECIMAL, minimum=Decimal(0)),
)


def commitment_values(commitment: Commitment | None) -> dict[str, Any]:
    """Give the form's values of a commitment; an interval that the choices lack is shown by its unit."""
    if commitment is None:
        return {"commitment_interval": NOTHING, "commitment": []}
    rows = [{"currency": currency, "amount": to_text(amount)} for currency, amount in commitment.amounts]
    return {"commitment_interval": commitment.interval.unit.value, "commitment": rows}


def to_commitment(unit: str, rows: Sequence[dict[str, Any]], before: Commitment | None) -> Commitment | None:
    """Give the commitment of the form's values, with the number of intervals that it had."""
    if unit == NOTHING:
        return None
    same = before is not None and before.interval.unit.value == unit
    interval = before.interval if same and before is not None else Interval(Unit(unit))
    amounts = {
        str(one["currency"]).strip().upper(): from_text(str(one["amount"]))
        for one in rows
        if one.get("currency") and one.get("amount")
    }
    return Commitment(interval, tuple(amounts.items()))


def commitment_text(commitment: Commitment) -> str:
    """Say what is committed: amounts and how often."""
    amounts = ", ".join(current().money(Money.of(amount, currency)) for currency, amount in commitment.amounts)
    return _("At least {amounts}, {every}", amounts=amounts, every=interval_text(commitment.interval))
