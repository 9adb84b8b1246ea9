"""The fields of each kind of change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.subscriptions import PauseKind
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.i18n import _
from billdesk.services.catalog import list_charge_models
from billdesk.ui.core.editors import ChoiceEditor, DateEditor, DecimalEditor, Editor
from billdesk.ui.core.form import FieldForm, FormGrid
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import label
from billdesk.ui.screens.subscriptions.change_presenter import (
    PAUSE_WORDS,
    ChangeOptions,
    PriceChoice,
    Seat,
    own_price,
)


class ChangeFields(QWidget):
    """Fields of one kind; `fields` are keyword arguments of a change."""

    changed = Signal()
    rebuilt = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(Space.ONE_HALF)
        self.form = FormGrid()
        self.form.changed.connect(self.changed)
        self.body.addWidget(self.form)

    def fields(self, reason: str) -> dict[str, Any]:
        """Give the fields; raises InvalidValue."""
        return {}

    def editors(self) -> list[Editor]:
        """Give the editors as they stand from top to bottom, whenever each was made."""
        items = [self.body.itemAt(place) for place in range(self.body.count())]
        parts = [part for item in items if item is not None and (part := item.widget()) is not None]
        return [editor for part in parts for editor in part.findChildren(Editor)]

    def problems(self) -> list[Problem]:
        """Give what is wrong with the texts as typed."""
        return self.form.problems()

    def show_problems(self, problems: list[Problem]) -> None:
        """Show each problem where it belongs."""
        self.form.show_problems(problems)


class SeatFields(ChangeFields):
    """Quantities of seat prices."""

    def __init__(self, seats: Sequence[Seat]) -> None:
        super().__init__()
        self._seats = tuple(seats)
        for seat in self._seats:
            self.form.add(str(seat.price_id), seat.name, DecimalEditor()).set_value(seat.quantity)

    def fields(self, reason: str) -> dict[str, Any]:
        return {"quantities": self.quantities(only_changed=True)}

    def quantities(self, *, only_changed: bool = False) -> dict[int, Decimal]:
        """Give quantities by price; raises InvalidValue."""
        typed = self.form.values()
        found = {seat.price_id: (seat, typed[str(seat.price_id)]) for seat in self._seats}
        return {
            price_id: quantity
            for price_id, (seat, quantity) in found.items()
            if isinstance(quantity, Decimal) and not (only_changed and quantity == seat.quantity)
        }


class QuantityFields(SeatFields):
    """Other quantities of a running contract: at least one of them must be another."""

    def problems(self) -> list[Problem]:
        found = super().problems()
        if found or self.quantities(only_changed=True):
            return found
        first = str(self._seats[0].price_id) if self._seats else ""
        return [Problem("quantity_unchanged", Place(field=first))]


class PlanFields(ChangeFields):
    """Another plan; its seats take the quantities over."""

    def __init__(self, options: ChangeOptions) -> None:
        super().__init__()
        self._plan = ChoiceEditor([(str(choice.version_id), choice.words) for choice in options.plans])
        self.form.add("plan", _("New plan"), self._plan, hint=_("Quantities are taken over."))

    def fields(self, reason: str) -> dict[str, Any]:
        version_id = self._plan.value()
        return {"plan_version_id": int(version_id) if version_id else None}


class PriceFields(ChangeFields):
    """Own terms for one price."""

    def __init__(self, options: ChangeOptions) -> None:
        super().__init__()
        self._prices = {str(choice.price_id): choice for choice in options.prices}
        self._today: Callable[[], date] = lambda: options.today
        self._price = ChoiceEditor([(key, choice.name) for key, choice in self._prices.items()])
        self.form.add("price", _("Price"), self._price)
        self._model = label("", "faint")
        self._terms: FieldForm | None = None
        self._until = FormGrid()
        self._until.add("until", _("Until (not included)"), DateEditor(self._today), hint=_("Empty: without end."))
        self._until.changed.connect(self.changed)
        self.body.addWidget(self._model)
        self.body.addWidget(self._until)
        self._price.changed.connect(self._show_terms)
        self._show_terms()

    def fields(self, reason: str) -> dict[str, Any]:
        choice = self._choice()
        if choice is None or self._terms is None:
            return {}
        until = self._until.values()["until"]
        return {"override": own_price(choice, self._terms.json(), until if isinstance(until, date) else None, reason)}

    def problems(self) -> list[Problem]:
        return [*(self._terms.problems() if self._terms else []), *self._until.problems()]

    def _choice(self) -> PriceChoice | None:
        return self._prices.get(str(self._price.value()))

    def _show_terms(self) -> None:
        choice = self._choice()
        if self._terms is not None:
            self.body.removeWidget(self._terms)
            self._terms.hide()
            self._terms.deleteLater()
            self._terms = None
        if choice is None:
            return
        model = next(model for model in list_charge_models() if model.key == choice.model)
        self._model.setText(f"{_(model.label)}, {choice.terms.currency}")
        self._terms = FieldForm(model.fields, self._today)
        self._terms.set_json(choice.terms.parameters)
        self._terms.changed.connect(self.changed)
        self.body.insertWidget(2, self._terms)
        self.rebuilt.emit()
        self.changed.emit()


class PauseFields(ChangeFields):
    """What pauses, and the day it ends when that is known."""

    def __init__(self, options: ChangeOptions) -> None:
        super().__init__()
        self._kind = ChoiceEditor([(kind.value, _(words)) for kind, words in PAUSE_WORDS.items()])
        self.form.add("kind", _("What pauses"), self._kind)
        self._until = DateEditor(lambda: options.today)
        self.form.add("resume", _("Resumes on"), self._until, hint=_("Empty: until it is resumed by hand."))

    def fields(self, reason: str) -> dict[str, Any]:
        return {"pause_kind": PauseKind(str(self._kind.value())), "resume_on": self._until.value()}
