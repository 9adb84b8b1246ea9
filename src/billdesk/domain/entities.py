"""The companies that issue documents: addresses, tax registrations, bank accounts, number series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from billdesk.kernel.records import quick


@quick
@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country` is an ISO 3166 code such as BE."""

    street: str = ""
    street2: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""


NO_ADDRESS = Address()


class TaxScheme(StrEnum):
    """How an entity stands towards VAT in a country."""

    STANDARD = "standard"
    SMALL_BUSINESS = "small_business"
    OSS = "oss"  # the rates of consumers' countries from the first sale on
    OSS_ABOVE = "oss_above"  # these rates once the threshold of distance sales is passed


@dataclass(frozen=True, slots=True)
class TaxRegistration:
    """A tax number of an entity in a country, valid `[since, until)`; None is open."""

    country: str
    tax_id: str
    scheme: TaxScheme = TaxScheme.STANDARD
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account of an entity; `number` is used where there is no IBAN."""

    id: int
    entity_id: int
    name: str
    currency: str
    iban: str = ""
    number: str = ""
    bic: str = ""
    is_default: bool = False


class TaxRounding(StrEnum):
    """Where tax is rounded (billing rules §7.3)."""

    PER_RATE_GROUP = "per_rate_group"
    PER_LINE = "per_line"


@dataclass(frozen=True, slots=True)
class Entity:
    """A company that issues invoices in this book."""

    id: int
    code: str
    name: str
    currency: str
    legal_name: str = ""
    address: Address = NO_ADDRESS
    language: str = "en"
    time_zone: str = "Europe/Brussels"
    company_number: str = ""
    registrations: tuple[TaxRegistration, ...] = ()
    email: str = ""
    phone: str = ""
    website: str = ""
    payment_terms_days: int = 30
    tax_rounding: TaxRounding = TaxRounding.PER_RATE_GROUP
    cash_rounding_minor: int = 0
    lock_date: date | None = None
    footer: str = ""
    logo: bytes = b""
    version: int = 1

    def registration(self, country: str, day: date) -> TaxRegistration | None:
        """Give the registration that holds in `country` on `day`."""
        for registration in self.registrations:
            started = registration.since is None or registration.since <= day
            ended = registration.until is not None and registration.until <= day
            if registration.country == country and started and not ended:
                return registration
        return None


@dataclass(frozen=True, slots=True)
class NumberSeries:
    """A gap-free series of document numbers for an entity, document kind and year.

    `pattern` holds `{year}` and `{number}` with an optional width, as in `INV-{year}-{number:05}`.
    A company that comes from another program starts at `first_number`.
    """

    entity_id: int
    kind: str
    year: int
    pattern: str
    next_number: int = 1
    first_number: int = 1

    def take(self) -> tuple[str, NumberSeries]:
        """Give the next number as printed, and the series after it."""
        text = self.pattern.format(year=self.year, number=self.next_number)
        return text, replace(self, next_number=self.next_number + 1)
