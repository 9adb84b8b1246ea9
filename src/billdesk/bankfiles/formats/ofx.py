"""OFX and QFX: the SGML of version 1 without closing tags, and the XML of version 2."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from billdesk.bankfiles.amounts import clean_account, exact_money, is_iban, reference_in_texts, unsigned_decimal
from billdesk.bankfiles.refusals import unreadable
from billdesk.bankfiles.registry import ReadOptions
from billdesk.domain.banking import Statement, StatementLine
from billdesk.kernel.errors import Place, Problem, RowsRejected
from billdesk.kernel.i18n import N_
from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.tables import decode_text

_TOKEN: Final = re.compile(r"<(/?)([A-Za-z0-9._]+)\s*(/?)>([^<]*)")
_STATEMENTS: Final = frozenset({"STMTRS", "CCSTMTRS"})
_GROUPS: Final = frozenset(
    (
        "STMTTRN LEDGERBAL AVAILBAL BANKACCTFROM CCACCTFROM BANKACCTTO CCACCTTO CURRENCY ORIGCURRENCY PAYEE"
        " BANKTRANLIST"
    ).split()
)


class Ofx:
    """Reads bank and credit card statements; only the sign of the amount decides, types contradict it."""

    key = "ofx"
    label = N_("OFX or QFX bank statement")

    def identify(self, head: bytes, _name: str) -> bool:
        """Look for the OFX header or root."""
        return re.search(rb"OFXHEADER|<OFX>", head.replace(b"\x00", b""), re.IGNORECASE) is not None

    def read(self, data: bytes, options: ReadOptions) -> tuple[Statement, ...]:
        """Read every statement that is closed in the file; one that is not was cut off."""
        text = decode_text(data)
        if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
            raise unreadable("doctype_refused", options.file_name)
        problems: list[Problem] = []
        found = [_statement(part, options, problems) for part in _statement_parts(text, options)]
        if not found:
            raise unreadable("not_a_statement", options.file_name)
        if problems:
            raise RowsRejected(tuple(problems), sum(len(statement.lines) for statement in found))
        return tuple(found)


@dataclass
class _Group:
    """An aggregate: its leaves by name and the aggregates in it; the first of two equal leaves counts."""

    name: str
    row: int
    leaves: dict[str, str] = field(default_factory=dict)
    groups: list[_Group] = field(default_factory=list)

    def all(self, name: str) -> Iterator[_Group]:
        """Give the groups of a name at any depth: some banks open a list more than once or never close it."""
        for group in self.groups:
            if group.name == name:
                yield group
            yield from group.all(name)

    def leaf(self, *path: str) -> str:
        """Give a leaf here, or in the first group of the name before it that has one."""
        *names, last = path
        groups = self.all(names[0]) if names else iter((self,))
        return next((found for group in groups if (found := group.leaves.get(last, ""))), "")


def _statement_parts(text: str, options: ReadOptions) -> Iterator[_Group]:
    """Build the groups of each statement; tags that are no known group are leaves, closed or not."""
    stack: list[_Group] = []
    for match in _TOKEN.finditer(text):
        closing, name, empty, value = match[1], match[2].upper(), match[3], match[4]
        if name in _STATEMENTS or name in _GROUPS:
            if closing:
                yield from _close(stack, name)
            elif not empty and (stack or name in _STATEMENTS):
                stack.append(_Group(name, text.count("\n", 0, match.start()) + 1))
        elif stack and not closing:
            stack[-1].leaves.setdefault(name, " ".join(html.unescape(value).split()))
    if stack:
        raise unreadable("file_cut_off", options.file_name, row=stack[-1].row)


def _close(stack: list[_Group], name: str) -> Iterator[_Group]:
    if not any(group.name == name for group in stack):
        return
    while stack:
        group = stack.pop()
        if stack:
            stack[-1].groups.append(group)
        if group.name == name:
            if name in _STATEMENTS:
                yield group
            return


def _statement(part: _Group, options: ReadOptions, problems: list[Problem]) -> Statement:
    currency = part.leaf("CURDEF").upper() or options.currency
    account = clean_account(part.leaf("BANKACCTFROM", "ACCTID") or part.leaf("CCACCTFROM", "ACCTID"))
    lines = []
    for group in part.all("STMTTRN"):
        try:
            lines.append(_line(group, currency))
        except CellError as error:
            place = Place(file=options.file_name, row=group.row, field="STMTTRN")
            problems.append(error.at(place, f"{group.leaf('DTPOSTED')} {group.leaf('TRNAMT')}".strip()))
    return Statement(
        account_iban=account if is_iban(account) else "",
        account_other="" if is_iban(account) else account,
        currency=currency,
        lines=tuple(lines),
        closing=_balance(part, options),
        from_day=_day(part.leaf("BANKTRANLIST", "DTSTART")),
        to_day=_day(part.leaf("BANKTRANLIST", "DTEND")) or _day(part.leaf("LEDGERBAL", "DTASOF")),
    )


def _balance(part: _Group, options: ReadOptions) -> Decimal | None:
    text = part.leaf("LEDGERBAL", "BALAMT")
    try:
        return _signed(text) if text else None
    except CellError as error:
        raise unreadable(error.code, options.file_name, text, row=part.row) from error


def _signed(text: str) -> Decimal:
    """Read an amount; a comma is a decimal mark, for OFX knows no groups."""
    amount = unsigned_decimal(text.lstrip("+-"))
    return -amount if text.startswith("-") else amount


def _day(text: str) -> date | None:
    """Take the day as printed: shifting it by the zone behind would make it the day before."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _line(group: _Group, currency: str) -> StatementLine:
    booked_on = _day(group.leaf("DTPOSTED"))
    if booked_on is None:
        raise CellError("not_a_date")
    if group.leaf("CURRENCY", "CURSYM") not in {"", currency}:
        raise CellError("currency_differs", currency=currency)
    texts = tuple(dict.fromkeys(filter(None, (group.leaf("MEMO"),))))
    reference, kind = reference_in_texts((*texts, group.leaf("NAME")))
    original = group.leaf("ORIGCURRENCY", "CURSYM")
    return StatementLine(
        amount=exact_money(_signed(group.leaf("TRNAMT")), currency),
        booked_on=booked_on,
        value_on=_day(group.leaf("DTAVAIL")) or _day(group.leaf("DTUSER")),
        bank_reference=group.leaf("FITID"),
        counterparty=group.leaf("NAME") or group.leaf("PAYEE", "NAME"),
        counterparty_account=clean_account(group.leaf("BANKACCTTO", "ACCTID") or group.leaf("CCACCTTO", "ACCTID")),
        texts=texts,
        structured_reference=reference,
        reference_type=kind,
        original_currency=original if original != currency else "",
        exchange_rate=_rate(group.leaf("ORIGCURRENCY", "CURRATE")),
        is_reversal=group.leaf("CORRECTACTION").upper() in {"DELETE", "REPLACE"},
        row=group.row,
        raw=tuple(group.leaves.items()),
    )


def _rate(text: str) -> Decimal | None:
    try:
        return unsigned_decimal(text) if text else None
    except CellError:
        return None


PLUGIN: Final = Ofx()
