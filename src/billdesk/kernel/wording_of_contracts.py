"""Sentences about contract terms, renewals and price indexes; part of `kernel.messages`."""

from __future__ import annotations

from typing import Final

from billdesk.kernel.i18n import N_
from billdesk.kernel.wording import Wording

CONTRACT_PROBLEMS: Final[dict[str, Wording]] = {
    "quantity_unchanged": Wording(N_("The quantity is as it was."), N_("Enter another one.")),
    "term_given_twice": Wording(
        N_("The term has a number of months and the end {value}."), N_("Leave one of them empty.")
    ),
    "term_begins_later": Wording(
        N_("The term would begin on {value}, after the day from which it is agreed."),
        N_("Choose that day as the day of the change."),
    ),
    "term_without_length": Wording(
        N_("The term has no length."),
        N_("Enter its months or its end. Without a length the contract goes on without end, and no fee can be due."),
    ),
    "renewal_without_term": Wording(
        N_("On {value} the contract {number} has no term that could be renewed."),
        N_("Add the row that agrees on one, or give the renewal a term."),
    ),
    "index_unknown": Wording(
        N_("There is no price index {value}."), N_("Correct the code, or add the index with its figures first.")
    ),
    "index_figure_missing": Wording(
        N_("The index {value} has no figure for {months}, so prices stay as they were at the renewal."),
        N_("Enter the figure: the next run bills the difference."),
    ),
    "price_without_amount": Wording(
        N_("The price {value} has more than one amount."), N_("Agree on an own price for it in the window.")
    ),
    "month_wrong": Wording(N_("“{value}” is not a month."), N_("Write it like 2026-01.")),
}
"""Wordings by `Problem.code`."""

CONTRACT_RULES: Final[dict[str, Wording]] = {
    "waiver_without_reason": Wording(
        N_("A fee is waived for a reason only."),
        N_("Enter the reason: it is kept in the timeline and the audit trail."),
    ),
    "renewal_without_term": Wording(
        N_("The contract {number} has no term that could be renewed on that day."), N_("Agree on a term first.")
    ),
    "index_used": Wording(
        N_("The contract {number} uses the index {code}."), N_("Agree on another uplift there first.")
    ),
    "entry_not_ahead": Wording(
        N_("Only what lies ahead can be moved."), N_("Take the change back, and make it again on the right day.")
    ),
    "start_stays": Wording(N_("The start of a contract cannot be moved."), N_("Take it back, and begin it again.")),
}
"""Wordings by `RuleBroken.rule`."""
