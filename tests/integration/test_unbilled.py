from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from billdesk.kernel.progress import Progress
from billdesk.services import unbilled_totals
from billdesk.services.customer_overview import upcoming_of_customer
from billdesk.services.unbilled_totals import UnbilledTotals, sum_unbilled, sum_unbilled_if_few
from builders.offers import JANUARY, LINDE, OffersDesk, an_offers_desk, eur


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[OffersDesk]:
    with an_offers_desk(tmp_path) as opened:
        yield opened


def _sum(desk: OffersDesk) -> UnbilledTotals:
    return desk.book.query(sum_unbilled, progress=Progress())


def test_all_that_is_due_and_not_issued_is_unbilled(desk: OffersDesk) -> None:
    desk.start()
    desk.bill(JANUARY)
    found = _sum(desk)
    # February and March at 100.00 each, with 21 % tax.
    assert [(row.name, row.net, row.total) for row in found.rows] == [
        ("Brouwerij De Linde NV", eur("200"), eur("242")),
    ]  # fmt: skip
    assert found.net == (eur("200"),)


def test_drafts_are_unbilled_still_and_nothing_is_written(desk: OffersDesk) -> None:
    desk.start()
    desk.run(date(2026, 3, 16))
    assert _sum(desk) == _sum(desk)
    assert _sum(desk).net == (eur("300"),)


def test_a_book_without_contracts_has_nothing_unbilled(desk: OffersDesk) -> None:
    assert _sum(desk) == UnbilledTotals(())


def test_where_there_are_many_contracts_it_is_not_worked_out_by_itself(
    desk: OffersDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.start()
    assert desk.book.query(sum_unbilled_if_few, progress=Progress()) is not None
    monkeypatch.setattr(unbilled_totals, "FEW_CONTRACTS", 0)
    assert desk.book.query(sum_unbilled_if_few, progress=Progress()) is None


def test_the_documents_of_the_coming_months_are_those_of_all_contracts(desk: OffersDesk) -> None:
    desk.start()
    desk.start(seats=1)
    desk.bill(date(2026, 3, 16))
    found = desk.book.query(upcoming_of_customer, LINDE, months=2)
    assert [(one.on, one.contract, one.net) for one in found] == [
        (date(2026, 4, 1), "S00001", eur("100")), (date(2026, 4, 1), "S00002", eur("60")),
        (date(2026, 5, 1), "S00001", eur("100")), (date(2026, 5, 1), "S00002", eur("60")),
    ]  # fmt: skip
