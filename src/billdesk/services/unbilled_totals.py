"""What all customers owe together that no invoice says yet, and each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.money import Money
from billdesk.kernel.progress import Progress
from billdesk.services.billing.computing import PAYERS
from billdesk.services.billing.unbilled import documents_due, open_running, settle_running
from billdesk.storage import bulk
from billdesk.storage import unbilled as storage
from billdesk.storage.database import Db

FEW_CONTRACTS: Final = 500
"""Up to so many the home screen works it out by itself; it takes well under a second."""


@dataclass(frozen=True, slots=True)
class UnbilledRow:
    """What one receiver of documents owes in one currency, before and after tax."""

    customer_id: int
    name: str
    net: Money
    total: Money


@dataclass(frozen=True, slots=True)
class UnbilledTotals:
    """What is not billed yet: the most first; `left_out` are customers whose documents cannot be made as it is."""

    rows: tuple[UnbilledRow, ...]
    left_out: tuple[str, ...] = ()

    @property
    def net(self) -> tuple[Money, ...]:
        """The sums before tax, by currency."""
        sums: dict[str, Money] = {}
        for row in self.rows:
            code = row.net.currency
            sums[code] = sums.get(code, Money.zero(code)) + row.net
        return tuple(sums[code] for code in sorted(sums))


def sum_unbilled(db: Db, *, progress: Progress) -> UnbilledTotals:
    """Work out what no issued document charges yet, usage of running periods included; nothing is written."""
    desk, by_payer = open_running(db), storage.contracts_by_payer(db)
    rows: list[UnbilledRow] = []
    left_out: list[str] = []
    done = 0
    for payers in bulk.chunks(sorted(by_payer), PAYERS):
        progress.step(done, len(by_payer))
        running = settle_running(desk, [key for payer in payers for key in by_payer[payer]])
        for payer in payers:
            try:
                documents = documents_due(desk, running, payer)
            except RuleBroken:
                left_out.append(running.batch.customers[payer].name)
                continue
            rows += [UnbilledRow(payer, one.buyer.name, one.net, one.total) for one in documents]
        done += len(payers)
    progress.step(done, len(by_payer))
    return UnbilledTotals(tuple(_together(rows)), tuple(left_out))


def sum_unbilled_if_few(db: Db, *, progress: Progress) -> UnbilledTotals | None:
    """Give the same where there are so few contracts that it costs nothing to speak of, else None."""
    return sum_unbilled(db, progress=progress) if storage.count_contracts(db) <= FEW_CONTRACTS else None


def _together(rows: list[UnbilledRow]) -> list[UnbilledRow]:
    """Add up the documents of each customer in a currency, the most first."""
    sums: dict[tuple[int, str], UnbilledRow] = {}
    for row in rows:
        key = (row.customer_id, row.net.currency)
        known = sums.get(key)
        sums[key] = (
            row
            if known is None
            else UnbilledRow(row.customer_id, row.name, known.net + row.net, known.total + row.total)
        )
    return sorted(sums.values(), key=lambda row: (row.net.currency, -row.net.minor, row.name))
