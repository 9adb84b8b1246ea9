"""Random months at the desk: what a preview shows is what is issued, and nothing is left to bill afterwards."""

from __future__ import annotations

import os
import random
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billdesk.domain.billing import check_document
from billdesk.domain.discounts import DiscountFrequency
from billdesk.domain.invoices import Document
from billdesk.domain.subscriptions import EntryKind, PauseKind
from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.progress import Progress
from billdesk.services import billing, invoices, subscriptions
from billdesk.services.billing import CurrencyTotals, RunPreview
from billdesk.services.subscriptions import Change, When
from builders.offers import OffersDesk, an_offers_desk, eur

BOOKS = max(3, int(os.environ.get("BILLDESK_EXAMPLES", "0")) // 20)
START, MONTHS = date(2026, 1, 1), 5


@dataclass
class Day:
    """A desk on which people change contracts, and a day on which they do."""

    desk: OffersDesk
    pick: random.Random
    contracts: list[int]

    def act(self, on: date) -> None:
        """Do one thing; what the rules refuse is not done."""
        often = (self.seats, self.seats, self.seats, self.plan, self.plan, self.offer)
        try:
            self.pick.choice((*often, self.pause, self.resume, self.end))(on)
        except BillDeskError:
            return

    def change(self, kind: EntryKind, on: date, **more: object) -> None:
        change = Change(kind, When.DATE, on, **more)  # type: ignore[arg-type]
        self.desk.book.run(subscriptions.change_subscription, self.pick.choice(self.contracts), change)

    def seats(self, on: date) -> None:
        count = Decimal(self.pick.randint(1, 20))
        self.change(EntryKind.CHANGE_QUANTITY, on, quantities={self.desk.sold.seats: count})

    def plan(self, on: date) -> None:
        version = self.pick.choice((self.desk.sold.basic, self.desk.sold.pro))
        self.change(EntryKind.CHANGE_PLAN, on, plan_version_id=version)

    def pause(self, on: date) -> None:
        self.change(EntryKind.PAUSE, on, pause_kind=self.pick.choice((PauseKind.SERVICE, PauseKind.BILLING_WAIVE)))

    def resume(self, on: date) -> None:
        self.change(EntryKind.RESUME, on)

    def end(self, on: date) -> None:
        """End a contract; the customer begins another one."""
        self.change(EntryKind.CANCEL, on, credit_unused=self.pick.random() < 0.7)
        self.contracts.append(self.desk.start(on).id)

    def offer(self, on: date) -> None:
        terms = self.pick.choice(
            (
                {
                    "percent": Decimal(self.pick.randint(1, 40)),
                    "frequency": DiscountFrequency.PERIODS,
                    "periods_left": 2,
                },
                {"amount": eur("12.34")},
                {"amount": eur("99"), "frequency": DiscountFrequency.ONCE},
            )
        )
        self.desk.discount(since=on, **terms)
        if self.pick.random() < 0.3:
            self.desk.grant("25.50")


def totals_of(documents: list[Document]) -> dict[str, tuple[int, int, int, int]]:
    found: dict[str, tuple[int, int, int, int]] = {}
    for document in documents:
        count, net, tax, total = found.get(document.currency, (0, 0, 0, 0))
        figures = (count + 1, net + document.net.minor, tax + document.tax.minor, total + document.total.minor)
        found[document.currency] = figures
    return found


def shown(preview: RunPreview) -> dict[str, tuple[int, int, int, int]]:
    def figures(one: CurrencyTotals) -> tuple[int, int, int, int]:
        return one.documents, one.net.minor, one.tax.minor, one.total.minor

    return {currency: figures(one) for currency, one in preview.totals.items()}


def bill(desk: OffersDesk, on: date) -> None:
    preview = desk.book.query(billing.preview_billing, on, progress=Progress())
    outcome = desk.run(on)
    assert shown(outcome.preview) == shown(preview)
    if outcome.run_id is not None:
        documents = desk.issue(outcome)
        assert totals_of(documents) == shown(preview)
        for document in documents:
            check_document(document)
            assert desk.book.query(invoices.recompute_and_compare, document.id).agrees, document.number
    assert desk.book.query(billing.preview_billing, on, progress=Progress()).documents == 0
    assert desk.run(on).run_id is None


@settings(max_examples=BOOKS, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.integers(min_value=0, max_value=10**9))
def test_a_preview_is_what_is_issued_and_a_second_run_makes_nothing(seed: int) -> None:
    pick = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, an_offers_desk(Path(folder)) as desk:
        first = [desk.start(START + timedelta(days=pick.randint(0, 30))).id for _contract in range(2)]
        day = Day(desk, pick, first)
        on = START
        while on < START + timedelta(days=30 * MONTHS):
            for _action in range(pick.randint(0, 3)):
                day.act(on + timedelta(days=pick.choice((-40, -3, 0, 0, 5, 20))))
            bill(desk, on)
            on += timedelta(days=pick.choice((1, 9, 17, 31, 45)))
