"""Setting up a new book: its first company, that company's account, and the tax rates in force."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from billdesk.domain.entities import Address, BankAccount, Entity, TaxRegistration
from billdesk.services import entities, taxes
from billdesk.services.book import Book
from billdesk.services.result import Result
from billdesk.storage.database import Db


@dataclass(frozen=True, slots=True)
class NewCompany:
    """What the first-run page asks."""

    name: str
    country: str
    currency: str
    language: str = "en"
    vat: str = ""
    iban: str = ""
    bic: str = ""
    address: Address | None = None
    email: str = ""
    phone: str = ""
    website: str = ""
    company_number: str = ""
    payment_terms_days: int = 30
    footer: str = ""
    logo: bytes = b""


def create_book(path: str | Path, company: NewCompany, *, user: str | None = None) -> Book:
    """Make a book with its company; a company that cannot be entered leaves no file behind."""
    book = Book.create(path, user=user)
    try:
        book.run(set_up_company, company)
    except BaseException:
        book.close()
        if book.path is not None:
            book.path.unlink(missing_ok=True)
        raise
    return book


def set_up_company(db: Db, company: NewCompany) -> Result[int]:
    """Make the company that issues invoices, ready to bill, and give its id."""
    made = entities.create_entity(
        db,
        Entity(
            id=0,
            code="MAIN",
            name=company.name,
            currency=company.currency,
            legal_name=company.name,
            address=company.address or Address(country=company.country),
            language=company.language,
            company_number=company.company_number,
            registrations=(TaxRegistration(company.country, company.vat),) if company.vat else (),
            email=company.email,
            phone=company.phone,
            website=company.website,
            payment_terms_days=company.payment_terms_days,
            footer=company.footer,
            logo=company.logo,
        ),
    )
    if company.iban:
        account = BankAccount(
            0, made.value, company.name, company.currency, iban=company.iban, bic=company.bic, is_default=True
        )
        entities.add_bank_account(db, account)
    taxes.seed_tax_rates(db)
    return made
