from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billdesk.cli.output import Exit
from billdesk.domain.contract_terms import AfterTerm, ContractTerm, PriceIndex, Uplift
from billdesk.domain.subscriptions import EntryKind
from billdesk.kernel.errors import RowsRejected, UndoBlocked
from billdesk.kernel.progress import Progress
from billdesk.services import imports, indexes, subscriptions
from billdesk.services.book import Book
from billdesk.services.imports import Counts, ImportOutcome, ImportRequest
from billdesk.services.subscriptions import Change
from builders.commands import as_json, run
from builders.masters import a_filled_book
from builders.sheets import a_csv, a_workbook

HEADER = ("Indexcode", "Naam index", "Maand", "Indexcijfer")
ROWS = (HEADER, ("health", "Gezondheidsindex", "2025-12", "130,15"), ("health", None, "januari 2026", "131,5"))
DECEMBER, JANUARY = date(2025, 12, 1), date(2026, 1, 1)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_filled_book(tmp_path) as opened:
        yield opened


def bring(book: Book, path: Path, **options: Any) -> ImportOutcome:
    return book.run(imports.apply_import, path, progress=Progress(), **options).value


def health(book: Book) -> PriceIndex:
    return book.query(indexes.load_index, "health")


def test_figures_go_in_and_make_their_index(book: Book, tmp_path: Path) -> None:
    done = bring(book, a_csv(tmp_path / "index.csv", ROWS))
    assert (done.kinds, done.counts) == (("index_figures",), Counts(read=2, added=2))
    assert (health(book).name, health(book).values) == (
        "Gezondheidsindex", {DECEMBER: Decimal("130.15"), JANUARY: Decimal("131.5")},
    )  # fmt: skip


def test_a_workbook_with_days_and_one_with_a_year_of_its_own_are_read(book: Book, tmp_path: Path) -> None:
    rows = (("Index", "Month", "Value"), ("health", DECEMBER, 130.15))
    bring(book, a_workbook(tmp_path / "a.xlsx", {"Index figures": rows}))
    others = (("Index", "Year", "Month", "Figure"), ("HEALTH", 2026, 1, 131.5))
    assert bring(book, a_workbook(tmp_path / "b.xlsx", {"Index figures": others})).counts.added == 1
    assert health(book).values == {DECEMBER: Decimal("130.15"), JANUARY: Decimal("131.5")}


def test_a_preview_tells_new_changed_and_known_figures_and_writes_nothing(book: Book, tmp_path: Path) -> None:
    bring(book, a_csv(tmp_path / "a.csv", ROWS))
    rows = (HEADER, ("health", "", "2025-12", "130,15"), ("health", "", "2026-01", "132"), ("cpi", "", "2026-01", "99"))
    preview = book.query(imports.preview_import, a_csv(tmp_path / "b.csv", rows))
    assert preview.counts == Counts(read=3, added=1, changed=1, unchanged=1)
    assert [one.code for one in book.query(indexes.list_indexes)] == ["health"]


def test_wrong_rows_are_named_with_their_cell(book: Book, tmp_path: Path) -> None:
    rows = (HEADER, ("health", "", "2026-13", "130"), ("health", "", "2026-01", "0"), ("health", "", "2026-02", "131"),
            ("health", "", "02/2026", "132"), ("health", "", "2026-02", "131"), ("", "", "2026-03", "x"))  # fmt: skip
    path = a_csv(tmp_path / "wrong.csv", rows)
    with pytest.raises(RowsRejected) as refused:
        bring(book, path)
    found = [(problem.place.row, problem.code, problem.place.column) for problem in refused.value.problems]
    assert sorted(found) == [
        (2, "month_wrong", "Maand"), (3, "too_small", "Indexcijfer"), (5, "repeated_key", "Maand"),
        (7, "not_a_number", "Indexcijfer"), (7, "value_missing", "Indexcode"),
    ]  # fmt: skip
    assert bring(book, path, skip_bad_rows=True).counts == Counts(read=6, added=1, duplicate=1, rejected=4)


def test_an_index_for_all_rows_is_said_beside_the_file(book: Book, tmp_path: Path) -> None:
    path = a_csv(tmp_path / "statbel.csv", (("Jaar", "Maand", "Waarde"), (2026, 1, "131,5")))
    request = ImportRequest(kind="index_figures", constants={("", "code"): "health"})
    bring(book, path, request=request)
    assert health(book).values == {JANUARY: Decimal("131.5")}


def test_an_undo_brings_old_figures_back_and_takes_new_ones_out(book: Book, tmp_path: Path) -> None:
    book.run(indexes.save_index, PriceIndex(0, "health", "Health", {DECEMBER: Decimal(100)}))
    done = bring(book, a_csv(tmp_path / "index.csv", ROWS))
    assert done.counts == Counts(read=2, added=1, changed=1)
    (first, _second) = book.query(imports.list_batch_changes, done.batch_id or 0)
    assert (first.key, first.fields) == ("health 2025-12", (("value", "100", "130.15"),))
    book.run(imports.undo_import, done.batch_id or 0)
    assert (health(book).name, health(book).values) == ("Health", {DECEMBER: Decimal(100)})


def test_an_undo_takes_an_index_out_that_the_import_made(book: Book, tmp_path: Path) -> None:
    done = bring(book, a_csv(tmp_path / "index.csv", ROWS))
    book.run(imports.undo_import, done.batch_id or 0)
    assert book.query(indexes.list_indexes) == []


def test_an_undo_leaves_what_was_changed_since(book: Book, tmp_path: Path) -> None:
    done = bring(book, a_csv(tmp_path / "index.csv", ROWS))
    book.run(indexes.set_figures, "health", {JANUARY: Decimal(133)})
    with pytest.raises(UndoBlocked) as blocked:
        book.run(imports.undo_import, done.batch_id or 0)
    assert [one.code for one in blocked.value.problems] == ["changed_since", "changed_since"]
    book.run(imports.undo_import, done.batch_id or 0, leave_blocked=True)
    assert health(book).values == {JANUARY: Decimal(133)}


def test_contracts_that_rose_with_a_figure_are_billed_anew_and_hold_their_index(book: Book, tmp_path: Path) -> None:
    done = bring(book, a_csv(tmp_path / "index.csv", ROWS))
    term = ContractTerm(months=12, since=date(2026, 1, 1), after=AfterTerm.RENEW, uplift=Uplift(index="health"))
    (contract, *_others) = book.query(subscriptions.list_subscriptions, limit=1)
    book.run(subscriptions.change_subscription, contract.id, Change(EntryKind.SET_TERM, term=term))
    with pytest.raises(UndoBlocked) as blocked:
        book.run(imports.undo_import, done.batch_id or 0)
    assert [(one.code, one.details) for one in blocked.value.problems] == [
        ("used_by_contract", (("user", contract.number),)),
    ]  # fmt: skip
    book.run(imports.undo_import, done.batch_id or 0, leave_blocked=True)
    assert health(book).values == {}


def test_what_is_exported_goes_in_again_without_a_change(book: Book, tmp_path: Path) -> None:
    bring(book, a_csv(tmp_path / "index.csv", ROWS))
    (tmp_path / "out.xlsx").write_bytes(book.query(imports.export_workbook, ("index_figures",)))
    again = bring(book, tmp_path / "out.xlsx")
    assert (again.batch_id, again.counts) == (None, Counts(read=2, unchanged=2))


def test_the_command_line_brings_figures_in_and_takes_them_back(book: Book, tmp_path: Path) -> None:
    book.close()
    place = Path(book.location)
    path = a_csv(tmp_path / "cijfers.csv", (("Maand", "Waarde"), ("2026-01", "131,5")))
    assert as_json("import", "index_figures", path, "--same", "code=health", "--preview", book=place)["counts"][
        "added"] == 1  # fmt: skip
    done = as_json("import", "index_figures", path, "--same", "Index code=health", book=place)
    assert as_json("contract", "index", "show", "health", book=place)["values"] == {"2026-01-01": "131.5"}
    assert run("import", "index_figures", path, "--same", "colour=red", book=place).exit_code == Exit.USAGE
    as_json("import", "undo", done["batch_id"], book=place)
    assert as_json("contract", "index", "list", book=place)["indexes"] == []
