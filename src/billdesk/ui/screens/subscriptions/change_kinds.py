"""Which fields each kind of change has."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from billdesk.domain.subscriptions import EntryKind
from billdesk.ui.screens.subscriptions.change_fields import (
    ChangeFields,
    PauseFields,
    PlanFields,
    PriceFields,
    QuantityFields,
)
from billdesk.ui.screens.subscriptions.change_presenter import PHASES, ChangeOptions
from billdesk.ui.screens.subscriptions.deed_fields import AgreeFields, EndFields, PhaseFields, RenewFields


def fields_of(options: ChangeOptions) -> Mapping[str, Callable[[], ChangeFields]]:
    """Give how the fields of each kind are made."""
    return {
        EntryKind.CHANGE_QUANTITY: lambda: QuantityFields(options.seats),
        EntryKind.CHANGE_PLAN: lambda: PlanFields(options),
        EntryKind.OVERRIDE_PRICE: lambda: PriceFields(options),
        PHASES: lambda: PhaseFields(options),
        EntryKind.SET_TERM: lambda: AgreeFields(options),
        EntryKind.RENEW: lambda: RenewFields(options),
        EntryKind.PAUSE: lambda: PauseFields(options),
        EntryKind.CANCEL: lambda: EndFields(options),
    }
