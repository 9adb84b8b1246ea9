"""Dialogs of the tax section: a rate with its parts, a percent that follows from a date, distance sales."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QWidget

from billdesk.domain.invoices import TaxCategory, TaxPart
from billdesk.domain.taxes import TaxRate
from billdesk.kernel import fields
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.errors import BillDeskError, InvalidValue, Place, Problem, RowsRejected
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_, _
from billdesk.services import taxes
from billdesk.services.taxes import DistanceRow, DistanceStanding, RateChange, RateChangePreview
from billdesk.ui.core.countries import country_choices, country_name
from billdesk.ui.core.editors import ChoiceEditor, DateEditor, DecimalEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.row_grid import RowGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_columns import Column, Kind
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import FormDialog, column, label, primary, row
from billdesk.ui.screens.settings.dialogs import CommandDialog
from billdesk.ui.screens.settings.settings_presenter import CLASS_WORDS, change_lines, class_word

_CATEGORIES: Final = (
    (TaxCategory.STANDARD, N_("Taxed")),
    (TaxCategory.ZERO, N_("Zero rate")),
    (TaxCategory.EXEMPT, N_("Exempt")),
)

_SIZE: Final = (660, 690)
_FIELDS: Final = {
    "percent_out_of_range": "percent",
    "validity_ends_before_start": "until",
    "tax_parts_do_not_add_up": "parts",
    "tax_rates_overlap": "since",
}
"""At which field of a rate a problem is shown."""


def tax_dialog(
    context: Context, parent: QWidget, today: date, country: str, before: TaxRate | None = None
) -> CommandDialog:
    """Ask for a new tax rate, or change one; parts are those of authorities that share it."""
    made = CommandDialog(context, parent, _("Tax rate"))
    form = made.form
    form.add("country", _("Country"), ChoiceEditor(country_choices()))
    form.add("region", _("Region"), TextEditor(), hint=_("A state or the beginning of postcodes; empty for all."))
    form.add("tax_class", _("Tax"), ChoiceEditor([(key, class_word(key)) for key in CLASS_WORDS]))
    form.add("percent", _("Percent"), DecimalEditor())
    form.add("since", _("From"), DateEditor(lambda: today))
    form.add("until", _("Until"), DateEditor(lambda: today), hint=_("The first day on which it no longer holds."))
    form.add("category", _("Kind"), ChoiceEditor([(key.value, _(word)) for key, word in _CATEGORIES]))
    form.add("reason_code", _("Reason code (VATEX)"), TextEditor())
    form.add("reason", _("Reason that is printed"), TextEditor())
    parts = RowGrid(
        (Field("name", N_("Authority")), Field("percent", N_("Percent"), fields.Kind.DECIMAL)), lambda: today
    )
    form.add("parts", _("Shared by"), parts, is_wide=True)
    form.set_values(
        _values(before) if before else {"country": country, "tax_class": "standard", "since": today, "category": "S"}
    )

    def make(values: dict[str, Any]) -> tuple[Any, ...]:
        return taxes.save_tax_rate, _rate(values, before)

    made.setMinimumSize(*_SIZE)
    made.fields_by_code = _FIELDS
    made.run(make, "country", "percent", "since")
    return made


def _values(rate: TaxRate) -> dict[str, Any]:
    names = ("country", "region", "tax_class", "percent", "since", "until", "reason_code", "reason")
    parts = [{"name": part.name, "percent": to_text(part.percent)} for part in rate.parts]
    return {**{name: getattr(rate, name) for name in names}, "category": rate.category.value, "parts": parts}


def _rate(values: dict[str, Any], before: TaxRate | None) -> TaxRate:
    return TaxRate(
        id=before.id if before else 0,
        country=values["country"],
        percent=Decimal(values["percent"]),
        since=values["since"],
        tax_class=values["tax_class"],
        category=TaxCategory(values["category"] or "S"),
        until=values["until"],
        parts=tuple(
            TaxPart(str(one.get("name", "")), from_text(str(one.get("percent", "0")))) for one in values["parts"] or ()
        ),
        region=values["region"] or "",
        reason_code=values["reason_code"] or "",
        reason=values["reason"] or "",
        version=before.version if before else 1,
    )


class ChangeDialog(FormDialog):
    """Asks for the percent that follows on a day, and shows what that touches before it is saved."""

    done_with = Signal(object)

    def __init__(self, context: Context, parent: QWidget, today: date, chosen: Sequence[TaxRate]) -> None:
        self._form = FormGrid(2)
        self._reach = label("", "second", wrap=True)
        holder = QWidget()
        notes = [label(line, "second", wrap=True) for line in change_lines(chosen)]
        holder.setLayout(column(*notes, self._form, self._reach, spacing=Space.ONE_HALF))
        super().__init__(parent, _("Change the percent from a date"), holder)
        self._context, self._tasks = context, context.tasks.of(self)
        self._ids = tuple(one.id for one in chosen)
        self._form.add("percent", _("New percent"), DecimalEditor())
        self._form.add("since", _("From"), DateEditor(lambda: today))
        self._form.changed.connect(self._preview)
        self.on_submit(self._submit)

    def fill(self, **values: object) -> None:
        """Fill in the form, as a person would."""
        self._form.set_values(values)
        self._preview()

    def _change(self) -> RateChange | None:
        if self._form.problems():
            return None
        values: dict[str, Any] = self._form.values()
        if values["percent"] is None or values["since"] is None:
            return None
        return RateChange(self._ids, Decimal(values["percent"]), values["since"])

    def _preview(self) -> None:
        change = self._change()
        if change is not None:
            self._tasks.query(
                taxes.preview_rate_change,
                change,
                then=self._show,
                failed=lambda _error: self._show(None),
                latest="reach",
            )

    def _show(self, preview: RateChangePreview | None) -> None:
        self._reach.setText(" · ".join(taxes.describe_change(preview)) if preview is not None else "")
        self.adjustSize()

    def _submit(self) -> bool:
        problems = self._form.problems()
        change = self._change()
        if change is None and not problems:
            empty = [key for key, value in self._form.values().items() if value is None]
            problems = [Problem("value_missing", Place(field=key)) for key in empty]
        if change is None:
            self._form.show_problems(problems)
            return False
        self._tasks.command(taxes.change_tax_rates, change, then=self._changed, failed=self._refuse)
        return False

    def _changed(self, ids: tuple[int, ...]) -> None:
        self.accept()
        self.done_with.emit(ids)

    def _refuse(self, error: BillDeskError) -> None:
        problems = [error.problem] if isinstance(error, InvalidValue) else []
        problems += error.problems if isinstance(error, RowsRejected) else ()
        left = self._form.show_problems(problems)
        if left or not problems:
            self._context.messages.fail(error)


def change_dialog(context: Context, parent: QWidget, today: date, chosen: Sequence[TaxRate]) -> ChangeDialog:
    """Ask for the percent that follows on a day, for all chosen rates at once."""
    return ChangeDialog(context, parent, today, chosen)


_SALES: Final[tuple[Column[DistanceRow], ...]] = (
    Column("day", N_("Date"), lambda one: one.day, Kind.DATE),
    Column("number", N_("Number"), lambda one: one.number, is_strong=True),
    Column("customer", N_("Customer"), lambda one: one.customer_name, stretch=1),
    Column("country", N_("Country"), lambda one: country_name(one.country), Kind.MUTED),
    Column("amount", N_("Before tax"), lambda one: one.amount, Kind.MONEY),
    Column("sold", N_("In the year so far"), lambda one: one.sold, Kind.MONEY),
)


class SalesDialog(QDialog):
    """Shows the distance sales of a year in order, each with what the year came to."""

    def __init__(
        self, context: Context, parent: QWidget, standing: DistanceStanding, sales: Sequence[DistanceRow]
    ) -> None:
        super().__init__(parent)
        heading = _("Sales to consumers in other EU countries in {year}", year=standing.year)
        self.setWindowTitle(heading)
        self.setMinimumSize(820, 420)
        empty = Empty("globe", _("No such sale yet"), _("A sale counts when its invoice is issued."))
        panel = TablePanel(
            ListSpec("settings_distance", heading, _SALES, lambda one: one.document_id, empty), context.preferences
        )
        panel.show_records(sales)
        notes = label(taxes.describe_standing(standing), "second", wrap=True)
        close = primary(_("Close"), self.accept)
        layout = column(label(heading, "heading"), notes, panel, row(None, close))
        layout.setContentsMargins(Space.THREE, Space.THREE, Space.THREE, Space.TWO)
        self.setLayout(layout)
        close.setFocus()
