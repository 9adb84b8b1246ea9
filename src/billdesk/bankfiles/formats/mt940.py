"""MT940 (SWIFT customer statement), with the liberties that banks take."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from billdesk.bankfiles.amounts import clean_account, exact_money, is_iban, reference_in_texts, unsigned_decimal
from billdesk.bankfiles.information import Information, parse_information
from billdesk.bankfiles.refusals import unreadable
from billdesk.bankfiles.registry import ReadOptions
from billdesk.domain.banking import Statement, StatementLine
from billdesk.kernel.errors import Place, Problem, RowsRejected
from billdesk.kernel.i18n import N_
from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.tables import decode_text

_TAG: Final = re.compile(r"^:(\d{2}[A-Z]?):(.*)$", re.IGNORECASE)
_BALANCE: Final = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d[\d,. ]*)", re.IGNORECASE)
_MOVEMENT: Final = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4}| {4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>\d+(?:[,.]\d*)?)(?P<type>[NFS][A-Z0-9]{3})(?P<reference>[^/\n]*(?:/[^/\n]+)*)(?://(?P<bank>[^\n]*))?",
    re.IGNORECASE,
)
_NO_REFERENCE: Final = frozenset({"", "NONREF", "EREF", "PREF", "MREF", "KREF", "KREF+", "NOTPROVIDED"})
_CENTURY: Final = 2000
_PIVOT: Final = 80


class Mt940:
    """Reads statements; RC is a credit taken back (money out), RD a debit taken back (money in)."""

    key = "mt940"
    label = N_("MT940 bank statement (SWIFT)")

    def identify(self, head: bytes, _name: str) -> bool:
        """Look for the account and opening balance fields."""
        return all(re.search(tag, head, re.MULTILINE) for tag in (rb"^:25:", rb"^:60[FMfm]:"))

    def read(self, data: bytes, options: ReadOptions) -> tuple[Statement, ...]:
        """Read all statements; the pages of one statement are put together."""
        problems: list[Problem] = []
        pages = [_read_page(fields, options, problems) for fields in _messages(decode_text(data))]
        if not pages:
            raise unreadable("not_a_statement", options.file_name)
        if problems:
            raise RowsRejected(tuple(problems), sum(len(page.statement.lines) for page in pages))
        return tuple(_join_pages(pages))


@dataclass
class _Field:
    tag: str
    text: str
    row: int


@dataclass
class _Page:
    """One message; an intermediate balance tells that the statement goes on or began before."""

    statement: Statement
    continues: bool = False
    is_continued: bool = False


def _messages(text: str) -> Iterator[list[_Field]]:
    """Part the file at :20: into the fields of each message that has an opening balance."""
    fields: list[_Field] = []
    lines = re.split(r"\r\n|\r|\n", text)
    for row, line in enumerate(lines, start=1):
        match = _TAG.match(line)
        if match and match[1] == "20":
            yield from _complete(fields)
            fields = []
        if match:
            fields.append(_Field(match[1].upper(), match[2], row))
        elif line.startswith(("-}", "{")) or (line.strip() == "-" and _ends_message(lines[row:])):
            fields.append(_Field("", "", row))  # the end of a message: what follows belongs to no field
        elif fields and fields[-1].tag:
            fields[-1].text += "\n" + line
    yield from _complete(fields)


def _ends_message(rest: list[str]) -> bool:
    """Tell a closing dash from one that wrapping left alone on a line."""
    following = next((line for line in rest if line.strip()), ":20:")
    return following.startswith((":20:", "{", "-}")) or not any(line.startswith(":62") for line in rest)


def _complete(fields: list[_Field]) -> Iterator[list[_Field]]:
    if any(item.tag.startswith("60") for item in fields):
        yield fields


def _read_page(fields: list[_Field], options: ReadOptions, problems: list[Problem]) -> _Page:
    opening, opening_tag = _balance(fields, "60", options)
    closing, closing_tag = _balance(fields, "62", options)
    currency = opening.currency if opening else options.currency
    account = clean_account(_text(fields, "25").split("\n")[0])
    if account.endswith(currency) and is_iban(account[:-3]):
        account = account[:-3]
    statement = Statement(
        account_iban=account if is_iban(account) else "",
        account_other="" if is_iban(account) else account,
        currency=currency,
        lines=tuple(_lines(fields, currency, options, problems)),
        number=_text(fields, "28C", "28").replace("\n", ""),
        opening=opening.amount if opening else None,
        closing=closing.amount if closing else None,
        from_day=opening.day if opening else None,
        to_day=closing.day if closing else None,
    )
    return _Page(statement, continues=closing_tag == "62M", is_continued=opening_tag == "60M")


def _text(fields: list[_Field], *tags: str) -> str:
    return next((item.text.strip() for item in fields if item.tag in tags), "")


@dataclass
class _Balance:
    amount: Decimal
    currency: str
    day: date


def _balance(fields: list[_Field], number: str, options: ReadOptions) -> tuple[_Balance | None, str]:
    found = [item for item in fields if item.tag.startswith(number)]
    if not found:
        return None, ""
    item = found[0]
    match = _BALANCE.match(item.text.strip())
    if not match:
        raise unreadable("not_a_number", options.file_name, item.text, row=item.row)
    try:
        amount = unsigned_decimal(match[4].replace(" ", ""))
        day = _day(match[2])
    except CellError as error:
        raise unreadable(error.code, options.file_name, item.text, row=item.row) from error
    return _Balance(-amount if match[1].upper() == "D" else amount, match[3].upper(), day), item.tag


def _day(text: str) -> date:
    """Read YYMMDD; the 30th of February, which banks that count 30 days a month do write, is its last day."""
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:6])
    year += _CENTURY if year < _PIVOT else _CENTURY - 100
    try:
        return date(year, month, min(day, calendar.monthrange(year, month)[1]))
    except (ValueError, calendar.IllegalMonthError):
        raise CellError("not_a_date") from None


def _entry_day(text: str | None, value_on: date) -> date:
    """Read MMDD without a year: the year in which it is nearest to the value date."""
    if text is None or not text.strip():
        return value_on
    candidates = []
    for year in (value_on.year - 1, value_on.year, value_on.year + 1):
        try:
            candidates.append(_day(f"{year % 100:02d}{text}"))
        except CellError:
            continue
    return min(candidates, key=lambda day: abs((day - value_on).days)) if candidates else value_on


def _lines(
    fields: list[_Field], currency: str, options: ReadOptions, problems: list[Problem]
) -> Iterator[StatementLine]:
    for index, item in enumerate(fields):
        if item.tag != "61":
            continue
        following = fields[index + 1] if index + 1 < len(fields) else _Field("", "", 0)
        information = following.text if following.tag == "86" else ""
        try:
            yield _line(item, information, currency)
        except CellError as error:
            place = Place(file=options.file_name, row=item.row, field=":61:")
            problems.append(error.at(place, item.text.split("\n")[0]))


def _line(item: _Field, information: str, currency: str) -> StatementLine:
    match = _MOVEMENT.match(item.text.strip())
    if not match:
        raise CellError("movement_unreadable")
    amount = unsigned_decimal(match["amount"])
    mark = match["mark"].upper()
    value_on = _day(match["value"])
    supplement = "\n".join(item.text.strip().split("\n")[1:])
    told = parse_information(information, supplement)
    reference = match["reference"].strip()
    # ASN Bank puts the other side's account where the reference belongs.
    is_account = re.fullmatch(r"[A-Z]{2}\d{2}[A-Z]{4}\d{10}", reference) is not None
    line = StatementLine(
        amount=exact_money(amount if mark in {"C", "RD"} else -amount, currency),
        booked_on=_entry_day(match["entry"], value_on),
        value_on=value_on,
        bank_reference=_bank_reference(match["bank"], supplement),
        end_to_end_id=told.end_to_end_id or ("" if is_account or reference.upper() in _NO_REFERENCE else reference),
        mandate_id=told.mandate_id,
        counterparty=told.name or (supplement.strip() if is_account else ""),
        counterparty_account=told.account or (reference if is_account else ""),
        counterparty_bic=told.bic,
        ultimate_party=told.ultimate,
        texts=told.texts or tuple(filter(None, (supplement.replace("\n", " ").strip(),))),
        purpose=told.purpose,
        return_reason=told.return_reason,
        is_reversal=mark.startswith("R"),
        row=item.row,
        raw=tuple(filter(lambda pair: pair[1], ((":61:", item.text), (":86:", information)))),
    )
    structured, kind = reference_in_texts(line.texts)
    return replace(line, structured_reference=structured, reference_type=kind, **_foreign(told, currency))


def _bank_reference(text: str | None, supplement: str) -> str:
    """Give the bank's reference, also where it was wrapped onto the next line."""
    found = (text or "").strip()
    wrapped = supplement.split("\n", maxsplit=1)[0].strip()
    if found and re.fullmatch(r"\d{1,6}", wrapped):
        return found + wrapped
    return "" if found.upper() in _NO_REFERENCE else found


def _foreign(told: Information, currency: str) -> dict[str, Any]:
    """Read original amount, rate and charges where the bank gives them; unreadable ones are only left out."""
    found: dict[str, Any] = {}
    match = re.match(r"([A-Z]{3})([\d,.]+)", told.original)
    if match and match[1] != currency:
        found["original_currency"] = match[1]
        found["original_amount"] = _number(match[2])
    if told.rate:
        found["exchange_rate"] = _number(told.rate)
    match = re.match(r"([A-Z]{3})?([\d,.]+)", told.charges)
    if match and match[1] in {None, currency}:
        found["charges"] = _number(match[2])
    return found


def _number(text: str) -> Decimal | None:
    try:
        return unsigned_decimal(text.strip("/"))
    except CellError:
        return None


def _join_pages(pages: list[_Page]) -> Iterator[Statement]:
    """Put pages that hang together by intermediate balances into one statement."""
    current: _Page | None = None
    for page in pages:
        if current and current.continues and page.is_continued and current.statement.account == page.statement.account:
            joined = replace(
                current.statement,
                lines=current.statement.lines + page.statement.lines,
                closing=page.statement.closing,
                to_day=page.statement.to_day,
            )
            current = _Page(joined, page.continues, current.is_continued)
            continue
        if current:
            yield current.statement
        current = page
    if current:
        yield current.statement


PLUGIN: Final = Mt940()
