"""The spreadsheets of a small Belgian company: customers, catalogue and contracts, in Dutch."""

from __future__ import annotations

import atexit
import shutil
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from billdesk.services.book import Book
from billdesk.services.imports import apply_import
from builders.book import NOW, a_book
from builders.sheets import Rows, a_workbook

CUSTOMERS: Rows = (
    ("Klantnummer", "Naam", "Btw-nummer", "Straat", "Postcode", "Gemeente", "Land", "Munt", "Taal",
     "Betalingstermijn", "E-mail"),
    ("K1", "De Linde NV", "BE0203.430.576", "Stationsplein 3", 3000, "Leuven", "België", "EUR", "Nederlands", 30,
     "els@linde.example; boek@linde.example"),
    ("K2", "Acme Ltd", None, "1 High St", "SW1", "London", "United Kingdom", "GBP", "English", None, "a@acme.example"),
)  # fmt: skip
METERS: Rows = (("Metercode", "Naam", "Telling", "Eenheid", "Decimalen"), ("API", "API-oproepen", "som", "oproep", 0))
PRODUCTS: Rows = (("Productcode", "Naam", "Btw"), ("HOST", "Hosting", "standard"))
PRICES: Rows = (
    ("Prijscode", "Productcode", "Prijsmodel", "Periode", "Vooraf of achteraf", "Aantal uit", "Meter", "Munt",
     "Bedrag", "Schijf tot", "Staffelprijs"),
    ("BASE", "HOST", "flat", "maandelijks", "vooraf", "vast", None, "EUR", 50, None, None),
    ("BASE", "HOST", "flat", "maandelijks", "vooraf", "vast", None, "GBP", 45, None, None),
    ("SEAT", "HOST", "per_unit", "maandelijks", "vooraf", "abonnement", None, "EUR", 9.9, None, None),
    ("SEAT", "HOST", "per_unit", "maandelijks", "vooraf", "abonnement", None, "GBP", 8.5, None, None),
    ("CALLS", "HOST", "graduated", "maandelijks", "achteraf", "verbruik", "API", "EUR", None, 1000, 0.01),
    ("CALLS", "HOST", "graduated", "maandelijks", "achteraf", "verbruik", "API", "EUR", None, None, 0.005),
    ("CALLS", "HOST", "graduated", "maandelijks", "achteraf", "verbruik", "API", "GBP", None, None, 0.004),
)  # fmt: skip
PLANS: Rows = (
    ("Plancode", "Naam", "Versie", "Geldig vanaf", "Prijscode", "Aantal"),
    ("BASIC", "Basic", 1, date(2025, 1, 1), "BASE", 1),
    ("BASIC", "Basic", 1, date(2025, 1, 1), "SEAT", 1),
    ("BASIC", "Basic", 1, date(2025, 1, 1), "CALLS", None),
    ("SMALL", "Small", 1, date(2025, 1, 1), "BASE", 1),
)
CONTRACTS: Rows = (
    ("Contractnummer", "Klantnummer", "Actie", "Startdatum", "Plancode", "Aantal", "Einddatum"),
    ("S1", "K1", None, date(2025, 11, 1), "BASIC", 5, None),
    ("S1", "K1", "wijziging aantal", date(2026, 1, 10), None, 8, None),
    ("S2", "K2", "start", date(2026, 1, 31), "BASIC", 1, date(2026, 12, 31)),
)


def a_company(folder: Path) -> Path:
    """Write all of it as one workbook."""
    sheets = {
        "Contracten": CONTRACTS,
        "Klanten": CUSTOMERS,
        "Meters": METERS,
        "Producten": PRODUCTS,
        "Prijzen": PRICES,
        "Formules": PLANS,
    }
    return a_workbook(folder / "boekhouding.xlsx", sheets)


@cache
def _template() -> Path:
    folder = Path(mkdtemp(prefix="masters"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with a_book(folder) as book:
        book.run(apply_import, a_company(folder))
    return folder


def a_filled_book(folder: Path) -> Book:
    """Give a book into which the workbook went (batch 1), with the workbook beside it; the caller closes it."""
    for name in ("test.billdesk", "boekhouding.xlsx"):
        shutil.copyfile(_template() / name, folder / name)
    return Book.open(folder / "test.billdesk", clock=lambda: NOW, user="Ann")
