"""Columns that several kinds of import share."""

from __future__ import annotations

from typing import Final

from billdesk.sheets import Column, ColumnKind

NAME_COLUMNS: Final = (
    Column("name_en", "Name (en)", synonyms={"en": "English name", "nl": "Naam Engels", "fr": "Nom anglais"}),
    Column("name_nl", "Name (nl)", synonyms={"en": "Dutch name", "nl": "Naam Nederlands", "fr": "Nom néerlandais"}),
    Column("name_fr", "Name (fr)", synonyms={"en": "French name", "nl": "Naam Frans", "fr": "Nom français"}),
    Column("name_de", "Name (de)", synonyms={"en": "German name", "nl": "Naam Duits", "fr": "Nom allemand"}),
)
"""What documents print in each language."""

ARCHIVED: Final = Column(
    "archived",
    "Archived",
    ColumnKind.BOOLEAN,
    synonyms={
        "en": "Inactive|Hidden",
        "nl": "Gearchiveerd|Inactief",
        "fr": "Archivé|Inactif",
        "de": "Archiviert|Inaktiv",
    },
)

CURRENCY_WORDS: Final = {
    "en": "Currency code|Ccy",
    "nl": "Munt|Valuta|Muntcode|Munteenheid",
    "fr": "Devise|Monnaie|Code devise",
    "de": "Währung|Währungscode",
}

NOTES_WORDS: Final = {
    "en": "Note|Remarks|Comment|Comments|Memo",
    "nl": "Opmerking|Opmerkingen|Notities|Nota|Commentaar",
    "fr": "Remarque|Remarques|Commentaire|Notes internes",
    "de": "Bemerkung|Bemerkungen|Notiz|Anmerkung",
}
