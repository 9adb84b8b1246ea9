"""The only list of screens: what the rail shows, in its order, and where each is built."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Final

from billdesk.kernel.i18n import N_
from billdesk.ui.core.screen import Context, Screen

START: Final = "start"
HOME: Final = "home"
SETTINGS: Final = "settings"


@dataclass(frozen=True, slots=True)
class ScreenSpec:
    """One screen: `title` is a msgid, `factory` is `module:class` and imported at the first visit.

    `takes` are the endings of files that can be dropped for this screen, and `drop_label` what it then does.
    """

    key: str
    title: str
    icon: str
    factory: str
    shortcut: str = ""
    takes: tuple[str, ...] = ()
    drop_label: str = ""

    def build(self, context: Context) -> Screen:
        """Import and build the screen."""
        module, _colon, name = self.factory.partition(":")
        screen: Screen = getattr(importlib.import_module(module), name)(context)
        return screen


_ROOT: Final = "billdesk.ui.screens"

SCREENS: Final = (
    ScreenSpec(HOME, N_("Home"), "layout-dashboard", f"{_ROOT}.home.home_view:HomeView", "Ctrl+1"),
    ScreenSpec(
        "customers",
        N_("Customers"),
        "users",
        f"{_ROOT}.customers.customers_view:CustomersView",
        "Ctrl+2",
        (".csv", ".xlsx", ".parquet"),
        N_("Import customers"),
    ),
    ScreenSpec(
        "catalog",
        N_("Catalog"),
        "package",
        f"{_ROOT}.catalog.catalog_view:CatalogView",
        "Ctrl+3",
        (".csv", ".xlsx", ".parquet"),
        N_("Import products and prices"),
    ),
    ScreenSpec(
        "subscriptions",
        N_("Subscriptions"),
        "repeat",
        f"{_ROOT}.subscriptions.subscriptions_view:SubscriptionsView",
        "Ctrl+4",
        (".csv", ".xlsx", ".parquet"),
        N_("Import subscriptions"),
    ),
    ScreenSpec(
        "usage",
        N_("Usage"),
        "gauge",
        f"{_ROOT}.usage.usage_view:UsageView",
        "Ctrl+5",
        (".csv", ".xlsx", ".parquet", ".jsonl"),
        N_("Import usage"),
    ),
    ScreenSpec("billing", N_("Billing"), "play", f"{_ROOT}.billing.billing_view:BillingView", "Ctrl+6"),
    ScreenSpec("invoices", N_("Invoices"), "file-text", f"{_ROOT}.invoices.invoices_view:InvoicesView", "Ctrl+7"),
    ScreenSpec(
        "banking",
        N_("Bank"),
        "landmark",
        f"{_ROOT}.banking.banking_view:BankingView",
        "Ctrl+8",
        (".xml", ".csv", ".sta", ".940", ".cod", ".ofx", ".qif"),
        N_("Import a bank statement"),
    ),
    ScreenSpec("history", N_("History"), "history", f"{_ROOT}.history.history_view:HistoryView", "Ctrl+9"),
)
"""The nouns of the rail, at most nine."""

FOOT: Final = ScreenSpec(SETTINGS, N_("Settings"), "settings", f"{_ROOT}.settings.settings_view:SettingsView", "Ctrl+,")
"""Stands at the foot of the rail."""

START_SCREEN: Final = ScreenSpec(START, N_("Start"), "folder-open", f"{_ROOT}.start.start_view:StartView")
"""Shown without the rail while no book is open."""

ALL_SCREENS: Final = (*SCREENS, FOOT, START_SCREEN)
