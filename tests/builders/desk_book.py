"""A small real book for screens: two customers, plans with seats and metered calls, two contracts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from billdesk.services import taxes
from billdesk.services.book import Book
from billdesk.services.imports import apply_import
from billdesk.services.rates import set_rate
from builders.book import a_book
from builders.masters import a_company


def a_desk_book(folder: Path) -> Book:
    """Make the book, on 16 March 2026: S1 of De Linde since November, S2 of Acme since January."""
    book = a_book(folder)
    book.run(taxes.seed_tax_rates)
    book.run(set_rate, "GBP", date(2025, 1, 1), Decimal("0.85"))
    book.run(apply_import, a_company(folder))
    return book


USAGE_HEADER = "contract;meter;tijdstip;aantal;sleutel"


def a_usage_file(folder: Path, *rows: str, name: str = "verbruik.csv") -> Path:
    """Write a usage file with Dutch headers."""
    path = folder / name
    path.write_text("\n".join((USAGE_HEADER, *rows)) + "\n", encoding="utf-8")
    return path


def a_customer_file(folder: Path, *rows: str, name: str = "klanten.csv") -> Path:
    """Write a customer file with Dutch headers."""
    path = folder / name
    header = "Klantnummer;Naam;Land;Munt;Betalingstermijn"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path
