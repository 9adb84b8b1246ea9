"""Sentences about customers, the catalogue, contracts and their import; part of `kernel.messages`."""

from __future__ import annotations

from typing import Final

from billdesk.kernel.i18n import N_
from billdesk.kernel.wording import Wording

MASTER_PROBLEMS: Final[dict[str, Wording]] = {
    # customers
    "tax_id_wrong": Wording(
        N_("The VAT number {value} is not right: its check digits do not fit."),
        N_("Correct it, or leave it empty until you know it."),
    ),
    "email_wrong": Wording(N_("“{value}” is not a mail address."), N_("Enter an address such as name@company.com.")),
    "unknown_customer": Wording(
        N_("There is no customer {value}."), N_("Correct the number, or import the customer first.")
    ),
    "customer_archived": Wording(N_("Customer {value} is archived."), N_("Restore the customer first.")),
    "parent_circle": Wording(N_("Customer {value} would pay for itself."), N_("Choose another parent customer.")),
    # catalogue
    "unknown_product": Wording(
        N_("There is no product {value}."), N_("Correct the code, or import the product first.")
    ),
    "unknown_price": Wording(N_("There is no price {value}."), N_("Correct the code, or import the price first.")),
    "unknown_plan": Wording(N_("There is no plan {value}."), N_("Correct the code, or import the plan first.")),
    "price_without_terms": Wording(N_("The price {value} has no amount."), N_("Add its amount in a currency.")),
    "metric_missing": Wording(
        N_("The price {value} is charged by usage but names no metric."), N_("Choose the metric it is charged by.")
    ),
    "maximum_below_minimum": Wording(
        N_("The maximum {value} is below the minimum {minimum}."), N_("Correct one of them.")
    ),
    "price_sold": Wording(
        N_("The price {value} is part of a live plan, so what it charges cannot change."),
        N_("Make a new price and a new version of the plan."),
    ),
    "version_live": Wording(
        N_("Version {value} of this plan is live and differs from the file."),
        N_("Give the changed plan the next version number."),
    ),
    "tiers_missing": Wording(N_("There are no tiers."), N_("Add at least one tier.")),
    "tier_open_inside": Wording(
        N_("Only the last tier may be without an upper edge."), N_("Enter up to where this tier goes.")
    ),
    "last_tier_closed": Wording(
        N_("The last tier ends at {value}: what is above it would have no price."),
        N_("Leave the upper edge of the last tier empty."),
    ),
    "tiers_not_rising": Wording(
        N_("The tier ends at {value}, not above the one before ({before})."), N_("Put the tiers in rising order.")
    ),
    "metric_decimals_frozen": Wording(
        N_("The decimals of a metric cannot change once usage came in."), N_("Make a new metric.")
    ),
    # contracts
    "unknown_contract": Wording(
        N_("There is no contract {value}."), N_("Correct the number, or add the row that starts it.")
    ),
    "contract_not_started": Wording(
        N_("The row that starts contract {value} cannot go in, so this one cannot either."),
        N_("Correct the row that starts it."),
    ),
    "unknown_entity": Wording(N_("There is no company {value} in this book."), N_("Correct the code.")),
    "contract_differs": Wording(
        N_("The contract has another value than “{value}”, and this cannot change once it has started."),
        N_("Correct the row, or end the contract and start a new one."),
    ),
    "end_before_start": Wording(N_("The end {value} is not after the start."), N_("Correct one of the dates.")),
    "plan_not_yet_sold": Wording(
        N_("The plan {plan} is sold from {first} on, so it cannot be used on {value}."),
        N_("Correct the date, or add an earlier version of the plan."),
    ),
    "plan_without_quantity": Wording(
        N_("The plan has no price with a quantity, so {value} cannot be used."),
        N_("Leave the quantity empty, or name the price it belongs to."),
    ),
    "before_lock_date": Wording(
        N_("{value} is before {date}, up to which the books are closed."), N_("Choose a date from {date} on.")
    ),
    "contract_state": Wording(
        N_("On {value} the contract {number} is in the state “{state}”, which does not allow this."),
        N_("Correct the date or the action."),
    ),
    "price_currency_missing": Wording(
        N_("The price {value} is not sold in {currency}."), N_("Add terms in that currency, or use another one.")
    ),
    "plan_version_missing": Wording(N_("The plan version {value} does not exist."), N_("Choose another one.")),
    "price_missing": Wording(N_("The price {value} does not exist."), N_("Choose another one.")),
    # import
    "kind_unknown": Wording(
        N_("The columns of this file fit none of the known imports."),
        N_("Use the headers of a template, or say what it is: {kinds}."),
    ),
    "repeated_key": Wording(
        N_("“{value}” stands in row {first_row} already, with other values."), N_("Keep one of the rows.")
    ),
    "rows_disagree": Wording(
        N_("“{value}” contradicts an earlier row of the same record ({first})."), N_("Make the rows agree.")
    ),
    "not_json": Wording(N_("“{value}” is not a JSON object."), N_('Write it like {{"size": "10"}}.')),
    "used_by_contract": Wording(
        N_("{value} is used by contract {user}, so it stays."),
        N_("Undo the import that brought the contract first."),
    ),
    "used_by_customer": Wording(
        N_("{value} receives the invoices of customer {user}, so it stays."),
        N_("Choose another parent for that customer first."),
    ),
    "used_by_document": Wording(
        N_("{value} stands on document {user}, which is kept for ever, so it stays."),
        N_("Archive it if it is no longer wanted."),
    ),
    "used_by_draft": Wording(
        N_("{value} is billed by a draft, so it stays."), N_("Throw the draft away first, or undo its billing run.")
    ),
    "used_by_price": Wording(
        N_("{value} is used by price {user}, so it stays."), N_("Undo the import that brought the price first.")
    ),
    "used_by_plan": Wording(
        N_("{value} is part of plan {user}, so it stays."), N_("Undo the import that brought the plan first.")
    ),
    "used_by_payment": Wording(
        N_("A payment of {value} is in the book, so it stays."), N_("Archive it if it is no longer wanted.")
    ),
    "used_by_usage": Wording(
        N_("{value} has usage in the book, so it stays."), N_("Undo the import that brought the usage first.")
    ),
    "in_use": Wording(
        N_("{value} is used by a contract, a document or another record, so it stays."),
        N_("Undo or remove what uses it first."),
    ),
    "changed_since": Wording(
        N_("{value} was changed after the import, so it keeps its values."), N_("Change it by hand if it is wrong.")
    ),
}
"""Wordings by `Problem.code`."""

MASTER_RULES: Final[dict[str, Wording]] = {
    "company_missing": Wording(N_("The book has no company yet."), N_("Set up the company that invoices first.")),
    "customer_has_contracts": Wording(
        N_("The customer has contracts that have not ended."), N_("End the contracts first.")
    ),
    "price_sold": Wording(
        N_("The price {code} is part of a live plan, so what it charges cannot change."),
        N_("Make a new price and a new version of the plan."),
    ),
    "plan_without_version": Wording(N_("The plan has no version to copy."), N_("Make its first version.")),
    "version_in_past": Wording(
        N_("The version would start on {date}, which is past."), N_("Give it a date from today on.")
    ),
    "version_state": Wording(
        N_("Version {number} is in the state “{state}”, which does not allow this."),
        N_("A version goes from draft to approved to live; to change a live one, make a new version."),
    ),
    "before_lock_date": Wording(N_("The books are closed up to {date}."), N_("Choose a date from {date} on.")),
    "contract_state": Wording(
        N_("On {date} the contract {number} is in the state “{state}”, which does not allow this."),
        N_("Choose another day or another change."),
    ),
    "resume_before_pause": Wording(
        N_("The contract would resume on {date}, not after the pause begins."), N_("Choose a later day.")
    ),
    "change_without_date": Wording(N_("The change has no date."), N_("Enter the day on which it takes effect.")),
    "start_has_followers": Wording(
        N_("Other entries of contract {number} build on its start."), N_("Take those back first.")
    ),
    "import_questions": Wording(
        N_("The column “{column}” can be read in several ways ({choices}): {examples}."),
        N_("Say how it is written, then import again."),
    ),
    "import_undone": Wording(N_("The import of {file} was undone already.")),
    "import_not_ours": Wording(
        N_("An import of this kind ({kind}) is undone elsewhere."), N_("Use the undo of its own screen.")
    ),
}
"""Wordings by `RuleBroken.rule`."""
