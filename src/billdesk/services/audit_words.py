"""The audit trail in words: what each command did, and the details worth telling."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from billdesk.domain.audit import AuditEvent
from billdesk.kernel.changes import Noun
from billdesk.kernel.i18n import N_, _

_COMMANDS: Final[Mapping[str, str]] = {
    # companies and settings
    "create_entity": N_("Company added"),
    "change_entity": N_("Company changed"),
    "add_bank_account": N_("Bank account added"),
    "change_bank_account": N_("Bank account changed"),
    "change_settings": N_("Settings changed"),
    "seed_tax_rates": N_("Tax rates filled in"),
    "save_tax_rate": N_("Tax rate saved"),
    "delete_tax_rate": N_("Tax rate deleted"),
    "change_tax_rate": N_("Tax rate changed from a date"),
    "change_tax_rates": N_("Tax rates changed from a date"),
    "revoke_rate_change": N_("Change of tax rates taken back"),
    "import_rates": N_("Exchange rates imported"),
    "set_rate": N_("Exchange rate entered"),
    # customers, catalogue, contracts
    "create_customer": N_("Customer added"),
    "update_customer": N_("Customer changed"),
    "archive_customer": N_("Customer archived"),
    "restore_customer": N_("Customer brought back"),
    "create_product": N_("Product added"),
    "update_product": N_("Product changed"),
    "create_price": N_("Price added"),
    "update_price": N_("Price changed"),
    "create_plan": N_("Plan added"),
    "update_plan": N_("Plan changed"),
    "create_version": N_("Version of a plan drafted"),
    "change_version": N_("Version of a plan changed"),
    "approved_version": N_("Version of a plan approved"),
    "live_version": N_("Version of a plan published"),
    "retired_version": N_("Version of a plan retired"),
    "create_book": N_("Price book added"),
    "update_book": N_("Price book changed"),
    "delete_book": N_("Price book deleted"),
    "change_book_terms": N_("Prices in a book changed"),
    "revoke_book_terms": N_("Planned prices in a book taken back"),
    "delete_version": N_("Version of a plan deleted"),
    "start_subscription": N_("Contract started"),
    "update_subscription": N_("Contract changed"),
    "revoke_entry": N_("Change of a contract revoked"),
    "change_plan": N_("Plan of a contract changed"),
    "change_quantity": N_("Quantity of a contract changed"),
    "override_price": N_("Price of a contract agreed"),
    "pause": N_("Contract paused"),
    "resume": N_("Contract resumed"),
    "convert": N_("Trial turned into a contract"),
    "set_term": N_("Term of a contract agreed"),
    "renew": N_("Contract renewed"),
    "move_entry": N_("Change of a contract moved"),
    "save_index": N_("Price index saved"),
    "set_index_figures": N_("Figures of a price index entered"),
    "delete_index": N_("Price index deleted"),
    "reset_anchor": N_("Billing day of a contract changed"),
    "cancel": N_("Contract ended"),
    # files, and usage in them
    "import_file": N_("File imported"),
    "undo_import": N_("Import undone"),
    "import_usage": N_("Usage imported"),
    "undo_usage_import": N_("Usage import undone"),
    "rematch_unmatched": N_("Waiting usage matched"),
    "discard_unmatched": N_("Waiting usage discarded"),
    "create_metric": N_("Metric added"),
    "change_metric": N_("Metric changed"),
    "delete_metric": N_("Metric deleted"),
    "save_alert": N_("Threshold alert saved"),
    "delete_alert": N_("Threshold alert deleted"),
    "pause_alert": N_("Threshold alert paused"),
    "resume_alert": N_("Threshold alert watches again"),
    "restore_alert": N_("Threshold alert restored"),
    "look_at_alerts": N_("Thresholds looked at"),
    "mark_alerts_seen": N_("Reached thresholds seen"),
    # billing and documents
    "run_billing": N_("Billing run"),
    "create_discount": N_("Discount given"),
    "end_discount": N_("Discount ended"),
    "resume_discount": N_("Discount goes on"),
    "create_coupon": N_("Coupon added"),
    "archive_coupon": N_("Coupon closed"),
    "restore_coupon": N_("Coupon opened again"),
    "redeem_coupon": N_("Coupon used"),
    "grant_wallet": N_("Credit granted"),
    "withdraw_wallet": N_("Credit taken back"),
    "expire_wallets": N_("Expired credit written off"),
    "top_up_wallet": N_("Credit added"),
    "refund_into_wallet": N_("Credit note turned into credit"),
    "undo_refund_into_wallet": N_("Credit turned back into a credit note"),
    "undo_run": N_("Billing run undone"),
    "decide_late_usage": N_("Decided about late usage"),
    "recognise_revenue": N_("Revenue recognised"),
    "create_draft": N_("Draft made"),
    "update_draft": N_("Draft changed"),
    "void_drafts": N_("Drafts deleted"),
    "issue_documents": N_("Documents issued"),
    "correct_document": N_("Invoice corrected"),
    "credit_document": N_("Credit note drafted"),
    "mark_uncollectible": N_("Marked as uncollectible"),
    "change_memo": N_("Note changed"),
    "queue_documents": N_("Put in the outbox"),
    "send_document": N_("Mail handed over"),
    "retry_delivery": N_("Mail put back in the outbox"),
    "cancel_delivery": N_("Mail taken out of the outbox"),
    "mark_letters_sent": N_("Letters posted"),
    # bank and payments
    "import_statement": N_("Bank statement imported"),
    "undo_statement_import": N_("Bank statement taken out"),
    "accept_match": N_("Bank line matched"),
    "accept_unique_matches": N_("Bank lines matched together"),
    "unmatch": N_("Match taken back"),
    "save_bank_rule": N_("Bank rule saved"),
    "delete_bank_rule": N_("Bank rule deleted"),
    "order_bank_rules": N_("Bank rules put in order"),
    "note_payment": N_("Payment noted"),
    "refund_customer": N_("Money paid back"),
    "allocate_balance": N_("Paid from the balance"),
    "offset_credit_note": N_("Credit note used"),
    "offset_note": N_("Credit note set off"),
    "write_off": N_("Written off"),
    "release_document": N_("Payments released"),
    "take_back": N_("Payment step taken back"),
}

_NOUNS: Final[Mapping[str, str]] = {
    Noun.ENTITIES: N_("Companies"),
    Noun.CUSTOMERS: N_("Customers"),
    Noun.CATALOG: N_("Catalog"),
    Noun.SUBSCRIPTIONS: N_("Subscriptions"),
    Noun.USAGE: N_("Usage"),
    Noun.BILLING: N_("Billing"),
    Noun.INVOICES: N_("Invoices"),
    Noun.BANKING: N_("Bank"),
    Noun.PAYMENTS: N_("Payments"),
    Noun.COLLECTIONS: N_("Collections"),
    Noun.LEDGER: N_("Ledger"),
    Noun.QUOTES: N_("Quotes"),
    Noun.REPORTS: N_("Reports"),
    Noun.MIGRATION: N_("Imports"),
    Noun.AUDIT: N_("Audit"),
    Noun.SETTINGS: N_("Settings"),
}

_DETAILS: Final[Mapping[str, str]] = {
    "name": N_("name"),
    "number": N_("number"),
    "code": N_("code"),
    "file": N_("file"),
    "document": N_("document"),
    "invoice": N_("invoice"),
    "credit_note": N_("credit note"),
    "amount": N_("amount"),
    "total": N_("total"),
    "sums": N_("sums"),
    "reason": N_("reason"),
    "memo": N_("note"),
    "numbers": N_("numbers"),
    "as_of": N_("up to"),
    "created": N_("made"),
    "replaced": N_("replaced"),
    "added": N_("added"),
    "changed": N_("changed"),
    "removed": N_("removed"),
    "restored": N_("restored"),
    "known": N_("known already"),
    "rejected": N_("rejected"),
    "unmatched": N_("waiting"),
    "queued": N_("queued"),
    "drafts": N_("drafts"),
    "lines": N_("lines"),
    "events": N_("events"),
    "rates": N_("rates"),
    "iban": N_("account"),
    "fields": N_("fields"),
    "class": N_("class"),
    "percent": N_("percent"),
    "since": N_("from"),
    "day": N_("day"),
    "per_euro": N_("per euro"),
    "to": N_("to"),
    "answer": N_("answer"),
}
_MANY: Final = 3


@dataclass(frozen=True, slots=True)
class EventText:
    """An event for people: what was done, on what kind of data, and the details in one line."""

    title: str
    noun: str
    details: str


def describe_event(event: AuditEvent) -> EventText:
    """Put an event into words; a command of a newer program shows its own name."""
    title = _(_COMMANDS[event.command]) if event.command in _COMMANDS else event.command.replace("_", " ")
    return EventText(title, noun_word(event.noun), _details(json.loads(event.details)))


def noun_word(noun: str) -> str:
    """Give the word for a kind of data."""
    return _(_NOUNS[noun]) if noun in _NOUNS else noun


def _details(details: Mapping[str, object]) -> str:
    told = [f"{_(word)} {_text(details[key])}" for key, word in _DETAILS.items() if _is_worth(details.get(key))]
    changed = {} if told else {key: value for key, value in details.items() if isinstance(value, list)}
    told += [f"{key}: {_change(value)}" for key, value in changed.items() if isinstance(value, list)]
    return " · ".join(text for text in told if text)


def _is_worth(value: object) -> bool:
    return value not in (None, "", 0, [], {})


def _change(value: list[object]) -> str:
    """Write a setting before and after; other lists are ids that tell a person nothing."""
    return f"{value[0]} → {value[1]}" if len(value) == 2 and not isinstance(value[0], list) else str(len(value))  # noqa: PLR2004


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values())
    if isinstance(value, list) and len(value) > _MANY:
        return f"{value[0]} – {value[-1]} ({len(value)})"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
