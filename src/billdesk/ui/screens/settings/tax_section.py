"""Tax rates with their validity, what follows from a date, and where distance sales stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from billdesk.domain.taxes import TaxRate
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import taxes
from billdesk.services.taxes import DistanceStanding
from billdesk.ui.core.editors import ChoiceEditor
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Size, Space
from billdesk.ui.core.widgets import Card, button, column, label, link, primary, row
from billdesk.ui.screens.settings.settings_presenter import TAX_COLUMNS, SettingsState, countries_of, rates_of
from billdesk.ui.screens.settings.tax_dialogs import SalesDialog, change_dialog, tax_dialog


class TaxSection(QWidget):
    """Tax rates with their validity; several can follow with another percent from one day."""

    def __init__(self, context: Context, state: SettingsState, screen: QWidget) -> None:
        super().__init__()
        self._context, self._state = context, state
        # This section is made anew after each change, and an offer to undo must outlive it.
        self._tasks = context.tasks.of(screen)
        self._country = ChoiceEditor([("", _("All countries")), *countries_of(state)])
        self._country.name(_("Country"))
        self._country.set_value(state.country)
        empty = Empty("percent", _("No tax rate here"), "", (_("Add rate"), self._add))
        spec = ListSpec(
            "settings_tax", _("Tax rates"), TAX_COLUMNS, lambda one: one.id, empty, row_height=Size.ROW_COMPACT
        )
        self._list = TablePanel(spec, context.preferences)
        self._list.opened.connect(self._open)
        head = row(
            self._country,
            None,
            button(_("Delete"), self._delete, "trash-2"),
            button(_("Change from a date…"), self._change, "calendar"),
            primary(_("Add rate"), self._add, "plus"),
        )
        cards = [distance_card(context, one, len(state.standings) > 1) for one in state.standings]
        self.setLayout(column(*cards, head, self._list, spacing=Space.ONE_HALF))
        self._country.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self._list.show_records(rates_of(self._state, self._country.value() or ""))

    def _add(self) -> None:
        tax_dialog(self._context, self, self._state.today, self._country.value() or self._state.country).open()

    def _open(self, rate: TaxRate) -> None:
        tax_dialog(self._context, self, self._state.today, rate.country, rate).open()

    def _change(self) -> None:
        chosen = self._list.selected_records()
        if not chosen:
            self._context.messages.note(_("Choose the rates that change first."))
            return
        dialog = change_dialog(self._context, self, self._state.today, chosen)
        dialog.done_with.connect(self._changed)
        dialog.open()

    def _changed(self, new_ids: Sequence[int]) -> None:
        said = ngettext(
            "{n} rate follows with another percent.", "{n} rates follow with another percent.", len(new_ids)
        )
        undo = lambda: self._tasks.command(taxes.revoke_rate_change, tuple(new_ids))  # noqa: E731
        self._context.messages.note(said, (_("Undo"), undo))

    def _delete(self) -> None:
        chosen: Any = self._list.current_record()
        if chosen is None:
            self._context.messages.note(_("Choose a row first."))
            return
        self._context.messages.confirm(
            _("Delete this tax rate?"),
            _("Documents keep what they say."),
            yes=_("Delete"),
            on_yes=lambda: self._tasks.command(taxes.delete_tax_rate, chosen.id),
            is_dangerous=True,
        )


def distance_card(context: Context, standing: DistanceStanding, is_named: bool) -> Card:  # noqa: FBT001 - one of several companies
    """Show where a company stands with its distance sales."""
    card = Card(_("Sales to consumers in other EU countries"), standing.entity.name if is_named else "")
    card.body.addWidget(label(taxes.describe_standing(standing), "second", wrap=True))
    card.head.addWidget(link(_("Show the sales"), lambda: _show_sales(context, card, standing)))
    return card


def _show_sales(context: Context, parent: QWidget, standing: DistanceStanding) -> None:
    show = lambda sales: SalesDialog(context, parent, standing, sales).open()  # noqa: E731
    context.tasks.of(parent).query(taxes.list_distance_sales, standing.entity.id, standing.year, then=show)
