from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.domain.contract_terms import AfterTerm, ContractTerm, EarlyFee, FeeKind, PriceIndex, Uplift
from billdesk.domain.subscriptions import Entry, EntryKind
from billdesk.kernel.errors import RowsRejected
from billdesk.services import imports, indexes, subscriptions
from billdesk.services.book import Book
from billdesk.services.imports import Counts
from builders.masters import a_filled_book
from builders.sheets import a_csv

HEADERS = (
    "Contractnummer", "Klantnummer", "Actie", "Datum", "Plancode", "Looptijd (maanden)", "Opzegtermijn (dagen)",
    "Na de looptijd", "Verlenging (maanden)", "Prijsverhoging (%)", "Index", "Verbrekingsvergoeding (%)",
)  # fmt: skip
START = ("S8", "K1", None, date(2026, 1, 1), "SMALL", 12, 30, "verlenging", 6, 3, None, 50)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_filled_book(tmp_path) as book:
        yield book


def entries(book: Book, number: str = "S8") -> tuple[Entry, ...]:
    rows = book.query(subscriptions.list_subscriptions, subscriptions.SubscriptionFilter(search=number))
    return book.query(subscriptions.load_subscription, rows[0].id).entries


def bring(book: Book, folder: Path, *rows: tuple[object, ...]) -> Counts:
    return book.run(imports.apply_import, a_csv(folder / "contracten.csv", (HEADERS, *rows))).value.counts


def refused(book: Book, folder: Path, *rows: tuple[object, ...]) -> list[tuple[str, str]]:
    with pytest.raises(RowsRejected) as caught:
        bring(book, folder, *rows)
    return [(problem.code, problem.place.column) for problem in caught.value.problems]


def test_a_contract_comes_with_its_term(book: Book, tmp_path: Path) -> None:
    bring(book, tmp_path, START)
    assert entries(book)[0].term == ContractTerm(
        months=12, notice_days=30, after=AfterTerm.RENEW, renewal_months=6,
        uplift=Uplift(Decimal(3)), fee=EarlyFee(FeeKind.PERCENT, percent=Decimal(50)))  # fmt: skip


def test_the_same_file_again_changes_nothing_and_another_uplift_takes_the_old_one_back(
    book: Book, tmp_path: Path
) -> None:
    bring(book, tmp_path, START)
    assert bring(book, tmp_path, START).unchanged == 1
    assert bring(book, tmp_path, (*START[:9], 4, None, 50)).changed == 1
    old, new = entries(book)
    assert (old.revoked, new.term.uplift.percent if new.term else None) == (True, Decimal(4))


def test_a_file_without_term_columns_leaves_the_term_alone(book: Book, tmp_path: Path) -> None:
    bring(book, tmp_path, START)
    path = a_csv(tmp_path / "contracten.csv", (HEADERS[:5], ("S8", "K1", None, date(2026, 1, 2), "SMALL")))
    book.run(imports.apply_import, path)
    assert [one.term.months if one.term else 0 for one in entries(book) if not one.revoked] == [12]


def test_a_renewal_is_decided_in_a_row(book: Book, tmp_path: Path) -> None:
    renewal = ("S8", None, "verlenging", date(2027, 1, 1), None, None, None, None, None, "1,5", None, None)
    bring(book, tmp_path, START, renewal)
    found = entries(book)[1]
    assert (found.kind, found.term, found.uplift) == (EntryKind.RENEW, None, Uplift(Decimal("1.5")))


def test_wrong_cells_are_named(book: Book, tmp_path: Path) -> None:
    wrong = ("S8", "K1", None, date(2026, 1, 1), "SMALL", 0, 30, "verlenging", 6, 3, None, 150)
    assert refused(book, tmp_path, wrong) == [
        ("too_small", "Looptijd (maanden)"), ("too_large", "Verbrekingsvergoeding (%)")]  # fmt: skip


def test_an_index_must_be_kept_and_a_renewal_needs_a_term(book: Book, tmp_path: Path) -> None:
    indexed = (*START[:9], None, "gezondheid", 50)
    assert refused(book, tmp_path, indexed) == [("index_unknown", "Index")]
    bare = ("S9", "K1", None, date(2026, 1, 1), "SMALL", None, None, None, None, None, None, None)
    renewal = ("S9", None, "verlenging", date(2027, 1, 1), None, None, None, None, None, None, None, None)
    assert refused(book, tmp_path, bare, renewal) == [("renewal_without_term", "Datum")]
    book.run(indexes.save_index, PriceIndex(0, "gezondheid", "Gezondheidsindex"))
    assert bring(book, tmp_path, indexed).added == 1


def test_what_is_exported_comes_back_unchanged(book: Book, tmp_path: Path) -> None:
    book.run(indexes.save_index, PriceIndex(0, "health", "Health index"))
    bring(book, tmp_path, START)
    record = entries(book)
    rows = book.query(subscriptions.list_subscriptions, subscriptions.SubscriptionFilter(search="S8"))
    uplift, fee = Uplift(index="health", share=Decimal(80)), EarlyFee(FeeKind.FIXED, amount=Decimal(99))
    term = ContractTerm(months=24, notice_months=2, after=AfterTerm.END, uplift=uplift, fee=fee)
    wish = subscriptions.Change(EntryKind.RENEW, subscriptions.When.TERM_END, term=term, uplift=Uplift(Decimal(2)))
    book.run(subscriptions.change_subscription, rows[0].id, wish)
    end = subscriptions.Change(EntryKind.CANCEL, reason="moved", fee_waived=True)
    book.run(subscriptions.change_subscription, rows[0].id, end)
    path = tmp_path / "export.xlsx"
    path.write_bytes(book.query(imports.export_workbook, ("subscriptions",)))
    counts = book.run(imports.apply_import, path).value.counts
    assert (counts.added, counts.changed, counts.rejected, len(record)) == (0, 0, 0, 1)
