"""The sentences of tax law that an invoice prints, in the languages that documents are written in."""

from __future__ import annotations

from typing import Final

_DEFAULT_LANGUAGE: Final = "en"

# Directive 2006/112/EC: art. 226 (11a) "Reverse charge"; 44 and 196 (services), 138 (goods), 146 (export),
# 284 (small enterprises, as recast by Directive (EU) 2020/285).
_TEXTS: Final[dict[str, dict[str, str]]] = {
    "reverse_charge": {
        "en": "Reverse charge: VAT to be accounted for by the recipient (Art. 44 and 196 Directive 2006/112/EC)",
        "nl": "Btw verlegd: btw te voldoen door de afnemer (art. 44 en 196 Richtlijn 2006/112/EG)",
        "fr": "Autoliquidation : TVA due par le preneur (art. 44 et 196 de la directive 2006/112/CE)",
        "de": "Steuerschuldnerschaft des Leistungsempfängers (Art. 44 und 196 der Richtlinie 2006/112/EG)",
    },
    "domestic_reverse_charge": {
        "en": "Reverse charge: VAT to be accounted for by the recipient",
        "nl": "Btw verlegd: btw te voldoen door de medecontractant",
        "fr": "Autoliquidation : TVA due par le cocontractant",
        "de": "Steuerschuldnerschaft des Leistungsempfängers",
    },
    "intra_community": {
        "en": "Intra-Community supply exempt from VAT (Art. 138 Directive 2006/112/EC)",
        "nl": "Intracommunautaire levering vrijgesteld van btw (art. 138 Richtlijn 2006/112/EG)",
        "fr": "Livraison intracommunautaire exonérée de TVA (art. 138 de la directive 2006/112/CE)",
        "de": "Steuerfreie innergemeinschaftliche Lieferung (Art. 138 der Richtlinie 2006/112/EG)",
    },
    "export": {
        "en": "Export outside the European Union, exempt from VAT (Art. 146 Directive 2006/112/EC)",
        "nl": "Uitvoer buiten de Europese Unie, vrijgesteld van btw (art. 146 Richtlijn 2006/112/EG)",
        "fr": "Exportation hors de l’Union européenne, exonérée de TVA (art. 146 de la directive 2006/112/CE)",
        "de": "Steuerfreie Ausfuhrlieferung (Art. 146 der Richtlinie 2006/112/EG)",
    },
    "exempt": {
        "en": "Exempt from VAT (Art. 132 or 135 Directive 2006/112/EC)",
        "nl": "Vrijgesteld van btw (art. 132 of 135 Richtlijn 2006/112/EG)",
        "fr": "Exonéré de TVA (art. 132 ou 135 de la directive 2006/112/CE)",
        "de": "Steuerfrei (Art. 132 oder 135 der Richtlinie 2006/112/EG)",
    },
    "small_business": {
        "en": "Small enterprise scheme: VAT not applicable (Art. 284 Directive 2006/112/EC)",
        "nl": (
            "Bijzondere vrijstellingsregeling kleine ondernemingen: btw niet toepasselijk"
            " (art. 284 Richtlijn 2006/112/EG)"
        ),
        "fr": (
            "Régime particulier de franchise des petites entreprises : TVA non applicable"
            " (art. 284 de la directive 2006/112/CE)"
        ),
        "de": "Kleinunternehmerregelung: keine Umsatzsteuer ausgewiesen (Art. 284 der Richtlinie 2006/112/EG)",
    },
    "outside": {
        "en": (
            "Outside the scope of VAT: place of supply outside the European Union"
            " (Art. 44 and 59 Directive 2006/112/EC)"
        ),
        "nl": (
            "Niet onderworpen aan btw: plaats van dienst buiten de Europese Unie (art. 44 en 59 Richtlijn 2006/112/EG)"
        ),
        "fr": (
            "Hors champ de la TVA : lieu de prestation hors de l’Union européenne"
            " (art. 44 et 59 de la directive 2006/112/CE)"
        ),
        "de": (
            "Nicht steuerbar: Leistungsort außerhalb der Europäischen Union (Art. 44 und 59 der Richtlinie 2006/112/EG)"
        ),
    },
}

# What a country's own law wants to read; Belgium: Royal Decree no. 1 art. 5 and VAT code art. 56bis.
_NATIONAL: Final[dict[tuple[str, str], dict[str, str]]] = {
    ("small_business", "BE"): {
        "en": "Small enterprise subject to the exemption scheme for small enterprises. VAT not applicable.",
        "nl": "Kleine onderneming onderworpen aan de vrijstellingsregeling van belasting. Btw niet toepasselijk.",
        "fr": "Petite entreprise soumise au régime de la franchise de taxe. TVA non applicable.",
        "de": "Kleinunternehmen, das der Steuerbefreiungsregelung unterliegt. MwSt. nicht anwendbar.",
    },
    ("small_business", "DE"): {
        "en": "No VAT charged: small business under section 19 of the German VAT Act (UStG)",
        "nl": "Geen btw in rekening gebracht: kleine ondernemer volgens § 19 UStG",
        "fr": "TVA non applicable : petite entreprise selon le § 19 UStG",
        "de": "Gemäß § 19 UStG wird keine Umsatzsteuer berechnet.",
    },
    ("small_business", "FR"): {
        "en": "VAT not applicable, art. 293 B of the French tax code (CGI)",
        "nl": "Btw niet van toepassing, art. 293 B CGI",
        "fr": "TVA non applicable, art. 293 B du CGI",
        "de": "Keine MwSt. gemäß Art. 293 B CGI",
    },
}


def legal_text(outcome: str, language: str, country: str = "") -> str:
    """Give the sentence that an outcome needs, a country's own where it has one; empty when none is needed."""
    texts = _NATIONAL.get((outcome, country)) or _TEXTS.get(outcome, {})
    return texts.get(language) or texts.get(_DEFAULT_LANGUAGE, "")
