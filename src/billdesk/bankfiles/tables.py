"""Which column of a bank's table holds what: found by its title in many languages, or kept as a profile."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.moments import DateOrder, order_evidence


class Role(StrEnum):
    """What a column of a bank's table says about a line."""

    DATE = "date"
    VALUE_DATE = "value_date"
    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"
    SIGN = "sign"
    NET = "net"
    GROSS = "gross"
    FEE = "fee"
    CURRENCY = "currency"
    BALANCE = "balance"
    OWN_ACCOUNT = "own_account"
    COUNTERPARTY = "counterparty"
    ACCOUNT = "account"
    BIC = "bic"
    STRUCTURED = "structured"
    TEXT = "text"  # may be several
    REFERENCE = "reference"
    STATEMENT = "statement"
    STATUS = "status"
    END_TO_END = "end_to_end"
    MANDATE = "mandate"


# Titles in English, Dutch, French, German and Spanish; of two columns that fit, the earlier title wins.
_TITLES: Final[dict[Role, str]] = {
    Role.VALUE_DATE: (
        "valuedate valutadatum rentedatum datevaleur datedevaleur wertstellung wertstellungstag valutadate valuta"
    ),
    Role.DATE: (
        "bookingdate boekingsdatum boekdatum postingdate datecomptabilisation datedecomptabilisation buchungstag"
        " buchungsdatum dateoperation datedoperation datedeloperation transactiondate transactiedatum datetransaction"
        " uitvoeringsdatum dateexecution datedexecution date datum fecha buchung"
    ),
    Role.NET: "net netto neto nettobetrag netamount",
    Role.GROSS: "gross brutto bruto brut bruttobetrag grossamount",
    Role.FEE: "fee fees comision kommission gebuhr gebuhren commission",
    Role.DEBIT: (
        "debit debet debits debitamount soll lastschrift withdrawal withdrawals paidout moneyout"
        " uitgave depense af cargo"
    ),
    Role.CREDIT: (
        "credit credits creditamount haben gutschrift deposit deposits paidin moneyin ontvangst recette bij abono"
    ),
    Role.AMOUNT: (
        "amount bedrag montant betrag importe umsatz transactionamount bedrageur amounteur montanteneur betrageur"
        " bedragineur"
    ),
    Role.SIGN: "creditdebit debitcredit debetcredit afbij dc sens sollhaben cdtdbtind creditdebitindicator sign",
    Role.CURRENCY: "currency munt devies devise wahrung divisa muntcode muntsoort currencycode",
    Role.BALANCE: "balance saldo solde runningbalance saldonamutatie kontostand saldonatransactie",
    Role.ACCOUNT: (
        "rekeningtegenpartij rekeningnummertegenpartij tegenrekening tegenrekeningiban comptecontrepartie"
        " comptedelacontrepartie numerodecomptecontrepartie counterpartyaccount counterpartyiban partneriban"
        " kontonummeriban ibanzahlungsbeteiligter gegenkonto ibantegenpartij bankaccount cuentabancaria iban"
    ),
    Role.OWN_ACCOUNT: (
        "ownaccount rekeningnummer rekening eigenrekening ibanrekening compte numerodecompte konto kontonummer"
        " ibanauftragskonto accountnumber account auftragskonto"
    ),
    Role.COUNTERPARTY: (
        "naamtegenpartij naamtegenpartijbevat nomcontrepartie nomdelacontrepartie nomdelacontrepartiecontient"
        " counterparty counterpartyname partnername payee beneficiary begunstigde beneficiaire zahlungsbeteiligter"
        " namezahlungsbeteiligter"
        " beguenstigterzahlungspflichtiger auftraggeberempfanger empfanger naamomschrijving nombre name naam nom"
    ),
    Role.BIC: "bictegenpartij biccontrepartie bicswift biccode bic swift",
    Role.STRUCTURED: (
        "gestructureerdemededeling communicationstructuree structuredcommunication structuredreference"
        " strukturiertereferenz creditorreference"
    ),
    Role.REFERENCE: (
        "transactionid iddetransaccion bankreference referentiebank referencebanque operationnumber numerodoperation"
        " transactienummer volgnummer sequencenumber referenz reference referentie ref"
    ),
    Role.STATEMENT: (
        "rekeninguittrekselnummer afschriftnummer uittrekselnummer numerodextrait statementnumber auszugsnummer"
    ),
    Role.STATUS: "status statut estado",
    Role.END_TO_END: "endtoendid endtoendreference endtoendreferenz e2eid",
    Role.MANDATE: "mandateid mandaatid mandaatkenmerk mandatsreferenz referencemandat mandatereference",
    Role.TEXT: (
        "vrijemededeling communicationlibre mededelingen mededeling communications communication verwendungszweck"
        " remittanceinformation description omschrijving libelle label memo text details detail message"
        " descripcion subject note transactions buchungstext transactie transaction mededelingeninfo"
    ),
}  # fmt: skip
_SEVERAL: Final = frozenset({Role.TEXT})
_SIGNS: Final = {
    **dict.fromkeys("d dr debit debet dbit af soll s cargo depense -".split(), -1),
    **dict.fromkeys("c cr credit crdt bij haben h abono recette +".split(), 1),
}


@dataclass(frozen=True, slots=True)
class TableProfile:
    """How one bank writes its table: column titles (or letters) by role, and what the file leaves open."""

    name: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    delimiter: str = ""
    date_order: str = ""
    decimal_mark: str = ""
    header_row: int | None = None
    signature: str = ""

    def to_json(self) -> str:
        """Write the profile for storing."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> TableProfile:
        """Read a stored profile."""
        values = json.loads(text)
        return cls(**{**values, "columns": tuple((role, title) for role, title in values["columns"])})


def plain_title(text: str) -> str:
    """Reduce a title to its letters and digits, without accents."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return re.sub(r"[^a-z0-9]+", "", "".join(c for c in folded if not unicodedata.combining(c)))


def sign_of(text: str) -> int | None:
    """Give 1 for a word that means credit, -1 for debit, None for another."""
    return _SIGNS.get(text.strip().casefold())


Columns = dict[Role, list[int]]


def find_columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns:
    """Find the column of each role by its title, and by its content where a title means two things."""
    titles = [plain_title(title) for title in header]
    taken: set[int] = set()
    columns: Columns = {}
    for role, words in _TITLES.items():
        for word in words.split():
            for index, title in enumerate(titles):
                if index in taken or title != word or (role in columns and role not in _SEVERAL):
                    continue
                if _content_fits(role, index, rows):
                    columns.setdefault(role, []).append(index)
                    taken.add(index)
    if Role.SIGN not in columns and not (Role.DEBIT in columns or Role.CREDIT in columns):
        columns.update(_sign_column(rows, taken))
    return columns


def _content_fits(role: Role, index: int, rows: Sequence[Sequence[str]]) -> bool:
    """Ask digits of a date column: `Valuta` is a day in Belgium and a currency elsewhere."""
    values = [row[index].strip() for row in rows[:50] if index < len(row) and row[index].strip()]
    if role in {Role.DATE, Role.VALUE_DATE}:
        return not values or any(any(map(str.isdigit, value)) for value in values)
    return True


def _sign_column(rows: Sequence[Sequence[str]], taken: set[int]) -> Columns:
    width = max(map(len, rows), default=0)
    for index in range(width):
        values = [row[index].strip() for row in rows if index < len(row) and row[index].strip()]
        if index not in taken and values and all(sign_of(value) for value in values):
            return {Role.SIGN: [index]}
    return {}


def profile_columns(profile: TableProfile, header: Sequence[str]) -> Columns | None:
    """Find the columns a profile names, by title or by letter; None when one is not there."""
    titles = {plain_title(title): index for index, title in reversed(list(enumerate(header)))}
    columns: Columns = {}
    for role, title in profile.columns:
        index = titles.get(plain_title(title))
        if index is None and re.fullmatch(r"[A-Z]", title):
            index = ord(title) - ord("A")
        if index is None:
            return None
        columns.setdefault(Role(role), []).append(index)
    return columns


def column_order(values: Sequence[str]) -> tuple[DateOrder | None, bool]:
    """Give the date order that a column proves and whether it stays open; raises CellError for two orders in it."""
    evidence = {order_evidence(value) for value in values if value.strip()}
    if DateOrder.DMY in evidence and DateOrder.MDY in evidence:
        raise CellError("date_order_mixed", order="")
    for order in (DateOrder.DMY, DateOrder.MDY):
        if order in evidence:
            return order, False
    return None, "ambiguous" in evidence
