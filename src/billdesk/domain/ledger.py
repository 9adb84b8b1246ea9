"""Double entry: every event of money posts lines that sum to zero in the entity's currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from billdesk.kernel.records import quick


class Account(StrEnum):
    """The accounts BillDesk posts to, numbered as in the Belgian chart (MAR); a setting can rename them."""

    RECEIVABLES = "400000"
    CUSTOMER_BALANCE = "460000"
    WALLETS = "461000"
    BANK = "550000"
    CASH = "570000"
    CLEARING = "580000"
    DEFERRED_REVENUE = "493000"
    TAX_PAYABLE = "451000"
    REVENUE = "700000"
    PROMOTIONS = "708000"
    FORFEITED_CREDIT = "749000"
    WRITE_OFF = "642000"
    BANK_FEES = "656000"
    CASH_DISCOUNT = "657000"
    EXCHANGE_GAIN = "754000"
    EXCHANGE_LOSS = "654000"
    ROUNDING = "658000"


class EntrySource(StrEnum):
    """What caused a journal entry."""

    DOCUMENT = "document"
    PAYMENT = "payment"
    ALLOCATION = "allocation"
    RECOGNITION = "recognition"
    REVERSAL = "reversal"
    WALLET = "wallet"


@quick
@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry: debit positive, credit negative, minor units of the entity's currency.

    `original_minor` with `original_currency` is the amount in the document's own currency.
    """

    account: str
    minor: int
    original_minor: int
    original_currency: str
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Postings made together; they sum to zero in the entity's currency."""

    entity_id: int
    posted_on: date
    source: EntrySource
    source_id: int
    text: str
    postings: tuple[Posting, ...]

    @property
    def is_balanced(self) -> bool:
        """Whether debits equal credits."""
        return sum(posting.minor for posting in self.postings) == 0


NO_POSTINGS: Final[tuple[Posting, ...]] = ()
