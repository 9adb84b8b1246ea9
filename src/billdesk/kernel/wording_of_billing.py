"""The words for what can go wrong with billing, documents, taxes, rates and the journal."""

from __future__ import annotations

from typing import Final

from billdesk.kernel.i18n import N_
from billdesk.kernel.wording import Wording

BILLING_PROBLEMS: Final[dict[str, Wording]] = {
    "document_sums_differ": Wording(
        N_("The lines of {value} do not add up to its total."), N_("Restore a backup and compare the document.")
    ),
    "day_charged_twice": Wording(
        N_("The lines {value} charge the same day twice."), N_("Credit one of them, or restore a backup.")
    ),
    "credited_more_than_billed": Wording(
        N_("More was credited of line {value} than it charged."), N_("Correct the credit note.")
    ),
    "entry_unbalanced": Wording(
        N_("Journal entry {value} does not sum to zero."), N_("Restore a backup from before that entry.")
    ),
    "receivables_differ": Wording(
        N_("The receivables of {value} are {ledger} in the journal and {documents} on open documents."),
        N_("Restore a backup from before the difference."),
    ),
    "issued_differ": Wording(
        N_("What {value} issued is {ledger} in the journal and {documents} on documents."),
        N_("Restore a backup from before the difference."),
    ),
    "deferred_differs": Wording(
        N_("The deferred revenue of {value} is {ledger} in the journal and {documents} on lines."),
        N_("Restore a backup from before the difference."),
    ),
    "more_than_left": Wording(
        N_("{value} is more than is left of the line ({left})."), N_("Enter at most what is left.")
    ),
    "billing_day_far": Wording(
        N_("{value} is too far ahead: nothing is due so early that it could be billed today."),
        N_("Bill up to {latest} at the latest, or simulate the time after it."),
    ),
    "euro_has_no_rate": Wording(N_("The euro is what all rates are quoted in."), N_("Choose another currency.")),
    "period_ends_before_start": Wording(N_("The period ends before it starts."), N_("Enter a later last day.")),
    "tax_rate_missing": Wording(
        N_("There is no tax rate of {country} for {class} on {day}."), N_("Add the rate in the settings.")
    ),
    "exchange_rate_missing": Wording(
        N_("There is no exchange rate for {currency} on or before {day}."),
        N_("Import the ECB's rates, or enter one in the settings."),
    ),
    "percent_out_of_range": Wording(N_("{value} % is not possible."), N_("Enter a percentage from 0 to 100.")),
    "validity_ends_before_start": Wording(
        N_("The end {value} is not after the start."), N_("Correct one of the dates.")
    ),
    "tax_parts_do_not_add_up": Wording(
        N_("The parts do not add up to {value} %."), N_("Correct the parts or the percentage.")
    ),
    # contracts, discounts and late usage
    "start_missing": Wording(N_("The contract has no start."), N_("Add the entry that starts it.")),
    "entry_before_start": Wording(
        N_("An entry on {value} lies before the contract starts on {start}."), N_("Choose a later day.")
    ),
    "currency_twice": Wording(N_("{value} is there twice."), N_("Keep one of them.")),
    "row_twice": Wording(N_("There are two prices for {value}."), N_("Keep one of them.")),
    "tiers_unreadable": Wording(
        N_("The tiers “{value}” cannot be read, or the last one is not open."),
        N_("Write them like 100: 1.00 + 5 | 500: 0.80 | 0.60."),
    ),
    "amount_not_positive": Wording(N_("{value} is not above zero."), N_("Enter an amount above zero.")),
    "discount_percent_or_amount": Wording(
        N_("A discount is either a percentage or an amount."), N_("Fill in one of them.")
    ),
    "late_usage_ask": Wording(
        N_("Usage from {from} came after its period was billed: {amount}."), N_("Bill it, or leave it out.")
    ),
    "late_usage_ignored": Wording(
        N_("Usage from {from} came after its period was billed and is left out: {amount}."),
        N_("Change the price if late usage should be billed."),
    ),
    "coupon_archived": Wording(N_("The coupon {value} is no longer given."), N_("Use another one.")),
    "coupon_not_yet": Wording(N_("The coupon {value} is not valid yet."), N_("Use it later.")),
    "coupon_expired": Wording(N_("The coupon {value} has expired."), N_("Use another one.")),
    "coupon_other_currency": Wording(
        N_("The coupon {value} is in another currency."), N_("Use one in the contract's currency.")
    ),
    "coupon_used_up": Wording(N_("The coupon {value} was used as often as it may."), N_("Use another one.")),
    "coupon_used_by_customer": Wording(N_("The customer has used the coupon {value} already."), N_("Use another one.")),
    "coupon_first_time_only": Wording(N_("The coupon {value} is for new customers only."), N_("Use another one.")),
    "tax_rates_overlap": Wording(
        N_("Another rate is valid on {value} already."), N_("End the other rate first, or choose a later day.")
    ),
}
"""Wordings by `Problem.code`; a billing run also names rules that kept a customer out as problems."""

BILLING_RULES: Final[dict[str, Wording]] = {
    "not_a_draft": Wording(N_("{document} is issued already."), N_("Refresh the list.")),
    "not_issued": Wording(N_("The document of {customer} is not issued."), N_("Issue it first.")),
    "amount_too_large": Wording(
        N_("“{line}” for {customer} comes to more than an invoice can hold."),
        N_("Look for a mistyped quantity or price, and correct it."),
    ),
    "billing_paused": Wording(
        N_("Billing of a contract of {customer} is paused, so its draft is kept."), N_("Resume the contract first.")
    ),
    "draft_outdated": Wording(
        N_("Country or tax number of {customer} changed since the draft was made."),
        N_("Run billing again, or open and save the draft, so that its taxes are right."),
    ),
    "credit_outdated": Wording(
        N_("A credit for {customer} takes more than is left of the line: it was drafted before another credit."),
        N_("Delete the draft and make it again."),
    ),
    "date_before_last_number": Wording(
        N_("{date} lies before the last document of the series ({last})."),
        N_("Choose {last} or a later date, so that numbers follow the dates."),
    ),
    "period_locked": Wording(
        N_("The books are closed up to {lock_date}; nothing can be posted on {date}."), N_("Choose a later date.")
    ),
    "exchange_rate_missing": BILLING_PROBLEMS["exchange_rate_missing"],
    "tax_rate_missing": BILLING_PROBLEMS["tax_rate_missing"],
    "rate_change_outside": Wording(
        N_("The rate does not hold on {date} (it began on {since})."), N_("Choose a day on which it holds.")
    ),
    "draft_without_lines": Wording(N_("The draft has no lines."), N_("Add at least one line.")),
    "draft_line_is_zero": Wording(
        N_("Line {line} comes to nothing."), N_("Enter a quantity and a price, or remove it.")
    ),
    "discount_exceeds_line": Wording(
        N_("The discount of line {line} is more than the line."), N_("Enter a smaller discount.")
    ),
    "invoice_negative": Wording(N_("The invoice would be negative."), N_("Make a credit note instead.")),
    "credit_note_not_negative": Wording(N_("The credit note gives nothing back."), N_("Enter positive amounts.")),
    "only_invoices_corrected": Wording(
        N_("{number} is a credit note."), N_("Correct the invoice that it is about, or make a new invoice.")
    ),
    "nothing_left_to_credit": Wording(N_("Everything on {number} was credited before.")),
    "late_usage_gone": Wording(
        N_("None of this late usage waits any more."),
        N_("It was billed or taken out meanwhile; look at the list again."),
    ),
    "run_has_no_drafts": Wording(N_("The run has no drafts left."), N_("Issued documents are corrected one by one.")),
    "simulation_needs_file": Wording(
        N_("Only a book that is a file can be simulated; this one is on a server."),
        N_("Open a backup that was written as a file."),
    ),
    "no_email": Wording(
        N_("{customer} has no e-mail address for invoices."), N_("Add a contact that receives invoices.")
    ),
    "delivery_not_failed": Wording(
        N_("Only failed or cancelled mails are tried again; this one is {state}."), N_("Refresh the outbox.")
    ),
    "delivery_under_way": Wording(
        N_("Only waiting or failed mails can be cancelled; this one is {state}."), N_("Refresh the outbox.")
    ),
    "mail_not_set_up": Wording(
        N_("There is no mail server or sender address."),
        N_("Enter them in the settings; the mails wait in the outbox."),
    ),
}
"""Wordings by `RuleBroken.rule`."""
