"""Writes the company's spreadsheets: customers, catalogue, contracts, usage, exchange rates."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook

from demo.people import Person

Row = Sequence[object]

CURRENCIES = {"EUR": Decimal(1), "GBP": Decimal("0.86"), "USD": Decimal("1.1"), "JPY": Decimal(165)}

PRODUCTS = (
    ("PLATFORM", "Platform", "Platform", "Plateforme", "Plattform", "over_period"),
    ("SEAT", "User", "Gebruiker", "Utilisateur", "Benutzer", "over_period"),
    ("API", "API calls", "API-oproepen", "Appels API", "API-Aufrufe", "as_used"),
    ("SMS", "Text messages", "Sms-berichten", "SMS", "SMS-Nachrichten", "as_used"),
    ("STORAGE", "Storage", "Opslag", "Stockage", "Speicher", "as_used"),
    ("SUPPORT", "Priority support", "Ondersteuning", "Assistance prioritaire", "Vorrangiger Support", "over_period"),
    ("SETUP", "Onboarding", "Opstart", "Mise en route", "Einrichtung", "at_once"),
)  # fmt: skip

METERS = (
    ("api", "API calls", "oproep", 0, "sum"),
    ("sms", "Text messages", "sms", 0, "sum"),
    ("storage", "Storage", "GB", 3, "max"),
)

# code, product, name, model, per, when, quantity from, meter, amounts
FLAT = (
    ("start-base", "PLATFORM", "Start", "flat", "maand", "vooraf", "vast", "", "29"),
    ("team-base", "PLATFORM", "Team", "flat", "maand", "vooraf", "vast", "", "99"),
    ("team-base-26", "PLATFORM", "Team", "flat", "maand", "vooraf", "vast", "", "109"),
    ("team-seat", "SEAT", "Team", "per_unit", "maand", "vooraf", "contract", "", "12"),
    ("business-base", "PLATFORM", "Business", "flat", "maand", "vooraf", "vast", "", "399"),
    ("business-seat", "SEAT", "Business", "per_unit", "maand", "vooraf", "contract", "", "9.5"),
    ("year-base", "PLATFORM", "Business, per jaar", "flat", "jaar", "vooraf", "vast", "", "3990"),
    ("support", "SUPPORT", "per kwartaal", "flat", "kwartaal", "vooraf", "vast", "", "149"),
    ("setup", "SETUP", "eenmalig", "flat", "eenmalig", "vooraf", "vast", "", "250"),
    ("storage-gb", "STORAGE", "per GB", "per_unit", "maand", "achteraf", "verbruik", "storage", "0.2375"),
    ("payg-api", "API", "zonder abonnement", "per_unit", "maand", "achteraf", "verbruik", "api", "0.0065"),
)
TIERED = (
    ("api-graduated", "API", "in schijven", "graduated", "api",
     (("1000", "0"), ("10000", "0.004"), ("", "0.0025"))),
    ("api-volume", "API", "naar volume", "volume", "api",
     (("50000", "0.0031"), ("200000", "0.0024"), ("", "0.0018"))),
)  # fmt: skip
PACKAGED = (("sms-100", "SMS", "per 100", "package", "sms", "6.5", "100", "50"),)

PRICE_NAMES = {
    "start-base": ("Start", "Start", "Start"),
    "team-base": ("Team", "Team", "Team"),
    "team-base-26": ("Team", "Team", "Team"),
    "team-seat": ("Team", "Team", "Team"),
    "business-base": ("Business", "Business", "Business"),
    "business-seat": ("Business", "Business", "Business"),
    "year-base": ("Business, per year", "Business, par an", "Business, jährlich"),
    "support": ("per quarter", "par trimestre", "pro Quartal"),
    "setup": ("once", "une fois", "einmalig"),
    "storage-gb": ("per GB", "par Go", "pro GB"),
    "payg-api": ("without subscription", "sans abonnement", "ohne Abonnement"),
    "api-graduated": ("graduated", "par tranches", "gestaffelt"),
    "api-volume": ("by volume", "selon le volume", "nach Volumen"),
    "sms-100": ("per 100", "par 100", "pro 100"),
}
"""What documents call a price in English, French and German; the spreadsheet's own name is Dutch."""

# code, name, version, from, prices
PLANS = (
    ("START", "Start", 1, date(2025, 1, 1), ("start-base", "api-graduated")),
    ("TEAM", "Team", 1, date(2025, 1, 1), ("team-base", "team-seat", "api-graduated", "sms-100", "setup")),
    ("TEAM", "Team", 2, date(2026, 7, 1), ("team-base-26", "team-seat", "api-graduated", "sms-100", "setup")),
    ("BUSINESS", "Business", 1, date(2025, 1, 1),
     ("business-base", "business-seat", "api-volume", "sms-100", "storage-gb")),
    ("YEAR", "Business per jaar", 1, date(2025, 1, 1), ("year-base", "api-volume", "storage-gb")),
    ("PAYG", "Naar verbruik", 1, date(2025, 1, 1), ("payg-api", "sms-100")),
    ("SUPPORT", "Ondersteuning", 1, date(2025, 1, 1), ("support",)),
)  # fmt: skip

SEATED = {"TEAM", "BUSINESS"}
METERED = {
    "START": ("api",), "TEAM": ("api", "sms"), "BUSINESS": ("api", "sms", "storage"), "YEAR": ("api", "storage"),
    "PAYG": ("api", "sms"), "SUPPORT": (),
}  # fmt: skip


@dataclass(frozen=True)
class Contract:
    """A row of the contracts sheet: a start, or a change of an earlier contract."""

    number: str
    customer: Person
    action: str
    day: date
    plan: str = ""
    quantity: int | None = None
    reason: str = ""


def write_workbook(path: Path, sheets: dict[str, Iterable[Row]]) -> None:
    """Write a workbook as a bookkeeper would have it, one table per sheet."""
    book = Workbook()
    for index, (name, rows) in enumerate(sheets.items()):
        sheet = book.create_sheet(name, index)
        for row in rows:
            sheet.append(list(row))
        sheet.freeze_panes = "A2"
    # A fixed date keeps the file the same from one generation to the next.
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)  # noqa: DTZ001 - as spreadsheets write it
    del book[book.sheetnames[-1]]  # the empty sheet that a new workbook has
    book.save(path)


def customer_rows(people: Sequence[Person]) -> Iterator[Row]:
    """Give the customers sheet, header first."""
    yield (
        "Klantnummer", "Naam", "Straat", "Postcode", "Gemeente", "Land", "Btw-nummer", "E-mail", "Munt", "Taal",
        "Betalingstermijn", "Rekeningnummer", "Soort",
    )  # fmt: skip
    for p in people:
        kind = "particulier" if p.consumer else "bedrijf"
        yield (
            p.number, p.name, p.street, p.postcode, p.city, p.country, p.vat, p.email, p.currency, p.language, p.terms,
            p.iban, kind,
        )  # fmt: skip


def product_rows() -> Iterator[Row]:
    """Give the products sheet."""
    yield ("Productcode", "Naam", "Name (en)", "Name (nl)", "Name (fr)", "Name (de)", "Omzeterkenning", "Btw-klasse")
    for code, english, dutch, french, german, recognition in PRODUCTS:
        yield (code, dutch, english, dutch, french, german, recognition, "standard")


def meter_rows() -> Iterator[Row]:
    """Give the meters sheet."""
    yield ("Metercode", "Naam", "Eenheid", "Decimalen", "Berekening")
    yield from METERS


def price_rows() -> Iterator[Row]:
    """Give the prices sheet: a row for each currency and tier."""
    yield (
        "Prijscode", "Artikel", "Naam", "Prijsmodel", "Facturatie per", "Vooraf of achteraf", "Aantal uit", "Meter",
        "Munt", "Bedrag", "Schijf tot", "Prijs per eenheid in schijf",
        "Pakketgrootte", "Gratis eenheden", "Name (en)", "Name (fr)", "Name (de)",
    )  # fmt: skip
    for currency in CURRENCIES:
        for code, product, name, model, per, when, source, meter, amount in FLAT:
            price = _in_currency(amount, currency)
            yield (
                code,
                product,
                name,
                model,
                per,
                when,
                source,
                meter,
                currency,
                price,
                None,
                None,
                None,
                None,
                *PRICE_NAMES[code],
            )
        for code, product, name, model, meter, tiers in TIERED:
            for up_to, unit in tiers:
                price = _in_currency(unit, currency)
                limit = int(up_to) if up_to else None
                yield (
                    code, product, name, model, "maand", "achteraf", "verbruik", meter, currency, None, limit, price,
                    None, None, *PRICE_NAMES[code],
                )  # fmt: skip
        for code, product, name, model, meter, amount, size, free in PACKAGED:
            price = _in_currency(amount, currency)
            yield (
                code, product, name, model, "maand", "achteraf", "verbruik", meter, currency, price, None, None,
                int(size), int(free), *PRICE_NAMES[code],
            )  # fmt: skip


def _in_currency(amount: str, currency: str) -> Decimal:
    value = Decimal(amount) * CURRENCIES[currency]
    if currency == "EUR":
        return Decimal(amount)
    if value >= 1:
        return value.quantize(Decimal(1))
    return value.quantize(Decimal("0.0001")).normalize()


def plan_rows() -> Iterator[Row]:
    """Give the plans sheet: a row for each price of a version."""
    yield ("Plancode", "Naam", "Versie", "Geldig vanaf", "Prijscode", "Aantal", "Lopende contracten", "Status")
    for code, name, version, day, prices in PLANS:
        for price in prices:
            yield (code, name, version, day, price, 1, "keep", "actief")


def contracts(dice: random.Random, people: Sequence[Person]) -> list[Contract]:
    """Give eighty contracts and their changes during 2026."""
    rows: list[Contract] = []
    for index, person in enumerate(people):
        rows += _main_contract(dice, f"C-{1001 + index}", person, index)
    for index, person in enumerate(dice.sample(people, 20)):
        day = date(2026, 1 + index % 9, 1 + dice.choice((0, 9, 14)))
        plan = "SUPPORT" if index % 3 else "PAYG"
        rows.append(Contract(f"C-{1101 + index}", person, "start", day, plan))
    return sorted(rows, key=lambda row: (row.day, row.number))


def _main_contract(dice: random.Random, number: str, person: Person, index: int) -> Iterator[Contract]:
    plan = dice.choices(("START", "TEAM", "BUSINESS", "YEAR", "PAYG"), (30, 34, 16, 10, 10))[0]
    start = date(2026, 1, 1)
    if index % 3 == 2:
        start = date(2026, dice.randint(1, 8), dice.choice((1, 5, 12, 15, 20, 28)))
    if index in {7, 31}:
        start = date(2026, 1, 31)
    seats = dice.randint(3, 40) if plan in SEATED else None
    yield Contract(number, person, "start", start, plan, seats)
    if index % 9 == 4 and plan == "START":
        yield Contract(number, person, "wijziging plan", date(2026, 5, 12), "TEAM", 6, "Groeit mee")
    if seats is not None and index % 4 == 1 and start < date(2026, 4, 17):
        yield Contract(number, person, "wijziging aantal", date(2026, 4, 17), quantity=seats + dice.randint(1, 8))
        yield Contract(number, person, "wijziging aantal", date(2026, 9, 9), quantity=seats + dice.randint(-2, 3))
    if index in {11, 38}:
        yield Contract(number, person, "pauze", date(2026, 7, 1), reason="Verbouwing")
        yield Contract(number, person, "hervatten", date(2026, 8, 16))
    if index in {5, 22, 44, 52}:
        yield Contract(number, person, "stopzetting", date(2026, 9, 30), reason="Zaak gestopt")


def contract_rows(rows: Sequence[Contract]) -> Iterator[Row]:
    """Give the contracts sheet."""
    yield ("Contractnummer", "Klantnummer", "Actie", "Datum", "Formule", "Aantal", "Reden")
    for r in rows:
        yield (r.number, r.customer.number, r.action, r.day, r.plan or None, r.quantity, r.reason or None)


@dataclass(frozen=True)
class Event:
    """A metered event; `quantity` is as the meter printed it."""

    contract: str
    meter: str
    at: datetime
    quantity: Decimal
    key: str


def usage(dice: random.Random, rows: Sequence[Contract], first: date, last: date, wanted: int) -> list[Event]:
    """Give about `wanted` events between two days (last one included), in order of time."""
    spans = list(_spans(rows, first, last))
    weights = [(until - since).days * len(METERED[plan]) for _number, plan, since, until in spans]
    events: list[tuple[datetime, str, str, Decimal]] = []
    for (number, plan, since, until), weight in zip(spans, weights, strict=True):
        busy = dice.choice((1, 1, 2, 4, 9))
        for _index in range(max(1, round(wanted * weight / sum(weights)))):
            day = since + timedelta(days=dice.randrange((until - since).days))
            hour = min(23, max(0, round(dice.gauss(13, 4))))
            at = datetime(day.year, day.month, day.day, hour, dice.randrange(60), dice.randrange(60))  # noqa: DTZ001 - local, as meters print it
            meter = dice.choice(METERED[plan])
            events.append((at, number, meter, _quantity(dice, meter, busy)))
    events.sort(key=lambda event: (event[0], event[1]))
    return [
        Event(number, meter, at, quantity, f"{at:%y%m}-{index:06}")
        for index, (at, number, meter, quantity) in enumerate(events, start=1)
    ]


def _quantity(dice: random.Random, meter: str, busy: int) -> Decimal:
    if meter == "storage":
        # Some readings end in a zero that the meter does not print; it shows that the comma is a decimal mark.
        return Decimal(dice.randint(20_000, 80_000) * busy).scaleb(-3).normalize()
    return Decimal(dice.randint(1, 3) if meter == "sms" else dice.randint(1, 60 * busy))


def _spans(rows: Sequence[Contract], first: date, last: date) -> Iterator[tuple[str, str, date, date]]:
    """Give contract, plan, and the days in which it is measured."""
    for start in (row for row in rows if row.action == "start"):
        plan, since, until = start.plan, max(first, start.day), last + timedelta(days=1)
        for change in (row for row in rows if row.number == start.number and row.action != "start"):
            if change.plan:
                plan = change.plan
            if change.action == "hervatten":
                since = max(since, change.day)
            if change.action == "stopzetting":
                until = min(until, change.day)
        if METERED[plan] and since < until:
            yield start.number, plan, since, until


USAGE_HEADER = ("Contract", "Meter", "Tijdstip", "Aantal", "Sleutel")


def write_usage_csv(path: Path, events: Sequence[Event]) -> None:
    """Write a meter file the Belgian way: semicolons, decimal commas, day first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(USAGE_HEADER)
        for e in events:
            quantity = f"{e.quantity:f}".replace(".", ",")
            writer.writerow((e.contract, e.meter, f"{e.at:%d/%m/%Y %H:%M:%S}", quantity, e.key))


def usage_rows(events: Sequence[Event]) -> Iterator[Row]:
    """Give the meter sheet of a workbook."""
    yield USAGE_HEADER
    for e in events:
        yield (e.contract, e.meter, e.at, e.quantity, e.key)


def write_rates(path: Path, dice: random.Random, first: date, last: date) -> None:
    """Write exchange rates in the layout of the ECB's historical file, newest first; the numbers are made up."""
    days: list[Row] = []
    level = {"USD": 1.1000, "JPY": 165.00, "GBP": 0.8600}
    day = first
    while day <= last:
        if day.weekday() < 5:
            level = {currency: rate * (1 + dice.uniform(-0.004, 0.004)) for currency, rate in level.items()}
            days.append((day.isoformat(), f"{level['USD']:.4f}", f"{level['JPY']:.2f}", f"{level['GBP']:.5f}"))
        day += timedelta(days=1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("Date", "USD", "JPY", "GBP"))
        writer.writerows(reversed(days))
