"""A mistyped quantity or price is named; it neither crashes nor keeps others from being billed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from billdesk.kernel.errors import InputError
from billdesk.kernel.messages import sentence
from billdesk.kernel.progress import Progress
from billdesk.services import billing, imports, rates, usage
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.company import NewCompany, create_book
from billdesk.services.usage.preparing import prepare_usage
from builders.masters import a_company
from builders.sheets import a_csv

AS_OF = date(2026, 3, 1)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with create_book(tmp_path / "acme.billdesk", NewCompany("Acme BV", "BE", "EUR", vat="BE0671650665")) as opened:
        opened.run(imports.apply_import, a_company(tmp_path))
        rates_file = a_csv(tmp_path / "rates.csv", [("Date", "GBP"), ("2026-01-02", "0.86")], delimiter=",")
        opened.run(rates.import_rates, rates_file, progress=Progress())
        yield opened
        assert opened.query(check_book) == []


def test_a_contract_that_cannot_be_billed_does_not_keep_the_others_from_it(book: Book, tmp_path: Path) -> None:
    rows = [("S1", "API", "2026-01-05 10:00:00", "9223372036854775807", number) for number in range(2000)]
    path = a_csv(tmp_path / "u.csv", [("contract", "metric", "time", "quantity", "key"), *rows], delimiter=",")
    book.run(usage.import_usage, path, prepare_usage(path).profile)
    done = book.run(billing.run_billing, AS_OF, progress=Progress()).value
    assert set(done.preview.totals) == {"GBP"}
    refused = next(finding for finding in done.preview.findings if finding.code == "problem")
    assert (refused.value, refused.customer_name) == ("amount_too_large", "De Linde NV")


def test_a_quantity_too_large_to_keep_is_no_crash(book: Book, tmp_path: Path) -> None:
    rows = [("Contract", "Klant", "Start", "Plan", "Aantal"), ("S8", "K1", "2026-02-01", "BASIC", "1" + "0" * 18)]
    with pytest.raises(InputError) as caught:
        book.run(imports.apply_import, a_csv(tmp_path / "c.csv", rows))
    assert "mistyped" in str(sentence(caught.value))
