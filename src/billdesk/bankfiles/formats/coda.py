"""CODA 2.6 (coded statement of account of the Belgian banks, Febelfin): 128 columns a record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.bankfiles.amounts import classify_reference, clean_account, exact_money, is_iban, reference_in_texts
from billdesk.bankfiles.refusals import unreadable
from billdesk.bankfiles.registry import ReadOptions
from billdesk.domain.banking import LineDetail, ReferenceType, Statement, StatementLine
from billdesk.kernel.errors import Place, Problem, RowsRejected
from billdesk.kernel.i18n import N_
from billdesk.kernel.written.cell_error import CellError

_WIDTH: Final = 128
_SHORTEST_HEADER: Final = 60
_PAGE_LETTERS: Final = re.compile(rb"[\x81-\x9f]")
_STRUCTURED_REFERENCES: Final = {"100", "101", "102"}


class Coda:
    """Reads statements; the totals of a batch (detail 0000) are booked, their details are its children."""

    key = "coda"
    label = N_("CODA bank statement (Belgium)")

    def identify(self, head: bytes, _name: str) -> bool:
        """Look for a header record followed by an old balance."""
        lines = [line for line in re.split(rb"\r\n|\n|\r", head) if line.strip()]
        first = lines[0] if lines else b""
        return re.match(rb"00000\d{6}", first) is not None and len(first.strip()) > _SHORTEST_HEADER

    def read(self, data: bytes, options: ReadOptions) -> tuple[Statement, ...]:
        """Read all statements; a file without its last records is refused, for it may have been cut off."""
        problems: list[Problem] = []
        found = [_read_statement(records, options, problems) for records in _parts(_decode(data), options)]
        if problems:
            raise RowsRejected(tuple(problems), sum(len(statement.lines) for statement in found))
        return tuple(found)


def _decode(data: bytes) -> str:
    """Decode before cutting into columns; the old DOS page puts letters where Windows has rare signs."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp850" if _PAGE_LETTERS.search(data) else "cp1252")


@dataclass(frozen=True)
class _Record:
    row: int
    text: str

    def cut(self, first: int, last: int) -> str:
        """Give columns `first` to `last` of the specification, counted from 1."""
        return self.text[first - 1 : last].strip()

    def wide(self, first: int, last: int) -> str:
        """Give columns with their blanks."""
        return self.text[first - 1 : last]

    @property
    def kind(self) -> str:
        """The record's identification: 0, 1, 21, 22, 23, 31, 32, 33, 4, 8 or 9."""
        return self.text[:2] if self.text[0] in "23" else self.text[0]


def _parts(text: str, options: ReadOptions) -> Iterator[list[_Record]]:
    """Part the file into statements, each from its header to its trailer."""
    records: list[_Record] = []
    for row, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if not line.strip("\x1a "):
            continue
        record = _Record(row, line.ljust(_WIDTH))
        if record.kind == "0" and record.wide(_WIDTH, _WIDTH) != "2":
            raise unreadable("coda_version", options.file_name, record.cut(_WIDTH, _WIDTH), row=row)
        records.append(record)
        if record.kind == "9":
            yield _complete(records, options)
            records = []
    if records:
        raise unreadable("file_cut_off", options.file_name, row=records[-1].row)


def _complete(records: list[_Record], options: ReadOptions) -> list[_Record]:
    kinds = {record.kind for record in records}
    if records[0].kind != "0" or not {"1", "8"} <= kinds:
        raise unreadable("file_cut_off", options.file_name, row=records[-1].row)
    return records


def _amount(text: str, sign: str, *, options: ReadOptions, row: int) -> Decimal:
    """Read 12 digits and 3 decimals; sign 1 is a debit."""
    if not text.isdigit():
        raise unreadable("not_a_number", options.file_name, text, row=row)
    amount = _milli(int(text))
    return -amount if sign == "1" else amount


def _milli(thousandths: int) -> Decimal:
    """Give thousandths as an amount of two decimals where they are enough."""
    whole, rest = divmod(thousandths, 10)
    return Decimal(thousandths).scaleb(-3) if rest else Decimal(whole).scaleb(-2)


def _day(text: str) -> date | None:
    """Read DDMMYY; zeros mean that there is none."""
    if not text.isdigit() or text == "000000":
        return None
    try:
        return date(2000 + int(text[4:6]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None


def _read_statement(records: list[_Record], options: ReadOptions, problems: list[Problem]) -> Statement:
    first = next(record for record in records if record.kind == "1")
    last = next(record for record in records if record.kind == "8")
    account, currency = _account(first)
    opening = _amount(first.cut(44, 58), first.wide(43, 43), options=options, row=first.row)
    closing = _amount(last.cut(43, 57), last.wide(42, 42), options=options, row=last.row)
    movements = list(_movements(records))
    warnings = list(_warnings(records, movements, options))
    lines = []
    for movement in movements:
        try:
            lines.append(_line(movement, currency or options.currency, options))
        except CellError as error:
            place = Place(file=options.file_name, row=movement.head.row, field="2.1")
            problems.append(error.at(place, movement.head.cut(33, 47)))
    return Statement(
        account_iban=account if is_iban(account) else "",
        account_other="" if is_iban(account) else account,
        currency=currency or options.currency,
        lines=tuple(lines),
        number=first.cut(126, 128) or first.cut(3, 5),
        opening=opening,
        closing=closing,
        from_day=_day(first.cut(59, 64)),
        to_day=_day(last.cut(58, 63)),
        warnings=tuple(warnings),
    )


def _account(record: _Record) -> tuple[str, str]:
    """Give account and currency, whose columns depend on the structure in column 2."""
    if record.wide(2, 2) == "0":
        return record.cut(6, 17), record.cut(19, 21)
    return clean_account(record.cut(6, 39)), record.cut(40, 42)


@dataclass
class _Movement:
    """One booked movement: its first record, the others of its sequence number and what the details say."""

    head: _Record
    rest: list[_Record] = field(default_factory=list)
    details: list[_Movement] = field(default_factory=list)

    def first(self, kind: str) -> _Record | None:
        return next((record for record in self.rest if record.kind == kind), None)

    def columns(self, kind: str, first: int, last: int) -> str:
        record = self.first(kind)
        return record.cut(first, last) if record else ""


def _movements(records: list[_Record]) -> Iterator[_Movement]:
    """Gather records 2 and 3 into movements; a sequence number starts anew after 9999, so order decides."""
    current: _Movement | None = None
    detail: _Movement | None = None
    for record in records:
        if record.kind == "21":
            if record.wide(7, 10) == "0000" or current is None:
                if current:
                    yield current
                current, detail = _Movement(record), None
            else:
                detail = _Movement(record)
                current.details.append(detail)
        elif record.kind[0] in "23" and current:
            (detail if detail and record.wide(7, 10) == detail.head.wide(7, 10) else current).rest.append(record)
    if current:
        yield current


def _warnings(records: list[_Record], movements: list[_Movement], options: ReadOptions) -> Iterator[Problem]:
    head, trailer = records[0], records[-1]
    if head.wide(17, 17) == "D":
        yield Problem("coda_duplicate", Place(file=options.file_name, row=head.row), blocking=False)
    totals = {"0": 0, "1": 0}
    for movement in movements:
        text, sign = movement.head.cut(33, 47), movement.head.wide(32, 32)
        totals[sign] = totals.get(sign, 0) + (int(text) if text.isdigit() else 0)
    for name, sign, stated in (("debit", "1", trailer.cut(23, 37)), ("credit", "0", trailer.cut(38, 52))):
        if stated.isdigit() and int(stated) != totals[sign]:
            details = (("side", name), ("found", str(_milli(totals[sign]))))
            place = Place(file=options.file_name, row=trailer.row)
            yield Problem("trailer_total_wrong", place, str(_milli(int(stated))), details, blocking=False)


@dataclass
class _Told:
    """What the communication of a movement says."""

    texts: list[str] = field(default_factory=list)
    reference: str = ""
    kind: ReferenceType = ReferenceType.NONE
    mandate_id: str = ""
    original: Decimal | None = None
    original_currency: str = ""
    rate: Decimal | None = None


def _communication(movement: _Movement) -> _Told:
    """Read the communication that runs through records 2.1, 2.2 and 2.3, and free information records."""
    parts = [movement.head.wide(63, 115)]
    for kind, first, last in (("22", 11, 63), ("23", 83, 125)):
        record = movement.first(kind)
        parts.append(record.wide(first, last) if record else "")
    whole = "".join(parts)
    told = _Told()
    if movement.head.wide(62, 62) == "1":
        _structured(whole, told)
    elif whole.strip():
        told.texts.append(" ".join(whole.split()))
    told.texts += _information(movement)
    if not told.reference:
        told.reference, told.kind = reference_in_texts(tuple(told.texts))
    return told


def _structured(whole: str, told: _Told) -> None:
    kind, body = whole[:3], whole[3:]
    if kind in _STRUCTURED_REFERENCES:
        told.reference, told.kind = classify_reference(body[:12] if kind != "100" else body.split("  ")[0])
    elif kind == "105" and body[15:30].isdigit():
        told.original = _milli(int(body[15:30]))
        told.rate = Decimal(int(body[30:42])).scaleb(-8) if body[30:42].isdigit() else None
        told.original_currency = body[42:45].strip()
    elif kind == "127":
        told.mandate_id = body[44:79].strip()
        told.texts += filter(None, [" ".join(body[79:141].split())])
    elif body.strip():
        told.texts.append(" ".join(body.split()))


def _information(movement: _Movement) -> list[str]:
    free = [record for record in movement.rest if record.kind == "31" and record.wide(40, 40) == "0"]
    return [text for record in free if (text := " ".join(record.wide(41, 113).split()))]


def _ultimate(movement: _Movement) -> str:
    """Give the ultimate debtor or creditor of information types 008 and 009."""
    for record in movement.rest:
        if record.kind == "31" and record.wide(40, 40) == "1" and record.wide(41, 43) in {"008", "009"}:
            return " ".join(record.wide(44, 113).split())
    return ""


def _line(movement: _Movement, currency: str, options: ReadOptions) -> StatementLine:
    head = movement.head
    told = _communication(movement)
    amount = _amount(head.cut(33, 47), head.wide(32, 32), options=options, row=head.row)
    booked_on = _day(head.cut(116, 121)) or _day(head.cut(48, 53))
    if booked_on is None:
        raise CellError("not_a_date")
    r_type = movement.columns("22", 113, 113)
    return StatementLine(
        amount=exact_money(amount, currency),
        booked_on=booked_on,
        value_on=_day(head.cut(48, 53)),
        bank_reference=head.cut(11, 31),
        end_to_end_id=_given(movement.columns("22", 64, 98)),
        mandate_id=told.mandate_id,
        counterparty=" ".join(movement.columns("23", 48, 82).split()),
        counterparty_account=_counterparty_account(movement),
        counterparty_bic=movement.columns("22", 99, 109),
        ultimate_party=_ultimate(movement),
        texts=tuple(dict.fromkeys(told.texts)),
        structured_reference=told.reference,
        reference_type=told.kind,
        purpose=movement.columns("22", 122, 125),
        charges=_charges(movement),
        original_amount=told.original if told.original_currency not in {"", currency} else None,
        original_currency=told.original_currency if told.original_currency != currency else "",
        exchange_rate=told.rate,
        return_reason=movement.columns("22", 114, 117),
        is_reversal=r_type.isdigit() and r_type != "0",
        details=tuple(_detail(item, currency) for item in movement.details if item.head.wide(54, 54) in "5679"),
        row=head.row,
        raw=tuple((str(record.row), record.text.rstrip()) for record in (head, *movement.rest)),
    )


def _given(text: str) -> str:
    return "" if text.upper() in {"NOTPROVIDED", "NONREF"} else text


def _counterparty_account(movement: _Movement) -> str:
    """Give the other account, without the currency that stands in its last columns."""
    text = movement.columns("23", 11, 44)
    return clean_account(text if is_iban(clean_account(text)) else text.split(" ")[0])


def _charges(movement: _Movement) -> Decimal | None:
    """Add up details of type 8 whose category is 013, charges kept by the bank."""
    amounts = [
        _milli(int(item.head.cut(33, 47)))
        for item in movement.details
        if item.head.wide(54, 54) == "8" and item.head.wide(59, 61) == "013" and item.head.cut(33, 47).isdigit()
    ]
    return sum(amounts, Decimal(0)) if amounts else None


def _detail(movement: _Movement, currency: str) -> LineDetail:
    told = _communication(movement)
    text = movement.head.cut(33, 47)
    return LineDetail(
        amount=_milli(int(text)) if text.isdigit() else None,
        currency=currency,
        counterparty=" ".join(movement.columns("23", 48, 82).split()),
        counterparty_account=_counterparty_account(movement),
        end_to_end_id=_given(movement.columns("22", 64, 98)),
        mandate_id=told.mandate_id,
        texts=tuple(told.texts),
        structured_reference=told.reference,
        reference_type=told.kind,
        return_reason=movement.columns("22", 114, 117),
    )


PLUGIN: Final = Coda()
