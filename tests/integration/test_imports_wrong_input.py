"""Wrong files and cells: each is named with file, row, column, value and remedy; the rest can still go in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from billdesk.kernel.errors import RowsRejected, RuleBroken, UnreadableFile
from billdesk.kernel.messages import describe, sentence
from billdesk.services import customers, imports, subscriptions
from billdesk.services.book import Book
from billdesk.services.imports import ImportRequest
from builders.book import a_book
from builders.masters import CONTRACTS, CUSTOMERS, PLANS, PRICES, a_company, a_filled_book
from builders.sheets import Rows, a_csv, a_workbook


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_filled_book(tmp_path) as opened:
        yield opened


def _refused(
    book: Book, path: Path, request: ImportRequest | None = None
) -> list[tuple[str, str, int | None, str, str]]:
    """Give (code, file, row, column, value) of each problem, and prove that nothing was written."""
    before = book.query(imports.export_workbook)
    with pytest.raises(RowsRejected) as caught:
        book.run(imports.apply_import, path, request or ImportRequest())
    assert book.query(imports.count_batches) == 1
    assert book.query(imports.export_workbook) == before
    assert all(describe(problem).next for problem in caught.value.problems)
    return [(p.code, p.place.file, p.place.row, p.place.column, p.value) for p in caught.value.problems]


def _contracts(*rows: tuple[object, ...]) -> Rows:
    return (CONTRACTS[0], *rows)


def test_text_in_an_amount(book: Book, tmp_path: Path) -> None:
    rows = [PRICES[0], ("P1", "HOST", "flat", "maand", "vooraf", "vast", None, "EUR", "tien", None, None),
            ("P2", "HOST", "flat", "maand", "vooraf", "vast", None, "EUR", "10,50", None, None)]  # fmt: skip
    path = a_csv(tmp_path / "prijzen.csv", rows)
    assert _refused(book, path) == [("not_a_number", "prijzen.csv", 2, "Bedrag", "tien")]
    assert book.run(imports.apply_import, path, skip_bad_rows=True).value.counts.added == 1


def test_an_unknown_customer(book: Book, tmp_path: Path) -> None:
    rows = _contracts(
        ("S8", "K99", "start", "2026-02-01", "SMALL", None, None),
        ("S9", "K1", "start", "2026-02-01", "SMALL", None, None),
    )
    path = a_csv(tmp_path / "contracten.csv", rows)
    assert _refused(book, path) == [("unknown_customer", "contracten.csv", 2, "Klantnummer", "K99")]
    book.run(imports.apply_import, path, skip_bad_rows=True)
    assert [row.number for row in book.query(subscriptions.list_subscriptions)] == ["S1", "S2", "S9"]


def test_a_day_that_does_not_exist(book: Book, tmp_path: Path) -> None:
    rows = _contracts(
        ("S8", "K1", "start", "31/02/2026", "SMALL", None, None),
        ("S9", "K1", "start", "28/02/2026", "SMALL", None, None),
    )
    assert _refused(book, a_csv(tmp_path / "c.csv", rows)) == [("not_a_date", "c.csv", 2, "Startdatum", "31/02/2026")]


def test_two_date_orders_in_one_column(book: Book, tmp_path: Path) -> None:
    rows = _contracts(
        ("S8", "K1", "start", "25/01/2026", "SMALL", None, None),
        ("S9", "K1", "start", "01/26/2026", "SMALL", None, None),
    )
    path = a_csv(tmp_path / "c.csv", rows)
    (part,) = book.query(imports.preview_import, path).parts
    mixed = part.problems[0]
    assert (mixed.code, mixed.place.row, mixed.place.column, mixed.value) == (
        "date_order_mixed", 3, "Startdatum", "01/26/2026",
    )  # fmt: skip
    day_first = ImportRequest(answers={("", "Startdatum", "date_order"): "dmy"})
    assert [(p[2], p[4]) for p in _refused(book, path, day_first)] == [(3, "01/26/2026")]
    book.run(imports.apply_import, path, day_first, skip_bad_rows=True)
    assert book.query(subscriptions.count_subscriptions) == 3


def test_a_utf_16_file_is_read_as_it_is(book: Book, tmp_path: Path) -> None:
    rows = [CUSTOMERS[0][:2], ("K5", "Müller Straßenbau")]
    path = a_csv(tmp_path / "klanten.csv", rows, encoding="utf-16", delimiter="\t")
    book.run(imports.apply_import, path)
    assert book.query(customers.find_customers, "muller strassenbau")[0].number == "K5"


@pytest.mark.parametrize("damage", ["empty", "header_only", "no_rows_at_all"])
def test_a_file_without_rows(book: Book, tmp_path: Path, damage: str) -> None:
    path = tmp_path / f"{damage}.xlsx"
    if damage == "empty":
        path.write_bytes(b"")
    else:
        a_workbook(path, {"Klanten": [CUSTOMERS[0]] if damage == "header_only" else []})
    with pytest.raises(UnreadableFile) as caught:
        book.run(imports.apply_import, path)
    assert caught.value.problem.code in {"file_empty", "sheet_empty"}
    assert path.name in sentence(caught.value).where


def test_a_truncated_workbook(book: Book, tmp_path: Path) -> None:
    whole = a_workbook(tmp_path / "klanten.xlsx", {"Klanten": CUSTOMERS}).read_bytes()
    path = tmp_path / "half.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFile) as caught:
        book.run(imports.apply_import, path)
    assert (caught.value.problem.code, caught.value.problem.place.file) == ("file_damaged", "half.xlsx")


def test_a_file_that_is_none_of_ours(book: Book, tmp_path: Path) -> None:
    path = a_csv(tmp_path / "recepten.csv", [("Gerecht", "Tijd"), ("Stoofvlees", "3 uur")])
    with pytest.raises(UnreadableFile) as caught:
        book.query(imports.preview_import, path)
    assert caught.value.problem.code == "kind_unknown"
    assert "customers" in sentence(caught.value).next


def test_a_required_column_that_is_missing(book: Book, tmp_path: Path) -> None:
    path = a_csv(tmp_path / "klanten.csv", [("Klantnummer", "Gemeente"), ("K1", "Gent")])
    request = ImportRequest(kind="customers")
    (part,) = book.query(imports.preview_import, path, request).parts
    assert [column.name for column in part.missing] == ["name"]
    with pytest.raises(UnreadableFile, match="column_missing"):
        book.run(imports.apply_import, path, request)


def test_wrong_check_digits_and_addresses(book: Book, tmp_path: Path) -> None:
    header = ("Klantnummer", "Naam", "Btw-nummer", "Land", "E-mail", "IBAN", "Munt")
    rows = [
        header,
        ("K7", "A", "BE0203430577", "BE", "geen mail", "BE00", "EUR"),
        ("K8", "B", None, "Narnia", None, None, "EURO"),
    ]
    assert _refused(book, a_csv(tmp_path / "k.csv", rows)) == [
        ("unknown_country", "k.csv", 3, "Land", "Narnia"),
        ("tax_id_wrong", "k.csv", 2, "Btw-nummer", "BE0203430577"),
        ("iban_wrong", "k.csv", 2, "IBAN", "BE00"),
        ("email_wrong", "k.csv", 2, "E-mail", "geen mail"),
    ]


def test_a_key_that_comes_twice(book: Book, tmp_path: Path) -> None:
    rows = [("Klantnummer", "Naam"), ("K7", "A"), ("K7", "B"), ("K8", "C"), ("K8", "C")]
    assert _refused(book, a_csv(tmp_path / "k.csv", rows)) == [("repeated_key", "k.csv", 3, "Klantnummer", "K7")]
    assert book.query(imports.preview_import, tmp_path / "k.csv").counts.duplicate == 1


def test_tiers_that_do_not_end_open(book: Book, tmp_path: Path) -> None:
    rows = [PRICES[0], ("P1", "HOST", "volume", "maand", "achteraf", "verbruik", "API", "EUR", None, 100, "0.2"),
            ("P1", "HOST", "volume", "maand", "achteraf", "verbruik", "API", "EUR", None, 200, "0.1")]  # fmt: skip
    assert _refused(book, a_csv(tmp_path / "p.csv", rows)) == [("last_tier_closed", "p.csv", 3, "Schijf tot", "200")]


@pytest.mark.parametrize(
    ("row", "code", "column", "value"),
    [
        (("S1", "K1", "hervat", "2026-02-01", None, None, None), "contract_state", "Startdatum", "2026-02-01"),
        (("S1", "K1", "stop", "2025-10-01", None, None, None), "contract_state", "Startdatum", "2025-10-01"),
        (("S9", "K1", "stop", "2026-02-01", None, None, None), "unknown_contract", "Contractnummer", "S9"),
        (("S9", "K1", "start", "2026-02-01", "GOLD", None, None), "unknown_plan", "Plancode", "GOLD"),
        (("S9", "K1", "start", "2024-02-01", "SMALL", None, None), "plan_not_yet_sold", "Startdatum", "2024-02-01"),
        (("S9", "K1", "start", "2026-02-01", "SMALL", 3, None), "plan_without_quantity", "Aantal", "3"),
        (("S9", "K1", "start", "2026-02-01", "BASIC", -1, None), "too_small", "Aantal", "-1"),
        (
            ("S9", "K1", "start", "2026-02-01", "SMALL", None, "2026-01-01"),
            "end_before_start",
            "Einddatum",
            "2026-01-01",
        ),
        (("S9", "K1", "vliegen", "2026-02-01", "SMALL", None, None), "not_a_choice", "Actie", "vliegen"),
    ],
)
def test_a_contract_row_that_cannot_be(
    book: Book, tmp_path: Path, row: tuple[object, ...], code: str, column: str, value: str
) -> None:
    path = a_csv(tmp_path / "c.csv", _contracts(row))
    assert _refused(book, path) == [(code, "c.csv", 2, column, value)]


@pytest.mark.parametrize(
    ("header", "row", "code", "column"),
    [
        ("Munt", ("S1", "K1", "start", "2025-11-01", "BASIC", 5, None, "GBP"), "contract_differs", "Munt"),
        (
            "Ankerdatum",
            ("S1", "K1", None, "2025-11-01", "BASIC", 5, None, "2025-12-01"),
            "contract_differs",
            "Ankerdatum",
        ),
        ("Versie", ("S9", "K1", "start", "2026-02-01", "SMALL", None, None, 7), "unknown_plan", "Versie"),
        ("Prijscode", ("S1", "K1", "aantal", "2026-02-01", None, 5, None, "GONE"), "unknown_price", "Prijscode"),
        ("Nota", ("S1", "K1", "aantal", "2026-02-01", None, None, None, None), "value_missing", "Aantal"),
        ("Nota", ("S1", "K1", "upgrade", "2026-02-01", None, None, None, None), "value_missing", "Plancode"),
        ("Nota", ("S9", None, "start", "2026-02-01", "SMALL", None, None, None), "value_missing", "Klantnummer"),
    ],
)
def test_a_contract_row_with_one_more_column(
    book: Book, tmp_path: Path, header: str, row: tuple[object, ...], code: str, column: str
) -> None:
    path = a_csv(tmp_path / "c.csv", [(*CONTRACTS[0], header), row])
    assert [(p[0], p[3]) for p in _refused(book, path)] == [(code, column)]


def test_a_plan_without_the_currency_of_the_contract(book: Book, tmp_path: Path) -> None:
    rows = [(*CONTRACTS[0], "Munt"), ("S9", "K1", "start", "2026-02-01", "SMALL", None, None, "JPY")]
    assert _refused(book, a_csv(tmp_path / "c.csv", rows)) == [("price_currency_missing", "c.csv", 2, "Munt", "BASE")]


def test_rows_behind_a_start_that_cannot_go_in_say_so(book: Book, tmp_path: Path) -> None:
    rows = _contracts(
        ("S9", "K1", "start", "2026-02-01", "GOLD", None, None), ("S9", "K1", "stop", "2026-03-01", None, None, None)
    )
    assert [(p[0], p[2]) for p in _refused(book, a_csv(tmp_path / "c.csv", rows))] == [
        ("unknown_plan", 2),
        ("contract_not_started", 3),
    ]


def test_customers_that_pay_for_each_other_in_a_circle(book: Book, tmp_path: Path) -> None:
    rows = [("Klantnummer", "Naam", "Betaler"), ("A", "A", "B"), ("B", "B", "C"), ("C", "C", "A"), ("D", "D", "C")]
    assert [(p[0], p[2]) for p in _refused(book, a_csv(tmp_path / "k.csv", rows))] == [
        ("parent_circle", 2),
        ("parent_circle", 3),
        ("parent_circle", 4),
        ("unknown_customer", 5),
    ]


@pytest.mark.parametrize(
    ("price", "amount", "parameters", "code", "column"),
    [
        (None, "40", None, "value_missing", "Prijscode"),
        ("GONE", "40", None, "unknown_price", "Prijscode"),
        ("BASE", None, None, "value_missing", "Klantprijs"),
        ("BASE", "40", "not json", "not_json", "Parameters"),
        ("BASE", None, '{"flavour": "sweet"}', "unknown_field", "Parameters"),
    ],
)
def test_an_own_price_that_cannot_be(
    book: Book, tmp_path: Path, price: str | None, amount: str | None, parameters: str | None, code: str, column: str
) -> None:
    header = ("Contract", "Datum", "Actie", "Prijscode", "Klantprijs", "Parameters")
    rows = [header, ("S1", "2026-02-01", "klantprijs", price, amount, parameters)]
    assert [(p[0], p[3]) for p in _refused(book, a_csv(tmp_path / "c.csv", rows))] == [(code, column)]


def test_nothing_goes_in_before_the_lock_date(tmp_path: Path) -> None:
    with a_book(tmp_path, lock_date=date(2026, 1, 1)) as book:
        preview = book.query(imports.preview_import, a_company(tmp_path))
        found = {(p.code, p.place.row, p.value) for p in preview.problems}
        assert ("before_lock_date", 2, "2025-11-01") in found


_PLAN = ("SMALL", "Small", 2, "2026-04-01", "BASE", 1)


@pytest.mark.parametrize(
    ("rows", "code", "column"),
    [
        ([(*_PLAN[:4], "GONE", 1)], "unknown_price", "Prijscode"),
        ([(*_PLAN[:5], -1)], "too_small", "Aantal"),
        ([_PLAN, _PLAN], "repeated_key", "Prijscode"),
        ([_PLAN, (*_PLAN[:3], "2026-05-01", "SEAT", 1)], "rows_disagree", "Geldig vanaf"),
    ],
)
def test_a_plan_row_that_cannot_be(
    book: Book, tmp_path: Path, rows: list[tuple[object, ...]], code: str, column: str
) -> None:
    path = a_csv(tmp_path / "plannen.csv", [PLANS[0], *rows])
    assert [(p[0], p[3]) for p in _refused(book, path)] == [(code, column)]


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({1: "GONE"}, "unknown_product", "Productcode"),
        ({2: "magic"}, "not_a_choice", "Prijsmodel"),
        ({6: "GONE"}, "unknown_metric", "Meter"),
        ({5: "verbruik"}, "metric_missing", "metric"),
    ],
)
def test_a_price_row_that_cannot_be(
    book: Book, tmp_path: Path, changes: dict[int, object], code: str, column: str
) -> None:
    row = ["P9", "HOST", "flat", "maand", "vooraf", "vast", None, "EUR", "5", None, None]
    cells = [changes.get(index, cell) for index, cell in enumerate(row)]
    header = PRICES[0] if column != "metric" else [*PRICES[0][:6], "Leeg", *PRICES[0][7:]]
    path = a_csv(tmp_path / "prijzen.csv", [header, cells])
    assert [(p[0], p[3]) for p in _refused(book, path)] == [(code, column)]


def test_wrong_tiers_are_shown_in_the_rows_of_their_currency(book: Book, tmp_path: Path) -> None:
    euro = ("P1", "HOST", "volume", "maand", "achteraf", "verbruik", "API", "EUR", None, None, "0.2")
    pound = ("P1", "HOST", "volume", "maand", "achteraf", "verbruik", "API", "GBP", None, 100, "0.2")
    path = a_csv(tmp_path / "p.csv", [PRICES[0], euro, pound])
    assert [(p[0], p[2], p[3]) for p in _refused(book, path)] == [("last_tier_closed", 3, "Schijf tot")]


def test_two_rows_for_one_currency_of_a_price_without_tiers(book: Book, tmp_path: Path) -> None:
    row = ("P9", "HOST", "flat", "maand", "vooraf", "vast", None, "EUR", "5", None, None)
    assert [(p[0], p[2]) for p in _refused(book, a_csv(tmp_path / "p.csv", [PRICES[0], row, row]))] == [
        ("repeated_key", 3)
    ]


def test_a_company_that_is_not_in_the_book(book: Book, tmp_path: Path) -> None:
    rows = [(*CONTRACTS[0], "Vennootschap"), ("S9", "K1", "start", "2026-02-01", "SMALL", None, None, "ZZZ")]
    assert [(p[0], p[3]) for p in _refused(book, a_csv(tmp_path / "c.csv", rows))] == [
        ("unknown_entity", "Vennootschap")
    ]


def test_the_same_change_twice_counts_once_and_another_on_that_day_contradicts(book: Book, tmp_path: Path) -> None:
    change = ("S1", "K1", "aantal", "2026-02-01", None, 9, None)
    path = a_csv(tmp_path / "c.csv", _contracts(change, change, (*change[:5], 7, None)))
    assert [(p[0], p[2]) for p in _refused(book, path)] == [("rows_disagree", 4)]
    outcome = book.run(imports.apply_import, path, skip_bad_rows=True).value
    assert (outcome.counts.added, outcome.counts.duplicate) == (1, 1)


def test_an_empty_sheet_beside_others_is_passed_over(book: Book, tmp_path: Path) -> None:
    path = a_workbook(tmp_path / "k.xlsx", {"Klanten": [("Klantnummer", "Naam"), ("K9", "Nine")], "Leeg": []})
    assert book.run(imports.apply_import, path).value.counts.added == 1


def test_numbers_that_can_be_read_in_two_ways_are_asked(book: Book, tmp_path: Path) -> None:
    row = ("P9", "HOST", "flat", "maand", "vooraf", "vast", None, "EUR", "1.234", None, None)
    path = a_csv(tmp_path / "p.csv", [PRICES[0], row])
    (part,) = book.query(imports.preview_import, path).parts
    assert [(q.column, q.kind, q.choices) for q in part.questions] == [("Bedrag", "decimal_mark", (".", ","))]


def test_a_book_without_a_company_says_what_to_do_first(tmp_path: Path) -> None:
    with Book.create(tmp_path / "new.billdesk") as book, pytest.raises(RuleBroken) as caught:
        book.query(imports.preview_import, a_csv(tmp_path / "klanten.csv", CUSTOMERS))
    assert sentence(caught.value).next == "Set up the company that invoices first."
