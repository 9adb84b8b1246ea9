"""Writes the bank statements of the demo: who pays when, in full, in part, too much, or not; as CAMT.053."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

from billdesk.domain.references import canonical
from billdesk.services import invoices
from billdesk.services.book import Book
from billdesk.storage.invoices import DocumentFilter, DocumentRow
from demo.people import Person

IBAN = "BE68539007547034"
OPENING = Decimal("25000.00")
CENT = Decimal("0.01")
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
FOREIGN = {"GBP": Decimal("1.1620"), "USD": Decimal("0.9080"), "JPY": Decimal("0.0061")}


@dataclass(frozen=True)
class Entry:
    """A booking: amount in euro, signed as the bank books it."""

    day: date
    amount: Decimal
    name: str
    iban: str = ""
    reference: str = ""
    text: str = ""
    end_to_end: str = ""
    returned: str = ""
    original: tuple[Decimal, str] | None = None


@dataclass
class Payers:
    """Remembers what was paid, so that nobody pays twice."""

    people: dict[str, Person]
    dice: random.Random
    done: set[int] = field(default_factory=set)
    halves: dict[int, Decimal] = field(default_factory=dict)
    returns: list[Entry] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def once(self, what: str, times: int) -> bool:
        """Tell whether a special case may happen once more."""
        used = self.counts.get(what, 0)
        self.counts[what] = used + 1
        return used < times


def entries_of(book: Book, payers: Payers, month: date, last: date) -> list[Entry]:
    """Give the bookings of a month, after its invoices were issued."""
    rows = book.query(invoices.list_documents, DocumentFilter(), limit=10_000)
    found = list(payers.returns)
    payers.returns.clear()
    for row in sorted(rows, key=lambda row: row.id):
        if row.total.minor > 0 and row.id not in payers.done:
            found += _payments(payers, row, month, last)
    found.append(Entry(last, Decimal("-12.50"), "Bank", text=f"Beheerskosten {month:%m/%Y}"))
    return sorted(found, key=lambda entry: (entry.day, entry.name))


def _payments(payers: Payers, row: DocumentRow, month: date, last: date) -> list[Entry]:
    person = payers.people[row.customer_name]
    due = Decimal(row.open.minor).scaleb(0 if row.open.currency == "JPY" else -2)
    if row.id in payers.halves:
        rest = payers.halves.pop(row.id)
        payers.done.add(row.id)
        return [_entry(person, row, month + timedelta(days=9), rest)]
    day = _pay_day(person, row)
    if day is None or not month <= day <= last:
        return []
    payers.done.add(row.id)
    if row.total.currency != "EUR":
        euro = (due * FOREIGN[row.total.currency]).quantize(CENT)
        text = f"Invoice {row.number}"
        return [Entry(day, euro, person.name, text=text, original=(due, row.total.currency))]
    if payers.dice.random() < 0.02 and payers.once("half", 6):
        half = (due / 2).quantize(CENT)
        payers.done.discard(row.id)
        payers.halves[row.id] = due - half
        return [_entry(person, row, day, half)]
    if month.month == 4 and payers.once("too much", 1):
        return [_entry(person, row, day, due + 100)]
    if month.month == 5 and payers.once("returned", 1):
        paid = _entry(person, row, day, due, end_to_end=f"DD-{row.number}")
        text = f"Terugbetaling domiciliering {row.number}"
        back = replace(paid, day=day + timedelta(days=20), amount=-due, reference="", text=text, returned="MD01")
        if back.day <= last:
            return [paid, back]
        payers.returns.append(back)
        return [paid]
    return [_entry(person, row, day, due)]


def _pay_day(person: Person, row: DocumentRow) -> date | None:
    """Give the day on which a customer pays; habits belong to the customer."""
    habit = random.Random(f"{person.number}")  # noqa: S311 - the same habit in every month
    kind = habit.random()
    wobble = random.Random(row.number).randint(-4, 4)  # noqa: S311 - the same day every time
    if kind < 0.06:
        return None
    if kind < 0.22:
        return row.due_date + timedelta(days=24 + 2 * wobble)
    return row.due_date + timedelta(days=wobble - 2)


def _entry(person: Person, row: DocumentRow, day: date, amount: Decimal, *, end_to_end: str = "") -> Entry:
    careless = random.Random(f"note {row.number}").random()  # noqa: S311 - the same payer writes the same words
    if end_to_end or careless < 0.82:
        return Entry(day, amount, person.name, person.iban, canonical(row.structured_reference), "", end_to_end)
    if careless < 0.93:
        return Entry(day, amount, person.name.upper(), person.iban, text=f"factuur {row.number}")
    return Entry(day, amount, person.name.upper(), person.iban, text="betaling factuur")


def write_statement(
    path: Path, number: int, days: tuple[date, date], opening: Decimal, rows: Sequence[Entry]
) -> Decimal:
    """Write a CAMT.053 file and give the closing balance."""
    closing = opening + sum((row.amount for row in rows), Decimal(0))
    first, last = days
    body = "".join(_xml(row, index, number) for index, row in enumerate(rows, start=1))
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>STMT-2026-{number:02}</MsgId><CreDtTm>{last.isoformat()}T20:00:00+01:00</CreDtTm></GrpHdr>\n"
        f"<Stmt><Id>2026-{number:02}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb>"
        f"<FrToDt><FrDtTm>{first.isoformat()}T00:00:00</FrDtTm><ToDtTm>{last.isoformat()}T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy><Ownr><Nm>Noordbrug Cloud BV</Nm></Ownr></Acct>\n"
        f"{_balance('OPBD', opening, first)}{_balance('CLBD', closing, last)}\n{body}"
        "</Stmt></BkToCstmrStmt></Document>\n"
    )
    path.write_text(text, encoding="utf-8")
    return closing


def _balance(code: str, amount: Decimal, day: date) -> str:
    sign = "CRDT" if amount >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{abs(amount):.2f}</Amt>'
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day.isoformat()}</Dt></Dt></Bal>"
    )


def _xml(row: Entry, index: int, number: int) -> str:
    sign = "CRDT" if row.amount >= 0 else "DBIT"
    amount = f'<Amt Ccy="EUR">{abs(row.amount):.2f}</Amt>'
    party = "Dbtr" if (row.amount >= 0) != bool(row.returned) else "Cdtr"
    account = f"<{party}Acct><Id><IBAN>{row.iban}</IBAN></Id></{party}Acct>" if row.iban else ""
    structured = (
        f"<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>BBA</Issr></Tp><Ref>{row.reference}</Ref>"
        "</CdtrRefInf></Strd>"
        if row.reference
        else ""
    )
    free = f"<Ustrd>{escape(row.text)}</Ustrd>" if row.text else ""
    remittance = f"<RmtInf>{free}{structured}</RmtInf>" if free or structured else ""
    original = (
        f'<AmtDtls><InstdAmt><Amt Ccy="{row.original[1]}">{row.original[0]}</Amt></InstdAmt></AmtDtls>'
        if row.original
        else ""
    )
    returned = f"<RtrInf><Rsn><Cd>{row.returned}</Cd></Rsn></RtrInf>" if row.returned else ""
    family = "RDDT" if row.returned else ("CHRG" if row.name == "Bank" else "RCDT")
    name = (
        ""
        if row.name == "Bank"
        else f"<RltdPties><{party}><Pty><Nm>{escape(row.name)}</Nm></Pty></{party}>{account}</RltdPties>"
    )
    return (
        f"<Ntry>{amount}<CdtDbtInd>{sign}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{row.day.isoformat()}</Dt></BookgDt><ValDt><Dt>{row.day.isoformat()}</Dt></ValDt>"
        f"<AcctSvcrRef>26{number:02}{index:05}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>OTHR</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{row.end_to_end or 'NOTPROVIDED'}</EndToEndId></Refs>"
        f"{amount}<CdtDbtInd>{sign}</CdtDbtInd>{original}{name}{remittance}{returned}</TxDtls></NtryDtls></Ntry>\n"
    )
