"""Dialogs of products and metrics."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QWidget

from billdesk.domain.catalog import Product, Recognition
from billdesk.domain.usage import Aggregation, Metric, RoundingMode
from billdesk.kernel.i18n import _
from billdesk.ui.core.editors import (
    CheckEditor,
    ChoiceEditor,
    DecimalEditor,
    IntegerEditor,
    ParagraphEditor,
    TextEditor,
)
from billdesk.ui.screens.catalog.catalog_presenter import Facts
from billdesk.ui.screens.catalog.catalog_words import AGGREGATIONS, RECOGNITIONS, ROUNDINGS, TAX_CLASSES, UNITS, offered
from billdesk.ui.screens.catalog.plan_dialogs import RecordDialog


class ProductDialog(RecordDialog):
    """What a line of an invoice is about."""

    def __init__(self, parent: QWidget, product: Product, facts: Facts) -> None:
        super().__init__(parent, product.name or _("New product"))
        self._before = product
        known = [(key, text) for key, text in TAX_CLASSES if key in {*facts.tax_classes, "standard"}]
        classes = offered(known, *facts.tax_classes, product.tax_class)
        add = self.form.add
        add("code", _("Code"), TextEditor())
        add("name", _("Name"), TextEditor())
        add(
            "tax_class", _("Tax class"), ChoiceEditor(classes), hint=_("Decides the rate, with the customer's country.")
        )
        add("unit_code", _("Unit"), ChoiceEditor(offered(UNITS, product.unit_code)))
        add("revenue_account", _("Revenue account"), TextEditor())
        add("recognition", _("Revenue is earned"), ChoiceEditor(offered(RECOGNITIONS)))
        self.add_names(product.names)
        add("archived", "", CheckEditor(_("Archived: no longer sold")))
        add("description", _("Description"), ParagraphEditor(3), is_wide=True)
        texts = ("code", "name", "tax_class", "unit_code", "revenue_account", "description")
        self.form.set_values({name: getattr(product, name) or None for name in texts})
        self.form.set_values({"recognition": product.recognition.value, "archived": product.archived})

    def record(self) -> Product:
        values: dict[str, Any] = self.form.values()
        return replace(
            self._before,
            code=str(values["code"] or "").strip(),
            name=str(values["name"] or "").strip(),
            names=self.names(),
            description=values["description"] or "",
            tax_class=values["tax_class"] or "standard",
            unit_code=values["unit_code"] or "C62",
            revenue_account=values["revenue_account"] or self._before.revenue_account,
            recognition=Recognition(values["recognition"]),
            archived=values["archived"],
        )


class MetricDialog(RecordDialog):
    """How usage is counted."""

    def __init__(self, parent: QWidget, metric: Metric) -> None:
        super().__init__(parent, metric.name or _("New metric"))
        self._before = metric
        add = self.form.add
        add("code", _("Code"), TextEditor(), hint=_("As it stands in usage files."))
        add("name", _("Name"), TextEditor())
        add("unit", _("Unit"), TextEditor())
        add("decimals", _("Decimals"), IntegerEditor(), hint=_("Fixed once usage was imported."))
        add("aggregation", _("Counted"), ChoiceEditor(offered(AGGREGATIONS)))
        add("unique_property", _("Property that is counted"), TextEditor(), hint=_("For different values."))
        add("percentile", _("Percentile"), DecimalEditor(), hint=_("Such as 95."))
        add("rounding", _("Rounded"), ChoiceEditor(offered(ROUNDINGS)))
        add("rounding_places", _("Rounded to decimals"), IntegerEditor())
        add("recurring", "", CheckEditor(_("Goes on into the next period")))
        self.add_names(metric.names)
        plain = ("code", "name", "unit", "unique_property", "percentile")
        self.form.set_values({name: getattr(metric, name) or None for name in plain})
        self.form.set_values({name: getattr(metric, name) for name in ("decimals", "rounding_places", "recurring")})
        self.form.set_values({"aggregation": metric.aggregation.value, "rounding": metric.rounding.value})

    def record(self) -> Metric:
        values: dict[str, Any] = self.form.values()
        return replace(
            self._before,
            code=str(values["code"] or "").strip(),
            name=str(values["name"] or "").strip(),
            names=self.names(),
            unit=values["unit"] or "",
            decimals=values["decimals"] or 0,
            aggregation=Aggregation(values["aggregation"]),
            unique_property=values["unique_property"] or "",
            percentile=values["percentile"],
            rounding=RoundingMode(values["rounding"]),
            rounding_places=values["rounding_places"] or 0,
            recurring=values["recurring"],
        )
