"""Sentences about usage and metrics; part of `kernel.messages`."""

from __future__ import annotations

from typing import Final

from billdesk.kernel.i18n import N_
from billdesk.kernel.wording import Wording

USAGE_PROBLEMS: Final[dict[str, Wording]] = {
    "usage_unknown_contract": Wording(
        N_("There is no contract or customer {value}; its usage waits."),
        N_("Make the contract, then match the waiting rows again."),
    ),
    "usage_not_active": Wording(
        N_("{value} had no contract for {metric} at that time; its usage waits."),
        N_("Correct the contract's dates or plan, then match the waiting rows again."),
    ),
    "usage_several_contracts": Wording(
        N_("Customer {value} has several contracts for {metric}; its usage waits."),
        N_("Name the contract instead of the customer."),
    ),
    "usage_conflict": Wording(
        N_("The event {value} of {reference} is in the book with another time, quantity or properties."),
        N_("If this file is right, import it as a correction of its period."),
    ),
    "usage_not_priced": Wording(
        N_("The contract {value} has no price for {metric}; {rows} rows are stored but not billed."),
        N_("Add a price for it to the contract's plan if it should be billed."),
    ),
    "usage_orphan": Wording(N_("Usage names contract {value}, which is not in the book."), N_("Restore a backup.")),
    "usage_of_no_import": Wording(
        N_("Usage names import {value}, which does not count."), N_("Undo that import again, or restore a backup.")
    ),
    "usage_rollup_wrong": Wording(
        N_("The daily totals of contract {value} are not the sum of its events."),
        N_("Undo the latest usage import and import it again."),
    ),
    "threshold_not_positive": Wording(
        N_("A threshold of {value} would always be reached."), N_("Enter one above zero.")
    ),
    "alert_per_customer": Wording(
        N_("Wallets belong to a customer, not to a contract."), N_("Choose the customer, or leave both empty.")
    ),
}
"""Wordings by `Problem.code`."""

USAGE_RULES: Final[dict[str, Wording]] = {
    "usage_invoiced": Wording(
        N_("Usage of {file} is on issued documents: {documents}."),
        N_("Undo it all the same to have the next billing run credit the difference."),
    ),
    "metric_frozen": Wording(
        N_("{code} has usage, so its {field} cannot change any more."), N_("Make a new metric instead.")
    ),
    "metric_in_use": Wording(
        N_("{code} has usage or prices, so it cannot be deleted."), N_("Take it off its prices first.")
    ),
}
"""Wordings by `RuleBroken.rule`."""
