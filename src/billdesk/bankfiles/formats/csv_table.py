"""A bank's table as CSV: with a saved profile, or by the titles of its columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.bankfiles.amounts import classify_reference, clean_account, exact_money, is_iban, reference_in_texts
from billdesk.bankfiles.refusals import unreadable
from billdesk.bankfiles.registry import ReadOptions
from billdesk.bankfiles.table_amounts import column_mark, read_amount
from billdesk.bankfiles.tables import (
    Columns,
    Role,
    TableProfile,
    column_order,
    find_columns,
    plain_title,
    profile_columns,
    sign_of,
)
from billdesk.domain.banking import Statement, StatementLine
from billdesk.kernel.errors import Place, Problem, RowsRejected
from billdesk.kernel.i18n import N_
from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.moments import DateOrder, order_evidence, parse_date
from billdesk.kernel.written.numbers import Mark
from billdesk.kernel.written.tables import decode_text, detect_delimiter, find_header, marked_encoding

_AMOUNTS: Final = (Role.AMOUNT, Role.NET, Role.DEBIT, Role.CREDIT, Role.GROSS, Role.FEE, Role.BALANCE)
_OPENING: Final = re.compile(
    r"(balance|saldo|solde|kontostand).*(start|begin|opening|debut|anfang|vorig|previous)"
    r"|(begin|anfangs|opening).*(saldo|balance)",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(
    r"(balance|saldo|solde|kontostand).*(end|eind|closing|fin\b|ende)"
    r"|(laatste|eind|end|closing|dernier|nouveau).*(saldo|balance|solde)",
    re.IGNORECASE,
)
_NOT_BOOKED: Final = frozenset(
    "pending denied reversed expired canceled cancelled failed held declined unclaimed vorgemerkt pendiente".split()
)
_SAMPLE: Final = 200_000


class CsvTable:
    """Reads CSV of any bank; what cannot be known for sure is asked, never guessed."""

    key = "csv"
    label = N_("CSV table of a bank")

    def identify(self, head: bytes, _name: str) -> bool:
        """Take any text that is no markup."""
        if marked_encoding(head):
            return True
        return b"\x00" not in head and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"%PDF"))

    def read(self, data: bytes, options: ReadOptions) -> tuple[Statement, ...]:
        """Read one statement per account and currency in the table."""
        try:
            table = _Table.of(decode_text(data), options)
        except (UnicodeDecodeError, csv.Error) as error:
            raise unreadable("file_damaged", options.file_name) from error
        return _statements(table)


@dataclass
class _Table:
    """A bank's table: its columns, how its values are written, its rows and what stands around them."""

    options: ReadOptions
    header: tuple[str, ...]
    columns: Columns
    rows: list[tuple[int, list[str]]]
    around: list[list[str]]
    order: DateOrder | None = None
    marks: dict[int, Mark | None] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, options: ReadOptions) -> _Table:
        profile = options.profile or TableProfile()
        delimiter = profile.delimiter or detect_delimiter(text[:_SAMPLE])
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        numbered = [(number, row) for number, row in enumerate(records, start=1) if any(cell.strip() for cell in row)]
        head, start = _find_start(numbered, profile)
        body = [row for _number, row in numbered[start:]]
        columns = profile_columns(profile, head) if profile.columns else find_columns(head, body)
        if columns is None or Role.DATE not in columns or not _has_amount(columns):
            raise unreadable(
                "bank_columns_unknown",
                options.file_name,
                ", ".join(head),
                row=numbered[start - 1][0] if start else None,
            )
        around = [row for _number, row in numbered[: max(0, start - 1)]]
        table = cls(options, head, columns, numbered[start:], around)
        table._learn(profile)
        return table

    def _learn(self, profile: TableProfile) -> None:
        """Decide the date order and decimal marks from all rows; raises when two orders or none are possible."""
        known = profile.date_order or self.options.date_order
        dates = [self.cell(row, Role.DATE) for _number, row in self.rows]
        try:
            proven, is_open = column_order([text for text in dates if order_evidence(text) is not None])
        except CellError as error:
            raise unreadable(error.code, self.options.file_name, ", ".join(self.header)) from error
        if proven is None and is_open and not known:
            raise unreadable("date_order_unknown", self.options.file_name, next(filter(_is_open, dates)))
        # Where nothing proves an order and none is open, every date reads alike in each order.
        self.order = proven or (DateOrder(known) if known else DateOrder.DMY)
        for role in _AMOUNTS:
            for index in self.columns.get(role, ()):
                cells = (row[index] for _number, row in self.rows if index < len(row))
                self.marks[index] = Mark(profile.decimal_mark) if profile.decimal_mark else column_mark(cells)
        proven_marks = {mark for mark in self.marks.values() if mark}
        if len(proven_marks) == 1:  # one file writes all its amounts alike
            self.marks = dict.fromkeys(self.marks, next(iter(proven_marks)))

    def cell(self, row: Sequence[str], role: Role) -> str:
        """Give the text of a role's column in a row."""
        for index in self.columns.get(role, ()):
            if index < len(row):
                return row[index].strip()
        return ""

    def cells(self, row: Sequence[str], role: Role) -> tuple[str, ...]:
        """Give the different texts of all columns of a role."""
        found = (" ".join(row[index].split()) for index in self.columns.get(role, ()) if index < len(row))
        return tuple(dict.fromkeys(text for text in found if text))

    def amount(self, row: Sequence[str], role: Role) -> Decimal | None:
        """Read the amount in a role's column, None when the cell is empty."""
        text = self.cell(row, role)
        return read_amount(text, self.marks.get(self.columns[role][0])) if text else None


def _is_open(text: str) -> bool:
    return order_evidence(text) == "ambiguous"


def _has_amount(columns: Columns) -> bool:
    return any(role in columns for role in (Role.AMOUNT, Role.NET, Role.DEBIT, Role.CREDIT))


def _find_start(numbered: list[tuple[int, list[str]]], profile: TableProfile) -> tuple[tuple[str, ...], int]:
    """Give the titles and the index of the first row below them."""
    rows = [row for _number, row in numbered]
    if profile.header_row == 0:
        return (), 0
    if profile.header_row:
        index: int | None = next((i for i, (number, _row) in enumerate(numbered) if number == profile.header_row), None)
    else:
        index = find_header(rows)
    if index is None:
        return (), 0
    return tuple(cell.strip() for cell in rows[index]), index + 1


def _statements(table: _Table) -> tuple[Statement, ...]:
    groups: dict[tuple[str, str], list[StatementLine]] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    footers: list[list[str]] = []
    debits_are_signed = _debits_are_signed(table)
    for number, row in table.rows:
        try:
            line, account = _read_row(table, row, number, debits_are_signed=debits_are_signed)
        except _OutsideError:
            footers.append(row)
        except _NotBookedError as skipped:
            warnings.append(skipped.problem)
        except _RowError as error:
            problems.append(error.problem)
        else:
            groups.setdefault((account, line.amount.currency), []).append(line)
    if problems:
        raise RowsRejected(tuple(problems), sum(map(len, groups.values())))
    groups = groups or {(clean_account(table.options.account), table.options.currency): []}
    stated = _stated_balances(table, [*table.around, *footers])
    return tuple(
        _statement(account, currency, lines, stated if len(groups) == 1 else (None, None), tuple(warnings))
        for (account, currency), lines in groups.items()
    )


class _OutsideError(Exception):
    """A row that is no movement: a total, a balance, a remark."""


@dataclass
class _NotBookedError(Exception):
    problem: Problem


@dataclass
class _RowError(Exception):
    problem: Problem


def _read_row(table: _Table, row: list[str], number: int, *, debits_are_signed: bool) -> tuple[StatementLine, str]:
    place = Place(file=table.options.file_name, row=number)
    day = _booking_day(table, row, place)
    status = table.cell(row, Role.STATUS)
    # With a running balance beside it, a pending line already counts (PayPal's withdrawals).
    if status.casefold() in _NOT_BOOKED and not table.cell(row, Role.BALANCE):
        raise _NotBookedError(Problem("entry_not_booked", place, status, (("status", status),), blocking=False))
    try:
        amount = _amount(table, row, debits_are_signed=debits_are_signed)
        currency = _currency(table, row)
        money = exact_money(amount, currency)
        gross = table.amount(row, Role.GROSS) if Role.NET in table.columns else None
        fee = table.amount(row, Role.FEE) if gross is not None and Role.FEE in table.columns else None
    except CellError as error:
        raise _RowError(error.at(place, ";".join(row)[:200])) from error
    texts = table.cells(row, Role.TEXT)
    reference, kind = classify_reference(table.cell(row, Role.STRUCTURED))
    if not reference:
        reference, kind = reference_in_texts(texts)
    line = StatementLine(
        amount=money,
        booked_on=day,
        value_on=_other_day(table, row),
        bank_reference=_bank_reference(table, row),
        end_to_end_id=table.cell(row, Role.END_TO_END),
        mandate_id=table.cell(row, Role.MANDATE),
        counterparty=table.cell(row, Role.COUNTERPARTY),
        counterparty_account=clean_account(table.cell(row, Role.ACCOUNT)),
        counterparty_bic=table.cell(row, Role.BIC),
        texts=texts,
        structured_reference=reference,
        reference_type=kind,
        charges=-fee if fee else None,  # tables write what was kept as a negative amount
        original_amount=gross,
        original_currency=currency if gross is not None else "",
        balance_after=_balance_after(table, row),
        row=number,
        raw=_raw(table, row),
    )
    own = table.options.account or table.cell(row, Role.OWN_ACCOUNT)
    return line, clean_account(own)


def _currency(table: _Table, row: list[str]) -> str:
    currency = (table.cell(row, Role.CURRENCY) or table.options.currency).upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise CellError("unknown_currency")
    return currency


def _raw(table: _Table, row: list[str]) -> tuple[tuple[str, str], ...]:
    titles = table.header or tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return tuple((title, cell.strip()) for title, cell in zip(titles, row, strict=False) if cell.strip())


def _booking_day(table: _Table, row: list[str], place: Place) -> date:
    text = table.cell(row, Role.DATE)
    try:
        return parse_date(text.partition(" ")[0] if ":" in text else text, table.order)
    except CellError as error:
        filled = any(table.cell(row, role) for role in _AMOUNTS if role is not Role.BALANCE)
        if not filled or not any(c.isdigit() for c in text):
            raise _OutsideError from error
        raise _RowError(error.at(Place(place.file, row=place.row, column=_title(table, Role.DATE)), text)) from error


def _title(table: _Table, role: Role) -> str:
    index = table.columns[role][0]
    return table.header[index] if index < len(table.header) else ""


def _other_day(table: _Table, row: list[str]) -> date | None:
    text = table.cell(row, Role.VALUE_DATE)
    try:
        return parse_date(text, table.order) if text else None
    except CellError:
        return None


def _bank_reference(table: _Table, row: list[str]) -> str:
    """Give the bank's own number; with the statement's number where it only counts the lines of one statement."""
    reference = table.cell(row, Role.REFERENCE)
    statement = table.cell(row, Role.STATEMENT)
    return f"{statement}/{reference}" if statement and reference else reference


def _balance_after(table: _Table, row: list[str]) -> Decimal | None:
    try:
        return table.amount(row, Role.BALANCE)
    except CellError:
        return None


def _debits_are_signed(table: _Table) -> bool:
    """Tell whether the debit column already carries its minus."""
    if Role.DEBIT not in table.columns:
        return False
    values = []
    for _number, row in table.rows:
        try:
            values.append(table.amount(row, Role.DEBIT))
        except CellError:
            continue
    return any(value < 0 for value in values if value) and all(value <= 0 for value in values if value)


def _amount(table: _Table, row: list[str], *, debits_are_signed: bool) -> Decimal:
    for role in (Role.NET, Role.AMOUNT):
        if role in table.columns:
            amount = table.amount(row, role)
            if amount is None:
                raise CellError("value_missing")
            sign = sign_of(table.cell(row, Role.SIGN))
            return amount if sign is None else sign * abs(amount)
    debit = table.amount(row, Role.DEBIT) if Role.DEBIT in table.columns else None
    credit = table.amount(row, Role.CREDIT) if Role.CREDIT in table.columns else None
    if debit is None and credit is None:
        raise CellError("value_missing")
    return (credit or Decimal(0)) + (debit or Decimal(0)) * (1 if debits_are_signed else -1)


def _stated_balances(table: _Table, rows: list[list[str]]) -> tuple[Decimal | None, Decimal | None]:
    """Find balances that the bank wrote above or below the table."""
    opening = closing = None
    for row in rows:
        filled = [cell.strip() for cell in row if cell.strip()]
        if len(filled) < 2:  # noqa: PLR2004 - a title and its value
            continue
        if _OPENING.search(filled[0]):
            opening = _try_amount(filled[1], table)
        elif _CLOSING.search(filled[0]):
            closing = _try_amount(filled[1], table)
    return opening, closing


def _try_amount(text: str, table: _Table) -> Decimal | None:
    try:
        return read_amount(text, next(iter(table.marks.values()), None))
    except CellError:
        return None


def _statement(
    account: str,
    currency: str,
    lines: list[StatementLine],
    stated: tuple[Decimal | None, Decimal | None],
    warnings: tuple[Problem, ...],
) -> Statement:
    """Put the lines into the order of time and take balances from above or below, else from the running balance."""
    if lines and lines[0].booked_on > lines[-1].booked_on:
        lines.reverse()
    opening, closing = stated
    first, last = (lines[0].balance_after, lines[-1].balance_after) if lines else (None, None)
    if opening is None and first is not None:
        opening = first - lines[0].amount.major
    if closing is None:
        closing = last
    return Statement(
        account_iban=account if is_iban(account) else "",
        account_other="" if is_iban(account) else account,
        currency=currency,
        lines=tuple(lines),
        opening=opening,
        closing=closing,
        from_day=min((line.booked_on for line in lines), default=None),
        to_day=max((line.booked_on for line in lines), default=None),
        warnings=warnings,
    )


def table_signature(header: Sequence[str]) -> str:
    """Reduce titles to what recognises a bank's table again."""
    return "|".join(map(plain_title, header))


PLUGIN: Final = CsvTable()
