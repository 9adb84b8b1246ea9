"""What a plan commits to, between the cells of a row and its record."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from billdesk.domain.catalog import Commitment
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.i18n import N_
from billdesk.kernel.period import Interval, Unit
from billdesk.services.imports.model import SourceRow
from billdesk.sheets import Column, ColumnKind

COMMITMENT_COLUMNS: Final = (
    Column("commitment", "Commitment", synonyms={
        "en": "Committed amount|Minimum commitment", "nl": "Afnameverplichting|Minimumafname|Toezegging",
        "fr": "Engagement|Montant engagé", "de": "Mindestabnahme|Abnahmeverpflichtung"},
        help=N_("Least amounts by currency, such as EUR 200 | JPY 30000")),
    Column("commitment_interval", "Commitment per", ColumnKind.CHOICE, choices=tuple(Unit), aliases={
        "maand": "month", "kwartaal": "quarter", "halfjaar": "half_year", "jaar": "year", "mois": "month",
        "trimestre": "quarter", "semestre": "half_year", "an": "year", "monat": "month", "quartal": "quarter",
        "halbjahr": "half_year", "jahr": "year"}, synonyms={
        "nl": "Afnameverplichting per", "fr": "Engagement par", "de": "Mindestabnahme je"}),
    Column("commitment_count", "Number of commitment intervals", ColumnKind.INTEGER, synonyms={
        "nl": "Aantal intervallen afnameverplichting", "fr": "Nombre d'intervalles d'engagement",
        "de": "Anzahl Intervalle der Mindestabnahme"}),
)  # fmt: skip


def read_commitment(row: SourceRow, refuse: Callable[..., None]) -> Commitment | None:
    """Read what a row commits to, None for nothing; wrong cells are refused."""
    text = row.text("commitment").strip()
    if not text:
        return None
    amounts: dict[str, Decimal] = {}
    for part in filter(None, (one.strip() for one in text.split("|"))):
        currency, _space, amount = part.partition(" ")
        try:
            amounts[currency.upper()] = from_text(amount.strip().replace(",", "."))
        except ValueError:
            refuse(row, "commitment", "not_a_number", part)
    unit = row.get("commitment_interval")
    if unit is None:
        refuse(row, "commitment_interval", "value_missing")
    if any(amount <= 0 for amount in amounts.values()):
        refuse(row, "commitment", "too_small", text, minimum="0.01")
    return Commitment(Interval(Unit(unit or Unit.MONTH), row.get("commitment_count") or 1), tuple(amounts.items()))


def commitment_cells(commitment: Commitment | None) -> dict[str, Any]:
    """Give a commitment as cells."""
    if commitment is None:
        return {}
    return {
        "commitment": " | ".join(f"{currency} {to_text(amount)}" for currency, amount in commitment.amounts),
        "commitment_interval": commitment.interval.unit,
        "commitment_count": commitment.interval.count,
    }
