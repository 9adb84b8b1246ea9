"""CAMT.053 (ISO 20022 bank to customer statement), versions 02 to 10, with or without namespace."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

from billdesk.bankfiles.amounts import (
    classify_reference,
    clean_account,
    exact_money,
    reference_in_texts,
    unsigned_decimal,
)
from billdesk.bankfiles.refusals import unreadable
from billdesk.bankfiles.registry import ReadOptions
from billdesk.bankfiles.xml import find_all, find_text, local_name, parse_xml
from billdesk.domain.banking import LineDetail, ReferenceType, Statement, StatementLine
from billdesk.kernel.errors import Place, Problem, RowsRejected
from billdesk.kernel.i18n import N_
from billdesk.kernel.written.cell_error import CellError

if TYPE_CHECKING:
    from lxml.etree import _Element

_MARKER: Final = re.compile(r"camt\.05[234]|BkToCstmr(Stmt|AcctRpt|DbtCdtNtfctn)")
_NOT_PROVIDED: Final = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NONREF"})
_MOST_RAW: Final = 200


class Camt053:
    """Reads statements; intraday reports (052) and notifications (054) are refused, for they repeat or precede one."""

    key = "camt053"
    label = N_("CAMT.053 bank statement (XML)")

    def identify(self, head: bytes, _name: str) -> bool:
        """Look for the message's name, in any encoding."""
        text = head.replace(b"\x00", b"").decode("latin-1")
        return "<" in text[:200] and _MARKER.search(text) is not None

    def read(self, data: bytes, options: ReadOptions) -> tuple[Statement, ...]:
        """Read every `Stmt` of the message."""
        root = parse_xml(data, options.file_name)
        message = root if local_name(root).startswith("BkToCstmr") else next(iter(root), None)
        if message is None or local_name(message) != "BkToCstmrStmt":
            kind = "" if message is None else local_name(message)
            raise unreadable("not_a_statement", options.file_name, kind)
        found = [_read_statement(element, options) for element in find_all(message, "Stmt")]
        if not found:
            raise unreadable("not_a_statement", options.file_name)
        return tuple(found)


@dataclass
class _Context:
    """What the entries of one statement share."""

    file: str
    account: str
    currency: str
    fallback_day: date | None
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def _read_statement(element: _Element, options: ReadOptions) -> Statement:
    iban = clean_account(find_text(element, "Acct/Id/IBAN"))
    other = find_text(element, "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id")
    balances = _balances(element, options.file_name)
    currency = _currency(element) or options.currency
    days = _span(element, balances)
    context = _Context(options.file_name, iban or clean_account(other), currency, days[1])
    entries = [_read_entry(entry, context) for entry in find_all(element, "Ntry")]
    if context.problems:
        raise RowsRejected(tuple(context.problems), sum(entry is not None for entry in entries))
    return Statement(
        account_iban=iban,
        account_other=other,
        currency=currency,
        lines=tuple(entry for entry in entries if entry is not None),
        number=find_text(element, "ElctrncSeqNb", "LglSeqNb", "Id"),
        opening=_balance(balances, "OPBD", "PRCD"),
        closing=_balance(balances, "CLBD"),
        from_day=days[0],
        to_day=days[1],
        warnings=tuple(context.warnings),
    )


def _currency(element: _Element) -> str:
    found = find_text(element, "Acct/Ccy")
    for path in ("Bal/Amt", "Ntry/Amt"):
        for amount in find_all(element, path):
            found = found or (amount.get("Ccy") or "")
    return found


_Balances = list[tuple[str, Decimal, date | None]]


def _balances(element: _Element, file: str) -> _Balances:
    found = []
    for balance in find_all(element, "Bal"):
        code = find_text(balance, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry")
        try:
            amount = _signed(balance)
        except CellError as error:
            raise unreadable(error.code, file, find_text(balance, "Amt"), row=_line(balance)) from error
        found.append((code, amount, _day(find_text(balance, "Dt/Dt", "Dt/DtTm"))))
    return found


def _balance(balances: _Balances, *codes: str) -> Decimal | None:
    for code in codes:
        for found, amount, _day_of in balances:
            if found == code:
                return amount
    return None


def _span(element: _Element, balances: _Balances) -> tuple[date | None, date | None]:
    first = _day(find_text(element, "FrToDt/FrDtTm", "FrToDt/FrDt"))
    last = _day(find_text(element, "FrToDt/ToDtTm", "FrToDt/ToDt"))
    closing = next((day for code, _amount, day in balances if code == "CLBD"), None)
    opening = next((day for code, _amount, day in balances if code == "OPBD"), None)
    return first or opening, closing or last or _day(find_text(element, "CreDtTm"))


def _signed(element: _Element) -> Decimal:
    """Give an amount with the sign of its credit/debit mark, the only thing that decides it."""
    amount = unsigned_decimal(find_text(element, "Amt"))
    return -amount if find_text(element, "CdtDbtInd") == "DBIT" else amount


def _day(text: str) -> date | None:
    """Take the day as printed; a time zone behind it does not move it."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _line(element: _Element) -> int:
    return cast("int | None", element.sourceline) or 0


def _read_entry(entry: _Element, context: _Context) -> StatementLine | None:
    """Read one entry; what is not booked gives a warning, what cannot be read a problem."""
    place = Place(file=context.file, row=_line(entry), field="Ntry")
    status = find_text(entry, "Sts/Cd", "Sts/Prtry", "Sts") or "BOOK"
    if status != "BOOK":
        details = (("status", status),)
        context.warnings.append(Problem("entry_not_booked", place, find_text(entry, "Amt"), details, blocking=False))
        return None
    try:
        return _booked_line(entry, context)
    except CellError as error:
        context.problems.append(error.at(place, find_text(entry, "Amt")))
        return None


def _booked_line(entry: _Element, context: _Context) -> StatementLine:
    amounts = find_all(entry, "Amt")
    currency = (amounts[0].get("Ccy") if amounts else "") or context.currency
    value_on = _day(find_text(entry, "ValDt/Dt", "ValDt/DtTm"))
    booked_on = _day(find_text(entry, "BookgDt/Dt", "BookgDt/DtTm")) or value_on or context.fallback_day
    if booked_on is None:
        raise CellError("not_a_date")
    is_reversal = find_text(entry, "RvslInd").lower() in {"true", "1"}
    is_credit = find_text(entry, "CdtDbtInd") != "DBIT"
    transactions = find_all(entry, "NtryDtls/TxDtls")
    line = StatementLine(
        amount=exact_money(_signed(entry), currency),
        booked_on=booked_on,
        value_on=value_on,
        bank_reference=_provided(find_text(entry, "AcctSvcrRef")),
        texts=_texts(entry, "AddtlNtryInf"),
        is_reversal=is_reversal,
        charges=_charges(entry),
        row=_line(entry),
        raw=_raw(entry),
    )
    if len(transactions) == 1:
        incoming = is_credit != is_reversal
        return _with_transaction(line, transactions[0], context.account, incoming=incoming)
    return replace(line, details=tuple(_detail(item, context.account, is_credit) for item in transactions))


def _with_transaction(line: StatementLine, item: _Element, own: str, *, incoming: bool) -> StatementLine:
    """Let a line that is a single payment carry what is known of it."""
    party = _party(item, own, incoming=incoming)
    texts, reference, kind = _remittance(item)
    instructed = find_all(item, "AmtDtls/InstdAmt/Amt")
    foreign = instructed[0] if instructed and instructed[0].get("Ccy") != line.amount.currency else None
    rate = find_text(
        item,
        "AmtDtls/InstdAmt/CcyXchg/XchgRate",
        "AmtDtls/TxAmt/CcyXchg/XchgRate",
        "AmtDtls/CntrValAmt/CcyXchg/XchgRate",
    )
    return replace(
        line,
        bank_reference=line.bank_reference or _provided(find_text(item, "Refs/AcctSvcrRef")),
        end_to_end_id=_provided(find_text(item, "Refs/EndToEndId")),
        mandate_id=_provided(find_text(item, "Refs/MndtId")),
        counterparty=party["name"],
        counterparty_account=party["account"],
        counterparty_bic=party["bic"],
        ultimate_party=party["ultimate"],
        texts=texts or line.texts,
        structured_reference=reference,
        reference_type=kind,
        purpose=find_text(item, "Purp/Cd", "Purp/Prtry"),
        charges=line.charges if line.charges is not None else _charges(item),
        original_amount=None if foreign is None else unsigned_decimal(foreign.text or ""),
        original_currency="" if foreign is None else foreign.get("Ccy") or "",
        exchange_rate=unsigned_decimal(rate) if rate else None,
        return_reason=find_text(item, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"),
    )


def _detail(item: _Element, own: str, is_credit: bool) -> LineDetail:  # noqa: FBT001 - passed on
    party = _party(item, own, incoming=is_credit)
    texts, reference, kind = _remittance(item)
    # Version 02 has no amount of its own here, only in the details of the amount.
    amounts = find_all(item, "Amt") or find_all(item, "AmtDtls/TxAmt/Amt") or find_all(item, "AmtDtls/InstdAmt/Amt")
    return LineDetail(
        amount=unsigned_decimal(amounts[0].text or "") if amounts else None,
        currency=(amounts[0].get("Ccy") or "") if amounts else "",
        counterparty=party["name"],
        counterparty_account=party["account"],
        end_to_end_id=_provided(find_text(item, "Refs/EndToEndId")),
        mandate_id=_provided(find_text(item, "Refs/MndtId")),
        texts=texts,
        structured_reference=reference,
        reference_type=kind,
        return_reason=find_text(item, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"),
    )


def _party(item: _Element, own: str, *, incoming: bool) -> dict[str, Any]:
    """Give the other side: the debtor of money that comes in, the creditor of what goes out, never ourselves."""
    roles = ("Dbtr", "Cdtr") if incoming else ("Cdtr", "Dbtr")
    for role in roles:
        name = find_text(item, f"RltdPties/{role}/Nm", f"RltdPties/{role}/Pty/Nm")
        account = clean_account(
            find_text(
                item,
                f"RltdPties/{role}Acct/Id/IBAN",
                f"RltdPties/{role}Acct/Id/Othr/Id",
                f"RltdPties/{role}Acct/Id/PrtryAcct/Id",
            )
        )
        if (name or account) and account != own:
            agent = f"RltdAgts/{role}Agt/FinInstnId"
            ultimate = find_text(item, f"RltdPties/Ultmt{role}/Nm", f"RltdPties/Ultmt{role}/Pty/Nm")
            bic = find_text(item, f"{agent}/BICFI", f"{agent}/BIC")
            return {"name": name, "account": account, "bic": bic, "ultimate": ultimate}
    return {"name": "", "account": "", "bic": "", "ultimate": ""}


def _remittance(item: _Element) -> tuple[tuple[str, ...], str, ReferenceType]:
    """Give free texts and the structured reference, which some banks hide in the free text."""
    texts = _texts(item, "RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf", "AddtlTxInf")
    structured = find_text(item, "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef")
    reference, kind = classify_reference(structured) if structured else reference_in_texts(texts)
    return texts, reference, kind


def _texts(element: _Element, *paths: str) -> tuple[str, ...]:
    found = (" ".join((item.text or "").split()) for path in paths for item in find_all(element, path))
    return tuple(dict.fromkeys(text for text in found if text))


def _charges(element: _Element) -> Decimal | None:
    records = find_all(element, "Chrgs/Rcrd") or [c for c in find_all(element, "Chrgs") if find_text(c, "Amt")]
    amounts = [unsigned_decimal(find_text(record, "Amt")) for record in records if find_text(record, "Amt")]
    total = find_text(element, "Chrgs/TtlChrgsAndTaxAmt")
    if amounts:
        return sum(amounts, Decimal(0))
    return unsigned_decimal(total) if total else None


def _provided(text: str) -> str:
    return "" if text.upper() in _NOT_PROVIDED else text


def _raw(entry: _Element) -> tuple[tuple[str, str], ...]:
    """Keep what the bank said word for word: every filled element by its path."""
    leaves: list[tuple[str, str]] = []
    stack = [(child, local_name(child)) for child in reversed(entry)]
    while stack and len(leaves) < _MOST_RAW:
        element, path = stack.pop()
        text = (element.text or "").strip()
        if text:
            leaves.append((path, text))
        stack += [(child, f"{path}/{local_name(child)}") for child in reversed(element)]
    return tuple(leaves)


PLUGIN: Final = Camt053()
