"""Contracts and their changes: a row for each start, change, pause, resume and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from billdesk.domain.catalog import Alignment
from billdesk.domain.subscriptions import EntryKind, PauseKind
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.i18n import N_
from billdesk.services.imports.columns import CURRENCY_WORDS, NOTES_WORDS
from billdesk.services.imports.contract_rows import ContractWork, check_contracts
from billdesk.services.imports.contract_term_columns import TERM_COLUMNS
from billdesk.services.imports.contract_writing import apply_contracts, plan_contracts, undo_contracts
from billdesk.services.imports.model import Checked, SourceSheet, UndoPlan
from billdesk.services.imports.staging import Staged
from billdesk.sheets import Column, ColumnKind
from billdesk.storage.database import Db
from billdesk.storage.imports import RecordChange

_ACTIONS: Final = {
    "new": "start", "nieuw": "start", "begin": "start", "aanvang": "start", "début": "start", "nouveau": "start",
    "neu": "start", "beginn": "start", "opstart": "start",
    "upgrade": "change_plan", "downgrade": "change_plan", "plan change": "change_plan", "wijziging plan": "change_plan",
    "planwijziging": "change_plan", "wijzig plan": "change_plan", "changement de plan": "change_plan",
    "changement de formule": "change_plan", "tarifwechsel": "change_plan", "planwechsel": "change_plan",
    "quantity": "change_quantity", "quantity change": "change_quantity", "aantal": "change_quantity",
    "wijziging aantal": "change_quantity", "wijzig aantal": "change_quantity", "quantité": "change_quantity",
    "changement de quantité": "change_quantity", "mengenänderung": "change_quantity",
    "own price": "override_price", "klantprijs": "override_price", "eigen prijs": "override_price",
    "prijsafspraak": "override_price", "prix convenu": "override_price", "sonderpreis": "override_price",
    "pauze": "pause", "pauzeren": "pause", "suspension": "pause", "pausieren": "pause",
    "hervatten": "resume", "hervat": "resume", "reprise": "resume", "fortsetzen": "resume", "wiederaufnahme": "resume",
    "renewal": "renew", "verlengen": "renew", "verlenging": "renew", "verlengd": "renew", "renouvellement": "renew",
    "reconduction": "renew", "verlängern": "renew", "verlängerung": "renew",
    "term": "set_term", "new term": "set_term", "looptijd": "set_term", "nieuwe looptijd": "set_term",
    "contractduur": "set_term", "durée": "set_term", "laufzeit": "set_term",
    "end": "cancel", "stop": "cancel", "einde": "cancel", "stopzetting": "cancel", "opzegging": "cancel",
    "annulering": "cancel", "fin": "cancel", "résiliation": "cancel", "kündigung": "cancel", "ende": "cancel",
}  # fmt: skip

CHOICES: Final = tuple(kind.value for kind in EntryKind)

COLUMNS: Final = (
    Column("number", "Contract number", required=True, synonyms={
        "en": "Contract|Subscription|Subscription number|Contract no|Subscription id|Contract id",
        "nl": "Contractnummer|Contract|Contractnr|Abonnement|Abonnementsnummer",
        "fr": "Numéro de contrat|Contrat|N° contrat|Abonnement", "de": "Vertragsnummer|Vertrag|Vertragsnr|Abo-Nummer"}),
    Column("customer", "Customer number", synonyms={
        "en": "Customer|Customer no|Client|Customer id", "nl": "Klantnummer|Klant|Klantnr|Klantcode",
        "fr": "Numéro client|Client|N° client|Code client", "de": "Kundennummer|Kunde|Kundennr"},
        help=N_("Required where a contract starts")),
    Column("action", "Action", ColumnKind.CHOICE, aliases=_ACTIONS,
        choices=CHOICES, synonyms={
        "en": "Change|Event|Kind|What", "nl": "Actie|Wijziging|Soort|Gebeurtenis",
        "fr": "Action|Événement|Modification", "de": "Aktion|Änderung|Vorgang"}, help=N_("Empty means start")),
    Column("date", "Date", ColumnKind.DATE, required=True, synonyms={
        "en": "Start date|Effective date|Start|From|Effective",
        "nl": "Datum|Startdatum|Begindatum|Ingangsdatum|Vanaf|Aanvangsdatum",
        "fr": "Date|Date de début|Date d'effet|Début", "de": "Datum|Startdatum|Beginn|Vertragsbeginn|Wirksam ab"}),
    Column("plan", "Plan code", synonyms={
        "en": "Plan", "nl": "Plancode|Plan|Formule|Formulecode", "fr": "Code plan|Formule|Code formule",
        "de": "Tarifcode|Tarif|Paket"}, help=N_("Required where a contract starts or changes plan")),
    Column("plan_version", "Plan version", ColumnKind.INTEGER, synonyms={
        "nl": "Planversie|Versie", "fr": "Version du plan", "de": "Planversion"},
        help=N_("Empty takes the version in effect on the date")),
    Column("quantity", "Quantity", ColumnKind.DECIMAL, synonyms={
        "en": "Qty|Seats|Users|Licences|Licenses", "nl": "Aantal|Hoeveelheid|Gebruikers|Licenties",
        "fr": "Quantité|Nombre|Utilisateurs|Licences", "de": "Menge|Anzahl|Nutzer|Lizenzen"},
        help=N_("Of the plan's seats, or of the price named in the row")),
    Column("price", "Price code", synonyms={
        "en": "Price", "nl": "Prijscode", "fr": "Code prix", "de": "Preiscode"},
        help=N_("Only where a plan has several prices with a quantity, or for an add-on")),
    Column("amount", "Own price", ColumnKind.DECIMAL, synonyms={
        "en": "Special price|Agreed price|Amount", "nl": "Eigen prijs|Klantprijs|Afwijkende prijs|Prijsafspraak",
        "fr": "Prix convenu|Prix spécial", "de": "Sonderpreis|Eigener Preis"},
        help=N_("For the action override_price, with the price code; until the end date when there is one")),
    Column("parameters", "Own price parameters", synonyms={"en": "Parameters"},
        help=N_("JSON with other fields of the charge model")),
    Column("currency", "Currency", ColumnKind.CURRENCY, synonyms=CURRENCY_WORDS,
        help=N_("Empty takes the customer's")),
    Column("end_date", "End date", ColumnKind.DATE, synonyms={
        "en": "Ends|End|Until|Cancelled on", "nl": "Einddatum|Tot|Einde|Opgezegd op", "fr": "Date de fin|Fin|Jusqu'au",
        "de": "Enddatum|Bis|Vertragsende|Ende"}, help=N_("First day without service, or without the own price")),
    Column("trial_until", "Trial until", ColumnKind.DATE, synonyms={
        "en": "Trial end|Trial ends", "nl": "Proef tot|Proefperiode tot", "fr": "Essai jusqu'au", "de": "Test bis"}),
    Column("credit_unused", "Credit unused days", ColumnKind.BOOLEAN, synonyms={
        "en": "Credit", "nl": "Ongebruikte dagen crediteren|Crediteren", "fr": "Créditer les jours restants",
        "de": "Resttage gutschreiben"}),
    Column("pause_kind", "Pause of", ColumnKind.CHOICE, choices=tuple(PauseKind), synonyms={
        "en": "Pause kind", "nl": "Soort pauze", "fr": "Type de pause", "de": "Art der Pause"}),
    Column("anchor", "Billing anchor", ColumnKind.DATE, synonyms={
        "en": "Anchor|Billing date", "nl": "Ankerdatum|Facturatiedatum", "fr": "Date d'ancrage", "de": "Ankerdatum"},
        help=N_("Day from which periods are counted; empty takes the start")),
    Column("alignment", "Alignment", ColumnKind.CHOICE, choices=tuple(Alignment), aliases={
        "kalender": "calendar", "calendrier": "calendar", "verjaardag": "anniversary", "jahrestag": "anniversary"},
        synonyms={"nl": "Uitlijning", "fr": "Alignement", "de": "Ausrichtung"}),
    Column("alignment_day", "Alignment day", ColumnKind.INTEGER, synonyms={
        "nl": "Facturatiedag", "fr": "Jour de facturation", "de": "Abrechnungstag"}),
    Column("purchase_order", "Purchase order", synonyms={
        "en": "PO|PO number|Reference", "nl": "Bestelbon|Bestelnummer|PO-nummer|Referentie",
        "fr": "Bon de commande|Référence", "de": "Bestellnummer|Referenz"}),
    Column("name", "Contract name", synonyms={
        "en": "Subscription name|Title", "nl": "Contractnaam|Naam contract|Omschrijving",
        "fr": "Nom du contrat|Libellé", "de": "Vertragsname|Bezeichnung"}),
    Column("reason", "Reason", synonyms={"nl": "Reden", "fr": "Raison|Motif", "de": "Grund"}),
    Column("notes", "Notes", synonyms=NOTES_WORDS),
    Column("entity", "Company code", synonyms={
        "en": "Entity", "nl": "Entiteit|Vennootschap", "fr": "Entité", "de": "Gesellschaft|Mandant"}),
    *TERM_COLUMNS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SubscriptionsKind:
    """The plugin."""

    key: str = "subscriptions"
    label: str = N_("Contracts")
    order: int = 50
    changes: Changes = frozenset({Noun.SUBSCRIPTIONS, Noun.CUSTOMERS})
    columns: tuple[Column, ...] = COLUMNS
    sheet_names: tuple[str, ...] = (
        "contracts", "subscriptions", "contracten", "abonnementen", "contrats", "abonnements", "verträge", "abos",
    )  # fmt: skip
    records: tuple[str, ...] = ("subscription", "subscription_entry", "subscription_revocation")

    def check(self, staged: Staged, source: SourceSheet) -> Checked[ContractWork]:
        """Lay the rows of each contract beside its timeline in the book."""
        return check_contracts(staged, source)

    def apply(self, staged: Staged, checked: Checked[ContractWork]) -> list[RecordChange]:
        """Write contracts and entries, and derive what lists show of them."""
        return apply_contracts(staged, checked.work)

    def plan_undo(self, db: Db, changes: Sequence[RecordChange], plan: UndoPlan) -> None:
        """Let new contracts go that nothing was billed or measured for; take entries back on the others."""
        plan_contracts(db, changes, plan)

    def undo(self, db: Db, plan: UndoPlan) -> None:
        """Delete new contracts and revoke new entries of others."""
        undo_contracts(db, plan)


PLUGIN = SubscriptionsKind()
