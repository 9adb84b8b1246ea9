"""The one table that turns typed errors and problem codes into sentences for people.

A message says what happened, where, what is safe, and what to do next. Add a code here when you
raise it: `PROBLEMS` for `Problem.code`, `RULES` for `RuleBroken.rule`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date
from typing import Final

from billdesk.kernel import errors
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.wording import Wording
from billdesk.kernel.wording_of_billing import BILLING_PROBLEMS, BILLING_RULES
from billdesk.kernel.wording_of_catalog import CATALOG_PROBLEMS, CATALOG_RULES
from billdesk.kernel.wording_of_contracts import CONTRACT_PROBLEMS, CONTRACT_RULES
from billdesk.kernel.wording_of_discounts import DISCOUNT_PROBLEMS, DISCOUNT_RULES
from billdesk.kernel.wording_of_masters import MASTER_PROBLEMS, MASTER_RULES
from billdesk.kernel.wording_of_taxes import TAX_PROBLEMS, TAX_RULES
from billdesk.kernel.wording_of_usage import USAGE_PROBLEMS, USAGE_RULES


@dataclass(frozen=True, slots=True)
class Message:
    """A failure in words; every part but `what` may be empty."""

    what: str
    where: str = ""
    safe: str = ""
    next: str = ""

    def __str__(self) -> str:
        where = f"({self.where})" if self.where else ""
        return " ".join(part for part in (self.what, where, self.safe, self.next) if part)


_LONGEST_TEXT: Final = 200
_ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

NOTHING_CHANGED: Final = N_("Nothing was changed.")

PROBLEMS: Final[dict[str, Wording]] = {
    # fields
    "unknown_field": Wording(N_("There is no such field."), N_("Remove it or correct its name.")),
    "value_missing": Wording(N_("A value is missing."), N_("Fill it in.")),
    "wrong_type": Wording(N_("“{value}” is not a {expected}."), N_("Enter a value of that type.")),
    "not_a_choice": Wording(N_("“{value}” is not one of the choices."), N_("Choose one of: {choices}.")),
    "not_a_number": Wording(N_("“{value}” is not a number."), N_("Enter a number such as 1234.56.")),
    "too_many_decimals": Wording(N_("“{value}” has too many decimals."), N_("Use at most {places} decimals.")),
    "too_small": Wording(N_("{value} is too small."), N_("Enter at least {minimum}.")),
    "number_too_large": Wording(
        N_("A number or date is too large to be kept."), N_("Look for a mistyped quantity, price or year.")
    ),
    "too_large": Wording(N_("{value} is too large."), N_("Enter at most {maximum}.")),
    "already_used": Wording(N_("“{value}” is used already."), N_("Choose another.")),
    "unknown_currency": Wording(N_("“{value}” is not a currency code."), N_("Use an ISO 4217 code such as EUR.")),
    "account_is_fixed": Wording(
        N_("The account stays in {value} and with its company, for its lines do."), N_("Add another account instead.")
    ),
    "iban_wrong": Wording(N_("The IBAN {value} is not right."), N_("Check it for a typing mistake.")),
    # files
    "file_exists": Wording(N_("A file of that name exists already."), N_("Choose another name.")),
    "not_a_backup": Wording(N_("This file is not a BillDesk backup."), N_("Choose a file from a backup folder.")),
    # documents and mails
    "logo_unreadable": Wording(N_("The logo is not a picture that can be read."), N_("Choose a PNG or JPEG file.")),
    "unknown_place": Wording(
        N_("The template has no place called {value}."), N_("Use only these names in braces: {places}.")
    ),
    # the book
    "series_faulty": Wording(
        N_("The numbers of {value} have gaps: {documents} documents, the highest {highest}, the next {next}."),
        N_("Restore a backup from before the gap, or ask support."),
    ),
    "audit_chain_broken": Wording(
        N_("The audit trail was changed at event {value}."), N_("Restore a backup from before that event.")
    ),
    # typed in the window
    "damaged_pdf": Wording(N_("The PDF cannot be shown: {reason}"), N_("Open it with another program.")),
    "date_out_of_range": Wording(
        N_("“{value}” is too far from today."), N_("Enter a day in a year from {first} to {last}.")
    ),
    "not_a_date": Wording(N_("“{value}” is not a date."), N_("Enter a day such as 1.4, 2027-04-01 or +30.")),
    "nothing_chosen": Wording(
        N_("Nothing was chosen for “{value}”."), N_("Choose a line of the list below the field.")
    ),
    # money: statements, rules, the check of money
    "bank_account_unknown": Wording(
        N_("The account {value} is none of your bank accounts."), N_("Choose the account it is, or add it first.")
    ),
    "statement_currency": Wording(
        N_("A line is in {value}, but the account {account} is in {expected}."),
        N_("Choose the account of that currency."),
    ),
    "statement_imbalance": Wording(
        N_("Statement {statement} does not add up: {difference} is missing between {opening} and {closing}."),
        N_("Fetch the file from the bank again, or accept the difference."),
    ),
    "rule_needs_one_target": Wording(
        N_("A rule books to a ledger account or to a customer."), N_("Choose one of the two.")
    ),
    "money_open_wrong": Wording(
        N_("{value} has {found} open (in minor units); what settled it leaves {expected}."), N_("Restore a backup.")
    ),
    "money_settled_beyond": Wording(
        N_("{value} has {found} open (in minor units) of {expected}."), N_("Take back a settlement that is too much.")
    ),
    "money_rest_wrong": Wording(
        N_("Payment {value} has {found} unused (in minor units); its rows leave {expected}."), N_("Restore a backup.")
    ),
    "money_line_wrong": Wording(
        N_("Bank line {value} of {expected} is settled with {found} (in minor units)."),
        N_("Unmatch it and match it again."),
    ),
    "money_statement_wrong": Wording(
        N_("The lines of statement {value} make {found}; its balances say {expected} (in minor units)."),
        N_("Undo its import and import it again."),
    ),
    "money_balance_wrong": Wording(
        N_("The ledger has {found} for customer {value}; unused payments make {expected} (in minor units)."),
        N_("Restore a backup."),
    ),
    "money_entry_orphan": Wording(N_("{value} journal entries belong to no step with money."), N_("Restore a backup.")),
    # data files and bank files
    "file_empty": Wording(N_("The file is empty."), N_("Choose the file that holds the data.")),
    "file_missing": Wording(N_("The file is not there."), N_("Choose it again; it may have been moved.")),
    "file_locked": Wording(N_("The file cannot be opened."), N_("Close it in other programs, then try again.")),
    "file_damaged": Wording(N_("The file is damaged or incomplete."), N_("Save or download it again.")),
    "file_cut_off": Wording(N_("The file ends too early."), N_("Download it again from the bank.")),
    "file_too_large": Wording(N_("The file is too large."), N_("Check that it is the right file, or split it.")),
    "password_protected": Wording(N_("The file is protected by a password."), N_("Save it without password.")),
    "not_a_table": Wording(
        N_("This is a {value} file, not a table."), N_("Choose a CSV, XLSX, Parquet or JSONL file.")
    ),
    "not_a_rates_file": Wording(N_("This is no rates file of the ECB."), N_("Choose eurofxref as CSV, ZIP or XML.")),
    "no_rows": Wording(N_("There are no rows below the headers."), N_("Choose the file or sheet that holds the data.")),
    "sheet_empty": Wording(N_("The sheet “{value}” is empty."), N_("Choose a sheet that has rows.")),
    "sheet_missing": Wording(N_("There is no sheet “{value}”."), N_("Choose one of: {sheets}.")),
    "header_missing": Wording(N_("There is no such row for the headers."), N_("Choose the row that has them.")),
    "column_missing": Wording(N_("The column “{value}” is not in the file."), N_("Choose which column holds it.")),
    "encoding_wrong": Wording(N_("The text is not written in {encoding}."), N_("Choose another encoding.")),
    "quote_not_closed": Wording(
        N_("A quotation mark is not closed."), N_("Close it, or choose another delimiter, then try again.")
    ),
    "json_broken": Wording(N_("This line is no JSON object: {value}"), N_("Write one object in each line.")),
    "xml_broken": Wording(N_("The XML is broken: {value}"), N_("Download the file again.")),
    "doctype_refused": Wording(
        N_("The file declares a document type, which no honest file of this kind does."), N_("Do not use this file.")
    ),
    "too_many_cells": Wording(
        N_("The row has more cells than there are columns: {value}"), N_("Put texts with a delimiter into quotes.")
    ),
    "decimal_mark_mixed": Wording(
        N_("“{value}” uses another decimal mark than its column."), N_("Write all numbers of the column alike.")
    ),
    "decimal_mark_unknown": Wording(
        N_("“{value}” can be thousands or decimals."), N_("Say which decimal mark the file uses.")
    ),
    "scientific_notation": Wording(
        N_("“{value}” has lost digits in a spreadsheet."), N_("Format the column as number or text and save again.")
    ),
    "date_order_mixed": Wording(
        N_("“{value}” does not fit the order of day and month in its column."),
        N_("Write all dates of the column in one order, best as 2027-04-01."),
    ),
    "date_order_unknown": Wording(
        N_("“{value}” can be read day first or month first."), N_("Say which comes first in this file.")
    ),
    "time_in_date": Wording(N_("“{value}” has a time, but a day is expected."), N_("Enter the day alone.")),
    "not_an_instant": Wording(N_("“{value}” is no point in time."), N_("Enter it as 2027-04-01 13:45:00.")),
    "not_an_integer": Wording(N_("“{value}” is not a whole number."), N_("Enter it without decimals.")),
    "not_a_boolean": Wording(N_("“{value}” is neither yes nor no."), N_("Enter yes or no.")),
    "unknown_country": Wording(N_("“{value}” is not a country."), N_("Use a code such as BE, or its name.")),
    "unknown_metric": Wording(N_("There is no metric “{metric}”."), N_("Make the metric, or correct its code.")),
    "bank_format_unknown": Wording(
        N_("This is no bank file that BillDesk knows."), N_("Ask the bank for one of: {formats}.")
    ),
    "statement_is_workbook": Wording(
        N_("This is a spreadsheet, and bank statements are not read from workbooks."),
        N_("Save it as CSV, or better ask the bank for CAMT.053, CODA or MT940."),
    ),
    "bank_columns_unknown": Wording(
        N_("No date and amount were found among these columns: {value}"), N_("Choose which column holds what.")
    ),
    "not_a_statement": Wording(
        N_("The file holds no booked statement ({value})."), N_("Ask the bank for statements, not notices of the day.")
    ),
    "entry_not_booked": Wording(N_("An entry of {value} is not booked yet ({status}) and was left out.")),
    "movement_unreadable": Wording(N_("This movement cannot be read: {value}"), N_("Download the file again.")),
    "currency_differs": Wording(
        N_("A line is in another currency than the account ({currency})."), N_("Use another format of the bank.")
    ),
    "coda_version": Wording(N_("CODA version “{value}” is not known."), N_("Ask the bank for CODA version 2.")),
    "coda_duplicate": Wording(N_("The bank marks this file as a duplicate.")),
    "trailer_total_wrong": Wording(
        N_("The total of {side} in the last record is {value}, but the movements make {found}."),
        N_("Compare with the bank before you import."),
    ),
    **MASTER_PROBLEMS,
    **CATALOG_PROBLEMS,
    **CONTRACT_PROBLEMS,
    **BILLING_PROBLEMS,
    **DISCOUNT_PROBLEMS,
    **TAX_PROBLEMS,
    **USAGE_PROBLEMS,
}
"""Wordings by `Problem.code`."""

RULES: Final[dict[str, Wording]] = {
    "lock_date_backwards": Wording(
        N_("The books are closed up to {date}; the lock date only moves forward."), N_("Choose a later date.")
    ),
    # settling with money
    "more_than_open": Wording(
        N_("{amount} is more than {number} has open ({open})."),
        N_("Enter less; the rest can become the customer's balance."),
    ),
    "line_not_settled": Wording(
        N_("{remaining} of the line has no place yet."),
        N_("Add a document or account, or leave it as the customer's balance."),
    ),
    "line_settled_already": Wording(N_("This line of {amount} is settled already."), N_("Unmatch it first.")),
    "line_not_settled_yet": Wording(N_("This line is not settled, so there is nothing to take back.")),
    "lines_settled": Wording(
        N_("{count} lines of this import are settled."), N_("Unmatch them first, then undo the import.")
    ),
    "already_undone": Wording(N_("This import was undone before.")),
    "already_taken_back": Wording(N_("This step was taken back before.")),
    "payment_was_returned": Wording(N_("This payment came back from the bank."), N_("Take back the return first.")),
    "payment_on_statement": Wording(N_("The bank has confirmed this payment."), N_("Unmatch its bank line first.")),
    "payment_used_twice": Wording(
        N_("Two lines are about the same payment."), N_("Choose another payment for one of them.")
    ),
    "payment_not_positive": Wording(N_("A payment of {amount} is not possible."), N_("Enter an amount above zero.")),
    "return_not_payment": Wording(
        N_("{returned} cannot be a return of {payment}."), N_("Book what the bank charges on top to an account.")
    ),
    "refund_more_than_balance": Wording(
        N_("The customer's balance is {missing} too small for this refund."),
        N_("Refund less, or make a credit note first."),
    ),
    "balance_too_small": Wording(N_("The customer's balance is {missing} too small."), N_("Use a smaller amount.")),
    "offset_not_same": Wording(
        N_("{invoice} and {credit_note} differ in customer or currency."),
        N_("Choose documents of one customer and currency."),
    ),
    "write_off_kind": Wording(
        N_("“{kind}” settles with money, not without."), N_("Choose a write-off, fee or difference.")
    ),
    "document_not_issued": Wording(N_("{number} is not issued."), N_("Issue it before money is put on it.")),
    "other_entity": Wording(
        N_("{number} is of another company than the money."), N_("Choose a document of the company that got the money.")
    ),
    "share_is_credit_note": Wording(
        N_("A credit note is not put on {number} with money."), N_("Offset the credit note against it.")
    ),
    "share_wrong_currency": Wording(N_("{number} is in {currency}."), N_("Enter what is settled of it in {currency}.")),
    "share_needs_paid": Wording(
        N_("{number} is not in {currency}."), N_("Enter also what was paid for it in {currency}.")
    ),
    "noted_wrong_currency": Wording(
        N_("The payment of {amount} is in another currency than the line."), N_("Choose another payment.")
    ),
    "settled_since": Wording(
        N_("{number} was settled otherwise since and has only {open} open."), N_("Take that back first.")
    ),
    **MASTER_RULES,
    **CATALOG_RULES,
    **CONTRACT_RULES,
    **DISCOUNT_RULES,
    **BILLING_RULES,
    **TAX_RULES,
    **USAGE_RULES,
}
"""Wordings by `RuleBroken.rule`."""


def describe(problem: Problem) -> Message:
    """Put one problem into words; an unknown code shows itself, so that it is found and worded."""
    # A bulk step tells of a broken rule as of a problem: its row was left out, the others went in.
    wording = PROBLEMS.get(problem.code) or RULES.get(problem.code) or Wording(problem.code)
    details = {"value": problem.value, **dict(problem.details)}
    return Message(_fill(wording.what, details), place(problem.place), "", _fill(wording.next, details))


def place(where: Place) -> str:
    """Put a place into words: file, sheet, row, column, field."""
    parts = [
        where.file,
        _("sheet {name}", name=where.sheet) if where.sheet else "",
        _("row {row}", row=where.row) if where.row is not None else "",
        _("column {name}", name=where.column) if where.column else "",
        _("field {name}", name=where.field) if where.field else "",
    ]
    return ", ".join(part for part in parts if part)


def sentence(error: BaseException) -> Message:
    """Put an error into words; anything that is not a BillDeskError is a bug and says so."""
    if isinstance(error, errors.InvalidValue | errors.UnreadableFile):
        message = describe(error.problem)
        return Message(message.what, message.where, _(NOTHING_CHANGED), message.next)
    if isinstance(error, errors.UndoBlocked):
        return _undo_blocked(error)
    if isinstance(error, errors.RowsRejected):
        return _rows_rejected(error)
    if isinstance(error, errors.RuleBroken):
        wording = RULES.get(error.rule, Wording(error.rule))
        details = dict(error.details)
        return Message(_fill(wording.what, details), "", _(NOTHING_CHANGED), _fill(wording.next, details))
    wording = _ERRORS.get(type(error), _UNEXPECTED)
    details = _fields(error)
    if isinstance(error, errors.NotABook):
        wording = _NOT_A_BOOK.get(error.reason, wording)
    if isinstance(error, errors.StorageFailed) and not error.path:
        wording = _SYSTEM_FAILED
    return Message(_fill(wording.what, details), "", _(NOTHING_CHANGED), _fill(wording.next, details))


def _rows_rejected(error: errors.RowsRejected) -> Message:
    if all(problem.place.row is None for problem in error.problems):
        # A statement or a form has no rows to leave out: the first problem's own remedy is what helps.
        alone = describe(error.problems[0])
        return Message(alone.what, alone.where, _(NOTHING_CHANGED), alone.next)
    count = len({(problem.place.sheet, problem.place.row) for problem in error.problems})
    first = describe(error.problems[0])
    what = ngettext("{n} row cannot go in.", "{n} rows cannot go in.", count)
    return Message(
        f"{what} {first.what}", first.where, _(NOTHING_CHANGED), _("Correct the rows, or import only the good ones.")
    )


def _undo_blocked(error: errors.UndoBlocked) -> Message:
    count = len(error.problems)
    first = describe(error.problems[0])
    what = ngettext(
        "{n} record of this import cannot be taken back.", "{n} records of this import cannot be taken back.", count
    )
    rest = _("Or undo the rest of the import and leave what is in use.")
    return Message(f"{what} {first.what}", first.where, _(NOTHING_CHANGED), f"{first.next} {rest}")


def _fields(error: object) -> dict[str, str]:
    # Exceptions made by dataclass carry their facts as fields; others only as text.
    if is_dataclass(error) and not isinstance(error, type):
        return {name: str(value) for name, value in asdict(error).items()}
    # Only the beginning: a database adds the whole statement, which stands in the details below.
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return {"text": lines[0][:_LONGEST_TEXT]}


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _fill(msgid: str, details: Mapping[str, str]) -> str:
    """Fill the places of a sentence; a day of the core, which has one form, is written as the language writes it."""
    if not msgid:
        return ""
    return _(msgid).format_map(_Blank({name: _shown(value) for name, value in details.items()}))


def _shown(value: str) -> str:
    if not _ISO_DAY.fullmatch(value):
        return value
    try:
        return current().day(date.fromisoformat(value))
    except ValueError:
        return value


_UNEXPECTED: Final = Wording(
    N_("BillDesk made a mistake: {text}"), N_("Try again; if it happens again, send the log file to support.")
)

_SYSTEM_FAILED: Final = Wording(
    N_("The system did not let BillDesk go on: {reason}."), N_("Check disk and network, then try again.")
)

_NOT_A_BOOK: Final = {
    "missing": Wording(N_("{path} is not there."), N_("Check the name, or restore a backup.")),
    "empty": Wording(N_("{path} is empty."), N_("Choose another file, or restore a backup.")),
    "other_type": Wording(N_("{path} is no BillDesk book."), N_("Choose a file that ends in .billdesk.")),
    "no_version": Wording(N_("{path} is no BillDesk book, or it was never finished."), N_("Choose another file.")),
    "damaged": Wording(N_("{path} is damaged."), N_("Restore a backup.")),
}
"""What the reasons say for which a file is no book."""

_ERRORS: Final[dict[type[BaseException], Wording]] = {
    errors.Cancelled: Wording(N_("Stopped as you asked.")),
    errors.NotFound: Wording(N_("“{key}” was not found."), N_("It may have been removed; refresh the list.")),
    errors.StaleRecord: Wording(
        N_("This record was changed by {changed_by} at {changed_at}."), N_("Reload it and make your change again.")
    ),
    errors.BookLocked: Wording(
        N_("{path} is open on {host} by {user} (process {pid})."), N_("Close it there, or open it for reading only.")
    ),
    errors.BookReadOnly: Wording(N_("The book was opened for reading only."), N_("Close it and open it for writing.")),
    errors.BookNotWritable: Wording(
        N_("{path} can only be read: you may not write it, or not in its folder."),
        N_("Open it for reading only, or ask for the right to write there."),
    ),
    errors.BookTooNew: Wording(
        N_("{path} was made by a newer BillDesk (version {found}; this one knows {known})."),
        N_("Install the newer BillDesk; the book was not touched."),
    ),
    errors.NotABook: Wording(
        N_("{path} is not a BillDesk book, or it is damaged ({reason})."),
        N_("Choose another file, or restore a backup."),
    ),
    errors.BackupFailed: Wording(
        N_("The backup {path} did not verify: {reason}"), N_("Older backups were kept; check the disk and try again.")
    ),
    errors.MailFailed: Wording(
        N_("The mail to {recipient} was not taken: {reason}"),
        N_("It stays in the outbox; correct the address or settings and send again."),
    ),
    errors.DeliveryUncertain: Wording(
        N_("The connection was lost after the mail to {recipient} was sent; it may have arrived."),
        N_("Ask the recipient before you send it again; a second copy carries the same Message-ID."),
    ),
    errors.SecretUnavailable: Wording(
        N_("The password “{name}” is not in the system's keyring."), N_("Enter it in the settings, or for this time.")
    ),
    errors.DatabaseBusy: Wording(N_("Another program is using {path}."), N_("Wait until it is done and try again.")),
    errors.StorageFailed: Wording(
        N_("{path} cannot be read or written: {reason}."),
        N_("Check that the disk has room and that you may write there, then try again."),
    ),
    errors.OutOfRoom: Wording(
        N_("There is too little memory, or too little room in {folder}, for this file."),
        N_("Close other programs or make room on the disk, or split the file, then try again."),
    ),
    errors.InvariantBroken: Wording(
        N_("A check failed and the job was stopped: {invariant} {rows}"),
        N_("Run “check book”, and send its report to support."),
    ),
}
