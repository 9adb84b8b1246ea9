"""The words for what can go wrong with discounts, coupons, wallets and commitments."""

from __future__ import annotations

from typing import Final

from billdesk.kernel.i18n import N_
from billdesk.kernel.wording import Wording

DISCOUNT_PROBLEMS: Final[dict[str, Wording]] = {
    "discount_for_one": Wording(
        N_("A discount is for one customer or for one contract."), N_("Name one of the two, not both.")
    ),
    "discount_other_currency": Wording(
        N_("An amount in {value} would take nothing off: the documents are in {currencies}."),
        N_("Enter the amount in that currency, or give a percentage."),
    ),
    "growth_out_of_range": Wording(
        N_("Usage cannot change by {value} % a month."), N_("Enter a percentage from -100 to 100.")
    ),
    "scope_of_one_kind": Wording(
        N_("A discount is limited to plans, to products or to meters."), N_("Name codes of one kind only.")
    ),
    "scope_unknown": Wording(N_("What the limit names ({value}) does not exist."), N_("Choose from the catalogue.")),
    "discount_overused": Wording(
        N_("Documents took more of the discount {value} than was agreed."), N_("Correct one of them.")
    ),
    "grant_amount_or_units": Wording(
        N_("Credit is granted as an amount, or as units with what one is worth."), N_("Fill in one of the two.")
    ),
    "unit_value_too_small": Wording(
        N_("One unit is worth less than the smallest coin."), N_("Count in hundreds or thousands of units instead.")
    ),
    "wallet_without_units": Wording(
        N_("{value} was granted as an amount and counts no units."), N_("Enter an amount.")
    ),
    "wallet_other_currency": Wording(N_("The credit is in {currency}."), N_("Enter the amount in {currency}.")),
    "wallet_balance_wrong": Wording(
        N_("The balance of wallet {value} is not the sum of its movements."),
        N_("Restore a backup from before the difference."),
    ),
    "wallets_differ": Wording(
        N_("Prepaid credit of {value} is {ledger} in the journal and {documents} on wallets."),
        N_("Restore a backup from before the difference."),
    ),
    "commitment_without_amount": Wording(
        N_("A commitment needs an amount."), N_("Enter one for each currency of the plan, or remove the commitment.")
    ),
    "commitment_currency_missing": Wording(
        N_("The plan is sold in {value}, and nothing is committed in it."), N_("Enter the committed amount in {value}.")
    ),
}
"""Wordings by `Problem.code`."""

DISCOUNT_RULES: Final[dict[str, Wording]] = {
    "receiver_is_other": Wording(
        N_("The documents of {customer} go to {receiver}."), N_("Give it to the contract, or to {receiver}.")
    ),
    "discount_ended": Wording(N_("The discount {label} ended on {date} already."), N_("Nothing is left to do.")),
    "discount_not_ended": Wording(N_("The discount {label} does not end before that."), N_("Nothing is left to do.")),
    "discount_outdated": Wording(
        N_("A discount of {customer} was used up by another document since these were drafted."),
        N_("Run billing again, then issue."),
    ),
    "wallet_expired": Wording(N_("{label} expired on {date}."), N_("Grant new credit, which may have other terms.")),
    "nothing_open_to_refund": Wording(
        N_("Nothing is open on {number} that could become credit."),
        N_("Choose an issued credit note that was not paid back or set off yet."),
    ),
    "wallet_not_refund": Wording(
        N_("{label} did not come from a credit note."), N_("Take the credit itself back instead.")
    ),
    "wallet_used": Wording(
        N_("{label} was used since: {left} is left."), N_("Correct the invoices that it paid first.")
    ),
    "refund_in_wallet": Wording(
        N_("This amount became prepaid credit of the customer."), N_("Take the refund back at the credit itself.")
    ),
    "contract_gives_nothing_back": Wording(
        N_("The contract {contract} gives nothing back today."),
        N_("End it on a day that is billed already and let unused days be credited."),
    ),
    "wallet_too_small": Wording(N_("{left} is left on {label}."), N_("Take back at most that.")),
}
"""Wordings by `RuleBroken.rule`."""
