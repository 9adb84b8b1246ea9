from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from billdesk.domain.customers import Contact, Customer
from billdesk.domain.entities import Address
from billdesk.domain.subscriptions import EntryKind
from billdesk.domain.usage import BatchState
from billdesk.kernel.errors import RuleBroken, UndoBlocked
from billdesk.kernel.messages import sentence
from billdesk.kernel.progress import Progress
from billdesk.services import billing, catalog, customers, imports, subscriptions
from billdesk.services.billing import Scope
from billdesk.services.book import Book
from billdesk.services.imports import Counts, ImportRequest, Outcome
from billdesk.services.taxes import seed_tax_rates
from builders.book import a_book
from builders.masters import CONTRACTS, CUSTOMERS, PLANS, PRICES, a_company, a_filled_book
from builders.sheets import Rows, a_csv, a_workbook


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_book(tmp_path) as opened:
        yield opened


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Book]:
    with a_filled_book(tmp_path) as opened:
        yield opened


def _contract(book: Book, number: str) -> subscriptions.SubscriptionRow:
    return next(row for row in book.query(subscriptions.list_subscriptions) if row.number == number)


def test_a_workbook_of_a_dutch_bookkeeper_goes_in_whole(book: Book, tmp_path: Path) -> None:
    preview = book.query(imports.preview_import, a_company(tmp_path))
    assert [(part.sheet, part.kind, part.counts.added) for part in preview.parts] == [
        ("Klanten", "customers", 2),
        ("Producten", "products", 1),
        ("Meters", "metrics", 1),
        ("Prijzen", "prices", 7),
        ("Formules", "plans", 4),
        ("Contracten", "subscriptions", 3),
    ]
    assert (preview.is_ready, preview.problems) == (True, ())
    assert book.query(customers.count_customers) == 0


def test_what_went_in_is_what_the_sheets_say(filled: Book) -> None:
    customer = filled.query(customers.find_customers, "linde")[0]
    record = filled.query(customers.load_customer, customer.id)
    assert (record.tax_id, record.address.country, record.language) == ("BE0203430576", "BE", "nl")
    assert record.invoice_emails == ("els@linde.example", "boek@linde.example")
    sold = filled.query(catalog.load_catalog)
    calls = next(price for price in sold.prices.values() if price.code == "CALLS")
    terms = calls.terms_in("EUR")
    assert terms is not None
    assert terms.parameters == {"tiers": [{"up_to": "1000", "unit_price": "0.01"}, {"unit_price": "0.005"}]}
    contract = _contract(filled, "S1")
    assert (contract.plan_code, contract.mrr_minor) == ("BASIC", 5000 + 8 * 990)
    assert _contract(filled, "S2").ended == date(2026, 12, 31)


def test_the_same_file_again_changes_nothing(filled: Book, tmp_path: Path) -> None:
    path = tmp_path / "boekhouding.xlsx"
    preview = filled.query(imports.preview_import, path)
    assert preview.already is not None
    assert preview.counts == Counts(read=18, unchanged=18)
    assert filled.run(imports.apply_import, path).value.batch_id is None
    assert len(filled.query(imports.list_batches)) == 1


def test_any_export_can_be_imported_again(filled: Book, tmp_path: Path) -> None:
    path = tmp_path / "uit.xlsx"
    path.write_bytes(filled.query(imports.export_workbook))
    preview = filled.query(imports.preview_import, path)
    with_rows = [kind.key for kind in imports.import_kinds() if kind.key not in {"price_books", "index_figures"}]
    assert [part.kind for part in preview.parts] == with_rows
    assert (preview.counts.unchanged, preview.counts.read, preview.problems) == (19, 19, ())


def test_an_export_makes_the_same_book_elsewhere(filled: Book, tmp_path: Path) -> None:
    path = tmp_path / "uit.xlsx"
    path.write_bytes(filled.query(imports.export_workbook))
    (tmp_path / "other").mkdir()
    with a_book(tmp_path / "other") as other:
        other.run(imports.apply_import, path)
        for key in ("customers", "products", "metrics", "prices", "plans", "subscriptions"):
            assert other.query(imports.export_table, key).rows == filled.query(imports.export_table, key).rows


def _with_people(book: Book) -> Customer:
    """Give a customer whose people and places the usual columns cannot say."""
    people = (
        Contact("Els Peeters", "els@linde.example", "+32 16 1", "accounts", receives_invoices=False),
        Contact("Jan Maes", "jan@linde.example", role="purchasing"),
        Contact("", "facturen@linde.example"),
    )
    place = Address("Kaai 7", "", "2000", "Antwerpen", "", "BE")
    record = replace(
        book.query(customers.load_customer, 1), contacts=people, delivery_address=place, tax_exempt_reason="Art. 44"
    )
    return book.run(customers.update_customer, record).value


def test_all_contacts_and_the_delivery_address_go_out_and_come_in(filled: Book, tmp_path: Path) -> None:
    record = _with_people(filled)
    path = tmp_path / "klanten.xlsx"
    path.write_bytes(filled.query(imports.export_workbook, ("customers",)))
    again = filled.run(imports.apply_import, path).value
    assert (again.counts.changed, again.counts.added) == (0, 0)
    (tmp_path / "other").mkdir()
    with a_book(tmp_path / "other") as other:
        other.run(imports.apply_import, path)
        found = other.query(customers.load_customer, 1)
    assert (found.contacts, found.delivery_address) == (record.contacts, record.delivery_address)
    assert found.tax_exempt_reason == "Art. 44"


def test_a_change_in_the_cell_of_all_contacts_is_not_undone_by_the_plain_columns(filled: Book, tmp_path: Path) -> None:
    record = _with_people(filled)
    everybody = "Els Peeters | els@linde.example | +32 16 1 | accounts | geen facturen; Jan Maes | maes@linde.example"
    rows = [
        ("Customer number", "Name", "Contact", "E-mail", "All contacts", "Delivery street", "Delivery city"),
        ("K1", record.name, "Els Peeters", "jan@linde.example; facturen@linde.example", f'"{everybody}"', "", ""),
    ]
    filled.run(imports.apply_import, a_csv(tmp_path / "klanten.csv", rows, delimiter=","))
    found = filled.query(customers.load_customer, 1)
    assert [contact.email for contact in found.contacts] == ["els@linde.example", "maes@linde.example"]
    assert not found.contacts[0].receives_invoices
    assert found.delivery_address == Address("", "", "2000", "", "", "BE")


def test_changed_rows_update_and_columns_that_are_missing_stay(filled: Book, tmp_path: Path) -> None:
    path = a_csv(tmp_path / "klanten.csv", [("Klantnummer", "Naam"), ("K1", "De Nieuwe Linde NV"), ("K2", "Acme Ltd")])
    outcome = filled.run(imports.apply_import, path).value
    assert outcome.counts == Counts(read=2, changed=1, unchanged=1)
    record = filled.query(customers.find_customers, "nieuwe linde")[0]
    assert (record.tax_id, record.city) == ("BE0203430576", "Leuven")


def test_undo_takes_a_whole_batch_back_and_it_can_go_in_again(filled: Book, tmp_path: Path) -> None:
    before = filled.query(imports.preview_undo, 1)
    assert (before.removed, before.blocked) == (13, ())
    undone = filled.run(imports.undo_import, 1).value
    assert undone.batch.state is BatchState.UNDONE
    assert filled.query(customers.count_customers) == 0
    assert filled.query(catalog.count_plans) == 0
    assert filled.run(imports.apply_import, tmp_path / "boekhouding.xlsx").value.counts.added == 18
    with pytest.raises(RuleBroken, match="import_undone"):
        filled.run(imports.undo_import, 1)


def test_undo_of_a_change_gives_the_old_values_back(filled: Book, tmp_path: Path) -> None:
    before = filled.query(customers.load_customer, 1)
    path = a_csv(tmp_path / "klanten.csv", [("Klantnummer", "Naam", "E-mail"), ("K1", "X", "x@x.example")])
    filled.run(imports.apply_import, path)
    (change,) = filled.query(imports.list_batch_changes, 2)
    assert (change.row, change.record, change.key) == (2, "customer", "K1")
    assert ("name", "De Linde NV", "X") in change.fields
    filled.run(imports.undo_import, 2)
    after = filled.query(customers.load_customer, 1)
    assert replace(after, version=before.version) == before


def test_undo_keeps_what_others_use_or_changed(filled: Book, tmp_path: Path) -> None:
    path = a_csv(tmp_path / "klanten.csv", [("Klantnummer", "Naam"), ("K3", "New"), ("K1", "X")])
    filled.run(imports.apply_import, path)
    filled.run(customers.update_customer, replace(filled.query(customers.load_customer, 1), name="Y"))
    more = [CONTRACTS[0], ("S9", "K3", "start", "2026-02-01", "SMALL", None, None)]
    filled.run(imports.apply_import, a_csv(tmp_path / "contracten.csv", more))
    with pytest.raises(UndoBlocked) as caught:
        filled.run(imports.undo_import, 2)
    found = [(p.code, p.value, p.place.file, p.place.row) for p in caught.value.problems]
    assert found == [("used_by_contract", "K3", "klanten.csv", 2), ("changed_since", "K1", "klanten.csv", 3)]
    filled.run(imports.undo_import, 2, leave_blocked=True)
    assert filled.query(customers.count_customers) == 3


def test_a_blocked_undo_names_what_uses_the_record_and_the_way_out(filled: Book, tmp_path: Path) -> None:
    filled.run(imports.apply_import, a_csv(tmp_path / "klanten.csv", [("Klantnummer", "Naam"), ("K3", "New")]))
    more = [CONTRACTS[0], ("S9", "K3", "start", "2026-02-01", "SMALL", None, None)]
    filled.run(imports.apply_import, a_csv(tmp_path / "contracten.csv", more))
    with pytest.raises(UndoBlocked) as caught:
        filled.run(imports.undo_import, 2)
    message = sentence(caught.value)
    assert message.what == ("1 record of this import cannot be taken back. K3 is used by contract S9, so it stays.")
    assert message.next == (
        "Undo the import that brought the contract first. Or undo the rest of the import and leave what is in use."
    )


def test_undo_leaves_contracts_that_were_billed_and_all_that_they_stand_on(filled: Book) -> None:
    filled.run(seed_tax_rates)
    only_euro = Scope(customer_ids=frozenset({1}))
    run = filled.run(billing.run_billing, date(2026, 3, 1), only_euro, progress=Progress()).value
    blocked = filled.query(imports.preview_undo, 1).blocked
    names = {(problem.code, problem.value) for problem in blocked}
    assert {("used_by_draft", "S1"), ("used_by_contract", "K1"), ("used_by_contract", "BASIC")} <= names
    assert {("used_by_price", "HOST"), ("used_by_price", "API"), ("used_by_plan", "CALLS")} <= names
    assert {("used_by_plan", "BASE"), ("used_by_plan", "SEAT")} <= names
    assert "K2" not in {key for _code, key in names}
    assert run.run_id is not None
    filled.run(billing.undo_run, run.run_id)
    assert filled.query(imports.preview_undo, 1).blocked == ()


def test_entries_of_a_contract_that_stays_are_taken_back_not_deleted(filled: Book, tmp_path: Path) -> None:
    more = [CONTRACTS[0], ("S1", None, "upgrade", "2026-02-01", "SMALL", None, None)]
    filled.run(imports.apply_import, a_csv(tmp_path / "wijziging.csv", more))
    assert _contract(filled, "S1").plan_code == "SMALL"
    filled.run(imports.undo_import, 2)
    assert _contract(filled, "S1").plan_code == "BASIC"
    entries = filled.query(subscriptions.load_subscription, _contract(filled, "S1").id).entries
    assert [(entry.kind, entry.revoked) for entry in entries] == [
        (EntryKind.START, False),
        (EntryKind.CHANGE_QUANTITY, False),
        (EntryKind.CHANGE_PLAN, True),
    ]


def test_a_corrected_entry_takes_the_place_of_the_old_one(filled: Book, tmp_path: Path) -> None:
    more = [CONTRACTS[0], ("S1", "K1", "aantal", "2026-01-10", None, 9, None)]
    outcome = filled.run(imports.apply_import, a_csv(tmp_path / "juist.csv", more)).value
    assert outcome.counts == Counts(read=1, changed=1)
    assert _contract(filled, "S1").mrr_minor == 5000 + 9 * 990
    filled.run(imports.undo_import, 2)
    assert _contract(filled, "S1").mrr_minor == 5000 + 8 * 990


def test_a_start_on_another_day_moves_the_start(filled: Book, tmp_path: Path) -> None:
    rows = [CONTRACTS[0], ("S2", "K2", "start", date(2026, 2, 15), "BASIC", 1, None)]
    outcome = filled.run(imports.apply_import, a_csv(tmp_path / "c.csv", rows)).value
    assert (outcome.counts, _contract(filled, "S2").started) == (Counts(read=1, changed=1), date(2026, 2, 15))
    filled.run(imports.undo_import, 2)
    assert _contract(filled, "S2").started == date(2026, 1, 31)


def test_trial_days_of_the_plan_count_from_an_imported_start(filled: Book, tmp_path: Path) -> None:
    plans = [(*PLANS[0], "Proefdagen"), ("TRY", "Try", 1, "2026-01-01", "SEAT", 1, 30)]
    filled.run(imports.apply_import, a_csv(tmp_path / "plannen.csv", plans))
    rows = [CONTRACTS[0], ("S6", "K1", "start", "2026-03-01", "TRY", 2, None)]
    filled.run(imports.apply_import, a_csv(tmp_path / "c.csv", rows))
    (entry,) = filled.query(subscriptions.load_subscription, _contract(filled, "S6").id).entries
    assert (entry.trial_until, _contract(filled, "S6").mrr_minor) == (date(2026, 3, 31), 0)


def test_quantities_that_differ_by_price_are_exported_row_by_row(filled: Book, tmp_path: Path) -> None:
    header = ("Contract", "Klant", "Datum", "Plan", "Aantal", "Prijscode")
    rows = [header, ("S5", "K1", "2026-02-01", "BASIC", 4, "SEAT"), ("S5", "K1", "2026-02-01", "BASIC", 2, "BASE")]
    filled.run(imports.apply_import, a_csv(tmp_path / "c.csv", rows))
    (tmp_path / "uit.xlsx").write_bytes(filled.query(imports.export_workbook, ["subscriptions"]))
    assert filled.query(imports.preview_import, tmp_path / "uit.xlsx").counts == Counts(read=6, unchanged=6)


def test_a_saved_mapping_remembers_how_dates_are_written(filled: Book, tmp_path: Path) -> None:
    rows = [CONTRACTS[0], ("S7", "K1", "start", "03/02/2026", "SMALL", None, None)]
    path = a_csv(tmp_path / "c.csv", rows)
    first = ImportRequest(answers={("", "Startdatum", "date_order"): "mdy"}, save_as="American")
    filled.run(imports.apply_import, path, first)
    assert _contract(filled, "S7").started == date(2026, 3, 2)
    (part,) = filled.query(imports.preview_import, path).parts
    assert (part.questions, part.counts) == ((), Counts(read=1, unchanged=1))
    (saved,) = filled.query(imports.list_profiles)
    filled.run(imports.delete_profile, saved.id)
    assert filled.query(imports.preview_import, path).parts[0].questions


def test_a_contract_keeps_customer_and_currency(filled: Book, tmp_path: Path) -> None:
    more = [CONTRACTS[0], ("S1", "K2", "start", "2025-11-01", "BASIC", 5, None)]
    preview = filled.query(imports.preview_import, a_csv(tmp_path / "contracten.csv", more))
    assert [(p.code, p.place.column, p.value) for p in preview.problems] == [("contract_differs", "Klantnummer", "K2")]


def test_a_price_in_a_live_plan_is_not_changed_by_a_file(filled: Book, tmp_path: Path) -> None:
    dearer = [PRICES[0], ("BASE", "HOST", "flat", "maandelijks", "vooraf", "vast", None, "EUR", 60, None, None)]
    preview = filled.query(imports.preview_import, a_workbook(tmp_path / "p.xlsx", {"Prijzen": dearer}))
    assert [(p.code, p.place.row, p.place.column) for p in preview.problems] == [("price_sold", 2, "Bedrag")]


def _changed_catalogue(folder: Path) -> Path:
    price = ("ONCE", "HOST", "package", "eenmalig", "vooraf", "vast", "EUR", 6, 10, "2")
    return a_workbook(
        folder / "catalogus.xlsx",
        {
            "Producten": [("Productcode", "Naam", "Omzeterkenning", "Naam Frans"), ("HOST", "Hosten", "at_once", "H")],
            "Meters": [("Metercode", "Naam", "Telling", "Afronding"), ("API", "Oproepen", "max", "ceil")],
            "Prijzen": [
                ("Prijscode", "Productcode", "Prijsmodel", "Periode", "Moment", "Aantal uit", "Munt", "Bedrag",
                 "Pakketgrootte", "Gratis eenheden"),
                price,
            ],
            "Formules": [
                ("Plancode", "Naam", "Versie", "Geldig vanaf", "Prijscode", "Lopende contracten", "Status"),
                ("SMALL", "Klein", 1, date(2025, 1, 1), "BASE", "from_date", None),
                ("LATER", "Later", 1, date(2027, 1, 1), "ONCE", None, "ontwerp"),
            ],
        },
    )  # fmt: skip


def test_a_catalogue_changes_and_comes_back_as_it_was(filled: Book, tmp_path: Path) -> None:
    before = [filled.query(imports.export_table, key).rows for key in ("products", "metrics", "prices", "plans")]
    outcome = filled.run(imports.apply_import, _changed_catalogue(tmp_path)).value
    assert outcome.counts == Counts(read=5, added=2, changed=3)
    sold = filled.query(catalog.load_catalog)
    once = next(price for price in sold.prices.values() if price.code == "ONCE")
    assert (once.interval, once.terms[0].parameters) == (None, {"price": "6", "size": "10", "free": "2"})
    assert sold.products[1].names == {"fr": "H"}
    assert filled.query(imports.preview_import, tmp_path / "catalogus.xlsx").counts.unchanged == 5
    filled.run(imports.undo_import, 2)
    after = [filled.query(imports.export_table, key).rows for key in ("products", "metrics", "prices", "plans")]
    assert after == before


def test_a_draft_and_an_unsold_price_may_be_changed_by_a_file(filled: Book, tmp_path: Path) -> None:
    filled.run(imports.apply_import, _changed_catalogue(tmp_path))
    other: dict[str, Rows] = {
        "Prijzen": [
            ("Prijscode", "Productcode", "Prijsmodel", "Periode", "Munt", "Bedrag", "Pakketgrootte"),
            ("ONCE", "HOST", "package", "eenmalig", "EUR", 7, 10),
        ],
        "Formules": [
            ("Plancode", "Naam", "Versie", "Geldig vanaf", "Prijscode"),
            ("LATER", "Later", 1, date(2027, 1, 1), "ONCE"),
            ("LATER", "Later", 1, date(2027, 1, 1), "SEAT"),
        ],
    }
    path = a_workbook(tmp_path / "ander.xlsx", other)
    assert filled.run(imports.apply_import, path).value.counts == Counts(read=3, changed=3)
    filled.run(imports.undo_import, 3)
    later = next(v for v in filled.query(catalog.load_catalog).plan_versions.values() if v.effective.year == 2027)
    assert len(later.items) == 1


def test_own_fields_of_a_contract_follow_the_file(filled: Book, tmp_path: Path) -> None:
    header = (*CONTRACTS[0], "Bestelbon")
    rows = [header, ("S1", "K1", "start", "2025-11-01", "BASIC", 5, None, "PO 7")]
    outcome = filled.run(imports.apply_import, a_csv(tmp_path / "c.csv", rows)).value
    assert outcome.counts == Counts(read=1, changed=1)
    number = _contract(filled, "S1").id
    assert filled.query(subscriptions.load_subscription, number).purchase_order == "PO 7"
    filled.run(imports.undo_import, 2)
    assert filled.query(subscriptions.load_subscription, number).purchase_order == ""


def test_a_new_version_of_a_plan_retires_the_one_before(filled: Book, tmp_path: Path) -> None:
    second = [PLANS[0], ("SMALL", "Small", 2, "2026-03-16", "SEAT", 1)]
    filled.run(imports.apply_import, a_csv(tmp_path / "plannen.csv", second))
    sold = filled.query(catalog.load_catalog)
    small = [v.state.value for v in sold.plan_versions.values() if sold.plans[v.plan_id].code == "SMALL"]
    assert small == ["retired", "live"]
    filled.run(imports.undo_import, 2)
    sold = filled.query(catalog.load_catalog)
    assert [v.state.value for v in sold.plan_versions.values() if sold.plans[v.plan_id].code == "SMALL"] == ["live"]


def test_a_new_version_of_a_sold_plan_that_starts_in_the_past_is_refused(filled: Book, tmp_path: Path) -> None:
    late = [PLANS[0], ("SMALL", "Small", 2, "2026-03-15", "SEAT", 1)]
    preview = filled.query(imports.preview_import, a_csv(tmp_path / "plannen.csv", late))
    assert [(p.code, p.place.column, p.value) for p in preview.problems] == [
        ("version_in_past", "Geldig vanaf", "2026-03-15")
    ]


def test_a_live_version_that_differs_asks_for_the_next_number(filled: Book, tmp_path: Path) -> None:
    other = [PLANS[0], ("SMALL", "Small", 1, "2025-01-01", "SEAT", 1)]
    preview = filled.query(imports.preview_import, a_csv(tmp_path / "plannen.csv", other))
    assert [(p.code, p.value) for p in preview.problems] == [("version_live", "1")]


def test_contracts_may_name_quantities_of_several_prices(filled: Book, tmp_path: Path) -> None:
    header = ("Contract", "Klant", "Datum", "Plan", "Aantal", "Prijscode")
    rows = [header, ("S5", "K1", "2026-02-01", "BASIC", 4, "SEAT"), ("S5", "K1", "2026-02-01", "BASIC", 2, "BASE")]
    assert filled.run(imports.apply_import, a_csv(tmp_path / "c.csv", rows)).value.counts.added == 2
    (entry,) = filled.query(subscriptions.load_subscription, _contract(filled, "S5").id).entries
    assert sorted(entry.quantities.values()) == [Decimal(2), Decimal(4)]
    assert filled.query(imports.preview_import, tmp_path / "c.csv").counts == Counts(read=2, unchanged=2)


def test_own_prices_pauses_and_anchors_come_back_as_they_went_out(filled: Book, tmp_path: Path) -> None:
    header = ("Contract", "Datum", "Actie", "Prijscode", "Klantprijs", "Einddatum", "Soort pauze", "Ankerdatum")
    rows = [
        header,
        ("S1", "2026-02-01", "klantprijs", "BASE", "40", "2026-08-01", None, None),
        ("S1", "2026-04-01", "pauze", None, None, None, "billing_skip", None),
        ("S1", "2026-05-01", "hervat", None, None, None, None, None),
        ("S1", "2026-06-01", "reset_anchor", None, None, None, None, "2026-06-15"),
    ]
    assert filled.run(imports.apply_import, a_csv(tmp_path / "c.csv", rows)).value.counts.added == 4
    assert _contract(filled, "S1").mrr_minor == 4000 + 8 * 990
    (tmp_path / "uit.xlsx").write_bytes(filled.query(imports.export_workbook, ["subscriptions"]))
    assert filled.query(imports.preview_import, tmp_path / "uit.xlsx").counts == Counts(read=8, unchanged=8)


def test_parents_may_stand_below_their_children(book: Book, tmp_path: Path) -> None:
    rows = [("Klantnummer", "Naam", "Moederbedrijf"), ("K1", "Child", "K2"), ("K2", "Parent", None)]
    book.run(imports.apply_import, a_csv(tmp_path / "klanten.csv", rows))
    children = book.query(customers.load_customer_card, 2).children
    assert [row.number for row in children] == ["K1"]


def test_a_mapping_is_saved_and_recognised_by_its_headers(book: Book, tmp_path: Path) -> None:
    rows = [("Ref", "Wie", "Waar"), ("K1", "Linde", "Leuven")]
    path = a_csv(tmp_path / "lijst.csv", rows)
    headers = {("", "number"): "Ref", ("", "name"): "Wie", ("", "city"): "Waar"}
    request = ImportRequest(kind="customers", headers=headers, save_as="CRM export")
    book.run(imports.apply_import, path, request)
    assert [saved.profile.name for saved in book.query(imports.list_profiles)] == ["CRM export"]
    part = book.query(imports.preview_import, path).parts[0]
    assert (part.kind, part.counts) == ("customers", Counts(read=1, unchanged=1))


def test_cells_corrected_in_the_grid_replace_those_of_the_file(book: Book, tmp_path: Path) -> None:
    path = a_csv(tmp_path / "klanten.csv", [("Klantnummer", "Naam", "Betalingstermijn"), ("K1", "Linde", "dertig")])
    part = book.query(imports.preview_import, path).parts[0]
    assert part.grid[0].outcome is Outcome.REJECTED
    assert part.grid[0].cells == ("K1", "Linde", "dertig")
    request = ImportRequest(corrections={imports.CellAt(2, "payment_terms_days"): "30"})
    book.run(imports.apply_import, path, request)
    assert book.query(customers.load_customer, 1).payment_terms_days == 30


def test_ambiguous_dates_are_asked_and_never_guessed(filled: Book, tmp_path: Path) -> None:
    rows = [CONTRACTS[0], ("S7", "K1", "start", "03/02/2026", "SMALL", None, None)]
    path = a_csv(tmp_path / "contracten.csv", rows)
    (part,) = filled.query(imports.preview_import, path).parts
    assert [(q.column, q.kind, q.choices) for q in part.questions] == [("Startdatum", "date_order", ("dmy", "mdy"))]
    with pytest.raises(RuleBroken, match="import_questions"):
        filled.run(imports.apply_import, path)
    filled.run(imports.apply_import, path, ImportRequest(answers={("", "Startdatum", "date_order"): "dmy"}))
    assert _contract(filled, "S7").started == date(2026, 2, 3)


def test_refused_rows_come_back_as_a_sheet_that_can_be_corrected(book: Book, tmp_path: Path) -> None:
    rows = [CUSTOMERS[0][:4], ("K1", "Linde", "BE0203430577", "Plein 1"), ("K2", "Acme", None, None)]
    preview = book.query(imports.preview_import, a_csv(tmp_path / "klanten.csv", rows))
    (table,) = imports.problem_tables(preview)
    assert [column.title for column in table.columns][-1] == "What is wrong"
    (row,) = table.rows
    assert row[0] == "K1"
    assert str(row[-1]).startswith("Btw-nummer: The VAT number BE0203430577 is not right")


@pytest.mark.parametrize("kind", imports.import_kinds(), ids=lambda kind: kind.key)
def test_every_kind_has_a_template_that_maps_itself(book: Book, tmp_path: Path, kind: imports.ImportKind) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(imports.import_template(kind.key))
    workbook = load_workbook(path)
    workbook.worksheets[0].append(["x"] * len(kind.columns))
    workbook.save(path)
    part = book.query(imports.preview_import, path).parts[0]
    assert (part.kind, part.missing, part.counts.read) == (kind.key, (), 1)
    assert {item.score for item in part.mapping} == {100}
