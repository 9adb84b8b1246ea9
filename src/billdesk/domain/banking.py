"""Bank statements as read from files: their lines, whether they add up, and who a line is for ever."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.money import Money


class ReferenceType(StrEnum):
    """Which standard a structured reference follows."""

    NONE = ""
    OGM = "ogm"  # Belgian structured communication, 12 digits
    RF = "rf"  # ISO 11649
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LineDetail:
    """One payment inside a batch that the bank booked as one line; only the line is booked."""

    amount: Decimal | None = None
    currency: str = ""
    counterparty: str = ""
    counterparty_account: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    texts: tuple[str, ...] = ()
    structured_reference: str = ""
    reference_type: ReferenceType = ReferenceType.NONE
    return_reason: str = ""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One booked movement; `amount` is positive when money came in.

    `row` is where the file has it, `occurrence` counts equal lines of a day from 1, `raw` is what the bank
    said besides, as name and text. `charges` is what the bank kept (positive), in the line's currency and
    already taken off `amount`.
    """

    amount: Money
    booked_on: date
    value_on: date | None = None
    bank_reference: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    counterparty: str = ""
    counterparty_account: str = ""
    counterparty_bic: str = ""
    ultimate_party: str = ""
    texts: tuple[str, ...] = ()
    structured_reference: str = ""
    reference_type: ReferenceType = ReferenceType.NONE
    purpose: str = ""
    charges: Decimal | None = None
    original_amount: Decimal | None = None
    original_currency: str = ""
    exchange_rate: Decimal | None = None
    return_reason: str = ""
    is_reversal: bool = False
    details: tuple[LineDetail, ...] = ()
    balance_after: Decimal | None = None
    row: int | None = None
    occurrence: int = 1
    raw: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """All free texts in one."""
        return " ".join(self.texts)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of one account, as a file has it; balances are absent where the bank gives none.

    `warnings` name what was left out or looks odd without making the statement wrong.
    """

    account_iban: str
    currency: str
    lines: tuple[StatementLine, ...]
    account_other: str = ""
    number: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    from_day: date | None = None
    to_day: date | None = None
    source_format: str = ""
    source_file: str = ""
    source_sha256: str = ""
    warnings: tuple[Problem, ...] = ()

    @property
    def account(self) -> str:
        """The account as the bank names it: the IBAN where there is one."""
        return self.account_iban or self.account_other

    @property
    def movement(self) -> Decimal:
        """The sum of all lines, exact."""
        return sum((line.amount.major for line in self.lines), Decimal(0))

    @property
    def difference(self) -> Decimal | None:
        """What is missing between opening + movement and closing; None when a balance is not known."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - self.movement


def imbalance(statement: Statement) -> Problem | None:
    """Tell by how much a statement does not add up, None when it does or cannot be checked."""
    difference = statement.difference
    if not difference:
        return None
    return Problem(
        "statement_imbalance",
        Place(file=statement.source_file, field=statement.account),
        str(difference),
        (
            ("statement", statement.number),
            ("opening", str(statement.opening)),
            ("movement", str(statement.movement)),
            ("closing", str(statement.closing)),
            ("difference", str(difference)),
        ),
    )


def gap_before(statement: Statement, previous_closing: Decimal | None) -> Decimal | None:
    """Give how far a statement's opening is from the balance the account was left at; None when not known."""
    if statement.opening is None or previous_closing is None:
        return None
    return statement.opening - previous_closing


def fingerprint(line: StatementLine, account: str) -> str:
    """Give the name of a line that stays the same whenever and from whichever file it is imported.

    A bank reference identifies a line together with its day and amount, for some banks use references again; without
    one the texts and the counterparty do. Equal lines of a day are told apart by `occurrence`, which is not part of it.
    """
    facts = [account, line.booked_on.isoformat(), str(line.amount.minor), line.amount.currency]
    if line.bank_reference:
        facts += ["ref", line.bank_reference]
    else:
        facts += ["text", line.counterparty, line.counterparty_account, line.structured_reference]
        facts += [line.end_to_end_id, *line.texts]
    plain = "\x1f".join("".join(fact.split()).casefold() for fact in facts)
    return hashlib.sha256(plain.encode()).hexdigest()[:32]


def count_occurrences(lines: Iterable[StatementLine], account: str) -> tuple[StatementLine, ...]:
    """Count equal lines from 1 in the order of the file: two equal bookings on a day are two."""
    seen: Counter[str] = Counter()
    numbered = []
    for line in lines:
        name = fingerprint(line, account)
        seen[name] += 1
        numbered.append(replace(line, occurrence=seen[name]) if seen[name] != line.occurrence else line)
    return tuple(numbered)


def split_batch(line: StatementLine) -> tuple[StatementLine, ...]:
    """Give the payments of a batch as lines of their own for matching; the line itself when they do not add up to it.

    What a bank keeps back from a batch would otherwise be put on somebody's invoice.
    """
    sign = -1 if line.amount.minor < 0 else 1
    parts = []
    for detail in line.details:
        if detail.amount is None or detail.currency not in {"", line.amount.currency}:
            return (line,)
        amount = Money.of(sign * abs(detail.amount), line.amount.currency)
        parts.append(replace(line, amount=amount, details=(), occurrence=1, charges=None, **_detail_fields(detail)))
    if sum(part.amount.minor for part in parts) != line.amount.minor:
        return (line,)
    return tuple(parts)


def _detail_fields(detail: LineDetail) -> dict[str, Any]:
    return {
        "counterparty": detail.counterparty,
        "counterparty_account": detail.counterparty_account,
        "end_to_end_id": detail.end_to_end_id,
        "mandate_id": detail.mandate_id,
        "texts": detail.texts,
        "structured_reference": detail.structured_reference,
        "reference_type": detail.reference_type,
        "return_reason": detail.return_reason,
    }


@dataclass(frozen=True, slots=True)
class Overlap:
    """What an import would add: lines not yet known, and lines known from earlier files."""

    new: tuple[StatementLine, ...]
    known: tuple[StatementLine, ...]


def compare_with_known(lines: Sequence[StatementLine], account: str, known: frozenset[tuple[str, int]]) -> Overlap:
    """Part lines into new and known by fingerprint and occurrence."""
    new: list[StatementLine] = []
    old: list[StatementLine] = []
    for line in lines:
        (old if (fingerprint(line, account), line.occurrence) in known else new).append(line)
    return Overlap(tuple(new), tuple(old))
