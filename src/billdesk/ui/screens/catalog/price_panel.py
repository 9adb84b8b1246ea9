"""The panel of a price: what it charges as a curve, and the facts of its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.catalog import Price, PriceTerms
from billdesk.domain.rating import charge_models
from billdesk.domain.usage import Metric
from billdesk.kernel.decimals import from_text
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import _, current
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import Fact, KeyValueList, Segment, SegmentedTabs, StatusChip, label, row, rule
from billdesk.ui.screens.catalog.catalog_presenter import Facts
from billdesk.ui.screens.catalog.catalog_words import (
    PRORATIONS,
    SOURCES,
    TIMINGS,
    interval_text,
    model_label,
    unit_price,
    word,
)
from billdesk.ui.screens.catalog.price_curve import PriceCurve

_TIERS_SHOWN: Final = 8
_PROPERTIES: Final = frozenset({"first", "second"})
_NOT_MONEY: Final = frozenset({"rate", "size", "free", "free_events", "free_value", "up_to"})


class PriceContent(QWidget):
    """What the panel shows of a price."""

    def __init__(self, price: Price, facts: Facts) -> None:
        super().__init__()
        self._price = price
        self._curve = PriceCurve()
        self._terms = KeyValueList()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE)
        sold = StatusChip(_("Sold"), Tone.GREEN) if price.id in facts.sold else StatusChip(_("Not sold yet"), Tone.GREY)
        layout.addLayout(row(label(price.code, "second", selectable=True), None, sold))
        self._all = {terms.currency: terms for terms in (*price.terms, *facts.converted.get(price.id, ()))}
        tabs = SegmentedTabs([Segment(code, code) for code in self._all], _("Currency"))
        tabs.setVisible(len(self._all) > 1)
        tabs.chosen.connect(self.show_currency)
        for part in (tabs, self._curve, self._terms, rule(), KeyValueList(_facts(price, facts))):
            layout.addWidget(part)
        if price.terms:
            self.show_currency(price.terms[0].currency)

    def show_currency(self, currency: str) -> None:
        """Show curve and parameters in one currency."""
        terms = self._all[currency]
        self._curve.show_price(replace(self._price, terms=(terms,), conversion=None), currency)
        self._terms.show_facts([*_origin_facts(terms), *terms_facts(self._price, terms)])


def _origin_facts(terms: PriceTerms) -> list[Fact]:
    """Say how converted amounts came about."""
    known = dict(terms.origin)
    if known.get("source") != "converted":
        return []
    rate = current().number(from_text(known["rate"]))
    day = current().day(date.fromisoformat(known["day"]))
    return [Fact(_("Converted from {base}", base=known["base"]), _("at {rate} of {day}", rate=rate, day=day))]


def terms_facts(price: Price, terms: PriceTerms) -> list[Fact]:
    """Give the parameters of a price in one currency, a tier per line."""
    facts: list[Fact] = []
    for field in charge_models().get(price.model).fields if price.model in charge_models() else ():
        value = terms.parameters.get(field.name)
        if isinstance(value, list | tuple) and field.name == "rows":
            facts += _table_facts(value, terms.currency)
        elif isinstance(value, list | tuple):
            facts += _tier_facts(field, value, terms.currency)
        elif field.name in _PROPERTIES and value:
            facts.append(Fact(_("Property"), str(value)))
        elif value not in {None, ""}:
            facts.append(Fact(_(field.label), _written(field, value, terms.currency)))
    for title, amount in ((_("At least"), terms.minimum), (_("At most"), terms.maximum)):
        if amount is not None:
            facts.append(Fact(title, unit_price(amount, terms.currency)))
    return facts


def _table_facts(rows: list[object] | tuple[object, ...], currency: str) -> list[Fact]:
    """Give the rows of a price table: its values, and what units of it cost."""
    facts = []
    for line in rows[:_TIERS_SHOWN]:
        known = line if isinstance(line, dict) else {}
        name = " / ".join(str(known[key]) for key in ("value", "value2") if known.get(key)) or _("All others")
        model = str(known.get("model") or "per_unit")
        cost = (
            str(known["tiers"])
            if known.get("tiers")
            else unit_price(from_text(str(known.get("price") or "0")), currency)
        )
        facts.append(Fact(name, f"{model_label(model)}: {cost}"))
    return facts


def _tier_facts(field: Field, rows: list[object] | tuple[object, ...], currency: str) -> list[Fact]:
    facts = []
    for line in rows[:_TIERS_SHOWN]:
        known = line if isinstance(line, dict) else {}
        first, *others = [
            (column, known.get(column.name))
            for column in field.columns
            if known.get(column.name) not in {None, "", "0"}
        ] or [(field, "")]
        name = _written(first[0], first[1], currency)
        edge = first[0].name == "up_to"
        rest = others if edge else [first, *others]
        title = _("Up to {quantity}", quantity=name) if edge else _("Above")
        cost = " + ".join(_tier_part(column, value, known, currency) for column, value in rest if column.name != "size")
        facts.append(Fact(title, cost or current().number(0)))
    if len(rows) > _TIERS_SHOWN:
        facts.append(Fact("…", _("{n} more", n=len(rows) - _TIERS_SHOWN)))
    return facts


def _tier_part(column: Field, value: object, tier: Mapping[str, object], currency: str) -> str:
    """Write a price of a tier, with the package it buys where it is not one unit."""
    text = _written(column, value, currency)
    if column.name != "unit_price" or tier.get("size") in {None, ""}:
        return text
    return _("{price} per {quantity}", price=text, quantity=current().number(from_text(str(tier["size"]))))


def _written(field: Field, value: object, currency: str) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if field.kind is not Kind.DECIMAL:
        return str(value)
    amount = from_text(str(value or "0"))
    return current().number(amount) if field.name in _NOT_MONEY else unit_price(amount, currency)


def _facts(price: Price, facts: Facts) -> list[Fact]:
    product = facts.products.get(price.product_id)
    metric: Metric | None = facts.metrics.get(price.metric_id or 0)
    found = (
        (_("Product"), product.name if product else ""),
        (_("Charged"), model_label(price.model)),
        (_("Billed"), interval_text(price.interval)),
        (_("When"), word(TIMINGS, price.timing)),
        (_("Quantity"), word(SOURCES, price.quantity_source)),
        (_("Metric"), metric.name if metric else ""),
        (_("Parts of a period"), word(PRORATIONS, price.proration)),
        (_("Tax"), _("included") if price.tax_inclusive else ""),
        (_("Other currencies"), _conversion_text(price)),
    )
    return [Fact(name, value) for name, value in found if value]


def _conversion_text(price: Price) -> str:
    if price.conversion is None:
        return ""
    return _("converted from {base}, to {ending}", base=price.conversion.base, ending=price.conversion.ending.value)
