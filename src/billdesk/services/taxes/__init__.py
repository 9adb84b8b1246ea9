"""Taxes: the rates and their changes, and distance sales against their threshold."""

from billdesk.services.taxes.changing import (
    RateChange,
    RateChangePreview,
    change_tax_rates,
    find_rates,
    preview_rate_change,
    revoke_rate_change,
)
from billdesk.services.taxes.distance import (
    Counters,
    DistanceRow,
    DistanceStanding,
    Taxed,
    count_sales,
    counter_for,
    list_distance_sales,
    list_standings,
    load_counter,
)
from billdesk.services.taxes.keeping import (
    delete_tax_rate,
    list_tax_rates,
    save_tax_rate,
    seed_tax_rates,
    tax_table,
)
from billdesk.services.taxes.words import describe_change, describe_standing

__all__ = [
    "Counters",
    "DistanceRow",
    "DistanceStanding",
    "RateChange",
    "RateChangePreview",
    "Taxed",
    "change_tax_rates",
    "count_sales",
    "counter_for",
    "delete_tax_rate",
    "describe_change",
    "describe_standing",
    "find_rates",
    "list_distance_sales",
    "list_standings",
    "list_tax_rates",
    "load_counter",
    "preview_rate_change",
    "revoke_rate_change",
    "save_tax_rate",
    "seed_tax_rates",
    "tax_table",
]
