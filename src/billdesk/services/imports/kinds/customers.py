"""Customers, one per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from billdesk.domain.customers import (
    CreditPolicy,
    Customer,
    CustomerKind,
    DeliveryChannel,
    InvoiceGrouping,
)
from billdesk.domain.entities import NO_ADDRESS, Address
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import N_
from billdesk.services.customers import check_customer, normalised
from billdesk.services.imports.columns import ARCHIVED, CURRENCY_WORDS, NOTES_WORDS
from billdesk.services.imports.contacts import contacts_of, parts
from billdesk.services.imports.model import Checked, SourceRow, SourceSheet, UndoPlan
from billdesk.services.imports.snapshots import from_json, to_json
from billdesk.services.imports.staging import Staged
from billdesk.services.imports.triage import Work, fill, triage
from billdesk.services.imports.undoing import RecordTable, plan_records
from billdesk.sheets import Column, ColumnKind
from billdesk.storage import customers as storage
from billdesk.storage.database import Db
from billdesk.storage.imports import RecordChange

_LANGUAGES: Final = {
    "english": "en", "engels": "en", "anglais": "en", "englisch": "en",
    "dutch": "nl", "nederlands": "nl", "néerlandais": "nl", "niederländisch": "nl", "vlaams": "nl",
    "french": "fr", "frans": "fr", "français": "fr", "französisch": "fr",
    "german": "de", "duits": "de", "allemand": "de", "deutsch": "de",
}  # fmt: skip

COLUMNS: Final = (
    Column("number", "Customer number", required=True, synonyms={
        "en": "Customer|Customer no|Customer id|Customer code|Client number|Account number|No",
        "nl": "Klantnummer|Klantnr|Klant nr|Klantcode|Klant|Nummer|Relatienummer",
        "fr": "Numéro client|N° client|No client|Code client|Client|Numéro de client",
        "de": "Kundennummer|Kunden-Nr|Kundennr|Kunde|Debitorennummer"}),
    Column("name", "Name", required=True, synonyms={
        "en": "Customer name|Company|Company name|Client name",
        "nl": "Naam|Klantnaam|Bedrijf|Bedrijfsnaam|Naam klant",
        "fr": "Nom|Nom du client|Société|Entreprise|Raison commerciale",
        "de": "Kundenname|Firma|Firmenname"}),
    Column("legal_name", "Legal name", synonyms={
        "en": "Registered name", "nl": "Juridische naam|Officiële naam|Maatschappelijke naam",
        "fr": "Raison sociale|Dénomination sociale", "de": "Rechtlicher Name|Firmierung"}),
    Column("kind", "Kind", ColumnKind.CHOICE, choices=("business", "consumer"),
        aliases={"b2b": "business", "company": "business", "bedrijf": "business", "onderneming": "business",
                 "entreprise": "business", "unternehmen": "business", "firma": "business",
                 "b2c": "consumer", "private": "consumer", "particulier": "consumer", "privat": "consumer"},
        synonyms={"en": "Customer type|Type", "nl": "Soort|Type klant|Klanttype", "fr": "Type de client",
                  "de": "Kundenart|Art"}),
    Column("tax_id", "VAT number", synonyms={
        "en": "VAT|VAT id|VAT no|Tax id|Tax number", "nl": "Btw-nummer|BTW nr|BTW|Btw nummer|Btwnr",
        "fr": "Numéro TVA|N° TVA|TVA|No TVA|Numéro de TVA", "de": "USt-IdNr|Umsatzsteuer-ID|UID|USt-ID"}),
    Column("company_number", "Company number", synonyms={
        "en": "Registration number|Company no", "nl": "Ondernemingsnummer|KBO-nummer|KvK-nummer|KBO|KvK",
        "fr": "Numéro d'entreprise|BCE|SIREN|SIRET", "de": "Handelsregisternummer|HRB"}),
    Column("street", "Street", synonyms={
        "en": "Address|Street and number|Address line 1", "nl": "Straat|Adres|Straat en nummer",
        "fr": "Rue|Adresse|Rue et numéro", "de": "Straße|Anschrift|Straße und Hausnummer"}),
    Column("street2", "Address line 2", synonyms={
        "en": "Street 2|Box", "nl": "Adres 2|Bus|Adresregel 2", "fr": "Adresse 2|Boîte|Complément d'adresse",
        "de": "Adresszusatz|Zusatz"}),
    Column("postcode", "Postcode", synonyms={
        "en": "Postal code|ZIP|Zip code", "nl": "Postnummer|Post code", "fr": "Code postal|CP",
        "de": "PLZ|Postleitzahl"}),
    Column("city", "City", synonyms={
        "en": "Town|Place", "nl": "Gemeente|Stad|Plaats|Woonplaats", "fr": "Ville|Commune|Localité",
        "de": "Ort|Stadt"}),
    Column("region", "Region", synonyms={
        "en": "State|Province|County", "nl": "Provincie|Regio", "fr": "Région|Province", "de": "Bundesland|Kanton"}),
    Column("country", "Country", ColumnKind.COUNTRY, synonyms={
        "en": "Country code", "nl": "Land|Landcode", "fr": "Pays|Code pays", "de": "Ländercode"}),
    Column("currency", "Currency", ColumnKind.CURRENCY, synonyms=CURRENCY_WORDS),
    Column("language", "Language", ColumnKind.CHOICE, choices=("en", "nl", "fr", "de"), aliases=_LANGUAGES, synonyms={
        "en": "Language code", "nl": "Taal|Taalcode", "fr": "Langue", "de": "Sprache"}),
    Column("payment_terms_days", "Payment terms (days)", ColumnKind.INTEGER, synonyms={
        "en": "Payment terms|Terms|Payment days|Due days|Net days",
        "nl": "Betalingstermijn|Betaaltermijn|Betalingstermijn (dagen)|Betalingsconditie|Termijn",
        "fr": "Délai de paiement|Conditions de paiement|Délai de paiement (jours)|Échéance",
        "de": "Zahlungsziel|Zahlungsfrist|Zahlungsbedingungen|Zahlungsziel (Tage)"},
        help=N_("Days until an invoice is due; empty takes the company's")),
    Column("contact", "Contact", synonyms={
        "en": "Contact name|Contact person|Attention", "nl": "Contactpersoon|Contact naam|T.a.v.",
        "fr": "Personne de contact|Nom du contact", "de": "Ansprechpartner|Kontakt|Kontaktperson"}),
    Column("email", "E-mail", synonyms={
        "en": "Email|Mail|E-mail address|Invoice e-mail|Billing email", "nl": "E-mailadres|Mailadres|E-mail facturatie",
        "fr": "Courriel|Adresse e-mail|Adresse mail|E-mail facturation", "de": "E-Mail-Adresse|Mailadresse"},
        help=N_("Several addresses are parted by ;")),
    Column("phone", "Phone", synonyms={
        "en": "Telephone|Tel|Mobile", "nl": "Telefoon|Tel.|Gsm", "fr": "Téléphone|Tél", "de": "Telefon|Tel"}),
    Column("iban", "IBAN", synonyms={
        "en": "Bank account|Account", "nl": "Rekening|Rekeningnummer|Bankrekening", "fr": "Compte bancaire|Compte",
        "de": "Bankkonto|Konto|Kontonummer"}, help=N_("Several accounts are parted by ;")),
    Column("parent", "Parent customer", synonyms={
        "en": "Parent|Parent number|Paid by", "nl": "Moederbedrijf|Hoofdklant|Betaler", "fr": "Société mère|Payeur",
        "de": "Muttergesellschaft|Hauptkunde|Zahler"},
        help=N_("Number of the customer who receives and pays the invoices")),
    Column("grouping", "One invoice per", ColumnKind.CHOICE, choices=("customer", "subscription"),
        aliases={"klant": "customer", "client": "customer", "kunde": "customer", "contract": "subscription",
                 "abonnement": "subscription", "contrat": "subscription", "vertrag": "subscription"},
        synonyms={"en": "Grouping|Invoice grouping", "nl": "Eén factuur per|Factuur per", "fr": "Une facture par",
                  "de": "Eine Rechnung pro"}),
    Column("credit_policy", "Credits go to", ColumnKind.CHOICE, choices=("balance", "refund", "offset"),
        synonyms={"en": "Credit policy", "nl": "Tegoed naar|Creditbeleid", "fr": "Avoirs", "de": "Guthaben"}),
    Column("channel", "Send by", ColumnKind.CHOICE, choices=("email", "letter", "none"),
        aliases={"mail": "email", "e-mail": "email", "post": "letter", "brief": "letter", "lettre": "letter",
                 "courrier": "letter", "geen": "none", "aucun": "none", "keine": "none"},
        synonyms={"en": "Delivery|Channel", "nl": "Verzenden via|Verzendwijze", "fr": "Envoi|Mode d'envoi",
                  "de": "Versand|Versandart"}),
    Column("purchase_order", "Purchase order", synonyms={
        "en": "PO|PO number|Reference", "nl": "Bestelbon|Bestelnummer|PO-nummer|Referentie",
        "fr": "Bon de commande|Numéro de commande|Référence", "de": "Bestellnummer|Referenz"}),
    Column("tags", "Tags", synonyms={"en": "Labels|Segment", "nl": "Labels|Groep", "fr": "Étiquettes|Groupe",
        "de": "Schlagwörter|Gruppe"}, help=N_("Several tags are parted by ;")),
    Column("contacts", "All contacts", synonyms={
        "nl": "Alle contactpersonen", "fr": "Tous les contacts", "de": "Alle Ansprechpartner"},
        help=N_("Each as: name | e-mail | phone | role | no invoices, parted by ; – empty leaves them as they are")),
    Column("tax_exempt_reason", "Reason without VAT", synonyms={
        "en": "Exemption reason|VAT exemption", "nl": "Reden zonder btw|Reden btw-vrijstelling",
        "fr": "Motif d'exonération", "de": "Grund der Steuerbefreiung"}),
    Column("delivery_street", "Delivery street", synonyms={
        "en": "Delivery address|Ship to street|Shipping address", "nl": "Leveradres|Leveringsadres|Leverstraat",
        "fr": "Adresse de livraison|Rue de livraison", "de": "Lieferadresse|Lieferstraße|Lieferanschrift"}),
    Column("delivery_street2", "Delivery address line 2", synonyms={
        "nl": "Leveradres 2", "fr": "Adresse de livraison 2", "de": "Lieferadresse Zusatz"}),
    Column("delivery_postcode", "Delivery postcode", synonyms={
        "en": "Delivery ZIP|Shipping postcode", "nl": "Postcode levering|Leverpostcode",
        "fr": "Code postal de livraison", "de": "Liefer-PLZ"}),
    Column("delivery_city", "Delivery city", synonyms={
        "en": "Shipping city", "nl": "Plaats levering|Leverplaats", "fr": "Ville de livraison", "de": "Lieferort"}),
    Column("delivery_region", "Delivery region", synonyms={
        "en": "Delivery state", "nl": "Leverprovincie", "fr": "Région de livraison", "de": "Lieferregion"}),
    Column("delivery_country", "Delivery country", ColumnKind.COUNTRY, synonyms={
        "en": "Shipping country", "nl": "Leverland|Land levering", "fr": "Pays de livraison", "de": "Lieferland"}),
    Column("notes", "Notes", synonyms=NOTES_WORDS),
    ARCHIVED,
)  # fmt: skip

_ADDRESS: Final = dict.fromkeys(("street", "street2", "postcode", "city", "region", "country"), "")
_DELIVERY: Final = {f"delivery_{name}": name for name in _ADDRESS}
_CHOICES: Final = {
    "kind": CustomerKind, "grouping": InvoiceGrouping, "credit_policy": CreditPolicy, "channel": DeliveryChannel
}  # fmt: skip
_DEFAULTS: Final = {
    "kind": CustomerKind.BUSINESS, "grouping": InvoiceGrouping.CUSTOMER,
    "credit_policy": CreditPolicy.BALANCE, "channel": DeliveryChannel.EMAIL,
}  # fmt: skip
_PLAIN: Final = {
    "name": "", "legal_name": "", "tax_id": "", "company_number": "", "purchase_order": "", "notes": "",
    "tax_exempt_reason": "",
    "payment_terms_days": None, "archived": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CustomersKind:
    """The plugin."""

    key: str = "customers"
    label: str = N_("Customers")
    order: int = 10
    changes: Changes = frozenset({Noun.CUSTOMERS})
    columns: tuple[Column, ...] = COLUMNS
    sheet_names: tuple[str, ...] = ("customers", "clients", "klanten", "kunden", "debiteuren", "relaties")
    records: tuple[str, ...] = ("customer",)

    def check(self, staged: Staged, source: SourceSheet) -> Checked[Work[Customer]]:
        """Compare the rows with the customers in the book."""
        numbers = [row.text("number") for row in source.rows]
        staged.look_up_customers([*numbers, *(row.text("parent") for row in source.rows if row.text("parent"))])
        existing = dict(staged.customers)
        for number in numbers:
            if number not in staged.customers:
                staged.customers[number] = _unnamed(staged, number)
        checked = triage(source, "number", existing, lambda row, old: _build(staged, source, row, old))
        made = {record.number: record for _row, record in checked.work.added}
        for number in numbers:
            if number in made:
                staged.customers[number] = made[number]
            elif number not in existing:
                staged.customers.pop(number, None)
        for _row, _old, record in checked.work.changed:
            staged.customers[record.number] = record
        _refuse_circles(staged, source, checked)
        _refuse_lost_parents(staged, source, checked)
        return checked

    def apply(self, staged: Staged, checked: Checked[Work[Customer]]) -> list[RecordChange]:
        """Write new and changed customers; parents may stand below their children in the file."""
        db, work = staged.db, checked.work
        ids = storage.insert_many(db, [replace(record, parent_id=None) for _row, record in work.added])
        for _row, record in work.added:
            staged.stored("customer", record.id, ids[record.number])
        added = [(row, _settled(staged, record)) for row, record in work.added]
        storage.set_parents(db, {record.id: record.parent_id for _row, record in added if record.parent_id})
        changed = [(row, old, _settled(staged, record)) for row, old, record in work.changed]
        storage.update_many(db, [record for _row, _old, record in changed])
        staged.customers |= {record.number: record for _row, record in added}
        log = [RecordChange(row, "customer", record.id, None, to_json(record)) for row, record in added]
        log += [
            RecordChange(row, "customer", old.id, to_json(old), to_json(replace(record, version=old.version + 1)))
            for row, old, record in changed
        ]
        return log

    def plan_undo(self, db: Db, changes: Sequence[RecordChange], plan: UndoPlan) -> None:
        """Let new customers go that nothing points to, and give changed ones their old values."""
        plan_records(db, _TABLE, changes, plan)

    def undo(self, db: Db, plan: UndoPlan) -> None:
        """Write old values back and delete what the import made."""
        old = [from_json(Customer, change.before) for change in plan.restored if change.record == "customer"]
        now = storage.load_many(db, [record.id for record in old])
        storage.update_many(db, [replace(record, version=now[record.id].version) for record in old])
        storage.delete_many(db, sorted(plan.removes("customer")))


_TABLE: Final = RecordTable(
    "customer", ("contact", "customer_iban", "customer_tag", "price_book_member"), storage.load_many
)

PLUGIN = CustomersKind()


def _unnamed(staged: Staged, number: str) -> Customer:
    entity = staged.entity
    return Customer(staged.temporary_id(), number, "", entity.id, entity.currency, language=entity.language)


def _build(staged: Staged, source: SourceSheet, row: SourceRow, old: Customer | None) -> tuple[Customer, list[Problem]]:
    base = old or staged.customers[row.text("number")]
    values: dict[str, Any] = fill(source, row, _PLAIN)
    values |= fill(source, row, {"currency": staged.entity.currency, "language": staged.entity.language})
    for name, enum in _CHOICES.items():
        if source.has(name):
            values[name] = enum(row.get(name)) if row.get(name) else _DEFAULTS[name]
    values["address"] = replace(base.address, **fill(source, row, _ADDRESS))  # type: ignore[arg-type]  # texts
    if source.has("iban"):
        values["ibans"] = parts(row.text("iban"))
    if source.has("tags"):
        values["tags"] = tuple(sorted(parts(row.text("tags"))))
    values["contacts"] = contacts_of(source, row, base.contacts)
    if any(source.has(name) for name in _DELIVERY):
        values["delivery_address"] = _delivery_address(source, row, base)
    problems = _parent(staged, source, row, values)
    record = normalised(replace(base, **values))
    problems += [
        replace(problem, place=source.problem(row.number, problem.place.field, "").place)
        for problem in check_customer(record)
    ]
    return record, problems


def _delivery_address(source: SourceSheet, row: SourceRow, base: Customer) -> Address | None:
    stored = base.delivery_address or NO_ADDRESS
    texts = {name: row.text(column) for column, name in _DELIVERY.items() if source.has(column)}
    address = replace(stored, **texts)
    return None if address == NO_ADDRESS else address


def _parent(staged: Staged, source: SourceSheet, row: SourceRow, values: dict[str, Any]) -> list[Problem]:
    if not source.has("parent"):
        return []
    number = row.text("parent")
    if number and number not in staged.customers:
        return [source.problem(row.number, "parent", "unknown_customer", number)]
    if number == row.text("number"):
        return [source.problem(row.number, "parent", "parent_circle", number)]
    values["parent_id"] = staged.customers[number].id if number else None
    return []


def _refuse_lost_parents(staged: Staged, source: SourceSheet, checked: Checked[Work[Customer]]) -> None:
    """Keep out children whose parent's own row was refused."""
    numbers = {row.number: row for row in source.rows}
    while lost := [
        row
        for row, _record in checked.work.added
        if numbers[row].text("parent") and numbers[row].text("parent") not in staged.customers
    ]:
        for row in lost:
            checked.reject(source.problem(row, "parent", "unknown_customer", numbers[row].text("parent")))
            staged.customers.pop(numbers[row].text("number"), None)
        checked.work.added = [pair for pair in checked.work.added if pair[0] not in lost]


def _refuse_circles(staged: Staged, source: SourceSheet, checked: Checked[Work[Customer]]) -> None:
    """Keep out rows that would make a customer pay, through others, for itself."""
    parents = {record.id: record.parent_id for record in staged.customers.values()}
    work = checked.work
    written = [*work.added, *((row, record) for row, _old, record in work.changed)]
    circular = {row for row, record in written if _pays_for_itself(record.id, parents)}
    for row in (row for row in source.rows if row.number in circular):
        checked.reject(source.problem(row.number, "parent", "parent_circle", row.text("parent")))
        staged.customers.pop(row.text("number"), None)
    work.added = [pair for pair in work.added if pair[0] not in circular]
    work.changed = [change for change in work.changed if change[0] not in circular]


def _pays_for_itself(first: int, parents: Mapping[int, int | None]) -> bool:
    seen: set[int] = set()
    current = parents.get(first)
    while current is not None and current not in seen:
        if current == first:
            return True
        seen.add(current)
        current = parents.get(current)
    return False


def _settled(staged: Staged, record: Customer) -> Customer:
    parent = record.parent_id
    return replace(
        record,
        id=staged.real_id("customer", record.id),
        parent_id=None if parent is None else staged.real_id("customer", parent),
    )
