"""QIF: records without account, currency or identity, whose date order is not written anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from billdesk.bankfiles.amounts import clean_account, exact_money, is_iban, reference_in_texts
from billdesk.bankfiles.refusals import unreadable
from billdesk.bankfiles.registry import ReadOptions
from billdesk.bankfiles.table_amounts import column_mark, read_amount
from billdesk.bankfiles.tables import column_order
from billdesk.domain.banking import Statement, StatementLine
from billdesk.kernel.errors import Place, Problem, RowsRejected
from billdesk.kernel.i18n import N_
from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.moments import DateOrder, order_evidence, parse_date
from billdesk.kernel.written.numbers import Mark
from billdesk.kernel.written.tables import decode_text

_READ: Final = frozenset({"bank", "ccard", "cash", "oth a", "oth l"})
_QUICKEN_YEAR: Final = re.compile(r"^(\d{1,2})[/.-](\d{1,2})'(\d{1,2}|\d{4})$")
_OPENING: Final = frozenset({"opening balance", "beginsaldo", "solde initial", "anfangssaldo"})


class Qif:
    """Reads bank, card and cash lists; splits are not added up, the total is what counts."""

    key = "qif"
    label = N_("QIF list (Quicken)")

    def identify(self, head: bytes, _name: str) -> bool:
        """Look for the header line of a list or of an account."""
        return re.match(rb"(\xef\xbb\xbf)?\s*!(Type|Account|Option|Clear)\b", head, re.IGNORECASE) is not None

    def read(self, data: bytes, options: ReadOptions) -> tuple[Statement, ...]:
        """Read one statement per list; raises UnreadableFile for securities and for a date order that is open."""
        lists = _lists(decode_text(data), options)
        if not lists:
            raise unreadable("not_a_statement", options.file_name)
        order = _order(lists, options)
        mark = column_mark(record.amount for part in lists for record in part.records)
        problems: list[Problem] = []
        found = [_statement(part, (order, mark), options, problems) for part in lists]
        if problems:
            raise RowsRejected(tuple(problems), sum(len(statement.lines) for statement in found))
        return tuple(found)


@dataclass
class _Record:
    row: int
    fields: list[tuple[str, str]] = field(default_factory=list)

    def get(self, code: str) -> str:
        return next((value for name, value in self.fields if name == code), "")

    @property
    def amount(self) -> str:
        """The total; U repeats it."""
        return self.get("T") or self.get("U")

    @property
    def day(self) -> str:
        """The date, with Quicken's apostrophe (`8/31' 0` is in 2000) written out."""
        plain = "".join(self.get("D").split())
        match = _QUICKEN_YEAR.match(plain)
        if not match:
            return plain
        year = match[3] if len(match[3]) > 2 else str(2000 + int(match[3]))  # noqa: PLR2004 - short years
        return f"{match[1]}/{match[2]}/{year}"


@dataclass
class _List:
    account: str
    records: list[_Record] = field(default_factory=list)


def _records(text: str) -> Iterator[tuple[str, _Record]]:
    """Give every record with the header that stands above it."""
    header = ""
    record = _Record(1)
    for row, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if line.startswith("!"):
            header, record = line[1:].strip().casefold(), _Record(row + 1)
            yield header, _Record(row)
        elif line.startswith("^"):
            yield header, record
            record = _Record(row + 1)
        elif line.strip():
            record.fields.append((line[0].upper(), line[1:].strip()))
    if record.fields:
        yield header, record


def _lists(text: str, options: ReadOptions) -> list[_List]:
    found: list[_List] = []
    account = options.account
    for header, record in _records(text):
        kind = header.removeprefix("type:") if header.startswith("type:") else ""
        if header == "account":
            account = record.get("N") or account
        elif kind in _READ:
            if not record.fields:
                found.append(_List(account))
            elif found:
                found[-1].records.append(record)
        elif kind in {"invst", "security", "prices"}:
            raise unreadable("not_a_statement", options.file_name, header, row=record.row)
    return found


def _order(lists: list[_List], options: ReadOptions) -> DateOrder:
    days = [record.day for part in lists for record in part.records if record.day]
    try:
        proven, is_open = column_order([day for day in days if order_evidence(day) is not None])
    except CellError as error:
        raise unreadable(error.code, options.file_name) from error
    if proven is None and is_open and options.date_order is None:
        raise unreadable("date_order_unknown", options.file_name, days[0])
    return proven or options.date_order or DateOrder.DMY


def _statement(
    part: _List, written: tuple[DateOrder, Mark | None], options: ReadOptions, problems: list[Problem]
) -> Statement:
    lines: list[StatementLine] = []
    opening = None
    for record in part.records:
        try:
            line = _line(record, written, options)
        except CellError as error:
            place = Place(file=options.file_name, row=record.row)
            problems.append(error.at(place, f"{record.get('D')} {record.amount}".strip()))
            continue
        if record.get("P").casefold() in _OPENING:
            opening = line.amount.major
        else:
            lines.append(line)
    account = clean_account(part.account)
    days: list[date] = [line.booked_on for line in lines]
    return Statement(
        account_iban=account if is_iban(account) else "",
        account_other="" if is_iban(account) else part.account,
        currency=options.currency,
        lines=tuple(lines),
        opening=opening,
        from_day=min(days, default=None),
        to_day=max(days, default=None),
    )


def _line(record: _Record, written: tuple[DateOrder, Mark | None], options: ReadOptions) -> StatementLine:
    order, mark = written
    if not options.currency:
        raise CellError("unknown_currency")
    texts = tuple(dict.fromkeys(filter(None, (record.get("M"),))))
    reference, kind = reference_in_texts(texts)
    return StatementLine(
        amount=exact_money(read_amount(record.amount, mark), options.currency),
        booked_on=parse_date(record.day, order),
        counterparty=record.get("P"),
        texts=texts,
        structured_reference=reference,
        reference_type=kind,
        row=record.row,
        raw=tuple(record.fields),
    )


PLUGIN: Final = Qif()
