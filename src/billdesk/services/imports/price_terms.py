"""Terms of a price between rows and parameters: an amount, tiers on rows of their own, limits, other fields as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol

from billdesk.domain.catalog import PriceTerms
from billdesk.domain.rating import charge_models
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_
from billdesk.services.imports.contract_overrides import principal, read_parameters
from billdesk.services.imports.model import SourceRow
from billdesk.sheets import Column, ColumnKind

TERMS_COLUMNS: Final = (
    Column("amount", "Amount", ColumnKind.DECIMAL, synonyms={
        "en": "Unit price|Fee|Rate", "nl": "Bedrag|Prijs|Eenheidsprijs|Tarief", "fr": "Montant|Prix|Prix unitaire",
        "de": "Betrag|Preis|Einzelpreis"}, help=N_("Flat amount, price per unit or price per package")),
    Column("up_to", "Tier up to", ColumnKind.DECIMAL, synonyms={
        "en": "Up to|Tier end", "nl": "Tot en met|Schijf tot|Staffel tot", "fr": "Jusqu'à|Tranche jusqu'à",
        "de": "Bis|Staffel bis"}, help=N_("One row per tier; empty in the last one")),
    Column("tier_price", "Tier price per unit", ColumnKind.DECIMAL, synonyms={
        "en": "Tier price|Price per unit in tier", "nl": "Prijs per eenheid in schijf|Staffelprijs",
        "fr": "Prix unitaire de la tranche", "de": "Staffelpreis"}),
    Column("tier_flat", "Tier flat fee", ColumnKind.DECIMAL, synonyms={
        "en": "Flat fee|Tier fee", "nl": "Vast bedrag schijf|Vaste kost", "fr": "Forfait de la tranche",
        "de": "Grundpreis Staffel"}),
    Column("size", "Package size", ColumnKind.DECIMAL, synonyms={
        "en": "Units per package", "nl": "Pakketgrootte", "fr": "Taille du lot", "de": "Paketgröße"}),
    Column("free", "Free units", ColumnKind.DECIMAL, synonyms={
        "en": "Included units", "nl": "Gratis eenheden|Inbegrepen", "fr": "Unités gratuites", "de": "Freieinheiten"}),
    Column("minimum", "Minimum per period", ColumnKind.DECIMAL, synonyms={
        "en": "Minimum", "nl": "Minimum per periode", "fr": "Minimum par période", "de": "Mindestbetrag"}),
    Column("maximum", "Maximum per period", ColumnKind.DECIMAL, synonyms={
        "en": "Maximum|Cap", "nl": "Maximum per periode", "fr": "Maximum par période", "de": "Höchstbetrag"}),
    Column("parameters", "Other parameters", help=N_("JSON with the fields of other charge models")),
)  # fmt: skip
"""The columns that say what a price charges in one currency."""

TIER: Final = {"up_to": "up_to", "tier_price": "unit_price", "tier_flat": "flat"}
"""The parameter of a tier that each column holds."""
_SCALARS: Final = ("size", "free")


class Refuses(Protocol):
    """Rows about one thing, to which problems can be added."""

    def refuse(self, row: SourceRow, column: str, code: str, value: object = "", **details: object) -> None:
        """Note what is wrong with a cell."""


def read_terms(group: Refuses, model: str, rows: Sequence[SourceRow]) -> PriceTerms:
    """Give the terms that the rows of one currency describe."""
    fields = {spec.name: spec for spec in charge_models().get(model).fields}
    row = rows[0]
    parameters = _other_parameters(group, row)
    main = principal(model)
    if main and row.get("amount") is not None:
        parameters[main] = to_text(row.get("amount"))
    for name in _SCALARS:
        if name in fields and row.get(name) is not None:
            parameters[name] = to_text(row.get(name))
    tiers = fields.get("tiers")
    if tiers is not None and any(one.get(name) is not None for one in rows for name in TIER):
        parameters["tiers"] = [_tier(one, tiers) for one in rows]
    elif len(rows) > 1:
        group.refuse(rows[1], "currency", "repeated_key", row.get("currency"), first_row=row.number)
    return PriceTerms(row.get("currency"), parameters, row.get("minimum"), row.get("maximum"))


def _tier(row: SourceRow, spec: Field) -> dict[str, str]:
    known = {column.name for column in spec.columns}
    values: dict[str, Decimal | None] = {TIER[name]: row.get(name) for name in TIER if TIER[name] in known}
    return {name: to_text(value) for name, value in values.items() if value is not None}


def _other_parameters(group: Refuses, row: SourceRow) -> dict[str, object]:
    values = read_parameters(row.text("parameters"))
    if values is None:
        group.refuse(row, "parameters", "not_json", row.text("parameters"))
    return values or {}


def cell_of(field_name: str, model: str, rows: list[SourceRow]) -> tuple[SourceRow, str]:
    """Give the row and column that a field such as `tiers[2].up_to` was read from."""
    name, _bracket, rest = field_name.partition("[")
    column = {"tiers": "up_to", "terms": "currency", principal(model): "amount"}.get(name, name)
    if name != "tiers" or not rest:
        return rows[0], column
    number, _dot, parameter = rest.partition("].")
    columns = {parameter: column for column, parameter in TIER.items()}
    return rows[min(int(number), len(rows)) - 1], columns.get(parameter, column)


def shown_terms(model: str, terms: PriceTerms) -> Iterator[Mapping[str, Any]]:
    """Give the cells of terms as `read_terms` reads them: a row, or one for each tier."""
    shared: dict[str, Any] = {"currency": terms.currency, "minimum": terms.minimum, "maximum": terms.maximum}
    rest = dict(terms.parameters)
    main = principal(model)
    if main in rest:
        shared["amount"] = from_text(str(rest.pop(main)))
    for name in _SCALARS:
        if rest.get(name) not in {None, ""}:
            shared[name] = from_text(str(rest.pop(name)))
    tiers = rest.get("tiers")
    columns = {parameter: column for column, parameter in TIER.items()}
    plain_tiers = isinstance(tiers, list) and all(tier.keys() <= columns.keys() for tier in tiers)
    rows = rest.pop("tiers") if plain_tiers else [{}]
    shared["parameters"] = json.dumps(rest, sort_keys=True, ensure_ascii=False) if rest else ""
    for tier in rows if isinstance(rows, list) else []:
        yield shared | {columns[name]: from_text(text) for name, text in tier.items() if text not in {None, ""}}
